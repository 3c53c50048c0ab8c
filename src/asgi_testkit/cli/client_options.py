"""The options of commands that hold one conversation with an app: limits, lifespan, reports."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from asgi_testkit.cli.app_options import Command
from asgi_testkit.settings import read_seconds

__all__ = ("ClientChoice", "client_options", "seconds")

_SUFFIXES: Final = (".html", ".json")


@dataclass(frozen=True, slots=True)
class ClientChoice:
    """How a client talks to the app, and what is told afterwards.

    Attributes:
        timeout: seconds of silence; `inf`: any; `None`: as the environment says.
        grace: seconds for the app to end after the client has left; `None`: likewise.
        http_version: of the scope.
        has_lifespan: the app is started up and shut down.
        is_verbose: the transcript goes to standard error.
        trace: where to write a trace.
    """

    timeout: float | None
    grace: float | None
    http_version: str
    has_lifespan: bool
    is_verbose: bool
    trace: Path | None

    @classmethod
    def taken_from(cls, options: dict[str, Any]) -> ClientChoice:  # what click has parsed
        """Take these options out of those of a command."""
        trace = options.pop("trace")
        names = ("timeout", "grace", "http_version", "has_lifespan", "is_verbose")
        path = None if trace is None else Path(trace)
        return cls(**{name: options.pop(name) for name in names}, trace=path)

    @property
    def client_options(self) -> dict[str, Any]:
        """What `TestClient` takes."""
        options: dict[str, Any] = {"http_version": self.http_version}
        if self.timeout is not None:
            options["timeout"] = None if math.isinf(self.timeout) else self.timeout
        if self.grace is not None:
            options["grace"] = self.grace
        return options


def seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Return a number of seconds from an option's text; of `none` infinitely many.

    Raises:
        click.BadParameter: it is neither.
    """
    if value is None:
        return None
    try:
        number = read_seconds(value, "It")
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return math.inf if number is None else number


def _checked_trace(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.endswith(_SUFFIXES):
        raise click.BadParameter(f"{value!r} must end in {' or '.join(_SUFFIXES)}.")
    if value is not None and not Path(value).parent.is_dir():
        raise click.BadParameter(f"there is no folder for {value!r}.")
    return value


_OPTIONS: Final = (
    click.option(
        "--timeout",
        callback=seconds,
        metavar="SECONDS",
        help="Seconds of silence, or none.  [default: 30]",
    ),
    click.option(
        "--grace",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help="Seconds for the app to end after the client has left.  [default: 1]",
    ),
    click.option(
        "--http-version",
        type=click.Choice(["1.0", "1.1", "2", "3"]),
        default="1.1",
        show_default=True,
        help="What the scope says.",
    ),
    click.option(
        "--lifespan/--no-lifespan",
        "has_lifespan",
        default=True,
        help="Start the app up first, and shut it down.",
    ),
    click.option(
        "-v",
        "--verbose",
        "is_verbose",
        is_flag=True,
        help="Print the transcript to standard error.",
    ),
    click.option(
        "--trace",
        type=click.Path(dir_okay=False),
        callback=_checked_trace,
        metavar="FILE",
        help="Write what crossed to a .html or .json file.",
    ),
)


def client_options(command: Command) -> Command:
    """Give a command these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
