"""Shapes: hooks, patched methods and methods of subclasses; all of them have to be called."""

from __future__ import annotations

import copy
import logging
from typing import Any
from unittest import mock

from tests.differential.app import answer
from tests.differential.sides import Side, made_with

__all__ = ()

_LOG: list[str] = []


def _hooks(s: Side) -> dict[str, Any]:
    def on_request(request: Any) -> None:
        s.note("request hook", request)
        request.headers["x-hooked"] = "1"

    def on_response(response: Any) -> None:
        s.note("response hook", response)
        response.headers["x-hooked"] = "2"

    return {"event_hooks": {"request": [s.hook(on_request)], "response": [s.hook(on_response)]}}


def _raising_hooks(s: Side, when: str) -> dict[str, Any]:
    def raising(value: Any) -> None:
        raise LookupError(f"in the {when} hook")

    return {"event_hooks": {when: [s.hook(raising)]}}


@made_with(_hooks)
async def hooks(s: Side) -> None:
    s.answers["/away"] = answer("", 302, location="/there")
    await s.get("/hooked")
    await s.post("/hooked", content=b"x")
    await s.get("/away")
    await s.streamed("read", "/hooked")


@made_with(lambda s: _raising_hooks(s, "request"))
async def request_hook_that_raises(s: Side) -> None:
    await s.get("/hooked")


@made_with(lambda s: _raising_hooks(s, "response"))
async def response_hook_that_raises(s: Side) -> None:
    await s.get("/hooked")
    await s.streamed("read", "/hooked")


async def hooks_that_come_and_go(s: Side) -> None:
    await s.get("/later")
    s.client.event_hooks["request"].append(s.hook(lambda request: s.note("came", request)))
    await s.get("/later")
    s.client.event_hooks["request"].clear()
    await s.get("/later")
    s.client.event_hooks = {"response": [s.hook(lambda response: s.note("came", response.url))]}
    await s.get("/later")
    s.client.event_hooks = {}
    await s.get("/later")


async def hook_that_changes_the_response(s: Side) -> None:
    def change(response: Any) -> None:
        response.status_code = 299
        response.extensions["mine"] = 1

    s.client.event_hooks = {"response": [s.hook(change)]}
    await s.get("/changed")
    s.client.event_hooks = {}


_METHODS = ("send", "build_request", "request", "get")


async def patched_on_the_instance(s: Side) -> None:
    for name in _METHODS:
        await s.get("/patched")
        with s.noted(s.client, name):
            await s.get("/patched")
            await s.post("/patched", json={})
        await s.get("/patched")


async def patched_on_the_class(s: Side) -> None:
    for name in _METHODS:
        await s.get("/patched")
        with s.noted(type(s.client), name):
            await s.get("/patched")
        await s.get("/patched")


async def patched_on_the_librarys_class(s: Side) -> None:
    owner = s.lib.AsyncClient if s.is_async else s.lib.Client
    for name in _METHODS:
        await s.get("/patched")
        with s.noted(owner, name):
            await s.get("/patched")
        await s.get("/patched")


async def mocked(s: Side) -> None:
    for owner in (s.client, type(s.client)):
        for name in ("send", "request", "get"):
            await s.get("/mocked")
            canned = s.lib.Response(418, text="mocked", request=s.lib.Request("GET", "http://m/"))
            with mock.patch.object(owner, name, return_value=canned) as patched:
                await s.get("/mocked")
                s.note("calls", patched.call_count)
        await s.get("/mocked")


async def mocked_to_raise(s: Side) -> None:
    await s.get("/mocked")
    for name in ("send", "build_request", "request", "get"):
        error = s.lib.ConnectError("no way")
        with mock.patch.object(s.client, name, side_effect=error):
            await s.get("/mocked")


class _Sends:
    observed: Any = None

    def send(self, request: Any, **options: Any) -> Any:
        request.headers["x-sent"] = "1"
        return super().send(request, **options)  # type: ignore[misc]


class _Requests:
    def request(self, method: str, url: Any, **options: Any) -> Any:
        return super().request(method, f"/prefixed{url}", **options)  # type: ignore[misc]


class _Builds:
    def build_request(self, *args: Any, **options: Any) -> Any:
        request = super().build_request(*args, **options)  # type: ignore[misc]
        request.headers["x-built"] = "1"
        return request


class _Gets:
    def get(self, url: Any, **options: Any) -> Any:
        return super().get(url, params={"got": "1"}, **options)  # type: ignore[misc]


class _Views:
    """A client whose settings are not what they seem."""

    @property
    def headers(self) -> Any:
        return super().headers  # type: ignore[misc]

    @headers.setter
    def headers(self, value: Any) -> None:
        super(_Views, type(self)).headers.fset(self, value)  # type: ignore[attr-defined]


@made_with(mixin=_Sends)
async def subclass_that_sends(s: Side) -> None:
    await s.get("/sub")
    await s.post("/sub")


@made_with(mixin=_Requests)
async def subclass_that_requests(s: Side) -> None:
    await s.get("/sub")
    await s.post("/sub")


@made_with(mixin=_Builds)
async def subclass_that_builds(s: Side) -> None:
    await s.get("/sub")
    await s.post("/sub")


@made_with(mixin=_Gets)
async def subclass_that_gets(s: Side) -> None:
    await s.get("/sub")
    await s.post("/sub")


@made_with(mixin=_Views)
async def subclass_with_headers_of_its_own(s: Side) -> None:
    await s.get("/sub")
    s.client.headers["x-a"] = "1"
    await s.get("/sub")
    s.client.headers = {"x-b": "2"}
    await s.get("/sub")


async def class_changed_on_the_fly(s: Side) -> None:
    original = type(s.client)
    await s.get("/fly")
    s.client.__class__ = type("Fly", (_Builds, original), {})
    await s.get("/fly")
    s.client.__class__ = original
    await s.get("/fly")


async def method_set_on_the_instance(s: Side) -> None:
    original = s.client.send
    await s.get("/set")

    def send(request: Any, **options: Any) -> Any:
        request.headers["x-set"] = "1"
        return original(request, **options)

    s.client.send = send
    await s.get("/set")
    del s.client.send
    await s.get("/set")


class _Lines(logging.Handler):
    def __init__(self, side: Side) -> None:
        super().__init__()
        self._side = side

    def emit(self, record: logging.LogRecord) -> None:
        self._side.note("log", record.getMessage())


async def log_lines(s: Side) -> None:
    await s.get("/logged")
    log = logging.getLogger(s.lib.__name__)
    lines, level = _Lines(s), log.level
    log.addHandler(lines)
    for chosen in (logging.INFO, logging.DEBUG, logging.WARNING):
        log.setLevel(chosen)
        await s.get("/logged")
        await s.get("/logged", params={"a": "1"})
    log.removeHandler(lines)
    log.setLevel(level)


async def response_is_a_new_one_each_time(s: Side) -> None:
    first = await s.bare("get", "/new")
    second = await s.bare("get", "/new")
    third = await s.bare("get", "/new")
    for one, other in ((first, second), (second, third), (first, third)):
        for name in ("request", "headers", "history", "extensions", "stream", "cookies"):
            s.note(f"same {name}", getattr(one, name) is getattr(other, name))
        s.note("same request headers", one.request.headers is other.request.headers)
        s.note("same request extensions", one.request.extensions is other.request.extensions)
        s.note("equal", one == other)


async def copies_of_what_the_client_holds(s: Side) -> None:
    s.client.cookies.set("a", "1")
    s.note("headers", copy.copy(s.client.headers))
    s.note("cookies", s.lib.Cookies(s.client.cookies))
    await s.get("/copied", cookies=s.lib.Cookies(s.client.cookies))
    s.client.cookies.clear()
