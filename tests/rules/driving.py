"""Doing with an app what its registration says, and reading what was told of it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from asgi_testkit import ASGIRuleWarning
from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps.raw import App
from tests.apps.scripted import received
from tests.modes import OpenClient
from tests.rules.registry import BrokenApp, LegalApp

__all__ = ("Witness", "exercise", "swallowing", "told_rules")

_RULE = re.compile(r"\bRule ([HWL]\d\d) ")


async def exercise(
    open_client: OpenClient,
    case: BrokenApp | LegalApp,
    app: App,
    *,
    times: int = 1,
    transcripts: list[str] | None = None,
    **options: Any,
) -> Any:
    """Make the case's call of `app`, on one client; return what it gave last.

    What crossed is put into `transcripts`, if given.
    """
    options = {"timeout": case.timeout, "scope_extensions": case.scope_extensions, **options}
    client = open_client.without_entering(app, **options)
    result: Any = None
    try:
        for _ in range(times):
            result = await _make_call(client, case)
    finally:
        await client.aclose()
        if transcripts is not None:
            transcripts.append(str(client.transcript))
    return result


async def _make_call(client: Any, case: BrokenApp | LegalApp) -> Any:
    extensions = {"scope": dict(case.scope)} if case.scope else {}
    if case.kind == "lifespan":
        async with client:
            return None
    if case.kind == "http":
        return await client.request(case.method, "/", extensions=extensions)
    subprotocols = list(case.subprotocols)
    async with client.websocket_connect("/", subprotocols, extensions=extensions) as ws:
        return await received(ws)


def swallowing(app: App) -> App:
    """Return the app with every exception swallowed that `send` raises."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_quietly(message: Message) -> None:
            with suppress(Exception):
                await send(message)

        await app(scope, receive, send_quietly)

    return wrapped


class Witness:
    """An app around an app, which keeps what leaves that."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.seen: BaseException | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except BaseException as error:
            self.seen = error
            raise

    @property
    def bare(self) -> BaseException | None:
        """What was seen, or the only one in a group."""
        return self.seen.exceptions[0] if isinstance(self.seen, BaseExceptionGroup) else self.seen


@contextmanager
def told_rules() -> Iterator[list[str]]:
    """Give a list that has, after the block, the rule of each warning about rules."""
    rules: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        warnings.simplefilter("always", ASGIRuleWarning)
        try:
            yield rules
        finally:
            rules += [" ".join(_RULE.findall(str(warning.message))) for warning in caught]
