"""A script: apps of the double-callable form, made of Starlette 0.8.8's classes, and our client.

Started by `test_double_callable_apps.py` with the names of a driver and of the module whose client
is meant, in a process where that old version comes first in the path. Prints what each check
returned, as JSON.
"""

from __future__ import annotations

import email
import email.policy
import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

DRIVER: Any = sys.argv[1]
TestClient: Any = import_module(sys.argv[2]).TestClient


def open_client(app: Any, **options: Any) -> Any:
    return TestClient(app, driver=DRIVER, **options)


class Greeting:
    """Sends one page; knows of no lifespan."""

    def __init__(self, scope: Any) -> None:
        assert scope["type"] == "http"
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        page: Any = HTMLResponse("<html><body>Hello, world!</body></html>")
        await page(receive, send)


class View:
    """A base for apps that turn a request into a response."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        response = await self.answer(Request(self.scope, receive))
        await response(receive, send)

    async def answer(self, request: Any) -> Any:
        raise NotImplementedError


class Credentials(View):
    async def answer(self, request: Any) -> Any:
        return PlainTextResponse(request.headers["authorization"])


class Visits(View):
    """Counts the visits of a client in a cookie."""

    async def answer(self, request: Any) -> Any:
        count = int(request.cookies.get("visits", "0")) + 1
        response = PlainTextResponse(f"visit {count}")
        response.set_cookie("visits", str(count))
        return response


class Uploads(View):
    """Lists the parts of a form: field, file name, type and content."""

    async def answer(self, request: Any) -> Any:
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        form = email.message_from_bytes(head + await request.body(), policy=email.policy.HTTP)
        return JSONResponse([describe_part(part) for part in form.iter_parts()])


class MethodAndQuery(View):
    async def answer(self, request: Any) -> Any:
        return JSONResponse([request.method, dict(request.query_params)])


class Redirect(View):
    async def answer(self, request: Any) -> Any:
        if request.url.path == "/there":
            return PlainTextResponse("arrived")
        return Response(status_code=302, headers={"location": "/there"})


class Broken(View):
    async def answer(self, request: Any) -> Any:
        raise LookupError("no such shelf")


def describe_part(part: Any) -> list[Any]:
    field = part.get_param("name", header="content-disposition")
    content = part.get_payload(decode=True).decode()
    return [field, part.get_filename(), part.get_content_type(), content]


def page() -> Any:
    response = open_client(Greeting).get("/")

    assert response.status_code == 200
    return [response.status_code, response.headers["content-type"], response.text]


def page_in_a_with_block() -> Any:
    with open_client(Greeting) as client:
        return client.get("/").status_code


def what_the_app_is_told() -> Any:
    scopes = []

    class Remembering(Greeting):
        def __init__(self, scope: Any) -> None:
            scopes.append(scope)
            super().__init__(scope)

    open_client(Remembering).get("/")

    (scope,) = scopes
    return [scope["type"], scope["asgi"]["version"]]


def basic_auth_of_the_call() -> Any:
    return open_client(Credentials).get("/", auth=("ada", "secret")).text


def basic_auth_of_the_client() -> Any:
    return open_client(Credentials, auth=("ada", "secret")).get("/").text


def session_cookie() -> Any:
    client = open_client(Visits)

    texts = [client.get("/").text for _ in range(3)]

    return [texts, dict(client.cookies)]


def file_uploads() -> Any:
    files: Any = {"cover": ("cover.txt", b"a whale", "text/plain"), "index": b"a-z"}
    return open_client(Uploads).post("/", data={"title": "Moby-Dick"}, files=files).json()


def method_and_query() -> Any:
    client = open_client(MethodAndQuery)
    return [client.put("/", params={"a": "1"}).json(), client.delete("/?b=2").json()]


def redirect() -> Any:
    response = open_client(Redirect).get("/here")
    return [response.text, [earlier.status_code for earlier in response.history]]


def exception() -> Any:
    try:
        open_client(Broken).get("/")
    except LookupError as error:
        return [type(error).__name__, *error.args]
    raise AssertionError("the app's exception was lost")


def exception_as_a_response() -> Any:
    response = open_client(Broken, raise_server_exceptions=False).get("/")
    return [response.status_code, response.text]


CHECKS: tuple[Callable[[], Any], ...] = (
    page,
    page_in_a_with_block,
    what_the_app_is_told,
    basic_auth_of_the_call,
    basic_auth_of_the_client,
    session_cookie,
    file_uploads,
    method_and_query,
    redirect,
    exception,
    exception_as_a_response,
)

if __name__ == "__main__":
    results = {check.__name__: check() for check in CHECKS}
    print(json.dumps({"starlette": starlette.__version__, **results}))
