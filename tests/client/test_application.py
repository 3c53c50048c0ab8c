"""What is an ASGI app, and what a user is told who hands in something else."""

from __future__ import annotations

from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from asgi_testkit import AsyncTestClient, TestClient, UsageError
from asgi_testkit.client.application import prepare_app
from tests.apps import raw

WANTED = r"An ASGI app is wanted: an object called as app\(scope, receive, send\)\."


class Instance:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await raw.hello(scope, receive, send)

    async def method(self, scope: Any, receive: Any, send: Any) -> None:
        await raw.hello(scope, receive, send)


class TakesAny:
    async def __call__(self, *args: Any) -> None:
        await raw.hello(*args)


async def takes_any(*args: Any) -> None:
    await raw.hello(*args)


async def takes_more(
    scope: Any, receive: Any, send: Any, more: Any = None, *, name: str = ""
) -> None:
    await raw.hello(scope, receive, send)


def needs_four(scope: Any, receive: Any, send: Any, more: Any) -> None:
    """Nothing to call it with."""


class Endpoint(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return PlainTextResponse("hello")


class ASGI2:
    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        await raw.answer(send, self.scope["asgi"]["version"].encode())


def asgi2_function(scope: Any) -> Any:
    return ASGI2(scope)


async def with_setting(setting: str, scope: Any, receive: Any, send: Any) -> None:
    await raw.hello(scope, receive, send)


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    return []


class WSGI:
    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        return []


def create_app() -> Any:
    return raw.hello


class NoApp:
    def __init__(self, name: str, colour: str) -> None:
        self.name = name


FORMS = [
    (raw.hello, "hello"),
    (Instance(), "hello"),
    (Instance().method, "hello"),
    (partial(with_setting, "x"), "hello"),
    (TakesAny(), "hello"),
    (takes_any, "hello"),
    (takes_more, "hello"),
    (Endpoint, "hello"),
    (ASGI2, "2.0"),
    (asgi2_function, "2.0"),
]

NOT_APPS = [
    (wsgi, rf"'wsgi' takes two arguments, as WSGI apps do .* {WANTED}\nWrap a WSGI app first"),
    (WSGI(), rf"'WSGI' takes two arguments, as WSGI apps do .* {WANTED}\nWrap a WSGI app first"),
    ("shop.main:app", rf"is the string 'shop\.main:app'\. {WANTED}\nImport the app"),
    (create_app, rf"'create_app', which takes no arguments\. {WANTED}\nIf it makes the app, call"),
    (needs_four, rf"'needs_four' takes 4 arguments\. {WANTED}"),
    (Instance, rf"is the class 'Instance', not an instance of it\. {WANTED}\nPass an instance"),
    (NoApp, rf"is the class 'NoApp', not an instance of it\. {WANTED}\nPass an instance"),
    (None, rf"app is None, which cannot be called\. {WANTED}"),
]


@pytest.mark.parametrize(("app", "text"), FORMS)
def test_every_form_of_an_app_is_called(app: Any, text: str) -> None:
    client = TestClient(app)

    assert client.get("/").text == text


@pytest.mark.parametrize(("app", "text"), NOT_APPS)
@pytest.mark.parametrize("kind", [TestClient, AsyncTestClient])
def test_what_is_no_app_is_refused_with_advice(kind: Any, app: Any, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        kind(app)


def test_coroutine_is_refused_with_advice() -> None:
    with pytest.raises(UsageError, match=r"is a coroutine of .*\nPass the async function itself"):
        TestClient(raw.Gate().wait())  # type: ignore[arg-type]


# -- where it is defined --------------------------------------------------------------------


def decorated(app: Any) -> Any:
    @wraps(app)
    async def wrapper(*args: Any) -> None:
        await app(*args)

    return wrapper


async def single(scope: Any, receive: Any, send: Any) -> None:
    await raw.hello(scope, receive, send)


HOMES = [
    (single, single),
    (partial(with_setting, "x"), with_setting),
    (partial(partial(with_setting), "x"), with_setting),
    (decorated(single), single),
    (asgi2_function, asgi2_function),
    (Instance(), Instance.__call__),
    (Instance().method, Instance.method),
    (TakesAny(), TakesAny.__call__),
    (ASGI2, ASGI2.__call__),
]


@pytest.mark.parametrize(("app", "defined"), HOMES)
def test_home_of_an_app_is_the_line_that_defines_what_is_called(app: Any, defined: Any) -> None:
    code = defined.__code__
    path = Path(__file__).relative_to(Path.cwd())

    assert (
        prepare_app(app).home(str(Path.cwd())) == f"{path}:{code.co_firstlineno} in {code.co_name}"
    )


@pytest.mark.parametrize("app", [Starlette(), FastAPI(), PlainTextResponse("hello")], ids=type)
def test_app_that_a_library_defines_has_no_home(app: Any) -> None:
    assert prepare_app(app).home(str(Path.cwd())) == ""
