"""What is replaced by what, as data: libraries, their public names, and what stands in for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

__all__ = ("LIBRARIES", "Library")

_NONE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Library:
    """A library with names that can be ours.

    Attributes:
        module: where the names are.
        names: each with the place of what replaces it, as `module:name`; `{adapter}` in it is the
            folder of the HTTP client library that `module` itself has picked.
        passed_on: modules that give the same names on, where they are loaded.
        picked_by: the name in `module` that holds the picked library; empty: there is no choice.
        caught_as_starlettes: the names whose replacements are also Starlette's disconnect.
    """

    module: str
    names: Mapping[str, str]
    passed_on: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    picked_by: str = ""
    caught_as_starlettes: tuple[str, ...] = ()


LIBRARIES: Final[Mapping[str, Library]] = MappingProxyType(
    {
        "starlette": Library(
            "starlette.testclient",
            {
                "TestClient": "asgi_testkit.{adapter}:TestClient",
                "WebSocketDenialResponse": "asgi_testkit.{adapter}:WebSocketDenialResponse",
                "WebSocketTestSession": "asgi_testkit.session.blocking_websocket:WebSocketSession",
            },
            passed_on={"fastapi.testclient": ("TestClient",)},
            picked_by="httpx",
            caught_as_starlettes=("WebSocketDenialResponse",),
        ),
        "starlette_testclient": Library(
            "starlette_testclient", {"TestClient": "asgi_testkit.requests:TestClient"}
        ),
        "httpx2": Library("httpx2", {"ASGITransport": "asgi_testkit.httpx2:ASGITransport"}),
        "httpx": Library("httpx", {"ASGITransport": "asgi_testkit.httpx:ASGITransport"}),
        "asgi_lifespan": Library(
            "asgi_lifespan",
            {"LifespanManager": "asgi_testkit.replacing.lifespans:TimedLifespanManager"},
        ),
    }
)
"""By the name that an option's value calls each."""
