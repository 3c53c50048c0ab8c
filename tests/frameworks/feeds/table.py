"""The sources of endless streams, and how each ends when its client leaves.

Facts about the frameworks alone, found by trying; nothing here says what our clients do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from tests.frameworks.table import MODES

from . import (
    django_app,
    falcon_app,
    fastapi_app,
    litestar_app,
    quart_app,
    raw_app,
    sse_starlette_app,
    starlette_app,
)
from .feed import Feed, Pace

__all__ = ("SOURCES", "Kind", "Source")

Kind: TypeAlias = Literal["stream", "events"]

_ASYNCIO_TASKS = "runs its streams in asyncio tasks"


@dataclass(frozen=True, slots=True)
class Source:
    """One way in which one framework sends a stream.

    Attributes:
        create_app: makes an app that sends the feed it is given.
        kind: what it sends; a combination that is not in the table cannot exist.
        deaf: the paces at which it does not hear of the client's leaving, each with the reason.
        closes_its_generator: at the tight pace, when it stops sending; else the generator is left
            to the garbage collector. At the idle pace all throw their cancellation into it.
        unsteady: the paces at which it does not end alike each time, each with the reason.
        breaks: the rules of ASGI that its own code breaks, all of level W.
        cannot_run: the modes it cannot run in, each with the reason.
    """

    name: str
    create_app: Callable[[Feed], Any]  # apps are typed by each framework in its own way
    kind: Kind
    deaf: Mapping[Pace, str] = field(default_factory=dict)
    closes_its_generator: bool = False
    unsteady: Mapping[Pace, str] = field(default_factory=dict)
    breaks: frozenset[str] = frozenset()
    cannot_run: Mapping[str, str] = field(default_factory=dict)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes to test in."""
        return tuple(mode for mode in MODES if mode not in self.cannot_run)


_QUART: dict[str, Any] = {"closes_its_generator": True, "cannot_run": {"trio": _ASYNCIO_TASKS}}
_DJANGO: dict[str, Any] = {"breaks": frozenset({"H27"}), "cannot_run": {"trio": _ASYNCIO_TASKS}}
_NEVER: dict[Pace, str] = dict.fromkeys(("idle", "tight"), "never receives while it streams")
_RAW: dict[str, Any] = {"deaf": _NEVER, "closes_its_generator": True}

SOURCES = (
    Source("starlette", starlette_app.create_app, "stream"),
    Source("starlette", starlette_app.create_app, "events"),
    Source("fastapi", fastapi_app.create_app, "stream"),
    Source(
        "fastapi",
        fastapi_app.create_app,
        "events",
        unsteady={
            "tight": "its keep-alive task may raise BrokenResourceError after the client has left"
        },
    ),
    # sse-starlette has no stream of its own beside Starlette's.
    Source("sse-starlette", sse_starlette_app.create_app, "events", closes_its_generator=True),
    Source("litestar", litestar_app.create_app, "stream"),
    Source("litestar", litestar_app.create_app, "events"),
    Source("quart", quart_app.create_app, "stream", **_QUART),
    Source("quart", quart_app.create_app, "events", **_QUART),
    Source("django", django_app.create_app, "stream", **_DJANGO),
    Source("django", django_app.create_app, "events", **_DJANGO),
    Source("falcon", falcon_app.create_app, "stream", deaf=_NEVER),
    Source(
        "falcon",
        falcon_app.create_app,
        "events",
        deaf={"idle": "looks whether the client has gone only before it sends the next event"},
        cannot_run={"trio": "watches for the disconnect in an asyncio task"},
    ),
    Source("raw", raw_app.create_app, "stream", **_RAW),
    Source("raw", raw_app.create_app, "events", **_RAW),
)
