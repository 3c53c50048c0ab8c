"""The trace: the dictionary that pages, texts and files are made of."""

from __future__ import annotations

import asyncio
import gc
import json
import time
import weakref

import httpx2
import pytest

from asgi_testkit import ASGITransport, AsyncTestClient, SyncASGITransport, TestClient
from asgi_testkit.client.recent import RECENT
from asgi_testkit.report.archive import FIRST_LINE, archived_tests, line_of
from asgi_testkit.report.kept import keep
from asgi_testkit.report.trace import Trace, trace_of
from asgi_testkit.types import Receive, Scope, Send
from tests.report.secret_suite import SECRETS, exchange_secrets


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Echo the body, work on after `/later`, raise on `/raises`."""
    body = (await receive()).get("body", b"")
    if scope["path"] == "/raises":
        raise LookupError("no such row")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
    if scope["path"] == "/later":
        await receive()


def trace_since(moment: float) -> Trace:
    return trace_of(RECENT.since(moment))


def test_trace_is_json_and_says_what_it_is() -> None:
    client = TestClient(app, driver="inline")
    client.post("/a?b=1", content=b"hi")

    trace = client.transcript.to_trace()

    assert json.loads(json.dumps(trace, allow_nan=False)) == trace
    assert (trace["format"], trace["version"]) == ("asgi-testkit trace", 1)
    assert trace["title"] == "POST /a?b=1"
    exchange = trace["exchanges"][0]
    assert [entry["act"] for entry in exchange["entries"]] == [
        *("http.request", "http.response.start", "http.response.body", "returned")
    ]
    assert exchange["entries"][0]["body"] == {
        "kind": "text",
        "text": "hi",
        "base64": "",
        "cut": False,
    }
    assert exchange["called_from"] is not None
    assert exchange["called_from"]["text"] == 'client.post("/a?b=1", content=b"hi")'
    assert exchange["status"] == 200
    assert exchange["ended"] == exchange["entries"][-1]["at"]


def test_exception_has_its_text_and_the_line_of_the_app() -> None:
    client = TestClient(app, driver="inline")
    with pytest.raises(LookupError, match="no such row"):
        client.get("/raises")

    raised = client.transcript.to_trace()["exchanges"][0]["raised"]

    assert raised is not None
    place, _, line = raised["place"].rpartition(":")
    assert (raised["text"], place) == ("LookupError('no such row')", "tests/report/test_trace.py")
    assert int(line) > 0


def test_what_follows_the_whole_response_is_background() -> None:
    client = TestClient(app, driver="inline")
    client.get("/later")

    entries = client.transcript.to_trace()["exchanges"][0]["entries"]

    assert [entry["act"] for entry in entries if entry["background"]] == ["http.disconnect"]


async def answers_for_errors(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail, and answer 500 meanwhile, as Starlette does; some paths go on from there."""
    try:
        raise LookupError("no such row")
    except LookupError as error:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        if scope["path"] == "/raise":
            raise
        if scope["path"] == "/from":
            raise RuntimeError("translated") from error
        if scope["path"] == "/background":
            raise RuntimeError("the mail was not sent")  # noqa: B904 - as work after a response
    raise RuntimeError("afterwards")


@pytest.mark.parametrize(
    ("path", "is_background"),
    [("/raise", False), ("/from", False), ("/background", True), ("/afterwards", True)],
)
def test_an_exception_that_the_response_was_for_is_no_background_work(
    path: str, is_background: bool
) -> None:
    client = TestClient(answers_for_errors, driver="inline")
    with pytest.raises((LookupError, RuntimeError)):
        client.get(path)

    last = client.transcript.to_trace()["exchanges"][0]["entries"][-1]

    assert (last["act"], last["background"]) == ("raised", is_background)


def test_an_endpoint_that_raises_when_it_is_asked_breaks_nothing() -> None:
    class Endpoint:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

    async def names_it(scope: Scope, receive: Receive, send: Send) -> None:
        scope["endpoint"] = Endpoint()
        await app(scope, receive, send)

    client = TestClient(names_it, driver="inline")

    assert client.get("/").status_code == 200
    assert client.transcript.to_trace()["exchanges"][0]["endpoint"] is None


@pytest.mark.parametrize("charset", ["hex", "rot13", "zlib", "undefined", "none-such"])
def test_a_charset_that_is_none_leaves_the_body_as_it_is(charset: str) -> None:
    content_type = (b"content-type", f"text/plain; charset={charset}".encode())

    async def odd(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [content_type]})
        await send({"type": "http.response.body", "body": b"hello"})

    client = TestClient(odd, driver="inline", strict=False)
    client.get("/")

    body = client.transcript.to_trace()["exchanges"][0]["entries"][-2]["body"]
    assert body is not None
    assert body["text"] == "hello"


def test_bytes_are_in_base64_and_cut_bodies_say_so() -> None:
    client = TestClient(app, driver="inline")
    client.post("/", content=b"\x00\xff")
    client.post("/", content=b"x" * 5000)

    bodies = [one["entries"][0]["body"] for one in client.transcript.to_trace()["exchanges"]]

    assert bodies == [
        {"kind": "bytes", "text": "", "base64": "AP8=", "cut": False},
        {"kind": "text", "text": "x" * 4096, "base64": "", "cut": True},
    ]


def test_recent_has_what_all_clients_have_done_since_a_moment() -> None:
    TestClient(app, driver="inline").get("/before")
    moment = time.perf_counter()

    TestClient(app, driver="inline").get("/client")
    with httpx2.Client(transport=SyncASGITransport(app), base_url="http://test") as client:
        client.get("/transport")

    async def use() -> None:
        await AsyncTestClient(app).get("/async")
        async with httpx2.AsyncClient(
            transport=ASGITransport(app), base_url="http://test"
        ) as plain:
            await plain.get("/async-transport")

    asyncio.run(use())
    exchanges = trace_since(moment)["exchanges"]
    assert [(one["target"], one["client"]) for one in exchanges] == [
        ("/client", "client 1"),
        ("/transport", "client 2"),
        ("/async", "client 3"),
        ("/async-transport", "client 4"),
    ]
    assert {one["called_from"] and one["called_from"]["file"] for one in exchanges} == {
        "tests/report/test_trace.py"
    }


def test_recent_keeps_the_newest_two_hundred() -> None:
    client = TestClient(app, driver="inline")
    for number in range(210):
        client.get(f"/{number}")

    recent = RECENT.since(0.0)

    assert (len(recent), recent[0].head["path"], recent[-1].head["path"]) == (200, "/10", "/209")


def test_recent_keeps_neither_app_nor_client_alive() -> None:
    class App:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            scope["app"] = self
            scope["state"]["app"] = self
            await app(scope, receive, send)

    one = App()
    client = TestClient(one, driver="inline")
    with pytest.raises(LookupError, match="no such row"):
        client.get("/raises")
    client.get("/")
    gone = weakref.ref(one), weakref.ref(client)

    del one, client
    gc.collect()

    assert [reference() for reference in gone] == [None, None]
    assert RECENT.since(0.0)[-1].head["path"] == "/"


def test_a_line_of_an_archive_gives_the_same_trace() -> None:
    moment = time.perf_counter()
    exchange_secrets()
    records = RECENT.since(moment)

    line = line_of(keep(records, title="test_it"), 0.25)

    (test,) = archived_tests([FIRST_LINE, line])
    assert (test.title, test.seconds, test.exchanges) == ("test_it", 0.25, len(records))
    assert test.trace() == trace_of(records, title="test_it", outcome="passed")
    assert [name for name, secret in SECRETS.items() if secret[-10:] in line.decode()] == []
