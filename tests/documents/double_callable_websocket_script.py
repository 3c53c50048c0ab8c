"""A script: WebSocket apps of the double-callable form on Starlette 0.8.8, and our client.

Started by `test_double_callable_websockets.py` with the names of a driver and of the module whose
client is meant, in a process where that old version comes first in the path. Prints what each check
returned, or the error it ended with.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import starlette
import starlette.websockets
from starlette.websockets import WebSocket

from asgi_testkit import Disconnect

DRIVER: Any = sys.argv[1]
TestClient: Any = import_module(sys.argv[2]).TestClient


def open_client(app: Any, **options: Any) -> Any:
    return TestClient(app, driver=DRIVER, **options)


class App:
    """The first document's app."""

    def __init__(self, scope: Any) -> None:
        assert scope["type"] == "websocket"
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        websocket: Any = WebSocket(self.scope, receive=receive, send=send)
        await websocket.accept()
        await websocket.send_text("Hello, world!")
        await websocket.close()


class Conversation(App):
    """A base for apps that accept and talk."""

    async def __call__(self, receive: Any, send: Any) -> None:
        websocket = WebSocket(self.scope, receive=receive, send=send)
        await websocket.accept()
        await self.talk(websocket)

    async def talk(self, websocket: Any) -> None:
        raise NotImplementedError


class Echo(Conversation):
    """Sends back one message, read and sent by the method that the path names."""

    async def talk(self, websocket: Any) -> None:
        kind = self.scope["path"].strip("/")
        data = await getattr(websocket, f"receive_{kind}")()
        await getattr(websocket, f"send_{kind}")(data)
        await websocket.close()


class Headers(Conversation):
    """Shows what the handshake has brought."""

    async def talk(self, websocket: Any) -> None:
        names = ("authorization", "cookie", "x-own", "sec-websocket-protocol")
        shown = {name: websocket.headers.get(name) for name in names}
        await websocket.send_text(json.dumps({**shown, "query": dict(websocket.query_params)}))
        await websocket.close()


class Subprotocol(App):
    async def __call__(self, receive: Any, send: Any) -> None:
        websocket: Any = WebSocket(self.scope, receive=receive, send=send)
        await websocket.accept(subprotocol=self.scope["subprotocols"][-1])
        await websocket.close()


class Refusing(App):
    async def __call__(self, receive: Any, send: Any) -> None:
        await receive()
        refusal: Any = starlette.websockets.WebSocketClose(4403)
        await refusal(receive, send)


class Leaving(Conversation):
    async def talk(self, websocket: Any) -> None:
        await websocket.close(4001)


class Broken(Conversation):
    async def talk(self, websocket: Any) -> None:
        raise LookupError("no such shelf")


class Listening(Conversation):
    """Notes how its client has closed."""

    codes: list[int]

    async def talk(self, websocket: Any) -> None:
        message = await websocket.receive()
        type(self).codes.append(message["code"])


def document() -> Any:
    client = open_client(App)
    with client.websocket_connect("/") as websocket:
        return websocket.receive_text()


def in_a_with_block() -> Any:
    class WithLifespan(App):
        def __init__(self, scope: Any) -> None:
            self.scope = scope
            assert scope["type"] == "websocket", "no lifespan here"

    with open_client(WithLifespan) as client, client.websocket_connect("/") as websocket:
        return websocket.receive_text()


def text() -> Any:
    with open_client(Echo).websocket_connect("/text") as websocket:
        websocket.send_text("hello")
        return websocket.receive_text()


def bytes_() -> Any:
    with open_client(Echo).websocket_connect("/bytes") as websocket:
        websocket.send_bytes(b"hello")
        return websocket.receive_bytes().decode()


def json_() -> Any:
    with open_client(Echo).websocket_connect("/json") as websocket:
        websocket.send_json({"a": [1, None]})
        return websocket.receive_json()


def json_in_binary_messages() -> Any:
    with open_client(Echo).websocket_connect("/json") as websocket:
        websocket.send_json({"a": [1, None]}, mode="binary")
        return websocket.receive_json(mode="binary")


def authentication_and_headers() -> Any:
    client = open_client(Headers, cookies={"a": "1"})
    options: Any = {"auth": ("ada", "secret"), "headers": {"X-Own": "1"}, "params": {"b": "2"}}
    with client.websocket_connect("/", ["chat"], **options) as websocket:
        return json.loads(websocket.receive_text())


def subprotocols() -> Any:
    with open_client(Subprotocol).websocket_connect("/", subprotocols=["a", "b"]) as websocket:
        return websocket.accepted_subprotocol


def not_accepted() -> Any:
    try:
        with open_client(Refusing).websocket_connect("/"):
            raise AssertionError("entered")
    except Disconnect as disconnect:
        return disconnect.code


def not_accepted_by_starlettes_name() -> Any:
    try:
        with open_client(Refusing).websocket_connect("/"):
            raise AssertionError("entered")
    except starlette.websockets.WebSocketDisconnect as disconnect:
        return disconnect.code


def closed_by_the_app() -> Any:
    codes = []
    with open_client(Leaving).websocket_connect("/") as websocket:
        for receive in (websocket.receive_text, websocket.receive_bytes, websocket.receive_json):
            try:
                receive()
            except Disconnect as disconnect:
                codes.append(disconnect.code)
    return codes


def closed_by_the_client() -> Any:
    Listening.codes = []
    for arguments in ((), (1001,)):
        with open_client(Listening).websocket_connect("/") as websocket:
            websocket.close(*arguments)
    with open_client(Listening).websocket_connect("/") as websocket:
        websocket.close(code=4002)
    with open_client(Listening).websocket_connect("/"):
        pass
    return Listening.codes


def exception() -> Any:
    try:
        with open_client(Broken).websocket_connect("/") as websocket:
            websocket.receive_text()
    except LookupError as error:
        return [type(error).__name__, *error.args]
    raise AssertionError("the app's exception was lost")


def exception_nobody_waited_for() -> Any:
    try:
        with open_client(Broken).websocket_connect("/"):
            pass
    except LookupError as error:
        return [type(error).__name__, *error.args]
    raise AssertionError("the app's exception was lost")


CHECKS: tuple[Callable[[], Any], ...] = (
    document,
    in_a_with_block,
    text,
    bytes_,
    json_,
    json_in_binary_messages,
    authentication_and_headers,
    subprotocols,
    not_accepted,
    not_accepted_by_starlettes_name,
    closed_by_the_app,
    closed_by_the_client,
    exception,
    exception_nobody_waited_for,
)


def result(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    results = {check.__name__: result(check) for check in CHECKS}
    print(json.dumps({"starlette": starlette.__version__, **results}))
