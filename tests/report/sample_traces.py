"""Traces to look at: written by hand, in the shape that `trace_of` gives."""

from __future__ import annotations

import base64
import json
from typing import Any

# Traces are read by a page, not by Python: their parts are plain dictionaries here.
Part = dict[str, Any]

JSON_TYPE = [["content-type", "application/json"]]


def trace(*exchanges: Part, error: str = "", outcome: str = "failed") -> Part:
    """Return a trace of these exchanges, numbered."""
    for number, exchange in enumerate(exchanges, start=1):
        exchange["number"] = number
    return {
        "format": "asgi-testkit trace",
        "version": 1,
        "title": "tests/test_orders.py::test_an_order_is_taken",
        "outcome": outcome,
        "error": error,
        "exchanges": list(exchanges),
    }


def message(at: float, actor: str, act: str, **more: Any) -> Part:
    """Return an entry."""
    nothing = {"size": None, "more": False, "status": None, "headers": None, "body": None}
    rest = {"background": False, "text": ""}
    return {"at": at, "actor": actor, "act": act, **nothing, **rest, **more}


def text(content: str, *, cut: bool = False) -> Part:
    return {"kind": "text", "text": content, "base64": "", "cut": cut}


def document(value: object) -> Part:
    return {"kind": "json", "text": json.dumps(value), "base64": "", "cut": False}


def binary(content: bytes) -> Part:
    coded = base64.b64encode(content).decode()
    return {"kind": "bytes", "text": "", "base64": coded, "cut": False}


def exchange(title: str, *entries: Part, began: float = 0.0, **more: Any) -> Part:
    """Return an HTTP exchange that ends with its last entry."""
    method, _, target = title.partition(" ")
    status = next((entry["status"] for entry in entries if entry["status"] is not None), None)
    return {
        "number": 1,
        "kind": "http",
        "client": "client 1",
        "title": title,
        "method": method,
        "target": target,
        "http_version": "1.1",
        "scheme": "http",
        "request_headers": [["host", "testserver"], ["user-agent", "testclient"]],
        "called_from": None,
        "began": began,
        "ended": entries[-1]["at"] if entries else began,
        "status": status,
        "close_code": None,
        "raised": None,
        "dropped": 0,
        "gap": None,
        "curl": "",
        "entries": list(entries),
        **more,
    }


def answered(title: str, began: float, body: Part, *, status: int = 200, **more: Any) -> Part:
    """Return an exchange with a whole answer, which took 40 ms."""
    size = len(body["text"]) or len(base64.b64decode(body["base64"]))
    start = {"status": status, "headers": [*JSON_TYPE, ["content-length", str(size)]]}
    return exchange(
        title,
        message(began + 0.001, "client", "http.request", size=0),
        message(began + 0.038, "app", "http.response.start", **start),
        message(began + 0.039, "app", "http.response.body", size=size, body=body),
        message(began + 0.040, "app", "returned"),
        began=began,
        **more,
    )


def startup() -> Part:
    """Return a lifespan that is still running."""
    return exchange(
        "lifespan",
        message(0.001, "client", "lifespan.startup"),
        message(0.118, "app", "lifespan.startup.complete"),
        kind="lifespan",
        request_headers=[],
        ended=None,
    )


def failing_order(began: float) -> Part:
    """Return an order that the app answers with an exception, 0.6 s later."""
    order = {
        "item": 7,
        "count": 2,
        "card": "(hidden)",
        "note": "</script><script>alert(1)</script>",
    }
    called = {
        "file": "tests/test_orders.py",
        "line": 31,
        "function": "test_an_order_is_taken",
        "text": 'client.post("/orders?notify=yes", json=order)',
    }
    raised = {
        "text": "LookupError('no stock for item 7')",
        "rule": "",
        "place": "shop/orders.py:48",
    }
    return exchange(
        "POST /orders?notify=yes",
        message(began + 0.001, "client", "http.request", size=92, body=document(order)),
        message(began + 0.612, "app", "raised", text=raised["text"]),
        began=began,
        request_headers=[
            ["host", "testserver"],
            ["content-type", "application/json"],
            ["content-length", "92"],
            ["authorization", "(hidden)"],
            ["accept", "*/*"],
            ["user-agent", "testclient"],
        ],
        called_from=called,
        raised=raised,
        curl="curl -X POST 'http://testserver/orders?notify=yes' \\\n"
        "  -H 'content-type: application/json' -H 'authorization: (hidden)' \\\n"
        '  --data \'{"item": 7, "count": 2}\'',
    )


def chat(began: float) -> Part:
    """Return a WebSocket of a second client, with text, JSON and bytes, closed by the app."""
    words = [
        message(began, "client", "websocket.connect"),
        message(began + 0.02, "app", "websocket.accept", text="subprotocol v1", headers=[]),
        message(began + 0.1, "client", "websocket.receive", size=5, body=text("hello")),
        message(began + 0.12, "app", "websocket.send", size=16, body=document({"heard": "hello"})),
        message(began + 0.4, "client", "websocket.receive", size=48, body=binary(bytes(range(48)))),
        message(began + 0.41, "app", "websocket.send", size=3, body=binary(b"\x00\xff!")),
        message(began + 0.9, "app", "websocket.close", text="4001 too late"),
        message(began + 0.901, "app", "returned"),
    ]
    return exchange(
        "WebSocket /stock",
        *words,
        began=began,
        kind="websocket",
        client="client 2",
        close_code=4001,
    )


def background_mail(began: float) -> Part:
    """Return a request whose app goes on for 0.3 s after its answer."""
    sent = answered("POST /mails", began, document({"queued": True}), status=202)
    sent["entries"][-1:] = [message(began + 0.34, "app", "returned")]
    return {**sent, "ended": began + 0.34}


def shop() -> Part:
    """Return what a failed test of a shop has left: every kind of exchange."""
    return trace(
        startup(),
        answered("POST /login", 0.12, document({"token": "(hidden)", "user": {"id": 1}})),
        answered("GET /items?page=1", 0.17, document({"items": [{"id": 7, "price": 9.5}] * 3})),
        chat(0.21),
        background_mail(0.3),
        answered("GET /items/99", 0.36, document({"detail": "Not Found"}), status=404),
        failing_order(0.45),
        answered("GET /health", 1.07, document({"ok": True, "big": 12345678901234567890})),
        error="LookupError: no stock for item 7",
    )


def many(count: int, *, each: int = 100) -> Part:
    """Return exchanges that hold `count` messages in all, `each` in one."""
    long = [_stream(number, each) for number in range(count // each)]
    return trace(*long, error="AssertionError: assert 1 == 2")


def _stream(number: int, length: int) -> Part:
    began = number * 0.02
    pieces = [
        message(
            began + 0.002 + at * 0.0005,
            "app",
            "http.response.body",
            size=64,
            more=at < length - 4,
            body=document({"line": at, "of": number, "text": "a line of text in each message"}),
        )
        for at in range(length - 3)
    ]
    return exchange(
        f"GET /lines/{number}",
        message(began + 0.001, "client", "http.request", size=0),
        message(began + 0.0015, "app", "http.response.start", status=200, headers=JSON_TYPE),
        *pieces,
        message(pieces[-1]["at"] + 0.0005, "app", "returned"),
        began=began,
        client=f"client {number % 2 + 1}",
    )
