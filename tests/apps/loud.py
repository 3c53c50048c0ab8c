"""Apps that send a header name in upper case, a broken rule, each from another line."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps.raw import App

LOUD = {"type": "http.response.start", "status": 200, "headers": [(b"X-A", b"1")]}


async def sends(scope: Scope, receive: Receive, send: Send) -> None:
    await send(LOUD)  # by itself


async def send_loudly(send: Send) -> None:
    await send(LOUD)  # for the app


async def is_helped(scope: Scope, receive: Receive, send: Send) -> None:
    await send_loudly(send)


def wrapped(inner: App) -> App:
    """Return a middleware that sends what the inner app sends."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_on(message: Message) -> None:
            await send(message)  # for the inner app

        await inner(scope, receive, send_on)

    return app


class LoudResponse(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(LOUD)  # below the framework


async def own_response(request: Request) -> Response:
    return LoudResponse()


async def response_of_a_library(request: Request) -> Response:
    return Response(headers={"x-a": " padded "})
