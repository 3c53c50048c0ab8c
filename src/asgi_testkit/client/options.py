"""The options of a client, documented once, checked once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, TypeVar, cast

from asgi_testkit.client.application import PreparedApp
from asgi_testkit.drive.code_lines import sending_line
from asgi_testkit.drive.places import working_folder
from asgi_testkit.drive.pool import DriverKind
from asgi_testkit.errors import UsageTypeError, UsageValueError
from asgi_testkit.protocol.rules import RULES, RulePolicy, Strictness
from asgi_testkit.protocol.scope import ScopeDefaults
from asgi_testkit.session.http import Background
from asgi_testkit.settings import SETTINGS

__all__ = (
    "AppOptions",
    "default_driver",
    "default_grace",
    "default_policy",
    "default_strict",
    "default_timeout",
)

_STRICT: Final = (True, False, "warn")
_HTTP_VERSIONS: Final = ("1.0", "1.1", "2", "3")
_NUMBERS: Final = (int, float)
_PAIRS: Final = (tuple, list)
_NO_RULES: Final = frozenset[str]()

Port = TypeVar("Port", int, int | None)


def default_timeout() -> float | None:
    """Return the seconds of silence that a client allows which was told nothing; `None`: any.

    Raises:
        UsageValueError: the environment gives no number of seconds.
    """
    try:
        return SETTINGS.timeout
    except ValueError as error:
        raise UsageValueError(str(error)) from None


def default_grace() -> float:
    """Return the seconds that an app gets to end in, for a client that was told nothing.

    Raises:
        UsageValueError: the environment gives no number of seconds.
    """
    try:
        return SETTINGS.grace
    except ValueError as error:
        raise UsageValueError(str(error)) from None


def default_strict() -> Strictness:
    """Return what a client that was told nothing does with broken rules.

    Raises:
        UsageValueError: the environment gives none of the choices.
    """
    try:
        return SETTINGS.strict
    except ValueError as error:
        raise UsageValueError(str(error)) from None


def default_driver(backend: str) -> DriverKind:
    """Return where the app of a blocking client runs that was told nothing; trio has one place.

    Raises:
        UsageValueError: the environment gives none of the choices.
    """
    try:
        return "thread" if backend == "trio" else SETTINGS.driver
    except ValueError as error:
        raise UsageValueError(str(error)) from None


def default_policy(app: PreparedApp) -> RulePolicy:
    """Return the policy of who was told nothing.

    Raises:
        UsageValueError: the environment gives what cannot be.
    """
    return RulePolicy(
        default_strict(),
        _given_rules(),
        home=app.home(working_folder()),
        find_line=sending_line,
        is_drop_in=SETTINGS.is_drop_in,
    )


@dataclass(frozen=True, slots=True)
class AppOptions:
    """How one client talks to the app.

    Attributes:
        scope: what all scopes have in common.
        policy: which broken rules raise and which warn.
        raise_server_exceptions: `False`: show what the wire would show instead.
        background: `"wait"`: a response comes when the app has returned; `"detach"`: at its last
            body message, the rest of the app call goes on.
        grace: seconds for the app, and for tasks that it has started, to end after the client has
            left; then they are cancelled, and that is warned of. 0: at once, and without a word.
        timeout: seconds of silence allowed to lifespan and background work; `None`: any.
    """

    scope: ScopeDefaults = field(default_factory=ScopeDefaults)
    policy: RulePolicy = field(default_factory=RulePolicy)
    raise_server_exceptions: bool = True
    background: Background = "wait"
    grace: float = field(default_factory=default_grace)
    timeout: float | None = field(default_factory=default_timeout)

    def for_call(self, extensions: Mapping[str, Any]) -> AppOptions:
        """Return the options of one call, given `strict` or `ignore_rules` of its own.

        What a call ignores it ignores beside what its client does.

        Raises:
            UsageError: a value is wrong.
        """
        if "strict" not in extensions and "ignore_rules" not in extensions:
            return self
        strict: Strictness = extensions.get("strict", self.policy.strict)
        _check_choice("strict", strict, _STRICT)
        ignored = _checked_rules(extensions.get("ignore_rules", ()))
        policy = replace(self.policy, strict=strict, ignored=self.policy.ignored | ignored)
        return replace(self, policy=policy)

    @classmethod
    def checked(
        cls,
        *,
        app: PreparedApp,
        raise_server_exceptions: bool,
        root_path: str,
        client: tuple[str, int] | None,
        strict: Strictness,
        ignore_rules: Collection[str],
        background: Background,
        grace: float,
        timeout: float | None,
        server: tuple[str, int | None] | None,
        http_version: str,
        scope_extensions: Mapping[str, Mapping[str, Any]] | None,  # as ASGI types them
    ) -> AppOptions:
        """Return options of these values.

        Raises:
            UsageValueError: a value cannot be; the text says what can.
            UsageTypeError: a value has the wrong type.
        """
        _check_choice("strict", strict, _STRICT)
        _check_choice("background", background, ("wait", "detach"))
        _check_choice("http_version", http_version, _HTTP_VERSIONS)
        client, server = _checked_address("client", client), _checked_address("server", server)
        _check_seconds("grace", grace)
        if timeout is not None:
            _check_seconds("timeout", timeout)
        extensions = scope_extensions or {}
        version = app.asgi_version
        scope = ScopeDefaults(root_path, client, server, http_version, version, extensions)
        folder = working_folder()
        return cls(
            scope=scope,
            policy=RulePolicy(
                strict,
                _checked_rules(ignore_rules) | _given_rules(),
                home=app.home(folder),
                find_line=partial(sending_line, folder),
                is_drop_in=SETTINGS.is_drop_in,
            ),
            raise_server_exceptions=raise_server_exceptions,
            background=background,
            grace=grace,
            timeout=timeout,
        )


def _check_choice(name: str, value: object, choices: Collection[object]) -> None:
    for choice in choices:  # as a loop, which takes a third of what `any` does
        # 1 and 0 are no choices: they equal True and False, and are taken for neither.
        if value is choice or (value == choice and not isinstance(choice, bool)):
            return
    allowed = ", ".join(map(repr, choices))
    raise UsageValueError(f"{name} is {value!r}; it may be: {allowed}.")


def _check_seconds(name: str, seconds: object) -> None:
    if not isinstance(seconds, _NUMBERS):
        raise UsageTypeError(f"{name} is {seconds!r}; a number of seconds is wanted.")
    if seconds < 0:
        raise UsageValueError(f"{name} is {seconds!r} seconds; it must be 0 or more.")


def _checked_address(name: str, address: tuple[str, Port] | None) -> tuple[str, Port] | None:
    if address is None:
        return None
    given = cast("Sequence[object]", address)  # the annotation is a promise that is checked here
    if not isinstance(given, _PAIRS) or len(given) != 2:
        raise UsageTypeError(f"{name} is {address!r}; a pair (host, port) is wanted, or None.")
    return (address[0], address[1])


def _given_rules() -> frozenset[str]:
    """Return the rules that nobody minds; a test runner has checked its own already."""
    return _checked_rules(SETTINGS.ignored_rules, source="ASGI_TESTKIT_IGNORE_RULES")


def _checked_rules(
    ignore_rules: Collection[str], *, source: str = "ignore_rules"
) -> frozenset[str]:
    if ignore_rules == () or ignore_rules == _NO_RULES:
        return _NO_RULES
    if isinstance(ignore_rules, str):
        raise UsageTypeError(
            f"ignore_rules is the string {ignore_rules!r}; a set is wanted: {{{ignore_rules!r}}}."
        )
    if not isinstance(cast("object", ignore_rules), Iterable):
        raise UsageTypeError(f"ignore_rules is {ignore_rules!r}; a set of ids is wanted.")
    for rule in ignore_rules:
        if rule not in RULES:
            known = ", ".join(RULES)
            raise UsageValueError(f"{source} names {rule!r}, which is no rule. Rules: {known}.")
    return frozenset(ignore_rules)
