"""Sequences of an exchange: both directions are open at once."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from asgi_testkit import StallError
from asgi_testkit.errors import ClientStateError
from tests.modes import OpenClient
from tests.session.http_sequences import HTTP_SCRIPTS, HTTP_WARNINGS
from tests.session.sequences import (
    FAILURES,
    PATIENT,
    SHORT,
    Played,
    play_many,
)

__all__ = ("check_exchanges",)


_EXCHANGE_ACTS = st.sampled_from(
    [("send", b"one;"), ("send", b"two;"), ("end",), ("response",), ("read",), ("disconnect",)]
)
_EXCHANGE_EXAMPLES = st.tuples(HTTP_SCRIPTS, st.lists(_EXCHANGE_ACTS, max_size=8))


def check_exchanges(mode: str, count: int) -> None:
    """Either side gets what the other sent, in order; a failure is told at most once."""
    play_many(mode, count, _EXCHANGE_EXAMPLES, _play_exchange)


async def _play_exchange(open_client: OpenClient, example: Any) -> None:
    script, acts = example
    played = Played(script, "http", lambda: open_client.sleep_in_app(0))
    client = open_client.without_entering(
        played.app, timeout=SHORT, grace=PATIENT, ignore_rules=HTTP_WARNINGS
    )
    exchange = client.exchange("POST", "/")
    talk = Talk(exchange)

    try:
        async with exchange:
            for act in acts:
                await talk.act(act)
    except FAILURES as error:
        talk.failures.append(error)

    talk.check(played)
    assert (await client.get("/well", timeout=PATIENT)).content == b"well"


class Talk:
    """What a client has sent, seen and been told in one exchange."""

    def __init__(self, exchange: Any) -> None:
        self.exchange = exchange
        self.sent = b""
        self.seen = b""
        self.failures: list[BaseException] = []

    async def act(self, act: tuple[Any, ...]) -> None:
        try:
            await self._act(act)
        except ClientStateError:  # after its end
            pass
        except FAILURES as error:
            self.failures.append(error)

    async def _act(self, act: tuple[Any, ...]) -> None:
        match act:
            case ("send", piece):
                self.sent += piece  # though it fails, it may have gone
                await self.exchange.send(piece)
            case ("end",):
                await self.exchange.end()
            case ("response",):
                await self.exchange.response
            case ("read",):
                async for piece in self.exchange:
                    self.seen += piece
                    break
            case _:
                await self.exchange.disconnect()

    def check(self, played: Played) -> None:
        got = b"".join(message.get("body", b"") for message in played.received)
        bodies = [m["body"] for m in played.taken if m.get("type") == "http.response.body"]
        given = [content for content in bodies if isinstance(content, bytes | bytearray)]
        assert self.sent.startswith(got)
        # What the app was sending when it was cancelled was sent, too.
        assert b"".join(given).startswith(self.seen) or self.seen.startswith(b"".join(given))
        told = {id(error) for error in self.failures if not isinstance(error, StallError)}
        assert len(told) <= 1
        acts = [f"{entry.actor}: {entry.act}" for entry in self.exchange.messages]
        assert {"app: returned", "app: raised"} & set(acts)
        assert told or not played.raised or "client: disconnected" in acts, acts
