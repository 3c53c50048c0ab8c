"""What every chat of this folder does, whichever framework it is written in.

| WebSocket | what the app does |
|---|---|
| `/text` | sends each text back |
| `/bytes` | sends each bytes message back |
| `/json` | answers each JSON value with `{"got": value}`, as text |
| `/json-binary` | the same, both ways as bytes |
| `/subprotocol` | chooses `SUBPROTOCOL`; sends the offered ones, joined by commas |
| `/cookies` | sets the cookie `room=blue`; sends the value of the cookie `session`, or "nobody" |
| `/user` | sends "name:password" of the basic auth |
| `/headers` | accepts with `ACCEPT_HEADERS`; sends the values of `x-asked`, joined by commas |
| `/query` | sends the name and value pairs of the query as JSON |
| `/denial` | forbids the connection before it is accepted, as the framework does it: `DENIAL` |
| `/refusal` | closes before it accepts, with `REFUSAL` |
| `/bye` | sends "bye" and closes with `FAREWELL` |
| `/witness` | waits for the end and notes its code and reason in `notes.ends` |
| `/push` | sends each text back; a task beside it sends "news" once `notes.news` is open |
| `/room` | sends "joined"; then each text goes to all who are in the room |
| `/flood` | sends `FLOOD` messages, opens `notes.flooded`, then sends each text back |

`GET /hello` answers the text "hello". No framework is imported here.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Sequence

from tests.apps.raw import Gate

__all__ = (
    "ACCEPT_HEADERS",
    "DENIAL",
    "FAREWELL",
    "FLOOD",
    "REFUSAL",
    "SET_COOKIE",
    "SUBPROTOCOL",
    "Notes",
    "Room",
    "basic_user",
    "encoded",
    "flood",
)

SUBPROTOCOL = "chat.v2"
SET_COOKIE = ("set-cookie", "room=blue; path=/")
ACCEPT_HEADERS = (("x-answered", "yes"), ("x-twice", "one"), ("x-twice", "two"))
DENIAL = (403, "not in here", ("x-why", "closed"))
REFUSAL = (4001, "not you")
FAREWELL = (4000, "done")
FLOOD = 1_000


class Notes:
    """What an app and its test tell each other beside the messages.

    Attributes:
        ends: what `/witness` saw, one line for each connection.
        news: opened by the test, waited for by `/push`.
        flooded: opened by `/flood` when all is sent, waited for by the test.
    """

    def __init__(self) -> None:
        self.ends: list[str] = []
        self.news = Gate()
        self.flooded = Gate()


class Room:
    """All who have joined, each as the function that sends a text to one."""

    def __init__(self) -> None:
        self._members: list[Callable[[str], Awaitable[None]]] = []

    def join(self, send_text: Callable[[str], Awaitable[None]]) -> None:
        self._members.append(send_text)

    def leave(self, send_text: Callable[[str], Awaitable[None]]) -> None:
        self._members.remove(send_text)

    async def say(self, text: str) -> None:
        for send_text in list(self._members):
            await send_text(text)


async def flood(send_text: Callable[[str], Awaitable[None]], notes: Notes) -> None:
    """Send `FLOOD` numbers, then say so."""
    for number in range(FLOOD):
        await send_text(str(number))
    await notes.flooded.open()


def basic_user(authorization: str) -> str:
    """Return "name:password" of a basic auth header."""
    return base64.b64decode(authorization.removeprefix("Basic ")).decode()


def encoded(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return `headers` as ASGI wants them."""
    return [(name.encode(), value.encode()) for name, value in headers]
