"""The product adviser, whose answers come token by token."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from itertools import islice

import anyio
import pytest

from asgi_testkit import TestClient
from shop.adviser import AdviserLostError
from shop.dependencies import adviser

QUESTION = {"question": "Which lamp shall I take?"}
ANSWER = ["Take ", "the ", "Lamp: ", "it ", "costs ", "12.50 ", "only."]

pytestmark = pytest.mark.usefixtures("lamp")


class PausingAdviser:
    """Says two words, then thinks until it is stopped."""

    is_stopped = False

    async def __call__(self, question: str, so_far: str) -> AsyncGenerator[str]:
        try:
            for token in ANSWER[:2]:
                yield token
            await anyio.sleep_forever()
        finally:
            self.is_stopped = True


async def breaking_adviser(question: str, so_far: str) -> AsyncGenerator[str]:
    """Go on with the answer, and break off after four words."""
    words_said = len(so_far.split())
    for token in ANSWER[words_said:][:4]:
        yield token
    if words_said + 4 < len(ANSWER):
        raise AdviserLostError


def test_answer_comes_token_by_token_then_done(ada: TestClient) -> None:
    with ada.sse("/advice", params=QUESTION) as events:
        *tokens, done = events

    assert [token.json() for token in tokens] == ANSWER
    assert {token.event for token in tokens} == {"token"}
    assert (done.event, done.id) == ("done", "1.8")


def test_tokens_are_read_while_the_adviser_thinks(ada: TestClient) -> None:
    with (
        ada.override(adviser, PausingAdviser),
        ada.sse("/advice", params=QUESTION) as events,
    ):
        first_two = [token.json() for token in islice(events, 2)]

    assert first_two == ["Take ", "the "]


def test_adviser_stops_when_the_customer_leaves(ada: TestClient) -> None:
    pausing = PausingAdviser()

    with ada.override(adviser, lambda: pausing):
        with ada.sse("/advice", params=QUESTION) as events:
            tokens = iter(events)
            assert next(tokens).json() == "Take "
            assert not pausing.is_stopped

        assert pausing.is_stopped


def test_customer_who_comes_back_is_told_the_rest_only(ada: TestClient) -> None:
    with (
        ada.override(adviser, PausingAdviser),
        ada.sse("/advice", params=QUESTION) as events,
    ):
        heard = [token.json() for token in islice(events, 2)]
        last = {"last-event-id": events.last_event_id}

    with ada.sse("/advice", params=QUESTION, headers=last) as events:
        *tokens, _done = events

    assert heard + [token.json() for token in tokens] == ANSWER


def test_adviser_who_breaks_off_is_asked_again_with_what_it_said(ada: TestClient) -> None:
    with (
        ada.override(adviser, lambda: breaking_adviser),
        ada.sse("/advice", params=QUESTION, reconnects=1) as events,
    ):
        *tokens, done = events

    assert [token.json() for token in tokens] == ANSWER
    assert [token.id for token in tokens] == [f"1.{n}" for n in range(1, 8)]
    assert (done.event, tokens[0].retry) == ("done", 100)


def test_browser_that_was_told_everything_need_not_come_back(ada: TestClient) -> None:
    with ada.sse("/advice", params=QUESTION) as events:
        *_, done = events

    response = ada.get("/advice", params=QUESTION, headers={"last-event-id": done.id})

    assert response.status_code == 204


def test_advice_of_others_stays_hidden(ada: TestClient, bob: TestClient) -> None:
    ada.get("/advice", params=QUESTION)

    response = bob.get("/advice", params=QUESTION, headers={"last-event-id": "1.0"})

    assert (response.status_code, response.json()["detail"]) == (404, "You have no advice 1.")


def test_advice_needs_a_login(client: TestClient) -> None:
    assert client.get("/advice", params=QUESTION).status_code == 401
