"""`asgi-testkit check`: what `asgi_testkit.check` finds, for people or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from asgi_testkit.checking.run import check
from asgi_testkit.checking.violation import Violation
from asgi_testkit.cli.app_options import AppChoice, app_options, header_option, header_pair
from asgi_testkit.cli.exits import Exit
from asgi_testkit.cli.failures import app_at_work, run
from asgi_testkit.cli.printing import standard_output
from asgi_testkit.protocol.rules import RULES

__all__ = ("command",)


@click.command("check", short_help="Ask odd but legal things, and list what breaks.")
@app_options
@header_option
@click.option("--path", "paths", multiple=True, help="Ask for it, not for what OpenAPI says.")
@click.option("--websocket", "websockets", multiple=True, metavar="PATH", help="Connect to it.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Seconds of silence.",
)
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=0.5,
    show_default=True,
    help="Seconds for the app to end after a client has left.",
)
@click.option(
    "--max-requests",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Send no more of them.",
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="End after so long.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of findings as JSON.")
@click.option("-s", "--silent", is_flag=True, help="No progress.")
def command(**options: Any) -> int:  # what click has parsed
    """Ask APP many odd but legal things, and list the rules it breaks, its exceptions, leaks and
    silences. Exit with 1 if there are errors (E); warnings (W) count with --strict.

    It asks in earnest, uploads included: give the app a database of its own.
    """  # noqa: D205
    app, output = AppChoice.taken_from(options), standard_output()
    as_json, silent = options.pop("as_json"), options.pop("silent")
    headers = [header_pair(text) for text in options.pop("headers")]
    paths = options.pop("paths") or None

    def act() -> int:
        with app_at_work():
            found = check(
                app.load(),
                **app.client_options,
                **options,
                paths=paths,
                headers=headers,
                progress=False if silent else None,
            )
        output.write(_as_json(found) if as_json else _as_text(found))
        return _exit_code(found, counts_warnings=app.is_strict is True)

    return run(act)


def _exit_code(found: list[Violation], *, counts_warnings: bool) -> Exit:
    is_bad = any(counts_warnings or one.level == "E" for one in found)
    return Exit.FAILED if is_bad else Exit.OK


def _as_text(found: list[Violation]) -> str:
    errors = sum(one.level == "E" for one in found)
    summary = f"{errors} errors, {len(found) - errors} warnings" if found else "Nothing found."
    return "\n\n".join([*map(str, found), summary]) + "\n"


def _as_json(found: list[Violation]) -> str:
    return json.dumps([_json_of(one) for one in found], indent=2, ensure_ascii=False) + "\n"


def _json_of(violation: Violation) -> dict[str, Any]:  # what JSON can say
    return {**asdict(violation), "servers": _servers(violation.rule)}


def _servers(rule: str | None) -> dict[str, str] | None:
    """Return what each server does where a rule is broken; of what is no rule nobody knows."""
    if rule is None:
        return None
    outcomes: dict[str, str] = asdict(RULES[rule].servers)
    return {server: outcome or "takes it" for server, outcome in outcomes.items()}
