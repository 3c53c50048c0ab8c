"""Each view of a response before all others, what is set on it first, and two readers at once."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx2

from tests.differential.app import Answer, answer
from tests.differential.comparison import assert_same
from tests.differential.sides import MODES, Side, as_mode, opened
from tests.differential.views import view, view_names, views

# What there is to look at, and so what a response that is made bit by bit may get wrong.
KINDS = {
    "plain": answer("a line\nanother", content_type="text/plain; charset=utf-8", x_a=["1", "2"]),
    "json": answer('{"a": [1]}', content_type="application/json"),
    "error": answer("no", 404, content_type="text/plain"),
    "unknown status": answer("?", 299),
    "nothing": Answer(204, (), ()),
    "redirect to nowhere": answer("", 302, x_location="none"),
    "redirect": answer("", 302, location="/there"),
    "latin": answer(b"caf\xe9", content_type="text/plain; charset=latin-1"),
    "untyped": Answer(200, (), (b"\xef\xbb\xbfbom \xe9",)),
    "links": answer("", link="</2>; rel=next", set_cookie="a=1"),
    "compressed": answer(gzip.compress(b"packed", mtime=0), content_encoding="gzip"),
}


async def _third_response(side: Side, told: Answer) -> Any:
    """Return a response of a URL that has been got before, looked at by nobody."""
    side.answers["/"] = told
    for _ in range(2):
        await side.bare("get", "/")
    return await side.bare("get", "/")


def _observed(library: ModuleType, mode: str, look: Callable[[Side, Answer], Any]) -> Any:
    async def run() -> Any:
        async with opened(library, mode) as side:
            return {kind: await look(side, told) for kind, told in KINDS.items()}

    return as_mode(mode, run())


def _compare(library: ModuleType, mode: str, look: Callable[[Side, Answer], Any]) -> None:
    stock = _observed(library, MODES[mode], look)
    ours = _observed(library, mode, look)

    assert_same(stock, ours)


# -- each view first ----------------------------------------------------------------------


def test_each_view_is_right_when_it_is_the_first(library: ModuleType, mode: str) -> None:
    async def look(side: Side, told: Answer) -> Any:
        seen = {}
        for name in view_names(library):
            response = await _third_response(side, told)
            seen[name] = await view(response, name, side.portrait)
            seen[f"after {name}"] = side.portrait(response)
        return seen

    _compare(library, mode, look)


def test_all_views_are_right_one_after_another(library: ModuleType, mode: str) -> None:
    async def look(side: Side, told: Answer) -> Any:
        names = view_names(library)
        forwards = await _third_response(side, told)
        backwards = await _third_response(side, told)
        return [
            await views(forwards, names, side.portrait),
            await views(backwards, reversed(names), side.portrait),
        ]

    _compare(library, mode, look)


# -- what is done to a response before it is looked at ------------------------------------


def _set(name: str, value: Any) -> Callable[[Any], Any]:
    return lambda response: setattr(response, name, value)


ACTS: dict[str, Callable[[Any], Any]] = {
    "encoding": _set("encoding", "utf-16"),
    "wrong encoding": _set("encoding", "no-such"),
    "default encoding": _set("default_encoding", "cp1252"),
    "status": _set("status_code", 500),
    "elapsed": _set("elapsed", None),
    "headers": _set(
        "headers", httpx2.Headers({"content-type": "a/b; charset=utf-16", "link": "</x>"})
    ),
    "history": _set("history", ["mine"]),
    "request": _set("request", None),
    "stream": _set("stream", None),
    "extensions": _set("extensions", {"http_version": b"HTTP/9", "reason_phrase": b"Fine"}),
    "next request": _set("next_request", "mine"),
    "closed": _set("is_closed", False),
    "consumed": _set("is_stream_consumed", False),
    "own": _set("mine", 1),
    "read only": _set("content", b"mine"),
    "text": _set("text", "mine"),
    "a header": lambda response: response.headers.update({"content-type": "a/b; charset=ascii"}),
    "headers cleared": lambda response: response.headers.clear(),
    "an extension": lambda response: response.extensions.update(reason_phrase=b"Fine"),
    "appended": lambda response: response.history.append(response),
    "deleted status": lambda response: delattr(response, "status_code"),
    "deleted extensions": lambda response: delattr(response, "extensions"),
    "deleted own": lambda response: delattr(response, "mine"),
    "request header": lambda response: response.request.headers.update({"x": "y"}),
    "request method": lambda response: setattr(response.request, "method", "PUT"),
    "in a set": lambda response: {response, response} == {response},
    "compared": lambda response: response == response,
    "updated": lambda response: vars(response).update(status_code=201),
    "set state": lambda response: response.__setstate__(response.__getstate__()),
    "subscript": lambda response: response["a"],
    "length": len,
    "iterated": list,
}


def test_what_is_done_to_a_response_first_counts(library: ModuleType, mode: str) -> None:
    async def look(side: Side, told: Answer) -> Any:
        seen = {}
        for name, act in ACTS.items():
            response = await _third_response(side, told)
            seen[name] = _done(act, response, side)
            if name != "appended":
                seen[f"after {name}"] = await views(response, view_names(library), side.portrait)
        return seen

    _compare(library, mode, look)


def _done(act: Callable[[Any], Any], response: Any, side: Side) -> Any:
    """Do something to a response; return what comes of it, or the error."""
    try:
        return side.portrait(act(response))
    except Exception as error:
        return side.portrait(error)


def test_what_is_done_to_one_response_is_not_seen_in_the_next(library: ModuleType) -> None:
    async def look(side: Side, told: Answer) -> Any:
        for act in ACTS.values():
            response = await _third_response(side, told)
            _done(act, response, side)
        return side.portrait(await _third_response(side, told))

    for mode in MODES:
        _compare(library, mode, look)


# -- two readers at once ------------------------------------------------------------------


def test_two_threads_see_the_same(library: ModuleType, mode: str) -> None:
    names = [name for name in view_names(library) if not _depends_on_others(name)]

    async def look(side: Side, told: Answer) -> Any:
        pairs = []
        for turn in range(4):
            shifted = names[turn * 9 :] + names[: turn * 9]
            response = await _third_response(side, told)
            pairs.append(_in_two_threads(response, [shifted, shifted[::-1]], side))
        return pairs

    _compare(library, mode, look)


def _depends_on_others(name: str) -> bool:
    """Return whether a view shows something else, on either side, as another is seen.

    The library puts cookies into their jar after it has shown it to other threads, and adds
    attributes as they are asked for.
    """
    words = ("iter", "close", "copy", "pickle", "cookies", "vars", "dir(")
    return any(word in name for word in words)


def _in_two_threads(response: Any, orders: list[list[str]], side: Side) -> list[Any]:
    """Return what two threads see that begin at once, each in its order."""
    barrier = threading.Barrier(2)
    seen: list[Any] = [None, None]

    def read(number: int) -> None:
        barrier.wait()
        mode = "async" if side.is_async else "thread"
        seen[number] = as_mode(mode, views(response, orders[number], side.portrait))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def test_a_response_outlives_its_client(library: ModuleType, mode: str) -> None:
    async def fetch() -> tuple[Any, Side]:
        async with opened(library, mode) as side:
            return await _third_response(side, KINDS["plain"]), side

    response, side = as_mode(mode, fetch())

    assert side.client.is_closed or mode == "inline"
    assert response.text == "a line\nanother"
    assert response.request.url == "http://testserver/"
    assert response.is_closed
