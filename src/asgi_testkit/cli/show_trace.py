"""`asgi-testkit show-trace`: serves traces on loopback until Ctrl-C."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from asgi_testkit.cli.exits import Exit
from asgi_testkit.cli.serving import PageServer
from asgi_testkit.cli.traces import Pages, TraceError, archived_in, index_pages, page_in
from asgi_testkit.report.archive import ArchivedTest

__all__ = ("command",)


@click.command("show-trace", short_help="Show traces in the browser.")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--test", default="", help="Of a .jsonl file: the tests with this in their ids.")
@click.option("--list", "is_list", is_flag=True, help="Print the ids of those tests, and end.")
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), help="Left out: a free one is chosen."
)
@click.option("--open", "is_opened", is_flag=True, help="Open the browser.")
def command(files: Sequence[Path], test: str, is_list: bool, port: int, is_opened: bool) -> int:  # noqa: FBT001 - click's
    """Serve the traces in FILE on 127.0.0.1 until Ctrl-C, and print their address.

    FILE is a trace (.html or .json), or holds those of many tests (.jsonl), of which the page is a
    list; one test is shown at once. There may be several .jsonl files, as xdist leaves them.
    Nothing is sent anywhere else.
    """
    try:
        if is_list:
            _print_ids(archived_in(files, test))
            return Exit.OK
        pages = _pages(files, test)
    except TraceError as error:
        raise click.UsageError(str(error)) from None
    _serve(pages, ", ".join(map(str, files)), port=port, is_opened=is_opened)
    return Exit.OK


def _print_ids(tests: Sequence[ArchivedTest]) -> None:
    for one in tests:
        click.echo(one.title)


def _pages(files: Sequence[Path], test: str) -> Pages:
    if test or len(files) > 1 or files[0].suffix == ".jsonl":
        return index_pages(archived_in(files, test))
    page = page_in(files[0])
    return {"/": lambda: page}


def _serve(pages: Pages, name: str, *, port: int, is_opened: bool) -> None:
    try:
        server = PageServer(pages, port)
    except OSError as error:
        raise click.UsageError(f"Port {port} cannot be used: {error.strerror}.") from None
    with server, suppress(KeyboardInterrupt):
        click.echo(f"{name} is shown on {server.url} until Ctrl-C.")
        if is_opened:
            webbrowser.open(server.url)
        server.serve_forever()
