"""Sequences of a WebSocket."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from asgi_testkit import ASGIRuleError, StallError, WebSocketDenialResponse, WebSocketDisconnect
from tests.modes import OpenClient
from tests.protocol.websocket_exchanges import accept, close, data, denial_body, denial_start, text
from tests.session.sequences import (
    PATIENT,
    AppError,
    Played,
    play_many,
    scripts_of,
)

__all__ = ("check_websockets",)


_WEBSOCKET_MESSAGES: list[Any] = [
    *[text("hello"), text(""), data(b"bytes")] * 5,
    close(code=4001, reason="bye"),
    accept(),
    denial_start(403),
    denial_body(b"no"),
    text(7),
    {"type": "websocket.nothing"},
    None,
]
_WEBSOCKET_SCRIPTS = scripts_of(
    _WEBSOCKET_MESSAGES, ("receive",), ("send", accept(), False), last=[close()]
)
_WEBSOCKET_ACTS = st.sampled_from(
    [
        ("send", "hello"),
        ("send", b"bytes"),
        ("receive",),
        ("receive",),
        ("close", 4002),
        ("disconnect",),
    ]
)
_WEBSOCKET_EXAMPLES = st.tuples(_WEBSOCKET_SCRIPTS, st.lists(_WEBSOCKET_ACTS, max_size=8))
_LENIENT = {"W34", "W04", "W06", "W20", "W30", "H10"}


def check_websockets(mode: str, count: int) -> None:
    """Either side gets what the other sent, in order; what the app raised is told once."""
    play_many(mode, count, _WEBSOCKET_EXAMPLES, _play_websocket)


async def _play_websocket(open_client: OpenClient, example: Any) -> None:
    script, acts = example
    played = Played(script, "websocket", lambda: open_client.sleep_in_app(0))
    client = open_client.without_entering(
        played.app, timeout=PATIENT, grace=PATIENT, ignore_rules=_LENIENT
    )
    talk = Talk()

    try:
        async with client.websocket_connect("/") as ws:
            for act in acts:
                await talk.act(ws, act)
    except WebSocketDenialResponse:
        talk.ends.append(1006)
    except WebSocketDisconnect as end:
        talk.ends.append(end.code)
    except (AppError, ASGIRuleError) as error:
        talk.failures.append(error)

    talk.check(played)
    assert (await client.get("/well")).content == b"well"


class Talk:
    """What a client has sent, received and been told on one WebSocket."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.seen: list[Any] = []
        self.ends: list[int] = []
        self.failures: list[Exception] = []

    async def act(self, ws: Any, act: tuple[Any, ...]) -> None:
        try:
            match act:
                case ("send", str() as content):
                    await ws.send_text(content)
                    self.sent.append(content)
                case ("send", content):
                    await ws.send_bytes(content)
                    self.sent.append(content)
                case ("receive",):
                    await self._receive(ws)
                case ("close", code):
                    await ws.close(code)
                case _:
                    await ws.disconnect()
        except WebSocketDisconnect as end:
            self.ends.append(end.code)
        except StallError:
            assert act == ("receive",)
        except (AppError, ASGIRuleError) as error:
            self.failures.append(error)

    async def _receive(self, ws: Any) -> None:
        message = await ws.receive(timeout=0.005)
        if message["type"] == "websocket.close":
            self.ends.append(message.get("code", 1000))
        else:
            self.seen.append(_content(message))

    def check(self, played: Played) -> None:
        got = [_content(m) for m in played.received if m["type"] == "websocket.receive"]
        given = [_content(m) for m in played.taken if m["type"] == "websocket.send"]
        kinds = [message["type"] for message in played.received]
        assert got == self.sent[: len(got)]
        assert self.seen == given[: len(self.seen)]
        assert kinds[:1] in ([], ["websocket.connect"])
        assert "websocket.disconnect" not in kinds[:-1]
        assert len(self.failures) <= 1
        assert self.failures or not played.raised


def _content(message: Any) -> Any:
    return message["text"] if message.get("text") is not None else message.get("bytes")
