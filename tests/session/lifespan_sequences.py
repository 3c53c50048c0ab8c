"""Sequences of a lifespan."""

from __future__ import annotations

from typing import Any

from asgi_testkit import ASGIRuleError
from asgi_testkit.errors import LifespanFailed
from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import answer, http_app
from tests.modes import OpenClient
from tests.session.sequences import (
    PATIENT,
    SHORT,
    AppError,
    Played,
    Script,
    play_many,
    scripts_of,
)

__all__ = ("check_lifespans",)


_LIFESPAN_MESSAGES: list[Any] = [
    {"type": "lifespan.startup.complete"},
    {"type": "lifespan.startup.complete"},
    {"type": "lifespan.startup.failed", "message": "why"},
    {"type": "lifespan.shutdown.complete"},
    {"type": "lifespan.shutdown.complete"},
    {"type": "lifespan.shutdown.failed", "message": "why"},
    {"type": "hello"},
]


_LIFESPAN_SCRIPTS = scripts_of(
    _LIFESPAN_MESSAGES,
    ("receive",),
    ("send", _LIFESPAN_MESSAGES[0], False),
    ("receive",),
    ("send", _LIFESPAN_MESSAGES[3], False),
    size=3,
)


def check_lifespans(mode: str, count: int) -> None:
    """What goes wrong in a lifespan is told once, and the client can be used afterwards."""
    play_many(mode, count, _LIFESPAN_SCRIPTS, _play_lifespan)


async def _play_lifespan(open_client: OpenClient, script: Script) -> None:
    played = Played(script, "lifespan", lambda: open_client.sleep_in_app(0))

    @http_app
    async def well(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"well")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (played.app if scope["type"] == "lifespan" else well)(scope, receive, send)

    failures: list[BaseException] = []
    was_entered = False
    client = open_client.without_entering(
        app, timeout=PATIENT, grace=SHORT, ignore_rules={"L04", "L11", "L12", "L14", "L15", "L16"}
    )

    try:
        async with client:
            was_entered = True
            try:
                assert (await client.get("/")).content == b"well"
            except (AppError, ASGIRuleError, LifespanFailed) as error:
                failures.append(error)
    except (AppError, ASGIRuleError, LifespanFailed) as error:
        failures.append(error)

    answers = [message["type"] for message in played.taken if message["type"] != "hello"]
    has_started = "lifespan.startup.complete" in answers
    assert len({id(error) for error in failures}) <= 1
    if played.raised and answers:
        assert failures
    if failures == [] and answers:
        assert (was_entered, has_started) == (True, True)
    assert (await client.get("/")).content == b"well"
