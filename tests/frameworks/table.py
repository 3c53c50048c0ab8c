"""The frameworks under test, and the facts about each that a test has to know.

Facts about the frameworks alone, found by trying; nothing here says what our clients do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .apps import (
    django_app,
    falcon_app,
    fastapi_app,
    lilya_app,
    litestar_app,
    quart_app,
    raw2_app,
    raw3_app,
    starlette_app,
)

__all__ = ("FRAMEWORKS", "MODES", "Framework")

MODES = ("thread", "inline", "asyncio", "uvloop", "trio")


@dataclass(frozen=True, slots=True)
class Framework:
    """One framework, its shop, and where it differs from the others.

    Attributes:
        create_app: makes a new shop that reports its lifespan to the list it is given.
        lets_errors_out: an exception of a view leaves the app; else the app answers 500 itself.
        has_lifespan: the app answers the lifespan scope; else it raises on it.
        keeps_pieces: a view sees the pieces of a request's body as they arrived.
        asgi_version: the version the app is told it is called by.
        breaks: the rules of ASGI that its own code breaks, all of level W.
        cannot_run: the modes the framework cannot run in, each with the reason.
    """

    name: str
    create_app: Callable[[list[str]], Any]  # apps are typed by each framework in its own way
    lets_errors_out: bool
    has_lifespan: bool = True
    keeps_pieces: bool = True
    asgi_version: str = "3.0"
    breaks: frozenset[str] = frozenset()
    cannot_run: Mapping[str, str] = field(default_factory=dict)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes to test in."""
        return tuple(mode for mode in MODES if mode not in self.cannot_run)


FRAMEWORKS = (
    Framework("starlette", starlette_app.create_app, lets_errors_out=True),
    Framework("fastapi", fastapi_app.create_app, lets_errors_out=True),
    Framework("litestar", litestar_app.create_app, lets_errors_out=False),
    Framework(
        "quart",
        quart_app.create_app,
        lets_errors_out=False,
        # Reading runs ahead in a task of its own: pieces waiting together become one.
        keeps_pieces=False,
        cannot_run={"trio": "makes asyncio tasks and futures; quart-trio is another package"},
    ),
    Framework(
        "django",
        django_app.create_app,
        lets_errors_out=False,
        has_lifespan=False,
        # The handler has stored the whole body before it calls the view.
        keeps_pieces=False,
        breaks=frozenset({"H27"}),  # `Content-Type`
        cannot_run={"trio": "asgiref's thread hand-over needs a running asyncio loop"},
    ),
    Framework("falcon", falcon_app.create_app, lets_errors_out=False),
    Framework("lilya", lilya_app.create_app, lets_errors_out=True),
    Framework("raw3", raw3_app.create_app, lets_errors_out=True),
    Framework("raw2", raw2_app.create_app, lets_errors_out=True, asgi_version="2.0"),
)
