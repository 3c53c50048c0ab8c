"""A small suite of exchanges with a secret in every place where one may be, and the app for it."""

from __future__ import annotations

import base64
import gzip
import json
from contextlib import suppress
from typing import Any, Final

from asgi_testkit import TestClient, WebSocketDisconnect
from asgi_testkit.types import Message, Receive, Scope, Send

__all__ = ("SECRETS", "exchange_secrets")

SECRETS: Final = {
    name: f"{name}-s3cr3t-{number:02}-9f"
    for number, name in enumerate(
        (
            *("bearer", "basic", "cookie", "set_cookie", "query", "json", "nested", "cut_json"),
            *("form", "multipart", "ndjson", "sse", "websocket", "subprotocol", "location", "url"),
            *("exception", "hint", "push", "split", "gzipped", "denial", "html", "xml"),
            *("reason", "api_key", "escaped", "link", "latin", "lifespan", "background"),
        )
    )
}
S = SECRETS
_EXTENSIONS: Final[dict[str, dict[str, Any]]] = {
    "http.response.early_hint": {},
    "http.response.push": {},
}


def _response(*bodies: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> list[Message]:
    start: Message = {"type": "http.response.start", "status": 200, "headers": headers or []}
    return [
        start,
        *(
            {"type": "http.response.body", "body": body, "more_body": at < len(bodies)}
            for at, body in enumerate(bodies, 1)
        ),
    ]


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode(), value.encode()


def _answers() -> dict[str, list[Message]]:
    split = json.dumps({"password": S["split"], "ok": True}).encode()
    middle = split.index(b"-9f")
    padding = "x" * (4096 - len('{"a": "", "client_secret": "') - 10)
    cut = json.dumps({"a": padding, "client_secret": S["cut_json"]}).encode()
    gzipped = gzip.compress(json.dumps({"token": S["gzipped"]}).encode())
    location = f"https://kim:{S['url']}@host/next?access_token={S['location']}"
    return {
        "/json": _response(
            json.dumps({"user": {"apiKey": S["nested"]}, "refresh_token": S["json"]}).encode(),
            headers=[
                _header("set-cookie", f"session={S['set_cookie']}; Path=/"),
                _header("location", location),
                _header("x-note", f"was {S['bearer']}"),
            ],
        ),
        "/split": _response(split[:middle], split[middle:]),
        "/cut": _response(cut),
        "/lines": _response(f'{{"otp": "{S["ndjson"]}"}}\n{{"a": 1}}\n'.encode()),
        "/events": _response(
            f'data: {{"secret": "{S["sse"]}"}}\n\n'.encode(), f"data: {S['query']}\n\n".encode()
        ),
        "/gzip": _response(gzipped, headers=[_header("content-encoding", "gzip")]),
        "/escaped": _response(json.dumps({"log": json.dumps({"pwd": S["escaped"]})}).encode()),
        "/html": _response(
            f'<input type="hidden" name="csrfmiddlewaretoken" value="{S["html"]}">'.encode(),
            f"<a><Password>{S['xml']}</Password></a>".encode(),
        ),
        "/latin": _response(
            f"é password={S['latin']}&a=1".encode("latin-1"),
            headers=[_header("content-type", "text/plain; charset=latin-1")],
        ),
        "/hints": [
            {
                "type": "http.response.early_hint",
                "links": [f"</a?token={S['hint']}>; rel=preload".encode()],
            },
            {"type": "http.response.push", "path": f"/a?api_key={S['push']}", "headers": []},
            *_response(f"see https://kim:{S['link']}@host/".encode()),
        ],
    }


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with secrets."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.failed", "message": f"token={S['lifespan']}"})
    elif scope["type"] == "websocket":
        await _talk(scope, receive, send)
    elif scope["path"] == "/raises":
        raise LookupError(f"no row for Session(token='{S['exception']}'), asked by {S['bearer']}")
    else:
        while (await receive())["more_body"]:
            continue
        for message in _answers().get(scope["path"], _response(_echo(scope))):
            await send(message)
        if scope["path"] == "/later":
            raise RuntimeError(f"password={S['background']}")


def _echo(scope: Scope) -> bytes:
    """Return all that came in with the head, as text: there only the values tell."""
    values = [value.decode() for _, value in scope["headers"]]
    return "\n".join(["you sent", *values, scope["query_string"].decode()]).encode()


async def _talk(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if scope["path"] == "/denied":
        body = json.dumps({"csrf_token": S["denial"]}).encode()
        await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
        await send({"type": "websocket.http.response.body", "body": body})
        return
    await send({"type": "websocket.accept", "subprotocol": scope["subprotocols"][-1]})
    message = await receive()
    await send({"type": "websocket.send", "text": message["text"]})
    await send({"type": "websocket.close", "code": 4000, "reason": f"secret={S['reason']}"})


def exchange_secrets() -> TestClient:
    """Make every exchange of the suite, and return the client that has made them."""
    client = TestClient(app, driver="inline", scope_extensions=_EXTENSIONS, strict=False)
    with suppress(Exception), client:
        basic = base64.b64encode(f"kim:{S['basic']}".encode()).decode()
        client.get("/echo", headers={"Authorization": f"Bearer {S['bearer']}"})
        client.get("/echo", headers={"Authorization": f"Basic {basic}"})
        client.get("/echo", headers={"X-Api-Key": S["api_key"], "Cookie": f"id={S['cookie']}"})
        client.get(f"/echo?page=2&access_token={S['query']}")
        client.post("/echo", json={"login": {"password": S["json"]}, "page": 2})
        client.post("/echo", data={"password": S["form"], "a": "1"})
        client.post("/echo", files={"pin": (None, S["multipart"]), "a": (None, "1")})
        for path in _answers():
            client.get(path, follow_redirects=False)
        for path in ("/raises", "/later"):
            with suppress(Exception):
                client.get(path)
        _talk_of_secrets(client)
    return client


def _talk_of_secrets(client: TestClient) -> None:
    offers = ["access_token", S["subprotocol"]]
    with client.websocket_connect("/room", subprotocols=offers) as session:
        session.send_json({"auth": {"token": S["websocket"]}, "page": 2})
        session.receive_json()
        with suppress(WebSocketDisconnect):
            session.receive_text()
    with suppress(WebSocketDisconnect), client.websocket_connect("/denied"):
        pass
