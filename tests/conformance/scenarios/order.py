"""Streams, disconnections, and what comes when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.conformance.scenario import HTTPLine, Request, Scenario, whole

__all__ = ("SCENARIOS",)

_PLAIN: Final = Request()


def _second_piece_waits(line: HTTPLine) -> None:
    line.begin()
    line.some(3)
    line.saw.notes.append(f"had {line.saw.body!r}")
    line.say("client has one")
    line.rest()


def _head_before_body(line: HTTPLine) -> None:
    line.begin()
    line.saw.notes.append("head at once" if line.has_head_shortly() else "no head yet")
    line.say("client has the head")
    line.rest()


def _whole_before_the_app_ends(line: HTTPLine) -> None:
    line.begin()
    line.some(5)
    line.say("client has all")
    line.rest()


def _stay_until_it_ends(line: HTTPLine) -> None:
    line.ask()
    line.some(5)
    line.until("ended")
    line.rest()


def _leave_when_it_waits(line: HTTPLine) -> None:
    line.begin()
    line.until("waits")
    line.leave()


def _leave_amid_response(line: HTTPLine) -> None:
    line.begin()
    line.some(3)
    line.leave()


def _leave_amid_request(line: HTTPLine) -> None:
    line.begin()
    line.piece(b"hello")
    line.until("has some")
    line.leave()


def _read_nothing(line: HTTPLine) -> None:
    line.begin()
    line.head()
    line.until("sent")
    line.leave()


def _order(
    name: str,
    asks: str,
    app: str,
    script: Callable[[HTTPLine], None] = whole,
    request: Request = _PLAIN,
) -> Scenario:
    return Scenario(name=name, topic="order", asks=asks, app=app, script=script, request=request)


_POST: Final = Request(method=b"POST", body=(b"",))

SCENARIOS: Final = (
    _order(
        "stream-pieces",
        "a piece arrives before the next is sent",
        "two_pieces",
        _second_piece_waits,
    ),
    _order(
        "stream-head", "the head arrives before the body is sent", "start_first", _head_before_body
    ),
    _order(
        "stream-head-empty-piece",
        "an empty piece brings the head",
        "start_and_nothing",
        _head_before_body,
    ),
    _order(
        "background",
        "the response is whole before the app ends",
        "works_on",
        _whole_before_the_app_ends,
    ),
    _order(
        "leave-waiting",
        "a client that leaves before the response",
        "until_gone",
        _leave_when_it_waits,
    ),
    _order(
        "leave-waiting-twice",
        "receive after the disconnect",
        "until_gone_twice",
        _leave_when_it_waits,
    ),
    _order(
        "leave-then-send",
        "send to a client that has left",
        "sends_after_gone",
        _leave_when_it_waits,
    ),
    _order(
        "leave-stream",
        "send to a client that has left amid the response",
        "streams_until_gone",
        _leave_amid_response,
    ),
    _order(
        "leave-request",
        "a client that leaves amid its request",
        "reads_until_gone",
        _leave_amid_request,
        _POST,
    ),
    _order(
        "leave-request-length",
        "the same with a length",
        "reads_until_gone",
        _leave_amid_request,
        Request(method=b"POST", body=(b"",), headers=((b"content-length", b"500"),)),
    ),
    _order("slow-reader", "8 MB for a client that reads nothing", "sends_a_lot", _read_nothing),
    _order("receive-twice-at-once", "two tasks that receive", "two_receives"),
    _order("receive-after-response", "receive after the response", "after_response"),
    _order(
        "receive-body-after-response",
        "the body is received after the response",
        "receives_at_last",
        _stay_until_it_ends,
        Request(method=b"POST", body=b"hello"),
    ),
    _order("fail-after-response", "an exception after the response", "fails_after"),
)
