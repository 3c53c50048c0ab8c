# Generated from tests/httpx2/test_shortcuts.py by scripts/write_httpx.py.
"""The short way of a plain `get` gives what httpx's own code gives."""

from __future__ import annotations

import copy
import gzip
import logging
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from unittest import mock

import httpx
import pytest

from asgi_testkit.httpx import AsyncTestClient, SyncASGITransport, TestClient
from tests.apps import mirror, raw
from tests.apps.mirror import redirects, replies, routes
from tests.apps.raw import App, http_app
from tests.httpx.modes import OpenClient

Change: TypeAlias = Callable[[Any], object]

PLAIN = replies(200, [(b"content-type", b"text/plain")], b"plain")
LINKS = [(b"link", b'</next>; rel="next"'), (b"x-a", b"1"), (b"x-a", b"2")]
GZIP = [(b"content-encoding", b"gzip")]


def nothing(client: Any) -> None:
    """Change nothing."""


@dataclass(frozen=True)
class Shape:
    """An app, the options of its client, and what is changed after the first call."""

    app: App
    options: dict[str, Any] = field(default_factory=dict)
    change: Change = nothing
    url: str = "/page"


def changes(name: str, value: object) -> Change:
    return lambda client: setattr(client, name, value)


def add_hook(client: Any) -> None:
    def hook(request: httpx.Request) -> None:
        request.headers["x-hooked"] = "yes"

    async def async_hook(request: httpx.Request) -> None:
        hook(request)

    is_blocking = isinstance(client, httpx.Client)
    client.event_hooks["request"].append(hook if is_blocking else async_hook)


def guess(content: bytes) -> str:
    return "latin-1" if b"\xe9" in content else "utf-8"


SHAPES = {
    "plain": Shape(PLAIN),
    "json": Shape(mirror.mirror),
    "no body": Shape(replies(204)),
    "not found": Shape(replies(404, body=b"no")),
    "unknown status": Shape(replies(299, body=b"odd")),
    "links and duplicates": Shape(replies(200, LINKS)),
    "utf-8 header": Shape(replies(200, [(b"x-word", "é".encode())])),
    "charset": Shape(replies(200, [(b"content-type", b"text/html; charset=latin-1")], b"\xe9")),
    "pieces": Shape(mirror.sends_pieces(b"one", b"two")),
    "query and fragment": Shape(mirror.mirror, url="/a%20b?x=%2F&y#part"),
    "absolute url": Shape(mirror.mirror, url="https://other.test:444/x"),
    "user in the url": Shape(mirror.mirror, url="http://ann:pw@testserver/"),
    "client headers": Shape(mirror.mirror, {"headers": {"x-own": "1"}}),
    "base url with path": Shape(mirror.mirror, {"base_url": "http://api.test/v1"}),
    "client auth": Shape(mirror.mirror, {"auth": ("ann", "pw")}),
    "client params": Shape(mirror.mirror, {"params": {"a": "1"}}),
    "client cookies": Shape(mirror.mirror, {"cookies": {"a": "1"}}),
    "timeout": Shape(PLAIN, {"timeout": httpx.Timeout(9.0, read=8.0)}),
    "encoding found by a function": Shape(replies(body=b"\xe9"), {"default_encoding": guess}),
    "http 2": Shape(mirror.mirror, {"http_version": "2"}),
    "state and root path": Shape(mirror.mirror, {"state": {"db": 1}, "root_path": "/r"}),
    "detached": Shape(PLAIN, {"background": "detach"}),
    "headers set later": Shape(
        mirror.mirror, change=lambda client: client.headers.update({"x-late": "1"})
    ),
    "headers replaced later": Shape(mirror.mirror, change=changes("headers", {"x-late": "1"})),
    "base url changed": Shape(mirror.mirror, change=changes("base_url", "http://b.test/v2")),
    "timeout changed": Shape(mirror.mirror, change=changes("timeout", 7.0)),
    "params set later": Shape(mirror.mirror, change=changes("params", {"late": "1"})),
    "auth set later": Shape(mirror.mirror, change=changes("auth", ("ann", "pw"))),
    "cookies set later": Shape(
        mirror.mirror, change=lambda client: client.cookies.set("late", "1")
    ),
    "hook added later": Shape(mirror.mirror, change=add_hook),
    "set-cookie": Shape(replies(200, [(b"Set-Cookie", b"a=1; Path=/")], b"set")),
    "redirect": Shape(routes({"/page": redirects(302, b"/b")})),
    "redirect not followed": Shape(redirects(302, b"/b"), {"follow_redirects": False}),
    "redirects turned off": Shape(redirects(302, b"/page/"), {"max_redirects": 0}),
    "gzip": Shape(replies(200, GZIP, gzip.compress(b"long " * 99))),
    "broken gzip": Shape(replies(200, GZIP, b"broken")),
    "trailers": Shape(mirror.with_trailers),
    "debug": Shape(mirror.with_debug),
    "exception": Shape(raw.raises_before_start(ValueError("mine"))),
    "500 for an exception": Shape(
        raw.raises_before_start(ValueError("mine")), {"raise_server_exceptions": False}
    ),
    "truncated body": Shape(
        raw.raises_amid_body(ValueError("mine")), {"raise_server_exceptions": False}
    ),
}


def recording(scopes: list[Any], app: App) -> App:
    @http_app
    async def recorder(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(copy.deepcopy(scope))
        await app(scope, receive, send)

    return recorder


def bare(client: Any) -> Any:
    """Return the client itself, where the mode's is a facade."""
    return getattr(client, "blocking", client)


READERS: dict[str, Callable[[httpx.Response], object]] = {
    "pickled": lambda r: as_plain_values(pickle.loads(pickle.dumps(r))),
    "copied": lambda r: as_plain_values(copy.copy(r)),
    "status_code": lambda r: r.status_code,
    "headers": lambda r: r.headers.raw,
    "content": lambda r: r.content,
    "text": lambda r: r.text,
    "json": lambda r: attempt(r.json),
    "read": lambda r: r.read(),
    "url": lambda r: r.url,
    "request": lambda r: as_values(r.request),
    "history": lambda r: [(h.status_code, h.url, h.content) for h in r.history],
    "next_request": lambda r: r.next_request and as_values(r.next_request),
    "cookies": lambda r: dict(r.cookies),
    "encoding": lambda r: r.encoding,
    "charset_encoding": lambda r: r.charset_encoding,
    "default_encoding": lambda r: r.default_encoding,
    "http_version": lambda r: r.http_version,
    "reason_phrase": lambda r: r.reason_phrase,
    "is_closed": lambda r: r.is_closed,
    "is_stream_consumed": lambda r: r.is_stream_consumed,
    "is_success": lambda r: (r.is_success, r.is_error, r.is_redirect, r.has_redirect_location),
    "num_bytes_downloaded": lambda r: r.num_bytes_downloaded,
    "elapsed": lambda r: type(r.elapsed),
    "extensions": lambda r: {k: v for k, v in r.extensions.items() if k != "timeout"},
    "links": lambda r: r.links,
    "repr": repr,
    "raise_for_status": lambda r: attempt(lambda: r.raise_for_status() is r),
    "iter_bytes": lambda r: list(r.iter_bytes()),
    "iter_text": lambda r: list(r.iter_text()),
    "iter_lines": lambda r: list(r.iter_lines()),
    "iter_raw": lambda r: attempt(lambda: list(r.iter_raw())),
    "is an httpx response": lambda r: isinstance(r, httpx.Response),
    "attribute that is not there": lambda r: hasattr(r, "no_such_thing"),
}


def attempt(function: Callable[[], object]) -> object:
    try:
        return function()
    except Exception as error:
        return as_error_values(error)


def as_error_values(error: Exception) -> tuple[object, ...]:
    request = error.request if isinstance(error, httpx.HTTPError) else None
    return type(error), str(error), request and as_values(request)


def as_values(request: httpx.Request) -> tuple[object, ...]:
    content = attempt(lambda: request.content)
    return request.method, request.url, request.headers.raw, content, request.extensions


def as_plain_values(response: httpx.Response) -> tuple[object, ...]:
    return (
        *(response.status_code, response.headers.raw, response.content, response.url),
        *(response.is_closed, response.encoding, len(response.history), response.extensions),
    )


async def second_result(
    open_client: OpenClient, shape: Shape, *, use_shortcuts: bool
) -> tuple[object, list[Any]]:
    """Return what the second of two equal calls gives, and the scopes that the app saw."""
    scopes: list[Any] = []
    async with open_client(recording(scopes, shape.app), **shape.options) as client:
        bare(client).use_shortcuts = use_shortcuts
        with suppress(Exception):
            await client.get(shape.url)
        shape.change(bare(client))
        try:
            response = await client.get(shape.url)
        except Exception as error:
            return as_error_values(error), scopes
        views = {name: reader(response) for name, reader in READERS.items()}
        return {**views, "jar": dict(client.cookies)}, scopes


@pytest.mark.parametrize("name", SHAPES)
async def test_second_get_is_as_without_short_cuts(open_client: OpenClient, name: str) -> None:
    short, seen_short = await second_result(open_client, SHAPES[name], use_shortcuts=True)
    stock, seen_stock = await second_result(open_client, SHAPES[name], use_shortcuts=False)

    assert short == stock
    assert seen_short == seen_stock


async def test_plain_requests_take_the_short_way(open_client: OpenClient) -> None:
    async with open_client(PLAIN) as client:
        gets = [await client.get("/page") for _ in range(3)]
        post = await client.post("/page", json={"a": 1}, headers={"x-a": "b"})

    assert {type(response).__name__ for response in (*gets, post)} == {"PlannedResponse"}


async def test_template_and_context_come_on_the_second_get(open_client: OpenClient) -> None:
    async with open_client(mirror.with_debug) as client:
        await client.get("/")
        response = await client.get("/")

    assert (response.template, response.context) == ("page.html", {"user": "ann"})


# -- attributes in any order ------------------------------------------------------------------


@pytest.fixture
def client() -> Iterator[TestClient]:
    """Give a blocking client that has seen `/page` once."""
    with TestClient(replies(200, [*LINKS, (b"content-type", b"text/plain")], b"plain")) as client:
        client.get("/page")
        yield client


@pytest.fixture
def stock(client: TestClient) -> httpx.Response:
    """Give the response of httpx's own code."""
    client.use_shortcuts = False
    response = client.get("/page")
    client.use_shortcuts = True
    return response


@pytest.mark.parametrize("name", READERS)
def test_attribute_that_is_read_first_is_as_httpxs(
    client: TestClient, stock: httpx.Response, name: str
) -> None:
    response = client.get("/page")

    assert READERS[name](response) == READERS[name](stock)


def test_public_names_are_those_of_httpxs_response(
    client: TestClient, stock: httpx.Response
) -> None:
    public = {name for name in dir(client.get("/page")) if not name.startswith("_")}

    assert public <= {name for name in dir(stock) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status_code", 500),
        ("headers", httpx.Headers({"x-own": "1"})),
        ("encoding", "utf-16-le"),
        ("default_encoding", "utf-16-le"),
        ("history", ["earlier"]),
        ("next_request", "later"),
        ("extensions", {"own": 1}),
        ("is_closed", False),
        ("elapsed", "long"),
        ("request", httpx.Request("GET", "http://own.test")),
        ("own", "new"),
    ],
)
def test_attribute_that_is_set_first_stays(client: TestClient, name: str, value: object) -> None:
    response = client.get("/page")

    setattr(response, name, value)

    assert response.text is not None
    assert response.headers is not None
    assert getattr(response, name) == value


@pytest.mark.parametrize("name", READERS)
def test_attribute_is_the_same_in_two_threads(client: TestClient, name: str) -> None:
    barrier = threading.Barrier(2)
    seen: list[object] = []

    def read(response: httpx.Response) -> None:
        barrier.wait(5)
        seen.append(READERS[name](response))

    for _ in range(10):
        response = client.get("/page")
        threads = [threading.Thread(target=read, args=[response]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert seen == [seen[0]] * 20


@pytest.mark.parametrize("name", ["is_closed", "is_stream_consumed", "num_bytes_downloaded"])
def test_attribute_is_not_seen_half_made_by_another_thread(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    response = client.get("/page")
    seen: list[object] = []
    reader = threading.Thread(target=lambda: seen.append(getattr(response, name)))

    class ReadInBetween(httpx.ByteStream):
        def __iter__(self) -> Iterator[bytes]:
            reader.start()
            reader.join(0.05)
            return super().__iter__()

    monkeypatch.setattr(httpx, "ByteStream", ReadInBetween)
    assert response.headers["x-a"] == "1, 2"
    if reader.ident is not None:
        reader.join()
        assert seen == [getattr(response, name)]


# -- what others have put in place ------------------------------------------------------------


@pytest.mark.parametrize("name", ["send", "request", "build_request"])
async def test_patched_method_of_the_client_is_called(open_client: OpenClient, name: str) -> None:
    async with open_client(PLAIN) as client:
        await client.get("/page")
        original = getattr(bare(client), name)
        with mock.patch.object(bare(client), name, side_effect=original) as patched:
            response = await client.get("/page")

    assert (response.text, patched.call_count) == ("plain", 1)


@pytest.mark.parametrize("name", ["send", "request", "build_request", "post"])
async def test_patched_method_is_called_for_a_body(open_client: OpenClient, name: str) -> None:
    async with open_client(PLAIN) as client:
        for _ in range(3):
            await client.post("/page", json=1)
        original = getattr(bare(client), name)
        with mock.patch.object(bare(client), name, side_effect=original) as patched:
            response = await client.post("/page", json=1)

    assert (response.text, patched.call_count) == ("plain", 1)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (httpx.Client, "send"),
        (httpx.Client, "request"),
        (httpx.Client, "build_request"),
        (SyncASGITransport, "handle_request"),
    ],
)
def test_patched_method_of_a_class_is_called_for_a_body(
    client: TestClient, owner: type, name: str
) -> None:
    for _ in range(3):
        client.post("/page", json=1)
    original = getattr(owner, name)

    with mock.patch.object(owner, name, autospec=True, side_effect=original) as patched:
        response = client.post("/page", json=1)

    assert (response.text, patched.call_count) == ("plain", 1)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (httpx.Client, "send"),
        (httpx.Client, "get"),
        (httpx.Client, "request"),
        (httpx.Client, "build_request"),
        (TestClient, "send"),
        (SyncASGITransport, "handle_request"),
    ],
)
def test_patched_method_of_a_class_is_called(client: TestClient, owner: type, name: str) -> None:
    original = getattr(owner, name)

    with mock.patch.object(owner, name, autospec=True, side_effect=original) as patched:
        response = client.get("/page")

    assert (response.text, patched.call_count) == ("plain", 1)


class Proxy:
    """Wraps a method as tools do that trace a program: it says that it equals what it wraps."""

    def __init__(self, wrapped: Any, calls: list[str]) -> None:
        self.wrapped = wrapped
        self.calls = calls

    def __eq__(self, other: object) -> bool:
        return bool(self.wrapped == other)

    def __hash__(self) -> int:
        return hash(self.wrapped)

    def __get__(self, instance: object, owner: type) -> Any:
        return Proxy(self.wrapped.__get__(instance, owner), self.calls)

    def __call__(self, *args: Any, **options: Any) -> Any:
        self.calls.append("called")
        return self.wrapped(*args, **options)


@pytest.mark.parametrize("name", ["send", "request", "build_request"])
@pytest.mark.parametrize("owner", [httpx.Client, TestClient])
def test_patch_that_equals_what_it_wraps_is_called(
    monkeypatch: pytest.MonkeyPatch, client: TestClient, owner: type, name: str
) -> None:
    for _ in range(3):
        client.post("/page", json=1)
    calls: list[str] = []
    monkeypatch.setattr(owner, name, Proxy(getattr(owner, name), calls))

    client.post("/page", json=1)

    assert calls == ["called"]


async def test_nothing_is_built_in_vain_where_each_answer_sets_a_cookie(
    open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[httpx.Request] = []
    original = httpx.Request.__init__

    def count(request: httpx.Request, *args: Any, **options: Any) -> None:
        built.append(request)
        original(request, *args, **options)

    app = replies(200, [(b"set-cookie", b"a=1; Path=/")], b"set")
    async with open_client(app) as client:
        for _ in range(3):
            await client.post("/page", content=b"x")
        monkeypatch.setattr(httpx.Request, "__init__", count)
        for _ in range(5):
            await client.post("/page", content=b"x")

    assert len(built) == 5


@pytest.mark.parametrize("name", ["send", "request", "build_request", "get"])
def test_method_of_a_subclass_is_called(name: str) -> None:
    calls: list[str] = []

    def method(self: TestClient, *args: Any, **options: Any) -> Any:
        calls.append(name)
        return getattr(super(subclass, self), name)(*args, **options)

    subclass = type("OwnClient", (TestClient,), {name: method})
    client = subclass(PLAIN)
    texts = [client.get("/page").text for _ in range(2)]

    assert (texts, calls) == (["plain", "plain"], [name, name])


async def test_method_of_an_async_subclass_is_called(open_client: OpenClient) -> None:
    calls: list[str] = []

    class OwnClient(AsyncTestClient):
        async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
            calls.append(request.url.path)
            return await super().send(request, **options)

    if not open_client.is_blocking:
        async with OwnClient(PLAIN) as client:
            await client.get("/page")
            await client.get("/page")

    assert calls == ([] if open_client.is_blocking else ["/page", "/page"])


def test_httpxs_log_line_is_written_for_each_get(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="httpx"):
        client.get("/page")

    line = 'HTTP Request: GET http://testserver/page "HTTP/1.1 200 OK"'
    assert [record.getMessage() for record in caplog.records] == [line]
