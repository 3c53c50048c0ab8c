"""The app of all shapes: it writes down what it sees, and answers as it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ("Answer", "RecordingApp", "Seen", "answer")

Seen: TypeAlias = dict[str, Any]
"""A request as the app has seen it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status, its headers in order, and the pieces of its body."""

    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b"text/plain; charset=utf-8"),)
    pieces: tuple[bytes, ...] = (b"hello, all", b" of you")


Telling: TypeAlias = Answer | Callable[[Seen], Answer] | Exception


def answer(
    body: str | bytes | Sequence[bytes] = b"hello", status: int = 200, **headers: str | list[str]
) -> Answer:
    """Return an answer; a header's name is written with `_` for `-`, its value may be a list."""
    pairs = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, values in headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    body = body.encode() if isinstance(body, str) else body
    pieces = (body,) if isinstance(body, bytes) else tuple(body)
    return Answer(status, tuple(pairs), pieces)


class RecordingApp:
    """An ASGI app with an answer for each path, and one for all others."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answers: dict[str, Telling] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await _live(receive, send)
        seen = await _as_seen(scope, receive)
        if seen is None:
            return None
        self.seen.append(seen)
        return await _send(self._find(seen), send, is_head=scope["method"] == "HEAD")

    def _find(self, seen: Seen) -> Answer:
        telling = self.answers.get(seen["path"], Answer())
        if isinstance(telling, Exception):
            raise telling
        return telling if isinstance(telling, Answer) else telling(seen)


async def _live(receive: Any, send: Any) -> None:
    for act in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{act}.complete"})


async def _as_seen(scope: Any, receive: Any) -> Seen | None:
    """Return the request; `None`: its body broke off."""
    names = ("method", "scheme", "path", "raw_path", "query_string", "http_version")
    seen = {name: scope[name] for name in names}
    seen["headers"] = [tuple(pair) for pair in scope["headers"]]
    seen["body"] = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        seen["body"] += message.get("body", b"")
        more = message.get("more_body", False)
    return seen


async def _send(told: Answer, send: Any, *, is_head: bool) -> None:
    await send({
        "type": "http.response.start", "status": told.status, "headers": list(told.headers)
    })  # fmt: skip
    for piece in () if is_head else told.pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
