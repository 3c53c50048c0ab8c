"""The floor: the bare app call with the least `receive` and `send` that still answer.

No client can be faster. It builds no request and no response, checks nothing, isolates nothing.
"""

from __future__ import annotations

import json
from types import TracebackType, coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from bench.peer import AsyncPeer, FullReply, Reply, now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Generator, Mapping

    from bench.apps import App, Receive

__all__ = ("Floor", "http_scope", "websocket_scope")

# Scopes and messages are untyped in ASGI itself.
Message = dict[str, Any]

LIFESPAN_SCOPE: Message = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
HTTP_SCOPE: Message = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "scheme": "http",
    "root_path": "",
    "headers": [(b"host", b"testserver")],
    "client": ("testclient", 50000),
    "server": ("testserver", 80),
}


@coroutine
def suspend() -> Generator[None]:
    """Hand control back to whoever steps the coroutine by hand."""
    yield


def http_scope(method: str, url: str) -> Message:
    """Return the scope of one request; `url` is a plain path with or without a query."""
    path, _, query = url.partition("?")
    scope = HTTP_SCOPE.copy()
    scope.update(
        method=method,
        path=path,
        raw_path=path.encode(),
        query_string=query.encode(),
        # Frameworks write into the state, so each request has its own.
        state={},
    )
    return scope


WEBSOCKET_SCOPE: Message = {
    "type": "websocket",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "scheme": "ws",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"testserver")],
    "client": ("testclient", 50000),
    "server": ("testserver", 80),
    "subprotocols": [],
}


def websocket_scope(path: str) -> Message:
    """Return the scope of one WebSocket."""
    return WEBSOCKET_SCOPE | {"path": path, "raw_path": path.encode(), "state": {}}


class FloorSession:
    """One WebSocket of an app that awaits nothing but its messages, stepped by hand."""

    def __init__(self, app: App, path: str) -> None:
        self.scope = websocket_scope(path)
        self.to_app: list[Message] = [{"type": "websocket.connect"}]
        self.sent: list[Message] = []
        called = app(self.scope, self.receive, self.send)
        self.called = cast("Coroutine[None, None, None]", called)

    async def receive(self) -> Message:
        """Give the app the message at hand, or wait to be stepped."""
        while not self.to_app:
            await cast("Awaitable[None]", suspend())
        return self.to_app.pop()

    async def send(self, message: Message) -> None:
        """Keep what the app sends."""
        self.sent.append(message)

    def answers(self, message: Message) -> list[Message]:
        """Give the app one message and return all it sends until it waits for the next."""
        self.to_app.append(message)
        self.called.send(None)
        answers, self.sent = self.sent, []
        return answers

    async def __aenter__(self) -> Self:
        self.called.send(None)
        accept = self.sent.pop()
        if accept["type"] != "websocket.accept":
            raise RuntimeError(f"The app answered {accept!r}.")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            self.answers({"type": "websocket.disconnect", "code": 1000})
        except StopIteration:
            return
        raise RuntimeError("The app goes on after websocket.disconnect.")


def one_body(body: bytes) -> Receive:
    """Return a `receive` that always gives the whole body."""
    message = {"type": "http.request", "body": body, "more_body": False}

    async def receive() -> Message:
        return message

    return receive


class Floor(AsyncPeer):
    """The app awaited where the benchmark stands, and its lifespan stepped by hand."""

    key = "floor"
    title = "floor: bare app call"
    distribution = None
    statement = "import asyncio"
    notes: ClassVar[Mapping[str, str]] = {"import": "asyncio alone, for comparison"}
    lacks = "all that a client does"
    is_client = False
    cannot: ClassVar[Mapping[str, str]] = {"construct": "there is nothing to construct"}

    app: App
    cookie: bytes | None = None
    lifespan: Coroutine[None, None, None]

    async def open(self, app: App) -> None:
        """Run the lifespan until it waits for shutdown."""
        self.app = app
        startup: list[Message] = [{"type": "lifespan.startup"}]

        async def receive() -> Message:
            if startup:
                return startup.pop()
            await cast("Awaitable[None]", suspend())
            return {"type": "lifespan.shutdown"}

        async def send(message: Message) -> None:
            pass

        called = app(LIFESPAN_SCOPE.copy(), receive, send)
        self.lifespan = cast("Coroutine[None, None, None]", called)
        self.lifespan.send(None)

    async def close(self) -> None:
        """Step the lifespan to its end."""
        try:
            self.lifespan.send(None)
        except StopIteration:
            return
        raise RuntimeError("The app awaits something after shutdown; this loop runs no lifespan.")

    async def call(self, method: str, url: str, body: bytes = b"") -> list[Message]:
        """Call the app once and return what it sent."""
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = http_scope(method, url)
        if self.cookie is not None:
            scope["headers"] = [*scope["headers"], (b"cookie", self.cookie)]
        await self.app(scope, one_body(body), send)
        return sent

    async def get(self, url: str) -> Reply:
        start, last = await self.call("GET", url)
        return Reply(start["status"], last["body"])

    async def log_in(self, url: str) -> Reply:
        start, last = await self.call("GET", url)
        self.cookie = dict(start["headers"])[b"set-cookie"]
        return Reply(start["status"], last["body"])

    async def get_and_read(self, url: str) -> FullReply:
        start, last = await self.call("GET", url)
        text = last["body"].decode()
        media_type = dict(start["headers"])[b"content-type"].decode()
        return FullReply(start["status"], media_type, text, json.loads(text))

    async def post_json(self, url: str, payload: object) -> Reply:
        return await self.upload(url, json.dumps(payload).encode())

    async def upload(self, url: str, body: bytes) -> Reply:
        start, last = await self.call("POST", url, body)
        return Reply(start["status"], last["body"])

    async def stream(self, url: str) -> int:
        received_bytes = 0

        async def send(message: Message) -> None:
            nonlocal received_bytes
            received_bytes += len(message.get("body", b""))

        await self.app(http_scope("GET", url), one_body(b""), send)
        return received_bytes

    async def first_chunk(self, url: str) -> float:
        start = now()
        arrivals: list[float] = []

        async def send(message: Message) -> None:
            if "body" in message:
                arrivals.append(now())

        await self.app(http_scope("GET", url), one_body(b""), send)
        return arrivals[0] - start

    def websocket(self, url: str) -> FloorSession:
        return FloorSession(self.app, url)

    async def echo(self, text: str) -> object:
        answers = self.session.answers({"type": "websocket.receive", "text": text})
        return answers[0]["text"]

    async def echo_json(self, value: object) -> object:
        text = json.dumps(value)
        return json.loads(cast("str", await self.echo(text)))

    async def ask_and_read(self, count: int) -> list[object]:
        answers = self.session.answers({"type": "websocket.receive", "text": "go"})
        return [answer["text"] for answer in answers]
