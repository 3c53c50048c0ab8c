"""`asgi-testkit`: the group of all commands; one is imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NamedTuple

import click

from asgi_testkit import __version__
from asgi_testkit.cli.exits import Exit

__all__ = ("commands", "main")


class _Home(NamedTuple):
    """Where a command lives, and what the list of commands says of it."""

    module: str
    summary: str


_HOMES: Final = {
    "request": _Home("asgi_testkit.cli.request", "Send a request, print the response as it comes."),
    "websocket": _Home("asgi_testkit.cli.websocket", "Talk: lines in, messages out."),
    "check": _Home("asgi_testkit.cli.check", "Ask odd but legal things, and list what breaks."),
    "show-trace": _Home("asgi_testkit.cli.show_trace", "Show a trace in the browser."),
}


class _Commands(click.Group):
    """Finds commands by the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return the names, in the order of the table."""
        return list(_HOMES)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command."""
        if cmd_name not in _HOMES:
            return None
        command: click.Command = import_module(_HOMES[cmd_name].module).command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, home.summary) for name, home in _HOMES.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="asgi-testkit")
def commands() -> None:
    """Call ASGI apps in process: no server, no port.

    APP is named as `module:attribute`, such as `shop.main:app`.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    _open_streams()
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        _check_text(given)
        code: object = commands.main(
            args=given,
            prog_name="asgi-testkit",
            standalone_mode=False,
        )
    except click.Abort:
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return code if isinstance(code, int) else Exit.OK


def _open_streams() -> None:
    """Open what the shell has closed, such as by `<&-`, to nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _check_text(arguments: Sequence[str]) -> None:
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise click.UsageError(f"The argument {argument!r} is no UTF-8.") from None
