"""Apps for what an HTTP client library can do: one answers with all that it has got, as JSON.

Bytes are shown as latin-1 text, in which every byte is one character.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from email import message_from_bytes
from email.message import Message as Mail
from itertools import count
from typing import Any

import anyio

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App, Headers, answer, end, http_app, piece, read_body, start

JSON = (b"content-type", b"application/json")
NONCE = "b1f0"
REALM = "shop"


def shown(scope: Scope, body: bytes) -> bytes:
    seen: dict[str, Any] = {
        "method": scope["method"],
        "path": scope["path"],
        "raw_path": scope["raw_path"].decode("latin-1"),
        "query": scope["query_string"].decode("latin-1"),
        "headers": [[n.decode("latin-1"), v.decode("latin-1")] for n, v in scope["headers"]],
        "body": body.decode("latin-1"),
    }
    wire = ("scheme", "root_path", "server", "client", "http_version", "state", "user")
    seen |= {key: scope[key] for key in wire if key in scope}
    return json.dumps(seen).encode()


@http_app
async def mirror(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, shown(scope, await read_body(receive)), headers=[JSON])


def header_values(seen: Mapping[str, Any], name: str) -> list[str]:
    """Return the values of a header that the app has got, as the mirror shows it."""
    return [value for header, value in seen["headers"] if header == name]


def replies(status: int = 200, headers: Headers = (), body: bytes = b"") -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive)
        await answer(send, body, status, headers)

    return app


def routes(table: Mapping[str, App], fallback: App = mirror) -> App:
    """Return an app that calls the one at the request's path, or the mirror."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await table.get(scope["path"], fallback)(scope, receive, send)

    return app


def redirects(status: int, location: bytes) -> App:
    return replies(status, [(b"location", location)], b"moved")


def logs_requests(log: list[str], app: App) -> App:
    """Note method and raw path of each request before `app` takes it."""

    @http_app
    async def logging_app(scope: Scope, receive: Receive, send: Send) -> None:
        log.append(f"{scope['method']} {scope['raw_path'].decode('latin-1')}")
        await app(scope, receive, send)

    return logging_app


def sends_pieces(*pieces: bytes, content_type: bytes = b"text/plain; charset=utf-8") -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200, [(b"content-type", content_type)])
        for body in pieces:
            await piece(send, body)
        await end(send)

    return app


def endless_events(log: list[str]) -> App:
    """Send numbered events until the client has left."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200, [(b"content-type", b"text/event-stream")])
        await read_body(receive)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_send_events, send)
            log.append((await receive())["type"])
            tasks.cancel_scope.cancel()

    return app


async def _send_events(send: Send) -> None:
    for number in count():
        await piece(send, f"event: tick\nid: {number}\ndata: {number}\n\n".encode())
        await anyio.sleep(0)


@http_app
async def digest_guarded(scope: Scope, receive: Receive, send: Send) -> None:
    """Let `ann` with the password `secret` in, by digest."""
    body = await read_body(receive)
    given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    if is_anns_digest(given, scope["method"]):
        await answer(send, shown(scope, body), headers=[JSON])
    else:
        challenge = f'Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5'.encode()
        await answer(send, b"who?", 401, [(b"www-authenticate", challenge)])


def is_anns_digest(authorization: str, method: str) -> bool:
    fields = dict(
        field.strip().split("=", 1)
        for field in authorization.removeprefix("Digest ").split(", ")
        if "=" in field
    )
    values = {name: value.strip('"') for name, value in fields.items()}
    ann = _md5(f"ann:{REALM}:secret")
    asked = _md5(f"{method}:{values.get('uri')}")
    return values.get("response") == _md5(f"{ann}:{NONCE}:{asked}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@http_app
async def with_trailers(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [], "trailers": True})
    await end(send, b"whole")
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"5")]})


@http_app
async def with_debug(scope: Scope, receive: Receive, send: Send) -> None:
    info = {"template": "page.html", "context": {"user": "ann"}}
    await send({"type": "http.response.debug", "info": info})
    await answer(send, b"page")


def multipart_parts(seen: Mapping[str, Any]) -> list[tuple[str | None, str | None, bytes]]:
    """Return name, file name and content of each part of a multipart body the mirror shows."""
    (content_type,) = header_values(seen, "content-type")
    head = f"content-type: {content_type}\n\n".encode("latin-1")
    mail: Mail = message_from_bytes(head + seen["body"].encode("latin-1"))
    return [_part(part) for part in mail.walk() if not part.is_multipart()]


def _part(part: Mail) -> tuple[str | None, str | None, bytes]:
    name = part.get_param("name", header="content-disposition")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return str(name), part.get_filename(), payload
