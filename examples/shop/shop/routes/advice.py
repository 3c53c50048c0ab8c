"""The product adviser's answers, as server-sent events that survive a broken line.

Each event has the id `advice.position`. A browser that lost the line sends the last one it saw,
and is told what comes after it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Final

import anyio
from fastapi import APIRouter, Header, HTTPException, Query, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.adviser import AdviserLostError
from shop.dependencies import Cleanup, CurrentAccount, Database, ProductAdviser
from shop.models import Account, Advice, AdviceToken
from shop.schemas import problems

__all__ = ("RETRY_MILLISECONDS", "router")

RETRY_MILLISECONDS = 100

EVENTS: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/event-stream": {}}}}

router = APIRouter()


@router.get(
    "/advice", response_class=StreamingResponse, responses={204: {}, **EVENTS, **problems(401, 404)}
)
async def stream_advice(
    question: Annotated[str, Query(min_length=1, max_length=1000)],
    database: Database,
    adviser: ProductAdviser,
    account: CurrentAccount,
    cleanup: Cleanup,
    last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{1,18}\.[0-9]{1,18}$")] = None,
) -> Response:
    """Send a `token` for each piece of the answer, then `done`.

    With a `Last-Event-ID` the answer goes on behind that event. After `done` it is 204, which
    tells a browser to come back no more.

    The adviser belongs to the request: when the customer leaves halfway it is stopped at once.
    """
    advice, position = await _find_or_begin(database, account, question, last_event_id)
    tokens = list(await database.scalars(_tokens_of(advice)))
    await database.commit()
    if position > len(tokens):
        return Response(status_code=204)
    answer = adviser(advice.question, "".join(tokens))
    await cleanup.enter_async_context(aclosing(answer))
    events = _events(database, answer, advice, tokens, position)
    return StreamingResponse(events, media_type="text/event-stream")


async def _events(
    database: AsyncSession,
    answer: AsyncIterator[str],
    advice: Advice,
    tokens: list[str],
    position: int,
) -> AsyncIterator[str]:
    """Yield the tokens that the customer missed, then the new ones, each when it is stored.

    When the adviser breaks off the stream just ends: the browser comes back for the rest.
    """
    for number, token in enumerate(tokens[position:], start=position + 1):
        yield _event("token", token, advice, number)
    if not advice.is_done:
        try:
            async for token in answer:
                tokens.append(token)
                number = len(tokens)
                await _store(
                    database, AdviceToken(advice_id=advice.id, position=number, text=token)
                )
                yield _event("token", token, advice, number)
        except AdviserLostError:
            return
        advice.is_done = True
        await _store(database, advice)
    yield _event("done", None, advice, len(tokens) + 1)


async def _store(database: AsyncSession, row: Advice | AdviceToken) -> None:
    # A cancelled commit would cost the database its connection.
    with anyio.CancelScope(shield=True):
        database.add(row)
        await database.commit()


async def _find_or_begin(
    database: AsyncSession, account: Account, question: str, last_event_id: str | None
) -> tuple[Advice, int]:
    """Return the advice and the position of its last event that the customer has seen."""
    if last_event_id is None:
        advice = Advice(account_id=account.id, question=question)
        database.add(advice)
        await database.flush()
        return advice, 0
    advice_id, position = map(int, last_event_id.split("."))
    found = await database.get(Advice, advice_id)
    if found is None or found.account_id != account.id:
        raise HTTPException(404, f"You have no advice {advice_id}.")
    return found, position


def _tokens_of(advice: Advice) -> Select[str]:
    query = select(AdviceToken.text).where(AdviceToken.advice_id == advice.id)
    return query.order_by(AdviceToken.position)


def _event(name: str, data: object, advice: Advice, position: int) -> str:
    fields = {
        "event": name,
        "id": f"{advice.id}.{position}",
        "retry": RETRY_MILLISECONDS,
        "data": json.dumps(data),
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items()) + "\n"
