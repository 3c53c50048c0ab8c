"""WebSockets: handshakes, messages and closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.conformance.scenario import Request, Scenario, WebSocketLine, talk

__all__ = ("SCENARIOS",)

_PLAIN: Final = Request()

_BIG: Final = "0123456789abcdef" * 12_500


def _say(
    *messages: str | bytes, code: int | None = 1000, reason: str = ""
) -> Callable[[WebSocketLine], None]:
    """Return a script: send each message, wait for its echo, close."""

    def script(line: WebSocketLine) -> None:
        if line.connect():
            for message in messages:
                line.send(message)
                line.message()
            line.close(code, reason)

    return script


def _say_at_once(line: WebSocketLine) -> None:
    if line.connect():
        for number in range(5):
            line.send(f"number {number}")
        for _ in range(5):
            line.message()
        line.close(1000)


def _in_fragments(line: Any) -> None:  # what a wire can, and an engine has no need of
    if line.connect():
        line.fragments("one", "two", "three")
        line.message()
        line.close(1000)


def _drop(line: WebSocketLine) -> None:
    if line.connect():
        line.until("open")
        line.leave()


def _close_then_read(line: WebSocketLine) -> None:
    if line.connect():
        line.until("open")
        line.close(1000)


def _ws(
    name: str,
    asks: str,
    app: str,
    script: Callable[..., None] = talk,
    request: Request = _PLAIN,
    *watches: str,
) -> Scenario:
    return Scenario(
        name=f"ws-{name}",
        topic="websockets",
        asks=asks,
        app=app,
        kind="websocket",
        script=script,
        request=request,
        watches=watches,
    )


_OFFERS: Final = Request(subprotocols=("a", "b"))
_TWO_OFFERS: Final = Request(
    headers=((b"sec-websocket-protocol", b"a, b"), (b"sec-websocket-protocol", b"c"))
)

SCENARIOS: Final = (
    _ws("text", "a text message", "ws_echo", _say("hello")),
    _ws("bytes", "a bytes message", "ws_echo", _say(b"\x00\xff")),
    _ws("unicode", "text beyond ASCII", "ws_echo", _say("héllo \U0001f600")),
    _ws("empty-text", "an empty text message", "ws_echo", _say("")),
    _ws("empty-bytes", "an empty bytes message", "ws_echo", _say(b"")),
    _ws("big", "a text of 200 kB", "ws_echo", _say(_BIG)),
    _ws("order", "five messages at once", "ws_echo", _say_at_once),
    _ws("fragments", "a text in three frames", "ws_echo", _in_fragments),
    _ws("speak-first", "an app that speaks first", "ws_speak"),
    _ws("close-client", "a close of the client", "ws_echo", _say()),
    _ws("close-client-code", "one with code and reason", "ws_echo", _say(code=4000, reason="ré")),
    _ws("close-client-going", "one with code 1001", "ws_echo", _say(code=1001)),
    _ws("close-client-no-code", "one without a code", "ws_echo", _say(code=None)),
    _ws("close-app", "a close of the app", "ws_close_only"),
    _ws("close-app-code", "one with code and reason", "ws_close_reason"),
    _ws("close-app-receive", "receive after the app's close", "ws_close_then_receive"),
    _ws("reject", "a close before the accept", "ws_reject"),
    _ws("reject-receive", "receive after that", "ws_reject_then_receive"),
    _ws("deny", "a response in place of the accept", "ws_deny"),
    _ws("deny-in-pieces", "one in two pieces", "ws_deny_in_pieces"),
    _ws(
        "subprotocols",
        "the subprotocols that are offered",
        "ws_subprotocol",
        talk,
        _OFFERS,
        "subprotocols",
    ),
    _ws(
        "subprotocols-two-headers",
        "the same in two headers",
        "ws_subprotocol",
        talk,
        _TWO_OFFERS,
        "subprotocols",
    ),
    _ws("subprotocols-none", "none that is offered", "ws_close", talk, Request(), "subprotocols"),
    _ws("accept-headers", "headers of the accept", "ws_headers"),
    _ws("drop", "a line that is lost", "ws_wait", _drop),
    _ws("drop-send", "send after that", "ws_send_after_gone", _drop),
    _ws("drop-receive", "receive after that", "ws_receive_after_gone", _drop),
    _ws("closed-send", "send after the client's close", "ws_send_after_gone", _close_then_read),
    _ws("closed-close", "a close after the client's", "ws_close_after_gone", _close_then_read),
    _ws(
        "closed-receive",
        "receive after the client's close",
        "ws_receive_after_gone",
        _close_then_read,
    ),
)
