"""The options that all commands share which run an app: how it is found, and where it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import click

from asgi_testkit.cli.headers import HeaderError, sendable_header
from asgi_testkit.errors import UsageError
from asgi_testkit.finding import find_app

__all__ = ("AppChoice", "Command", "app_options", "checked_header", "header_option", "header_pair")

Command = TypeVar("Command", bound=Callable[..., Any])  # whatever click decorates


@dataclass(frozen=True, slots=True)
class AppChoice:
    """How the app is found, and how it runs.

    Attributes:
        app: its name, `module:attribute`.
        factory: whether the attribute is called for the app; `None`: found out.
        app_dir: where modules are imported from first.
        base_url: scheme and host of all requests.
        driver: `"thread"` or `"inline"`.
        backend: `"asyncio"`, `"uvloop"` or `"trio"`.
        is_strict: what broken rules lead to; `None`: as the environment says.
        ignored: ids of rules that nobody minds.
    """

    app: str
    factory: bool | None
    app_dir: str
    base_url: str
    driver: str
    backend: str
    is_strict: bool | None
    ignored: tuple[str, ...]

    @classmethod
    def taken_from(cls, options: dict[str, Any]) -> AppChoice:  # what click has parsed
        """Take these options out of those of a command."""
        names = ("app", "factory", "app_dir", "base_url", "driver", "backend", "is_strict")
        rules = cast("tuple[str, ...]", options.pop("ignore_rules"))
        ignored = tuple(rule for text in rules for rule in text.replace(",", " ").split())
        return cls(**{name: options.pop(name) for name in names}, ignored=ignored)

    def load(self) -> Any:  # any framework's app
        """Import the app, or make it.

        Raises:
            click.UsageError: there is no such app.
        """
        try:
            return find_app(self.app, factory=self.factory, app_dir=self.app_dir)
        except UsageError as error:
            raise click.UsageError(str(error)) from None

    @property
    def client_options(self) -> dict[str, Any]:
        """What `TestClient` and `check` take by these names."""
        is_uvloop = self.backend == "uvloop"
        options: dict[str, Any] = {
            "base_url": self.base_url,
            "driver": self.driver,
            "backend": "asyncio" if is_uvloop else self.backend,
            "backend_options": {"use_uvloop": True} if is_uvloop else None,
            "ignore_rules": self.ignored,
        }
        return options if self.is_strict is None else {**options, "strict": self.is_strict}


_OPTIONS: Final = (
    click.option(
        "--factory/--no-factory",
        default=None,
        help="APP is called, without arguments, for the app. Left out: found out.",
    ),
    click.option(
        "--app-dir",
        default=".",
        type=click.Path(exists=True, file_okay=False),
        help="Import modules from this folder first.  [default: the working directory]",
    ),
    click.option(
        "--base-url",
        default="http://testserver",
        show_default=True,
        metavar="URL",
        help="Scheme and host of requests.",
    ),
    click.option(
        "--driver",
        type=click.Choice(["thread", "inline"]),
        default="thread",
        show_default=True,
        help="Run the app in a thread of its own, or in the main thread.",
    ),
    click.option(
        "--backend",
        type=click.Choice(["asyncio", "uvloop", "trio"]),
        default="asyncio",
        show_default=True,
        help="The event loop.",
    ),
    click.option(
        "--strict/--no-strict",
        "is_strict",
        default=None,
        help="Rules that are only warned about fail, too; or: no rule fails.",
    ),
    click.option(
        "--ignore-rules",
        multiple=True,
        metavar="IDS",
        help="Rules nobody minds: W20,H27.",
    ),
)


def app_options(command: Command) -> Command:
    """Give a command the argument APP and the options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return click.argument("app")(command)


def header_option(command: Command) -> Command:
    """Give a command curl's option for headers."""
    option = click.option(
        "-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Add a header."
    )
    return option(command)


def header_pair(text: str) -> tuple[str, str]:
    """Return name and value of curl's `-H` argument.

    Raises:
        click.UsageError: it is no header.
    """
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise click.UsageError(f"-H got {text!r}; 'Name: value' is wanted.")
    return checked_header(name, value)


def checked_header(name: str, value: str) -> tuple[str, str]:
    """Return name and value of a header.

    Raises:
        click.UsageError: it cannot be sent.
    """
    try:
        return sendable_header(name, value)
    except HeaderError as error:
        raise click.UsageError(str(error)) from None
