"""The peers that are no clients: asgiref's communicator, and Falcon's one call per request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, Self

from bench.floor import http_scope, websocket_scope
from bench.peer import (
    BUFFERS,
    WEBSOCKET_SCENARIOS,
    AsyncPeer,
    BlockingPeer,
    FullReply,
    Reply,
    module,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from bench.apps import App

__all__ = ("RAW_PEERS",)

NO_LIFESPAN = "runs no lifespan by itself"
EVERY_CALL = "runs the lifespan at every call"


class CommunicatorSession:
    """One WebSocket of asgiref's communicator, as Django's and Channels' users write it."""

    def __init__(self, app: App, path: str) -> None:
        self.communicator = new_communicator(app, websocket_scope(path))

    async def __aenter__(self) -> Self:
        await self.communicator.send_input({"type": "websocket.connect"})
        answer = await self.communicator.receive_output()
        if answer["type"] != "websocket.accept":
            raise RuntimeError(f"The app answered {answer!r}.")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.communicator.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.communicator.wait()

    async def send_text(self, text: str) -> None:
        """Send one text message."""
        await self.communicator.send_input({"type": "websocket.receive", "text": text})

    async def receive_text(self) -> object:
        """Return the next text message."""
        return (await self.communicator.receive_output())["text"]

    async def send_json(self, value: object) -> None:
        """Send one value as JSON."""
        await self.send_text(json.dumps(value))

    async def receive_json(self) -> object:
        """Return the next message's value."""
        return json.loads(str(await self.receive_text()))


class Communicator(AsyncPeer):
    """asgiref's communicator: the app in a task, a queue each way, messages written by hand."""

    key = "asgiref"
    title = "asgiref ApplicationCommunicator"
    distribution = "asgiref"
    modules = ("asgiref",)
    statement = "from asgiref.testing import ApplicationCommunicator"
    is_client = False
    lacks = "requests, responses, cookies, lifespan: it passes messages on"
    cannot: ClassVar[Mapping[str, str]] = {
        "get_cookie": "keeps no cookies",
        "start_stop": NO_LIFESPAN,
        "whole_test": NO_LIFESPAN,
        "construct": "one object per request",
        "first_chunk": "nothing to stream with",
        "stream": "nothing to stream with",
    }

    app: App

    async def open(self, app: App) -> None:
        self.app = app

    async def close(self) -> None:
        pass

    async def call(self, method: str, url: str, body: bytes = b"") -> list[Any]:
        """Pass one request on and return the two messages of the answer."""
        communicator = new_communicator(self.app, http_scope(method, url))
        await communicator.send_input({"type": "http.request", "body": body})
        sent = [await communicator.receive_output() for _ in range(2)]
        await communicator.wait()
        return sent

    async def get(self, url: str) -> Reply:
        return await self.upload(url, b"", method="GET")

    async def get_and_read(self, url: str) -> FullReply:
        start, last = await self.call("GET", url)
        text = last["body"].decode()
        media_type = dict(start["headers"])[b"content-type"].decode()
        return FullReply(start["status"], media_type, text, json.loads(text))

    async def post_json(self, url: str, payload: object) -> Reply:
        return await self.upload(url, json.dumps(payload).encode())

    async def upload(self, url: str, body: bytes, *, method: str = "POST") -> Reply:
        start, last = await self.call(method, url, body)
        return Reply(start["status"], last["body"])

    def websocket(self, url: str) -> CommunicatorSession:
        return CommunicatorSession(self.app, url)


class Falcon(BlockingPeer):
    """Falcon's test function: a new loop run and a lifespan for each call."""

    key = "falcon"
    title = "Falcon simulate_request"
    distribution = "falcon"
    modules = ("falcon",)
    statement = "from falcon.testing import simulate_request"
    lacks = "cookies, streaming, one lifespan for several calls"
    cannot: ClassVar[Mapping[str, str]] = {
        "get_cookie": "keeps no cookies",
        "start_stop": EVERY_CALL,
        "whole_test": EVERY_CALL,
        "construct": "a function, not a client",
        "stream": BUFFERS,
        "first_chunk": BUFFERS,
        **dict.fromkeys(WEBSOCKET_SCENARIOS, "this function knows no WebSocket"),
    }

    app: App

    def open(self, app: App) -> None:
        self.app = app

    def close(self) -> None:
        pass

    def call(self, method: str, url: str, **options: Any) -> Any:
        """Send one request and return Falcon's result."""
        return module("falcon.testing").simulate_request(self.app, method, url, **options)

    def get(self, url: str) -> Reply:
        result = self.call("GET", url)
        return Reply(result.status_code, result.content)

    def get_and_read(self, url: str) -> FullReply:
        result = self.call("GET", url)
        media_type = result.headers["content-type"]
        return FullReply(result.status_code, media_type, result.text, result.json)

    def post_json(self, url: str, payload: object) -> Reply:
        result = self.call("POST", url, json=payload)
        return Reply(result.status_code, result.content)

    def upload(self, url: str, body: bytes) -> Reply:
        result = self.call("POST", url, body=body)
        return Reply(result.status_code, result.content)


def new_communicator(app: App, scope: object) -> Any:
    """Construct the communicator of one scope."""
    return module("asgiref.testing").ApplicationCommunicator(app, scope)


RAW_PEERS = (Communicator, Falcon)
