"""Random walks over an HTTP exchange: what holds whatever the two sides do."""

from __future__ import annotations

import random
from typing import Any

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.http_events import (
    Cue,
    ResponseCutError,
    ResponseStart,
)
from asgi_testkit.protocol.http_states import HTTPState
from tests.protocol.exchanges import DEBUG, body, http_exchange, start, trailers

STEPS = 12
WALKS = 200


def random_message(chance: random.Random, number: int) -> Any:
    piece = b"%d;" % number
    more = chance.random() < 0.6
    return chance.choice(
        [
            start(headers=[(b"x-number", piece)]),
            start(trailers=True),
            body(piece, more=more),
            body(piece, more=more),
            body(piece, more=more),
            body(more=more),
            trailers((b"x-number", piece), more=more),
            DEBUG,
            start("many", [("a", 1)]),
            start(float("nan"), None),
            body(number),
            {"type": f"http.response.{number}"},
            {"body": piece},
            None,
        ]
    )


class Walk:
    """One exchange, what its app had taken up from it, and what its client has seen."""

    def __init__(self, seed: int, strict: Any) -> None:
        self.chance = random.Random(seed)
        self.exchange: HTTPExchange = http_exchange(
            strict=strict, body=b"", raise_server_exceptions=self.chance.random() < 0.5
        )
        self.sent: list[bytes] = []
        self.seen: list[Any] = []

    def app_acts(self, number: int) -> None:
        exchange = self.exchange
        match self.chance.randrange(8):
            case 0:
                exchange.app_receive()
            case 1 if number > STEPS // 2 and not exchange.app_is_over:
                self.app_ends()
            case _:
                self._app_sends(random_message(self.chance, number))

    def app_ends(self) -> None:
        if self.chance.random() < 0.5:
            self.exchange.app_returned()
        else:
            self.exchange.app_raised(ValueError("broken"))

    def _app_sends(self, message: Any) -> None:
        before = len(self.exchange.record)
        try:
            self.exchange.app_send(message)
        except ASGIRuleError:
            return
        taken = len(self.exchange.record) > before
        if taken and isinstance(message, dict) and message.get("type") == "http.response.body":
            content = message["body"]
            self.sent.append(content if isinstance(content, bytes) else str(content).encode())

    def client_sees_all(self) -> None:
        """Read until there is nothing, or nothing more."""
        try:
            while (event := self.exchange.client_receive()) is not None:
                self.seen.append(event)
                if event is Cue.COMPLETE:
                    return
        except (ASGIRuleError, ResponseCutError, ValueError) as error:
            self.seen.append(error)

    def pieces(self) -> bytes:
        return b"".join(piece for event in self.seen if isinstance(event, list) for piece in event)

    def starts(self) -> list[ResponseStart]:
        return [event for event in self.seen if isinstance(event, ResponseStart)]


@pytest.mark.parametrize("strict", [True, "warn", False])
@pytest.mark.parametrize("reads", ["at the end", "on the way"])
def test_one_start_is_seen_and_no_byte_is_lost_or_made_up(strict: Any, reads: str) -> None:
    for seed in range(WALKS):
        walk = Walk(seed, strict)
        for number in range(STEPS):
            walk.app_acts(number)
            if reads == "on the way":
                walk.client_sees_all()
        walk.client_sees_all()

        assert strict or walk.exchange.violation is None, seed
        assert len(walk.starts()) <= 1, seed
        made_up = [b"Internal Server Error"] if walk.starts()[:1] == [_made_up(walk)] else []
        assert walk.pieces() == b"".join(made_up or walk.sent), seed


def _made_up(walk: Walk) -> ResponseStart | None:
    failed_first = walk.exchange.state is HTTPState.FAILED and not walk.sent
    content_type = (b"content-type", b"text/plain; charset=utf-8")
    return ResponseStart(500, [content_type]) if failed_first else None


@pytest.mark.parametrize("strict", [True, "warn", False])
def test_a_client_that_leaves_sees_no_piece_afterwards_and_breaks_nothing(strict: Any) -> None:
    for seed in range(WALKS):
        walk = Walk(seed, strict)
        leaves_at = walk.chance.randrange(STEPS // 2)
        for number in range(STEPS):
            if number == leaves_at:
                walk.exchange.client_disconnect()
                violation = walk.exchange.violation
            walk.app_acts(number)
        walk.client_sees_all()

        assert walk.pieces() == b"", seed
        assert walk.exchange.violation is violation, seed
