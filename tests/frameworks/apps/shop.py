"""What every shop of this folder answers, whichever framework it is written in.

| request | answer |
|---|---|
| `GET /hello` | the text "hello" |
| `POST /echo` | the JSON it was sent |
| `POST /upload` | JSON: the bytes of the body, and the pieces they arrived in (`measure`) |
| `GET /download` | `PIECES`, streamed one by one |
| `GET /fail` | raises `RuntimeError(FAILURE)` |
| `GET /old` | a redirect to `/hello` |
| `GET /login` | sets the cookie `session=abc` |
| `GET /whoami` | the value of the cookie `session`, or "nobody" |
| `GET /started` | "yes" once lifespan startup has run, "no" before, and after shutdown |
| `GET /asgi` | `scope["asgi"]["version"]` |

A lifespan appends "startup" and "shutdown" to the `log` given to `create_app`. No framework is
imported here.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

__all__ = ("FAILURE", "PIECES", "PIECE_BYTES", "download", "measure")

PIECE_BYTES = 16 * 1024
PIECES = tuple(letter * PIECE_BYTES for letter in (b"a", b"b", b"c", b"d"))
FAILURE = "shop is on fire"


async def download() -> AsyncIterator[bytes]:
    """Yield `PIECES`, for the streamed answer of `GET /download`."""
    for piece in PIECES:
        yield piece


async def measure(body: AsyncIterable[bytes]) -> dict[str, int]:
    """Read `body` to its end and return how many bytes came, in how many pieces.

    Empty pieces do not count: some frameworks mark the end of a body with one.
    """
    sizes = [len(piece) async for piece in body if piece]
    return {"bytes": sum(sizes), "pieces": len(sizes)}
