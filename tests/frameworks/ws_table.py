"""The frameworks whose WebSockets are under test, and what each of them cannot express.

Facts about the frameworks alone, found by trying; nothing here says what our clients do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .table import MODES
from .ws_apps import (
    channels_app,
    falcon_app,
    fastapi_app,
    litestar_app,
    quart_app,
    raw2_app,
    raw3_app,
    starlette_app,
)
from .ws_apps.chat import Notes

__all__ = ("FRAMEWORKS", "Ability", "WebSocketFramework")

Ability: TypeAlias = Literal["denial response", "end's code", "end's reason"]


@dataclass(frozen=True, slots=True)
class WebSocketFramework:
    """One framework, its chat, and where it differs from the others.

    Attributes:
        create_app: makes a new chat that writes into the notes it is given.
        cannot: what the framework cannot express, each with the reason.
        denial_close: without a denial response: code and reason of the close that forbids.
        breaks: the rules of ASGI that its own code breaks, all of level W.
        cannot_run: the modes the framework cannot run in, each with the reason.
    """

    name: str
    create_app: Callable[[Notes], Any]  # apps are typed by each framework in its own way
    cannot: Mapping[Ability, str] = field(default_factory=dict)
    denial_close: tuple[int, str] = (0, "")
    breaks: frozenset[str] = frozenset()
    cannot_run: Mapping[str, str] = field(default_factory=dict)

    def can(self, ability: Ability) -> bool:
        """Whether the framework can express that."""
        return ability not in self.cannot

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes to test in."""
        return tuple(mode for mode in MODES if mode not in self.cannot_run)


FRAMEWORKS = (
    WebSocketFramework("starlette", starlette_app.create_app),
    WebSocketFramework("fastapi", fastapi_app.create_app),
    WebSocketFramework(
        "litestar",
        litestar_app.create_app,
        cannot={
            "denial response": "closes with code 4500 for every HTTP exception",
            "end's reason": "its WebSocketDisconnect keeps the code alone",
        },
        denial_close=(4500, "not in here"),
    ),
    WebSocketFramework(
        "quart",
        quart_app.create_app,
        cannot={
            "end's code": "cancels the view when the client has gone, and drops the message",
            "end's reason": "as the code",
        },
        # A denial's body comes in two messages; the task that accepts may run before the one that
        # receives, as Python 3.13 has it.
        breaks=frozenset({"W30", "W34"}),
        cannot_run={"trio": "makes asyncio tasks and queues; quart-trio is another package"},
    ),
    WebSocketFramework(
        "channels",
        channels_app.create_app,
        cannot={"denial response": "DenyConnection sends a close without code"},
        denial_close=(1000, ""),
        breaks=frozenset({"H27"}),  # its HTTP side is Django's
        cannot_run={"trio": "a consumer waits for its two inboxes in asyncio tasks"},
    ),
    WebSocketFramework(
        "falcon",
        falcon_app.create_app,
        cannot={
            "denial response": "closes with 3000 + the status for every HTTP error",
            "end's reason": "its WebSocketDisconnected keeps the code alone",
        },
        denial_close=(3403, "Forbidden"),
        cannot_run={"trio": "its receive buffer is an asyncio task"},
    ),
    WebSocketFramework("raw3", raw3_app.create_app),
    WebSocketFramework("raw2", raw2_app.create_app),
)
