"""Sequences of a response that is fetched whole, streamed, or left.

What it must come to is told by a bare exchange that plays the same app: its own sequences are in
`tests/protocol/`.
"""

from __future__ import annotations

from typing import Any

import httpx2
from hypothesis import strategies as st

from asgi_testkit import ASGIRuleError, ASGIRuleWarning, StallError
from asgi_testkit.protocol.http_events import (
    Cue,
    ResponseCutError,
    ResponseStart,
)
from tests.modes import OpenClient
from tests.protocol.exchanges import body, http_exchange, start
from tests.session.sequences import (
    FAILURES,
    PATIENT,
    SHORT,
    AppError,
    Played,
    Script,
    play_many,
    scripts_of,
)

__all__ = (
    "HTTP_SCRIPTS",
    "HTTP_WARNINGS",
    "check_http",
)


_HTTP_MESSAGES: list[Any] = [
    start(headers=[(b"x", b"1")]),
    *[body(b"piece;", more=True)] * 8,
    *[body(b"large;" * 20_000, more=True)] * 4,
    *[body(b"", more=True)] * 4,
    body(b"last;"),
    start("many"),
    start(headers=[(b"content-length", b"9")]),
    start(204, headers=[(b"X", b" 1")]),
    {"type": "http.response.start", "status": 205},
    body(bytearray(b"piece;"), more=True),
    body(7),
    {"type": "http.response.nothing"},
    None,
]
HTTP_WARNINGS = ("H07", "H10", "H12", "H27", "H32", "H33", "H41")
HTTP_SCRIPTS = scripts_of(
    _HTTP_MESSAGES,
    ("send", _HTTP_MESSAGES[0], False),
    ("send", _HTTP_MESSAGES[1], False),
    last=[body(b"end")],
)
_HTTP_EXAMPLES = st.tuples(
    HTTP_SCRIPTS,
    st.sampled_from([None, [], [b"one"], [b"one", b"two", b"three"]]),  # an upload's pieces
    st.sampled_from(["fetched", "fetched", "streamed", "left"]),
    st.integers(0, 3),  # pieces read before leaving
    st.booleans(),  # raise_server_exceptions
)


def check_http(mode: str, count: int) -> None:
    """A response and its failure are what the bare exchange says; the client goes on."""
    play_many(mode, count, _HTTP_EXAMPLES, _play_http)


async def _play_http(open_client: OpenClient, example: Any) -> None:
    script, pieces, how, most, raises = example
    expected = Expected(script, pieces, raises=raises)
    played = Played(script, "http", lambda: open_client.sleep_in_app(0))
    client = open_client.without_entering(
        played.app,
        raise_server_exceptions=raises,
        timeout=SHORT if expected.stalls else PATIENT,
        grace=PATIENT,
    )
    content = None if pieces is None else open_client.upload(pieces)
    seen: list[bytes] = []
    failure: BaseException | None = None

    try:
        if how == "fetched":
            seen.append((await client.post("/", content=content)).content)
        else:
            async with client.stream("POST", "/", content=content) as response:
                iterator = response.aiter_raw()
                async for piece in iterator:
                    seen.append(piece)
                    if how == "left" and len(seen) > most:
                        break
                if not open_client.is_blocking:  # who iterates closes, as trio demands
                    await iterator.aclose()
                del iterator  # which closes it in the block, as that of a `for` statement is
    except FAILURES as error:
        failure = error

    if how != "left":
        expected.check_failure(failure, played.error)
        expected.check_received(played.received, how)
    elif isinstance(failure, ASGIRuleWarning):  # of what came before the client had left
        assert failure.rule in {told.rule for told in expected.exchange.warned}
    elif failure is not None:
        expected.check_failure(failure, played.error)
    whole = b"".join(seen)
    assert expected.body.startswith(whole)
    assert how == "left" or failure is not None or whole == expected.body
    assert (await client.get("/well", timeout=PATIENT)).content == b"well"


class Expected:
    """What a bare exchange comes to when the same app plays on it."""

    def __init__(self, script: Script, pieces: list[bytes] | None, *, raises: bool) -> None:
        self.exchange = http_exchange(
            body=b"" if pieces is None else None, raise_server_exceptions=raises
        )
        self.pieces = [*(pieces or []), None] if pieces is not None else []
        self.received: list[Any] = []
        self.stalls = False
        self._play(script)
        self.body = b""
        self.failure: BaseException | None = None
        self._read()

    def _play(self, script: Script) -> None:
        for act in script:
            match act:
                case ("receive",):
                    if (message := self._receive()) is None:
                        self.stalls = True
                        return
                    self.received.append(message)
                case ("send", message, swallows):
                    try:
                        self.exchange.app_send(message)
                    except ASGIRuleError as error:
                        if not swallows:
                            self.exchange.app_raised(error)
                            return
                case ("raise",):
                    self.exchange.app_raised(AppError("mine"))
                    return
        self.exchange.app_returned()

    def _receive(self) -> Any:
        message = self.exchange.app_receive()
        if message is None and self.pieces:
            piece = self.pieces.pop(0)
            self.exchange.client_send_body(piece or b"", more=piece is not None)
            message = self.exchange.app_receive()
        return message

    def _read(self) -> None:
        try:
            while (event := self.exchange.client_receive()) is not None:
                if isinstance(event, list):
                    self.body += b"".join(event)
                elif not isinstance(event, ResponseStart):
                    assert event is Cue.COMPLETE
                    return
        except (ASGIRuleError, AppError, ResponseCutError) as error:
            self.failure = error

    def check_failure(self, failure: BaseException | None, own: AppError) -> None:
        """Compare what the test was told with what it should have been."""
        match self.failure:
            case ASGIRuleError():
                assert isinstance(failure, ASGIRuleError)
                assert failure.rule == self.failure.rule
            case AppError():
                assert failure is own
            case ResponseCutError():
                assert isinstance(failure, httpx2.RemoteProtocolError)
            case _ if self.exchange.warned and not self.stalls:  # they are errors here
                assert isinstance(failure, ASGIRuleWarning)
                assert failure.rule == self.exchange.warned[0].rule
            case _:
                assert isinstance(failure, StallError) is self.stalls, failure
                assert self.stalls or failure is None

    def check_received(self, received: list[Any], how: str) -> None:
        """Compare what the app has received.

        After a stall it is told that the client is gone, and in a stream as soon as it has broken
        a rule.
        """
        may_be_left = self.stalls or (how == "streamed" and self.exchange.violation is not None)
        if not may_be_left:
            assert received == self.received
            return
        kinds = [message["type"] for message in received]
        told = kinds.index("http.disconnect") if "http.disconnect" in kinds else len(kinds)
        assert received[:told] == self.received[:told]
        assert set(kinds[told:]) <= {"http.disconnect"}
