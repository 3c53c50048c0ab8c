"""The question whether a server answers, asked over its socket and never seen by the app."""

from __future__ import annotations

import secrets
import socket
import ssl
from typing import Final

from asgi_testkit.servers.calls import CallsInServer
from asgi_testkit.servers.listener import Listener
from asgi_testkit.types import ASGI3App, Receive, Scope, Send

__all__ = ("ANSWER", "answering", "ask", "new_question")

ANSWER: Final = 204


def new_question() -> str:
    """Return a path that nobody else asks for."""
    return f"/.asgi-testkit/{secrets.token_hex(8)}"


def answering(app: ASGI3App, question: str, calls: CallsInServer) -> ASGI3App:
    """Return `app`, with the answers to `question` in front of it.

    Behind `question` a slash and the name of a call ask for the end of that call; with `/now`
    behind them, for what is known of it.
    """

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or question not in scope["path"]:
            await app(scope, receive, send)
            return
        name, _, when = scope["path"].partition(question)[2].removeprefix("/").partition("/")
        if not name:
            await _respond(send, ANSWER, b"")
        else:
            end = calls.find(name) if when else await calls.wait_for(name)
            await _respond(send, 200, end.as_json())

    return call


async def _respond(send: Send, status: int, body: bytes) -> None:
    length = [] if status == ANSWER else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": length})
    await send({"type": "http.response.body", "body": body})


def ask(listener: Listener, question: str, *, tls: bool, timeout: float | None) -> int:
    """Return the status that the server answers with; 0: no HTTP/1.1 response.

    Raises:
        OSError: it does not listen, hangs up, or takes longer than `timeout`.
    """
    with listener.connect(timeout) as plain:
        if not tls:
            return _answer(plain, _request(question, listener.authority))
        with _without_checks().wrap_socket(plain) as encrypted:
            return _answer(encrypted, _request(question, listener.authority))


def _answer(connection: socket.socket, request: bytes) -> int:
    connection.sendall(request)
    with connection.makefile("rb") as answer:
        return _status(answer.readline(64))


def _request(question: str, host: str) -> bytes:
    lines = (f"GET {question} HTTP/1.1", f"Host: {host}", "Connection: close", "", "")
    return "\r\n".join(lines).encode("ascii")


def _status(line: bytes) -> int:
    if not line:
        raise ConnectionResetError("The server has closed the connection without an answer.")
    protocol, _, rest = line.partition(b" ")
    status = rest[:3]
    return int(status) if protocol.startswith(b"HTTP/1.") and status.isdigit() else 0


def _without_checks() -> ssl.SSLContext:
    """Return a context that takes any certificate: whether it is right is the test's concern."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
