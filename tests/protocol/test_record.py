"""What a record keeps of an exchange, and what it drops."""

from __future__ import annotations

import gc
import weakref

from asgi_testkit.protocol.record import CUT_BYTES, Entry, Record
from asgi_testkit.protocol.scope import HTTPRequest, ScopeDefaults, build_http_scope
from tests.protocol.exchanges import new_record

REQUEST = HTTPRequest("GET", "http", "testserver", None, b"/a", [(b"Host", b"testserver")])


def test_entries_come_back_in_order_with_the_clocks_time() -> None:
    record = new_record({"type": "http"})

    record.add("client", "http.request")
    record.add("app", "returned", detail="done")

    assert list(record) == [
        Entry(1.0, "client", "http.request"),
        Entry(2.0, "app", "returned", detail="done"),
    ]


def test_acts_names_actor_and_act() -> None:
    record = new_record({"type": "http"})

    record.add("client", "http.request")
    record.add("app", "returned")

    assert record.acts() == ["client: http.request", "app: returned"]


def test_a_body_is_cut_but_its_size_is_kept() -> None:
    record = new_record({"type": "http"})

    record.add_body("app", "http.response.body", b"x" * 5000, more=True)

    assert list(record) == [
        Entry(1.0, "app", "http.response.body", 5000, more=True, detail=b"x" * CUT_BYTES)
    ]


def test_the_last_time_is_that_of_the_last_entry_or_of_the_beginning() -> None:
    record = new_record({"type": "http"})
    times = [record.last_at]

    record.add("app", "returned")
    times.append(record.last_at)

    assert times == [0.0, 1.0]


def test_of_a_long_exchange_the_first_and_the_last_entries_stay() -> None:
    record = new_record({"type": "http"})

    for number in range(1000):
        record.add("app", str(number))

    kept = [entry.act for entry in record]
    assert kept == [*map(str, range(100)), *map(str, range(900, 1000))]
    assert (len(record), record.dropped) == (1000, 800)


def test_an_exchange_of_just_what_is_kept_drops_nothing() -> None:
    record = new_record({"type": "http"})

    for number in range(200):
        record.add("app", str(number))

    assert (len(list(record)), record.dropped) == (200, 0)


def test_of_an_exchange_with_large_bodies_the_first_and_the_last_stay() -> None:
    record = new_record({"type": "http"})

    for number in range(1000):
        record.add_body("app", str(number), b"x" * 10_000, more=True)

    kept = list(record)
    sizes = [len(entry.detail) for entry in kept if isinstance(entry.detail, bytes)]
    assert sum(sizes) <= 2 * 64 * 1024
    assert (kept[0].act, kept[-1].act, record.gap) == ("0", "999", 16)
    assert record.dropped == 1000 - len(kept)


def test_head_is_what_was_asked_for_whatever_the_app_does_to_its_scope() -> None:
    scope = {"type": "http", "method": "GET", "path": "/a", "state": {"db": object()}}
    record = new_record(scope)

    scope.clear()

    assert record.head == {"type": "http", "method": "GET", "path": "/a"}


def test_head_has_the_server_and_the_version_that_the_app_was_told() -> None:
    defaults = ScopeDefaults(server=("api.example", 8000), http_version="2")
    record = Record(build_http_scope(REQUEST, defaults, state={}), lambda: 0.0, REQUEST)

    assert record.head["server"] == ("api.example", 8000)
    assert record.head["http_version"] == "2"


def test_what_a_call_puts_into_the_scope_is_not_kept_alive() -> None:
    request = REQUEST._replace(scope={"user": set[str]()})
    user = weakref.ref(request.scope["user"])  # type: ignore[index]
    record = Record(build_http_scope(request, ScopeDefaults(), state={}), lambda: 0.0, request)

    record.take_scope()
    del request
    gc.collect()

    assert user() is None
    assert record.head["path"] == "/a"


def test_head_has_what_a_call_puts_into_the_scope_in_its_place() -> None:
    request = REQUEST._replace(scope={"path": "/b"})
    record = Record(build_http_scope(request, ScopeDefaults(), state={}), lambda: 0.0, request)

    assert record.head["path"] == "/b"
