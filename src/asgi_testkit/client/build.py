"""Making hosts and options out of what a client or transport was called with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, TypedDict

from asgi_testkit.client.application import prepare_app
from asgi_testkit.client.drivers import LocalDrivers, PooledDrivers
from asgi_testkit.client.host import AppHost, SharedApp
from asgi_testkit.client.options import (
    AppOptions,
    default_driver,
    default_grace,
    default_strict,
    default_timeout,
)
from asgi_testkit.drive.pool import DriverKind
from asgi_testkit.errors import UsageTypeError, UsageValueError
from asgi_testkit.protocol.rules import RULES, Strictness
from asgi_testkit.session.http import Background
from asgi_testkit.session.timeouts import DEFAULT, Timeout

__all__ = (
    "CallOptions",
    "async_host",
    "blocking_host",
    "check_names",
    "for_new_client",
    "make_options",
    "no_base_url",
)


_OF_ONE_CLIENT: Final = ("self", "app", "cookies", "__class__")


class CallOptions(TypedDict, total=False):
    """The options that clients and transports have in common; `AppOptions` documents them."""

    strict: Strictness
    ignore_rules: Collection[str]
    background: Background
    grace: float
    server: tuple[str, int | None] | None
    http_version: str
    scope_extensions: Mapping[str, Mapping[str, Any]] | None


def blocking_host(
    app: object,
    *,
    driver: DriverKind | None,
    backend: str,
    backend_options: Mapping[str, Any] | None,
    state: Mapping[str, Any] | None,
) -> AppHost:
    """Return the host for a blocking client of `app`; a shared app has one already.

    Raises:
        UsageError: the app is no app, a parameter is wrong, or the runtime is not installed.
    """
    if isinstance(app, SharedApp) and app.host.is_blocking:
        return app.host
    prepared = prepare_app(app)
    drivers = PooledDrivers.checked(
        kind=default_driver(backend) if driver is None else driver,
        backend=backend,
        options=backend_options,
        is_django=prepared.is_django,
    )
    return AppHost(prepared, drivers, state=state)


def async_host(app: object, *, state: Mapping[str, Any] | None) -> AppHost:
    """Return the host for an async client of `app`; a shared app has one already.

    Raises:
        UsageError: the app is no app.
    """
    if isinstance(app, SharedApp) and not app.host.is_blocking:
        return app.host
    return AppHost(prepare_app(app), LocalDrivers(), state=state)


def check_names(options: Mapping[str, object], explicit: Collection[str]) -> None:
    """Refuse options that are neither `CallOptions` nor in the explicit parameters.

    Raises:
        UsageTypeError: names the nearest option, and all that are known.
    """
    known = [*explicit, *CallOptions.__annotations__]
    for name in options:
        if name in CallOptions.__annotations__:
            continue
        if name in ("backend", "backend_options", "driver"):
            why = "an async client runs the app in the loop that awaits it"
            raise UsageTypeError(f"{name!r} is no option here: {why}.")
        from difflib import get_close_matches  # noqa: PLC0415 - for this error only

        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageTypeError(f"Unknown option {name!r}.{hint}\nKnown are: {', '.join(known)}.")


def for_new_client(made_with: dict[str, Any]) -> dict[str, Any]:
    """Return what another user of the same app is made with, without what is this client's own.

    Args:
        made_with: what a constructor was called with, by its parameters; it is changed.
    """
    for name in _OF_ONE_CLIENT:
        made_with.pop(name, None)
    made_with.update(made_with.pop("options"))
    return made_with


def no_base_url(given: object) -> UsageValueError:
    """Return the error for a `base_url` that is no absolute URL."""
    return UsageValueError(
        f"base_url is {str(given)!r}; an absolute http or https URL is wanted,"
        " such as 'http://testserver'."
    )


def make_options(
    host: AppHost,
    options: CallOptions,
    *,
    raise_server_exceptions: bool,
    root_path: str,
    client: tuple[str, int] | None,
    timeout: Timeout,
) -> AppOptions:
    """Return checked options; what is left out gets its default.

    Raises:
        UsageError: a name is not known, or a value is wrong.
    """
    if options:
        check_names(options, ())
    return AppOptions.checked(
        app=host.app,
        raise_server_exceptions=raise_server_exceptions,
        root_path=root_path,
        client=client,
        strict=options["strict"] if "strict" in options else default_strict(),
        # A server answers for its app by itself: what comes back from it breaks no rule.
        ignore_rules=options.get("ignore_rules", ()) if host.app.elsewhere is None else RULES,
        background=options.get("background", "wait"),
        grace=options["grace"] if "grace" in options else default_grace(),
        timeout=default_timeout() if timeout is DEFAULT else timeout,
        server=options.get("server"),
        http_version=options.get("http_version", "1.1"),
        scope_extensions=options.get("scope_extensions"),
    )
