"""Transports that call the app straight, for the libraries' own clients: the measure of ours."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any
from urllib.parse import unquote_to_bytes

from asgi_testkit.errors import UsageValueError

__all__ = ("plain_transport",)


def plain_transport(library: ModuleType, app: Any, *, is_async: bool) -> Any:
    """Return a transport of this library for an app that never suspends."""
    return (_async_transport if is_async else _blocking_transport)(library, app)


def _blocking_transport(library: ModuleType, app: Any) -> Any:
    class PlainStream(library.SyncByteStream):  # type: ignore[name-defined, misc]
        def __init__(self, pieces: list[bytes]) -> None:
            self.pieces = pieces

        def __iter__(self) -> Iterator[bytes]:
            yield from self.pieces

    class PlainTransport(library.BaseTransport):  # type: ignore[name-defined, misc]
        def handle_request(self, request: Any) -> Any:
            call = _Call(request, b"".join(request.stream))
            _run(app(call.scope, call.receive, call.send))
            return call.response(library, PlainStream)

    return PlainTransport()


def _async_transport(library: ModuleType, app: Any) -> Any:
    class PlainStream(library.AsyncByteStream):  # type: ignore[name-defined, misc]
        def __init__(self, pieces: list[bytes]) -> None:
            self.pieces = pieces

        async def __aiter__(self) -> Any:
            for piece in self.pieces:
                yield piece

    class PlainTransport(library.AsyncBaseTransport):  # type: ignore[name-defined, misc]
        async def handle_async_request(self, request: Any) -> Any:
            call = _Call(request, b"".join([piece async for piece in request.stream]))
            await app(call.scope, call.receive, call.send)
            return call.response(library, PlainStream)

    return PlainTransport()


def _run(coroutine: Any) -> None:
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the app of the differential tests has suspended")


class _Call:
    """One call of the app."""

    def __init__(self, request: Any, body: bytes) -> None:
        self.scope = _scope(request)
        self._messages = [{"type": "http.request", "body": body, "more_body": False}]
        self._start: Any = None
        self._pieces: list[bytes] = []

    async def receive(self) -> Any:
        return self._messages.pop(0)

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["body"]:
            self._pieces.append(message["body"])

    def response(self, library: ModuleType, stream: Any) -> Any:
        version = b"HTTP/" + self.scope["http_version"].encode()
        return library.Response(
            self._start["status"],
            headers=self._start["headers"],
            stream=stream(self._pieces),
            extensions={"http_version": version},
        )


def _scope(request: Any) -> Any:
    """Return what a server would tell the app; what no server could, is our `UsageError`."""
    if request.url.scheme not in ("http", "https"):
        raise UsageValueError(
            f"The request's URL is {str(request.url)!r}; its scheme must be http or https."
        )
    target = request.extensions.get("target", request.url.raw_path)
    raw_path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": unquote_to_bytes(raw_path).decode(),
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(name.lower(), value.strip()) for name, value in request.headers.raw],
        **request.extensions.get("scope", {}),
    }
