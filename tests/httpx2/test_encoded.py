"""Bodies that are encoded as httpx2 does, and left to it where it does otherwise."""

from __future__ import annotations

import json
import math
from typing import Any

import httpx2
import pytest

from asgi_testkit.httpx2.encoded import Encoded


class SpacedRequest(httpx2.Request):
    """A request of a version that writes JSON with spaces, as httpx has done."""

    def __init__(self, method: str, url: str, **options: Any) -> None:
        if "json" in options:
            options["content"] = json.dumps(options.pop("json")).encode()
        super().__init__(method, url, **options)


class LenientRequest(httpx2.Request):
    """A request of a version that takes numbers that are none."""

    def __init__(self, method: str, url: str, **options: Any) -> None:
        if isinstance(options.get("json"), float):
            options["content"] = json.dumps(options.pop("json")).encode()
        super().__init__(method, url, **options)


@pytest.mark.parametrize(
    "content",
    [
        {"json": {"a": ["\u00e9\U0001f600", None, 1.5, {}], "b": True}},
        {"json": "text"},
        {"json": 0},
        {"content": b"bytes \x00"},
        {"content": "t\u00e9xt"},
    ],
)
def test_a_body_is_httpx2s(content: dict[str, Any]) -> None:
    request = httpx2.Request("POST", "http://testserver", **content)

    assert Encoded().of(content) == (request.content, request.headers.raw[1:])


@pytest.mark.parametrize(
    "content",
    [{}, {"content": b""}, {"content": ""}, {"data": {"a": "1"}}, {"data": {}, "json": 1}],
)
def test_what_is_not_plain_is_left_to_httpx2(content: dict[str, Any]) -> None:
    assert Encoded().of(content) is None


@pytest.mark.parametrize(
    ("value", "error"), [(math.nan, ValueError), (object(), TypeError), ("\ud800", ValueError)]
)
def test_what_is_no_json_raises_as_in_httpx2(value: object, error: type[Exception]) -> None:
    with pytest.raises(error) as theirs:
        httpx2.Request("POST", "http://testserver", json=value)
    with pytest.raises(error) as ours:
        Encoded().of({"json": value})

    assert (type(ours.value), str(ours.value)) == (type(theirs.value), str(theirs.value))


@pytest.mark.parametrize("kind", [SpacedRequest, LenientRequest])
def test_a_version_that_encodes_otherwise_does_it_by_itself(
    monkeypatch: pytest.MonkeyPatch, kind: type[httpx2.Request]
) -> None:
    monkeypatch.setattr(httpx2, "Request", kind)

    assert Encoded().of({"json": [1, 2]}) is None
    assert Encoded().of({"content": b"bytes"}) is None
