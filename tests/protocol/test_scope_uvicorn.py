"""Our scopes beside those of a real uvicorn that is sent the same bytes over loopback."""

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

from asgi_testkit import TestClient

Pairs = list[tuple[bytes, bytes]]

HOST = b"example.org"

# With these, httpx2 says that there is no body.
WITH_LENGTH = ("POST", "PUT", "PATCH", "QUERY")

# Headers that every httpx2 client adds, and that the raw requests do not have.
ADDED = {b"accept", b"accept-encoding", b"connection", b"user-agent"}

# Where uvicorn differs by design; each key is left out of the comparison. `root_path` is empty
# throughout, since uvicorn alone puts it in front of `path`.
NOT_COMPARED = {
    "client": "an address of loopback, ours is a name",
    "server": "an address of loopback, ours is the URL's",
    "extensions": "uvicorn offers none over HTTP/1.1; we offer what tests can look at",
}


class Recorder:
    """An app that keeps the scopes it is called with and answers 204."""

    def __init__(self) -> None:
        self.scopes: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        self.scopes.put(scope)


class Server:
    """A uvicorn in a thread, and the app that it serves."""

    def __init__(self) -> None:
        self.app = Recorder()
        self._socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            self.app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()

    def exchange(self, request: bytes) -> bytes:
        """Send the bytes of a request; return what comes until the headers' end."""
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
class Request:
    """A request that can be said in raw bytes and through a client."""

    target: bytes = b"/"
    method: str = "GET"
    host: bytes | None = HOST
    headers: Pairs = field(default_factory=list)
    body: bytes = b""
    pieces: list[bytes] | None = None
    http_version: str = "1.1"

    def as_bytes(self) -> bytes:
        lines = [b"%s %s HTTP/%s" % (self.method.encode(), self.target, self.http_version.encode())]
        lines += [b"Host: " + self.host] if self.host is not None else []
        lines += [b"%s: %s" % pair for pair in self.headers]
        body = self.body
        if self.pieces is not None:
            lines.append(b"Transfer-Encoding: chunked")
            body = b"".join(b"%x\r\n%s\r\n" % (len(it), it) for it in [*self.pieces, b""])
        elif body or self.method in WITH_LENGTH:
            lines.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join([*lines, b"", body])

    def through(self, app: Recorder) -> None:
        client = TestClient(app, f"http://{HOST.decode()}", http_version=self.http_version)
        host = [(b"Host", self.host)] if self.host not in (None, HOST) else []
        request = client.build_request(
            self.method,
            "/",
            headers=httpx2.Headers([*host, *self.headers]),
            content=iter(self.pieces) if self.pieces is not None else self.body,
            extensions={"target": self.target},
        )
        if self.host is None:
            del request.headers["host"]
        client.send(request, follow_redirects=False)
        client.close()


def comparable(scope: dict[str, Any]) -> dict[str, Any]:
    """Return what is compared of a scope."""
    headers = [(name, value) for name, value in scope["headers"] if name not in ADDED]
    kept = {key: value for key, value in scope.items() if key not in NOT_COMPARED}
    return {**kept, "headers": headers}


def both_scopes(server: Server, request: Request) -> list[dict[str, Any]]:
    """Return uvicorn's scope of a request, and ours."""
    answer = server.exchange(request.as_bytes())
    assert answer.startswith(b"HTTP/1.1 204 "), answer
    ours = Recorder()
    request.through(ours)
    return [comparable(app.scopes.get(timeout=5)) for app in (server.app, ours)]


TARGETS = [
    b"/", b"/a", b"/a/", b"/a/b/c", b"//x", b"/a//b", b"/a/./b", b"/a/../b", b"/../a",
    b"/a%2Fb", b"/a%2fb", b"/a%252Fb", b"/a%20b", b"/caf%C3%A9", b"/caf%c3%a9", b"/caf%E9",
    b"/%2e%2e/a", b"/a%00b", b"/a%zz", b"/a%2", b"/a%", b"/a;p=1", b"/a+b", b"/a:b", b"/a@b",
    b"/a~b", b"/a|b", b"/a\\b", b"/[a]", b"/a^b`c{d}", b"/a<b>", b'/a"b', b"/!$&'()*,=",
    b"/" + b"x" * 4000, b"*", b"path", b"http://example.org/abs", b"http://example.org",
    b"/a#frag", b"/?", b"/a?", b"/a?b=1", b"/a?b=1&b=2", b"/a?b?c", b"/a?b=%20+c", b"/a?b=%C3%A9",
    b"/a?%zz", b"/a?b=[1]|{2}", b"/a?b=/c/../d", b"/a?b=c;d", b"/a?=&&=", b"/a?" + b"q" * 4000,
    b"/a%3Fb?c=%3F",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target[:24].decode())
def test_a_target_gives_the_scope_that_uvicorn_gives(server: Server, target: bytes) -> None:
    theirs, ours = both_scopes(server, Request(target))

    assert ours == theirs


@pytest.mark.parametrize(
    "method",
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE", "QUERY"],
)
def test_a_method_gives_the_scope_that_uvicorn_gives(server: Server, method: str) -> None:
    theirs, ours = both_scopes(server, Request(method=method))

    assert ours == theirs


HEADERS: dict[str, Pairs] = {
    "case": [(b"X-Mixed-CASE", b"V")],
    "repeated": [(b"x-dup", b"1"), (b"x-other", b"o"), (b"x-dup", b"2"), (b"X-Dup", b"1")],
    "comma": [(b"x-list", b"a, b,c")],
    "empty": [(b"x-empty", b"")],
    "padded": [(b"x-pad", b"  two  words  ")],
    "tab": [(b"x-tab", b"a\tb")],
    "latin-1": [(b"x-lat", b"caf\xe9")],
    "utf-8": [(b"x-utf", "café".encode())],
    "underscore": [(b"x_under", b"1")],
    "two cookies": [(b"cookie", b"a=1"), (b"cookie", b"b=2")],
    "script name": [(b"script-name", b"/sn"), (b"daphne-root-path", b"/rp")],
    "long": [(b"x-long", b"x" * 8000)],
    "many": [(b"x-n%d" % number, b"%d" % number) for number in range(100)],
    "authorization": [(b"authorization", b"Basic YTpi")],
    "if-none-match": [(b"if-none-match", b'W/"1", "2"')],
    "range": [(b"range", b"bytes=0-1,-2")],
    "te": [(b"te", b"trailers")],
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_headers_give_the_scope_that_uvicorn_gives(server: Server, headers: Pairs) -> None:
    theirs, ours = both_scopes(server, Request(headers=headers))

    assert ours == theirs


@pytest.mark.parametrize("host", [b"example.org:8080", b"EXAMPLE.ORG", b"[::1]:80", b""])
def test_a_host_gives_the_scope_that_uvicorn_gives(server: Server, host: bytes) -> None:
    theirs, ours = both_scopes(server, Request(host=host))

    assert ours == theirs


BODIES = {
    "none": Request(method="POST"),
    "bytes": Request(method="POST", body=b"hello"),
    "bytes of a GET": Request(body=b"hello"),
    "typed": Request(method="PUT", headers=[(b"Content-Type", b"text/plain")], body=b"hello"),
    "chunked": Request(method="POST", pieces=[b"he", b"llo"]),
    "chunked and empty": Request(method="POST", pieces=[]),
}


@pytest.mark.parametrize("request_", BODIES.values(), ids=BODIES)
def test_a_body_gives_the_scope_that_uvicorn_gives(server: Server, request_: Request) -> None:
    theirs, ours = both_scopes(server, request_)

    assert ours == theirs


@pytest.mark.parametrize("host", [HOST, None], ids=["with host", "without"])
def test_http_1_0_gives_the_scope_that_uvicorn_gives(server: Server, host: bytes | None) -> None:
    theirs, ours = both_scopes(server, Request(host=host, http_version="1.0"))

    assert ours == theirs


# -- where the two differ, and why --------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "Brew"])
def test_httpx2_makes_methods_upper_case_where_uvicorn_keeps_them(
    server: Server, method: str
) -> None:
    theirs, ours = both_scopes(server, Request(method=method))

    assert (theirs["method"], ours["method"]) == (method, method.upper())
    assert {**ours, "method": method} == theirs


def test_uvicorn_trusts_forwarded_headers_of_loopback_and_we_keep_the_urls_scheme(
    server: Server,
) -> None:
    headers = [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"10.0.0.1")]

    theirs, ours = both_scopes(server, Request(headers=headers))

    assert (theirs["scheme"], ours["scheme"]) == ("https", "http")
    assert {**ours, "scheme": "https"} == theirs
