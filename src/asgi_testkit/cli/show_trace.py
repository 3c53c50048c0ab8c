"""`asgi-testkit show-trace`: serves one page on loopback until Ctrl-C."""

from __future__ import annotations

import webbrowser
from contextlib import suppress
from pathlib import Path

import click

from asgi_testkit.cli.exits import Exit
from asgi_testkit.cli.serving import PageServer
from asgi_testkit.cli.traces import TraceError, page_in

__all__ = ("command",)


@click.command("show-trace", short_help="Show a trace in the browser.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), help="Left out: a free one is chosen."
)
@click.option("--open", "is_opened", is_flag=True, help="Open the browser.")
def command(file: Path, port: int, is_opened: bool) -> int:  # noqa: FBT001 - click's
    """Serve the trace in FILE (.html or .json) on 127.0.0.1 until Ctrl-C, and print its address.

    Nothing is sent anywhere else.
    """
    try:
        page = page_in(file)
    except TraceError as error:
        raise click.UsageError(str(error)) from None
    try:
        server = PageServer(page, port)
    except OSError as error:
        raise click.UsageError(f"Port {port} cannot be used: {error.strerror}.") from None
    with server, suppress(KeyboardInterrupt):
        click.echo(f"{file} is shown on {server.url} until Ctrl-C.")
        if is_opened:
            webbrowser.open(server.url)
        server.serve_forever()
    return Exit.OK
