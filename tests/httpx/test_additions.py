"""What httpx has not is as httpx2 has it."""

from __future__ import annotations

import inspect
from dataclasses import astuple
from typing import Any

import httpx
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgi_testkit.httpx import additions

TYPE = {"content-type": "text/event-stream"}

FIELDS = [
    "data: 1",
    "data",
    "data:2",
    "data:  ä",
    "event: tick",
    "event:",
    "id: 7",
    "id",
    "retry: 5",
]
PASSED_OVER = ["id: \0", "retry: soon", "retry", ": comment", "colour: red"]

lines = st.sampled_from([*FIELDS, *PASSED_OVER, "", "", ""])
ends = st.sampled_from(["\n", "\r", "\r\n"])
streams = st.lists(st.tuples(lines, ends).map("".join)).map("".join)


def events_of(library: Any, source: Any, stream: str, cut: int, **options: Any) -> list[Any]:
    """Return the events of a stream that comes in two pieces, or what was raised."""
    data = stream.encode()
    pieces = iter([data[:cut], data[cut:]])
    request = library.Request("GET", "http://testserver/")
    response = library.Response(200, headers=TYPE, content=pieces, request=request)
    seen: list[Any] = []
    try:
        seen.extend(astuple(event) for event in source(response, **options))
    except library.TransportError as error:
        seen.append((type(error).__name__, error.request is request))
    return seen


@given(stream=streams, cut=st.integers(0, 60), size=st.sampled_from([None, 5, 20]))
def test_events_are_those_of_httpx2(stream: str, cut: int, size: int | None) -> None:
    ours = events_of(httpx, additions.EventSource, stream, cut, max_event_size=size)
    httpx2s = events_of(httpx2, httpx2.EventSource, stream, cut, max_event_size=size)

    assert ours == httpx2s


def test_other_content_type_is_refused() -> None:
    response = httpx.Response(200, text="data: 1\n\n", request=httpx.Request("GET", "http://a/"))

    with pytest.raises(additions.SSEError, match=r"'text/plain'; 'text/event-stream' is wanted"):
        list(additions.EventSource(response))


def test_json_of_an_event_is_its_value() -> None:
    assert additions.ServerSentEvent(data='{"a": 1}').json() == {"a": 1}


def test_options_of_sse_are_those_of_httpx2() -> None:
    httpx2s = [*inspect.signature(httpx2.Client.sse).parameters][2:]

    assert sorted(additions.SSE_OPTIONS) == sorted(httpx2s)
