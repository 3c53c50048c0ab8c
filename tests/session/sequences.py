"""Random sequences of acts played on a client in a mode, and what always holds.

What a whole response must come to is told by a bare exchange that plays the same app: its own
sequences are in `tests/protocol/`. Where client and app go on at once, what holds is weaker: order,
and that a failure is told once.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import httpx2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgi_testkit import (
    ASGIRuleError,
    ASGIRuleWarning,
    StallError,
)
from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App, answer, http_app
from tests.deadlines import hard_deadline
from tests.modes import OpenClient, run_in_mode

__all__ = (
    "FAILURES",
    "PATIENT",
    "SHORT",
    "AppError",
    "Played",
    "Script",
    "nothing_logged",
    "play_many",
    "scripts_of",
)

Script: TypeAlias = list[tuple[Any, ...]]

PATIENT = 5.0  # the limit of what must not stall
SHORT = 0.05  # the limit of what must
HARD = 10.0  # seconds for one sequence, whatever the client's own limits are


class AppError(Exception):
    """What the apps here raise."""


# -- scripts ----------------------------------------------------------------------------------


def scripts_of(
    messages: list[Any], *usual: tuple[Any, ...], last: list[Any] | None = None, size: int = 8
) -> st.SearchStrategy[Script]:
    """Return scripts of an app: some `usual` acts first, then any, then how it ends.

    Half of them end with the messages `last`, as a whole conversation does.
    """
    act = st.one_of(
        st.tuples(st.just("send"), st.sampled_from(messages), st.booleans()),
        st.sampled_from([("receive",), ("pause",), ("receive",)]),
    )
    beginning = st.sampled_from([list(usual), list(usual), list(usual[:1]), []])
    lasts = [("send", message, False) for message in last or []]
    raises = [("raise",)]
    ending = st.sampled_from([lasts, [*lasts, *raises], [], raises])
    middle = st.lists(act, max_size=size)
    return st.builds(
        lambda *parts: [act for part in parts for act in part], beginning, middle, ending
    )


class Played:
    """An app that follows a script, what it has received, and what was taken of it."""

    def __init__(self, script: Script, scope_type: str, pause: Callable[[], Any]) -> None:
        self.error = AppError("mine")
        self.received: list[Any] = []
        self.taken: list[Any] = []
        self.raised = False
        self._script = script
        self._scope_type = scope_type
        self._pause = pause

    @property
    def app(self) -> App:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path" if scope["type"] == "http" else "type"] == "/well":
                await answer(send, b"well")
            else:
                assert scope["type"] == self._scope_type
                await self._play(receive, send)

        return app if self._scope_type == "lifespan" else http_app(app)

    async def _play(self, receive: Receive, send: Send) -> None:
        for act in self._script:
            match act:
                case ("receive",) if self._may_receive():
                    self.received.append(await receive())
                case ("send", message, swallows):
                    await self._send(send, message, swallows)
                case ("pause",):
                    await self._pause()
                case ("raise",):
                    self.raised = True
                    raise self.error

    def _may_receive(self) -> bool:
        """Return whether a message can come, for scopes on which waiting would be for ever."""
        kinds = [message["type"] for message in self.received]
        if self._scope_type == "http":
            return True
        if self._scope_type == "lifespan":
            return not kinds or (len(kinds) < 2 and self._has_started())
        is_accepted = any(message["type"] == "websocket.accept" for message in self.taken)
        return not kinds or (is_accepted and kinds[-1] != "websocket.disconnect")

    def _has_started(self) -> bool:
        answers = [message["type"] for message in self.taken]
        return answers[:1] == ["lifespan.startup.complete"]

    async def _send(self, send: Send, message: Any, swallows: bool) -> None:
        try:
            await send(message)
        except ASGIRuleError:
            if not swallows:
                raise
        else:
            self.taken += [message] if message is not None else []  # that goes where nobody is


# -- playing many -----------------------------------------------------------------------------


def play_many(
    mode: str,
    count: int,
    strategy: st.SearchStrategy[Any],
    play: Callable[..., Coroutine[Any, Any, None]],
) -> None:
    """Play `count` examples; nothing that the loop or the garbage collector logs is let pass."""
    open_client = OpenClient(mode)

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def play_one(example: Any) -> None:
        with hard_deadline(HARD):
            run_in_mode(mode, partial(play, open_client, example))

    with nothing_logged():
        play_one()
        gc.collect()


@contextmanager
def nothing_logged() -> Generator[None]:
    """Fail on what asyncio logs, such as an exception that was never retrieved."""
    logged: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logged.append(record.getMessage())

    keep = Keep(logging.WARNING)
    logging.getLogger("asyncio").addHandler(keep)
    logging.getLogger("asgi_testkit").disabled = True
    try:
        yield
    finally:
        logging.getLogger("asyncio").removeHandler(keep)
        logging.getLogger("asgi_testkit").disabled = False
    assert logged == []


FAILURES = (
    AppError,
    ASGIRuleError,
    ASGIRuleWarning,
    StallError,
    httpx2.TimeoutException,
    httpx2.RemoteProtocolError,
)
