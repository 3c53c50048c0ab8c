"""Request bodies: what the app receives of them."""

from __future__ import annotations

from typing import Final

from tests.conformance.scenario import HTTPLine, Request, Scenario

__all__ = ("SCENARIOS",)

_BIG: Final = b"0123456789abcdef" * 12_500  # 200 kB


def _in_two(line: HTTPLine) -> None:
    """Send the second piece when the app has the first."""
    line.begin()
    line.piece(b"one")
    line.until("has 3")
    line.piece(b"two")
    line.end()
    line.rest()


def _refused(line: HTTPLine) -> None:
    """Send the head alone, and see what is said of it."""
    line.begin()
    line.rest()


def _answered_early(line: HTTPLine) -> None:
    """Read the whole response while the body is still open."""
    line.begin()
    line.piece(b"one")
    line.rest()


def _full_duplex(line: HTTPLine) -> None:
    """Send the second piece when the answer to the first is there."""
    line.begin()
    line.piece(b"one")
    line.some(3)
    line.piece(b"two")
    line.some(6)
    line.end()
    line.rest()


def _body(
    name: str, asks: str, body: bytes | tuple[bytes, ...] | None, app: str = "echo", **more: object
) -> Scenario:
    request = Request(method=b"POST", body=body, **more)  # type: ignore[arg-type]
    return Scenario(
        name=f"body-{name}",
        topic="bodies",
        asks=asks,
        app=app,
        request=request,
        watches=("headers",),
    )


SCENARIOS: Final = (
    _body("none", "a POST without a body", None),
    _body("empty", "a body of no bytes", b""),
    _body("small", "a body with its length", b"hello"),
    _body("binary", "a body of all bytes", bytes(range(256))),
    _body("big", "a body of 200 kB", _BIG),
    _body("chunked", "a body in chunks", (b"one", b"two", b"three")),
    _body("chunked-empty", "a body of no chunks", ()),
    _body(
        "chunked-big",
        "200 kB in chunks",
        tuple(_BIG[i : i + 50_000] for i in range(0, 200_000, 50_000)),
    ),
    _body(
        "length-in-pieces",
        "pieces with the length of all",
        (b"one", b"two"),
        headers=((b"content-length", b"6"),),
    ),
    _body("type", "a body with its type", b"{}", headers=((b"content-type", b"application/json"),)),
    _body("unread", "a body that the app does not read", b"hello", app="hello"),
    _body("unread-big", "200 kB that the app does not read", _BIG, app="hello"),
    _body(
        "received-after",
        "receive after the body and before the response",
        b"hello",
        app="third_receive",
    ),
    Scenario(
        name="body-get",
        topic="bodies",
        asks="a GET with a body",
        request=Request(body=b"hello"),
        watches=("method",),
    ),
    Scenario(
        name="body-get-none",
        topic="bodies",
        asks="the one message of a GET without a body",
        request=Request(),
    ),
    Scenario(
        name="body-expect",
        topic="bodies",
        asks="a client that wants to hear 100 before it sends, and does not wait for it",
        request=Request(method=b"POST", body=b"hello", headers=((b"expect", b"100-continue"),)),
    ),
    Scenario(
        name="body-expect-refused",
        topic="bodies",
        asks="a body that is expected, and refused unread",
        app="refuse",
        request=Request(method=b"POST", body=b"hello", headers=((b"expect", b"100-continue"),)),
        script=_refused,
    ),
    Scenario(
        name="body-pieces-as-they-come",
        topic="bodies",
        asks="a second piece that is sent when the app has the first",
        app="count",
        request=Request(method=b"POST", body=(b"",)),
        script=_in_two,
    ),
    Scenario(
        name="body-pieces-with-length",
        topic="bodies",
        asks="the same with a length",
        app="count",
        request=Request(method=b"POST", body=(b"",), headers=((b"content-length", b"6"),)),
        script=_in_two,
    ),
    Scenario(
        name="body-before-its-end",
        topic="bodies",
        asks="an app that answers before the body has ended",
        app="hello_early",
        request=Request(method=b"POST", body=(b"",)),
        script=_answered_early,
    ),
    Scenario(
        name="body-full-duplex",
        topic="bodies",
        asks="a response that begins before the request has ended",
        app="duplex",
        request=Request(method=b"POST", body=(b"",)),
        script=_full_duplex,
    ),
)
