"""Our WebSocket scopes beside those of a real uvicorn that is sent the same bytes over loopback."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
import uvicorn

from asgi_testkit import TestClient, WebSocketDisconnect
from tests.protocol.test_scope_uvicorn import ADDED, HEADERS, HOST, TARGETS, Pairs

HANDSHAKE: Pairs = [
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Key", b"AAAAAAAAAAAAAAAAAAAAAA=="),
    (b"Sec-WebSocket-Version", b"13"),
]

# Where the two differ by design; each key is left out of the comparison.
NOT_COMPARED = {
    "client": "an address of loopback, ours is a name",
    "server": "an address of loopback, ours is the URL's",
}

# The handshake's own headers, and those that httpx2 adds; compared as a set of names below.
OF_THE_HANDSHAKE = {name.lower() for name, _value in HANDSHAKE}
NOT_COMPARED_HEADERS = ADDED | OF_THE_HANDSHAKE


class Recorder:
    """An app that keeps the scopes it is called with and rejects every WebSocket."""

    def __init__(self) -> None:
        self.scopes: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.close"})
        self.scopes.put(scope)


class Server:
    """A uvicorn in a thread, and the app that it serves."""

    def __init__(self) -> None:
        self.app = Recorder()
        self._socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            self.app,
            http="h11",
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()

    def exchange(self, request: bytes) -> bytes:
        """Send the bytes of a handshake; return what comes until the headers' end."""
        with socket.create_connection(self._socket.getsockname(), timeout=5) as line:
            line.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer and (piece := line.recv(4096)):
                answer += piece
        return answer

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@dataclass(frozen=True)
class Handshake:
    """A handshake that can be said in raw bytes and through a client."""

    target: bytes = b"/"
    host: bytes = HOST
    headers: Pairs = field(default_factory=list)

    def as_bytes(self) -> bytes:
        pairs = [(b"Host", self.host), *HANDSHAKE, *self.headers]
        lines = [b"GET %s HTTP/1.1" % self.target, *(b"%s: %s" % pair for pair in pairs)]
        return b"\r\n".join([*lines, b"", b""])

    def through(self, app: Recorder) -> None:
        client = TestClient(app, f"http://{HOST.decode()}")
        host = [(b"Host", self.host)] if self.host != HOST else []
        session = client.websocket_connect(
            "/",
            headers=httpx2.Headers([*host, *self.headers]),
            extensions={"target": self.target},
        )
        with pytest.raises(WebSocketDisconnect, match="HTTP 403"):
            session.__enter__()
        client.close()


def comparable(scope: dict[str, Any]) -> dict[str, Any]:
    """Return what is compared of a scope."""
    headers = [pair for pair in scope["headers"] if pair[0] not in NOT_COMPARED_HEADERS]
    kept = {key: value for key, value in scope.items() if key not in NOT_COMPARED}
    return {**kept, "headers": headers}


def whole_scopes(server: Server, handshake: Handshake) -> list[dict[str, Any]]:
    """Return uvicorn's scope of a handshake, and ours."""
    answer = server.exchange(handshake.as_bytes())
    assert answer.startswith(b"HTTP/1.1 403 "), answer
    ours = Recorder()
    handshake.through(ours)
    return [app.scopes.get(timeout=5) for app in (server.app, ours)]


def both_scopes(server: Server, handshake: Handshake) -> list[dict[str, Any]]:
    return [comparable(scope) for scope in whole_scopes(server, handshake)]


def test_both_scopes_have_the_same_keys_of_the_same_types(server: Server) -> None:
    theirs, ours = whole_scopes(server, Handshake())

    assert {key: type(value) for key, value in ours.items()} == {
        key: type(value) for key, value in theirs.items()
    }


def test_the_handshakes_own_headers_are_there(server: Server) -> None:
    names = [
        {name for name, _value in scope["headers"]} & OF_THE_HANDSHAKE
        for scope in whole_scopes(server, Handshake())
    ]

    assert names == [OF_THE_HANDSHAKE, OF_THE_HANDSHAKE]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target[:24].decode())
def test_a_target_gives_the_scope_that_uvicorn_gives(server: Server, target: bytes) -> None:
    theirs, ours = both_scopes(server, Handshake(target))

    assert ours == theirs


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_headers_give_the_scope_that_uvicorn_gives(server: Server, headers: Pairs) -> None:
    theirs, ours = both_scopes(server, Handshake(headers=headers))

    assert ours == theirs


@pytest.mark.parametrize("host", [b"example.org:8080", b"EXAMPLE.ORG", b"[::1]:80"])
def test_a_host_gives_the_scope_that_uvicorn_gives(server: Server, host: bytes) -> None:
    theirs, ours = both_scopes(server, Handshake(host=host))

    assert ours == theirs


@pytest.mark.parametrize(
    "offers",
    [
        [b"chat"],
        [b"chat, superchat"],
        [b"chat,superchat ,\tv2.chat"],
        [b"chat", b"superchat"],
        [b"Chat, chat"],
    ],
    ids=repr,
)
def test_subprotocols_give_the_scope_that_uvicorn_gives(
    server: Server, offers: list[bytes]
) -> None:
    headers = [(b"Sec-WebSocket-Protocol", offer) for offer in offers]

    theirs, ours = both_scopes(server, Handshake(headers=headers))

    assert ours == theirs


@pytest.mark.parametrize("subprotocols", [["chat"], ["chat", "superchat"], None, []])
def test_offered_subprotocols_give_the_scope_of_their_header(
    server: Server, subprotocols: list[str] | None
) -> None:
    header = (b"Sec-WebSocket-Protocol", ", ".join(subprotocols or ()).encode())
    server.exchange(Handshake(headers=[header] if subprotocols else []).as_bytes())
    ours = Recorder()
    client = TestClient(ours, f"http://{HOST.decode()}")

    with pytest.raises(WebSocketDisconnect, match="HTTP 403"):
        client.websocket_connect("/", subprotocols).__enter__()

    theirs = server.app.scopes.get(timeout=5)
    assert comparable(ours.scopes.get(timeout=5)) == comparable(theirs)


# -- where the two differ, and why --------------------------------------------------------


def test_uvicorn_counts_an_empty_offer_as_a_subprotocol(server: Server) -> None:
    headers = [(b"Sec-WebSocket-Protocol", b"chat,,superchat")]

    theirs, ours = both_scopes(server, Handshake(headers=headers))

    assert theirs["subprotocols"] == ["chat", "", "superchat"]
    assert ours == {**theirs, "subprotocols": ["chat", "superchat"]}
