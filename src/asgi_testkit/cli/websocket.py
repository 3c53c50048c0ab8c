"""`asgi-testkit websocket`: lines of standard input are sent, messages are printed."""

from __future__ import annotations

from typing import Any

import click

from asgi_testkit.cli import talking
from asgi_testkit.cli.app_options import AppChoice, app_options, header_option, header_pair
from asgi_testkit.cli.client_options import ClientChoice, client_options, seconds
from asgi_testkit.cli.failures import run

__all__ = ("command",)


@click.command("websocket", short_help="Talk: lines in, messages out.")
@app_options
@click.argument("path")
@header_option
@click.option("--subprotocol", "subprotocols", multiple=True, help="Offer it; the best first.")
@click.option("--binary", "kind", flag_value="binary", default="text", help="Send bytes.")
@click.option("--json", "kind", flag_value="json", help="Lines are JSON; what is not is refused.")
@click.option(
    "--wait",
    callback=seconds,
    default="1",
    metavar="SECONDS",
    show_default=True,
    help="After the last line: close when the app has been silent for so long; or none.",
)
@click.option("--check-status", is_flag=True, help="Exit with 3, 4, 5 when denied with such.")
@client_options
def command(path: str, **options: Any) -> int:  # what click has parsed
    """Open a WebSocket of APP: each line of standard input is sent as a message, and each message
    of the app is printed as a line.

    It ends when the app closes; or, after the end of standard input, when the app has nothing more
    to say.

    \b
    echo hello | asgi-testkit websocket shop.main:app /feed
    """  # noqa: D205, D301 - click's mark for a paragraph that is not wrapped
    app, client = AppChoice.taken_from(options), ClientChoice.taken_from(options)
    wanted = talking.Talk(
        path=path if "://" in path or path.startswith("/") else f"/{path}",
        headers=[header_pair(text) for text in options["headers"]],
        subprotocols=options["subprotocols"],
        kind=options["kind"],
        wait=options["wait"],
        checks_status=options["check_status"],
    )
    return run(lambda: talking.talk(app, client, wanted))
