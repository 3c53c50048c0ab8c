"""Random walks over a WebSocket exchange: what holds whatever the two sides do."""

from __future__ import annotations

import random
from typing import Any

import pytest

from asgi_testkit.errors import ASGIRuleError, ClientDisconnectedError
from asgi_testkit.protocol.websocket import WebSocketExchange
from asgi_testkit.protocol.websocket_events import Accept, Answer, Close, Denial
from asgi_testkit.protocol.websocket_states import WebSocketState
from tests.protocol.websocket_exchanges import (
    accept,
    close,
    data,
    denial_body,
    denial_start,
    from_client,
    give,
    text,
    websocket_exchange,
)

STEPS = 14
WALKS = 200

STRICTNESS = pytest.mark.parametrize("strict", [True, "warn", False])


def orderly_message(chance: random.Random, number: int) -> Any:
    piece = b"%d;" % number
    return chance.choice(
        [
            *[accept()] * 6,
            accept(headers=[(b"x-number", piece)]),
            *[text(f"{number}é"), data(piece), text(""), data(b"")] * 4,
            close(code=4000 + number, reason="bye"),
            denial_start(headers=[(b"x-number", piece)]),
            denial_body(piece, more=True),
            denial_body(piece),
        ]
    )


def disorderly_message(chance: random.Random, number: int) -> Any:
    return chance.choice(
        [
            accept(subprotocol=b"chat", headers=[("x-number", number)]),
            accept(headers=None),
            text(number),
            data(f"{number}"),
            data(bytearray(b"%d" % number)),
            text(f"{number}\ud800"),
            {"type": "websocket.send"},
            {**text(f"{number}"), "bytes": b"%d" % number},
            close(code=number, reason=number),
            close(code="many"),
            denial_start("many", [("a", 1)]),
            denial_body(number, more=True),
            {"type": f"websocket.{number}"},
            {"type": "http.response.start", "status": 200},
            {"text": "no type"},
            None,
        ]
    )


class Walk:
    """One exchange, what was taken up from either side, and what the other has seen."""

    def __init__(self, seed: int, strict: Any) -> None:
        self.chance = random.Random(seed)
        self.exchange: WebSocketExchange = websocket_exchange(
            strict=strict, raise_server_exceptions=self.chance.random() < 0.5, has_connect=False
        )
        self.broken = ValueError("broken")
        self.sent = 0  # messages of the app that were taken up
        self.given: list[Any] = []  # messages of the client
        self.received: list[Any] = []  # by the app
        self.seen: list[str | bytes] = []  # by the client
        self.closes: list[Close] = []
        self.errors: list[BaseException] = []
        self.answers: list[Answer] = []
        self._app_receives()  # the connect

    def step(self, number: int) -> None:
        match self.chance.randrange(10):
            case 0:
                self._app_receives()
            case 1 if self.exchange.accepted is not None:  # a session has no send before that
                give(self.exchange, f"{number}")
                self.given.append(from_client(f"{number}"))
            case 2:
                self.client_looks()
            case 3 if number > STEPS // 2:
                self._app_ends()
            case _:
                self._app_sends(number)

    def _app_sends(self, number: int) -> None:
        kind = disorderly_message if self.chance.random() < 0.2 else orderly_message
        message = kind(self.chance, number)
        before, record = self.exchange.state, len(self.exchange.record)
        try:
            self.exchange.app_send(message)
        except (ASGIRuleError, ClientDisconnectedError):
            assert (self.exchange.state, len(self.exchange.record)) == (before, record)
            return
        is_send = isinstance(message, dict) and message.get("type") == "websocket.send"
        self.sent += is_send and len(self.exchange.record) > record

    def _app_receives(self) -> None:
        if (message := self.exchange.app_receive()) is not None:
            self.received.append(message)

    def _app_ends(self) -> None:
        if self.exchange.app_is_over:
            return
        if self.chance.random() < 0.5:
            self.exchange.app_returned()
        else:
            self.exchange.app_raised(self.broken)

    def client_looks(self) -> None:
        """Look for the answer; after an accept, read until there is nothing, or nothing more."""
        try:
            answer = self.exchange.client_wait_answer()
            if answer is not None:
                self.answers.append(answer)
            if not isinstance(answer, Accept):
                return
            while (event := self.exchange.client_receive()) is not None:
                if isinstance(event, Close):
                    self.closes.append(event)
                    return
                self.seen.append(event)
        except (ASGIRuleError, ValueError) as error:
            self.errors.append(error)

    def to_its_end(self) -> None:
        """Let the app end if it has not, and both sides read all there is."""
        self._app_ends()
        while (message := self.exchange.app_receive()) is not None:
            self.received.append(message)
        for _ in range(3):  # an error comes once, and before what is after it
            self.client_looks()
        try:
            self.exchange.client_check()  # as a session does when it is left
        except (ASGIRuleError, ValueError) as error:
            self.errors.append(error)


def walked(seed: int, strict: Any, *, leaves_at: int | None = None) -> Walk:
    walk = Walk(seed, strict)
    for number in range(STEPS):
        if number == leaves_at:
            walk.exchange.client_disconnect(4999, "gone")
        walk.step(number)
    walk.to_its_end()
    return walk


@STRICTNESS
def test_no_message_of_the_app_is_lost_or_made_up(strict: Any) -> None:
    for seed in range(WALKS):
        walk = walked(seed, strict)

        assert len(walk.seen) == walk.sent, seed
        assert walk.exchange.client_take() is None, seed


@STRICTNESS
def test_there_is_one_end_and_it_stays(strict: Any) -> None:
    for seed in range(WALKS):
        walk = walked(seed, strict)

        assert len(set(walk.closes)) == isinstance(walk.answers[0], Accept), seed
        assert walk.exchange.state in {WebSocketState.ENDED, WebSocketState.FAILED}, seed


@STRICTNESS
def test_the_answer_stays_what_it_was(strict: Any) -> None:
    for seed in range(WALKS):
        walk = walked(seed, strict)

        assert all(answer == walk.answers[0] for answer in walk.answers), seed
        was_accepted = isinstance(walk.answers[0], Accept)
        assert was_accepted is (walk.exchange.accepted is not None), seed


@STRICTNESS
def test_a_whole_denial_is_the_answer_whenever_the_client_looks(strict: Any) -> None:
    for seed in range(WALKS):
        walk = Walk(seed, strict)
        walk.exchange.app_send(denial_start(429))
        walk.exchange.app_send(denial_body(b"no"))
        for number in range(STEPS // 2):
            walk.step(number)
        walk.to_its_end()

        bodies = [answer.body for answer in walk.answers if isinstance(answer, Denial)]
        assert (len(bodies), set(bodies)) == (len(walk.answers), {b"no"}), seed


@STRICTNESS
def test_the_app_receives_connect_then_messages_then_one_disconnect(strict: Any) -> None:
    for seed in range(WALKS):
        leaves_at = seed % STEPS
        walk = walked(seed, strict, leaves_at=leaves_at)

        kinds = [message["type"] for message in walk.received]
        assert kinds[0] == "websocket.connect", seed
        assert kinds.count("websocket.disconnect") == 1, seed
        assert kinds[-1] == "websocket.disconnect", seed
        assert walk.received[1:-1] == walk.given[: len(walk.received) - 2], seed


@STRICTNESS
def test_a_violation_and_an_exception_are_each_told_at_most_once(strict: Any) -> None:
    for seed in range(WALKS):
        walk = walked(seed, strict)

        exchange = walk.exchange
        assert strict or exchange.violation is None, seed
        assert len(walk.errors) <= 1, seed
        if exchange.violation is not None:
            assert walk.errors == [exchange.violation], seed
        if walk.errors:
            assert walk.errors[0] in (exchange.violation, walk.broken), seed


@STRICTNESS
def test_no_message_is_taken_up_once_the_client_has_gone(strict: Any) -> None:
    for seed in range(WALKS):
        walk = Walk(seed, strict)
        for number in range(seed % STEPS):
            walk.step(number)
        walk.exchange.client_disconnect()
        sent, violation = walk.sent, walk.exchange.violation
        was_over = walk.exchange.close is None or walk.exchange.close.closer == "app"
        for number in range(STEPS):
            walk.step(number)

        assert walk.sent == sent, seed
        assert was_over or walk.exchange.violation is violation, seed


def test_walks_go_through_every_state() -> None:
    visited: set[WebSocketState] = set()

    for seed in range(WALKS):
        walk = Walk(seed, "warn")
        for number in range(STEPS):
            if number == seed % (2 * STEPS):
                walk.exchange.client_disconnect()
            walk.step(number)
            visited.add(walk.exchange.state)

    assert visited == set(WebSocketState)
