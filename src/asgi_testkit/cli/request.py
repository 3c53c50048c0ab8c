"""`asgi-testkit request`: its options, in the words of HTTPie and curl."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from asgi_testkit.cli import asking
from asgi_testkit.cli.app_options import (
    AppChoice,
    app_options,
    checked_header,
    header_option,
    header_pair,
)
from asgi_testkit.cli.bodies import Body, BodyKind, body_of, part_of, raw_body
from asgi_testkit.cli.client_options import ClientChoice, client_options
from asgi_testkit.cli.failures import run
from asgi_testkit.cli.items import ItemError, Items, parse_items
from asgi_testkit.cli.targets import Target, target_of

__all__ = ("command",)


@click.command("request", short_help="Send a request, print the response as it comes.")
@app_options
@click.argument("words", nargs=-1, metavar="[METHOD] PATH [ITEMS]...")
@click.option("-X", "--request", "method", help="The method; else it is GET, with a body POST.")
@header_option
@click.option(
    "-d", "--data", multiple=True, help="A form as it is; @FILE: the file's, @-: stdin's."
)
@click.option("--data-raw", multiple=True, help="The same, where @ means nothing.")
@click.option("--data-binary", multiple=True, help="The same, with line ends; @- flows.")
@click.option("-F", "--form-string", "form", multiple=True, help="A part: name=value, name=@FILE.")
@click.option("-j", "--json", "kind", flag_value="json", default="", help="Data is JSON.")
@click.option("-f", "--form", "kind", flag_value="form", help="Items make a form, not JSON.")
@click.option("-u", "--user", help="USER:PASSWORD for basic authentication.")
@click.option("-b", "--cookie", help="Cookies: 'name=value; other=value'.")
@click.option("-A", "--user-agent", metavar="TEXT", help="This header.")
@click.option("-L", "--follow", "--location", is_flag=True, help="Follow redirects.")
@click.option(
    "--max-redirects",
    default=20,
    show_default=True,
    type=click.IntRange(min=0),
    help="Follow no more of them.",
)
@click.option("-i", "--include", is_flag=True, help="Print the response's head, too.")
@click.option("-I", "--head", is_flag=True, help="Send HEAD, print the head.")
@click.option(
    "--print", "parts", metavar="HhBb", help="What to print: heads, bodies; h, b: response."
)
@click.option(
    "--pretty",
    type=click.Choice(["all", "colors", "format", "none"]),
    help="Colour and format JSON; left out: on a terminal.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write the body to a file.")
@click.option("-s", "--silent", is_flag=True, help="No progress.")
@click.option("-N", "--no-buffer", is_flag=True, help="Print JSON unformatted, as it comes.")
@click.option("--check-status", is_flag=True, help="Exit with 3, 4, 5 for statuses 3xx, 4xx, 5xx.")
@client_options
def command(words: tuple[str, ...], **options: Any) -> int:  # what click has parsed
    """Send a request to APP and print the response as it comes.

    \b
    ITEMS are HTTPie's:
      name=value  name:=json     fields of a body: JSON, or a form with -f
      name==value                a parameter of the query
      Name:value  Name:  Name;   a header; without it; with an empty one
      name@file                  a file, in a multipart form
      name=@file  name:=@file    a field whose value is in a file

    \b
    asgi-testkit request shop.main:app /orders limit==3
    asgi-testkit request shop.main:app POST /orders product_id:=1 X-Token:abc
    """  # noqa: D301 - click's mark for a paragraph that is not wrapped
    app, client = AppChoice.taken_from(options), ClientChoice.taken_from(options)
    with ExitStack() as files:
        try:
            wanted = _wanted(words, options, files)
        except ItemError as error:
            raise click.UsageError(str(error)) from None
        return run(lambda: asking.ask(app, client, wanted))


def _wanted(words: tuple[str, ...], options: dict[str, Any], files: ExitStack) -> asking.Wanted:
    target = target_of(words, has_method=options["method"] is not None)
    if target is None:
        raise click.UsageError("Missing argument 'PATH'.")
    items = parse_items(target.items)
    body = _body(items, options, files)
    return asking.Wanted(
        method=_method(target, body, options),
        url=target.url(items.query),
        extensions=target.extensions,
        headers=_headers(items, options),
        removed=tuple(items.removed),
        body=body,
        auth=_auth(options["user"]),
        follow=options["follow"],
        max_redirects=options["max_redirects"],
        shown=_shown(options),
    )


def _shown(options: dict[str, Any]) -> asking.Shown:
    parts: str | None = options["parts"]
    if parts is not None and set(parts) - set("HhBb"):
        raise click.UsageError(f"--print got {parts!r}; the letters H, h, B, b may stand there.")
    if parts is None and (options["include"] or options["head"]):
        parts = "h" if options["head"] else "hb"
    file = options["output"]
    return asking.Shown(
        parts=parts,
        pretty=options["pretty"],
        file=None if file in (None, "-") else Path(file),
        is_silent=options["silent"],
        is_buffered=not options["no_buffer"],
        checks_status=options["check_status"],
    )


def _body(items: Items, options: dict[str, Any], files: ExitStack) -> Body:
    kind: BodyKind = options["kind"]
    raw = (options["data"], options["data_raw"], options["data_binary"])
    if not any(raw):
        parts = [part_of(text, files) for text in options["form"]]
        return body_of(items, parts, kind, files)
    if items.has_body or options["form"]:
        raise click.UsageError("The body is given twice: by -d and its kin, and by items or -F.")
    return raw_body(*raw, kind)


def _method(target: Target, body: Body, options: dict[str, Any]) -> str:
    given: str | None = options["method"] or target.method
    if given is not None:
        return given
    if options["head"]:
        return "HEAD"
    return "GET" if body.is_empty else "POST"


def _headers(items: Items, options: dict[str, Any]) -> list[tuple[str, str]]:
    headers = [*items.headers, *map(header_pair, options["headers"])]
    for name, option in (("Cookie", "cookie"), ("User-Agent", "user_agent")):
        if options[option] is not None:
            headers.append(checked_header(name, options[option]))
    return headers


def _auth(user: str | None) -> tuple[str, str] | None:
    if user is None:
        return None
    name, colon, password = user.partition(":")
    if not colon:
        password = click.prompt(f"Password for {name}", hide_input=True, err=True)
    return name, password
