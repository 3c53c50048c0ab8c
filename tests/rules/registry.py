"""What apps of this folder are registered with: the rule, and what a test has to do and to expect.

The apps are documentation, too: `docs/rules.md` shows the first of each rule as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from asgi_testkit.protocol.rules import RULES
from tests.apps.raw import App

__all__ = ("BROKEN", "LEGAL", "BrokenApp", "Kind", "LegalApp", "breaks", "is_legal")

Kind: TypeAlias = Literal["http", "websocket", "lifespan"]

_KINDS: Mapping[str, Kind] = {"H": "http", "W": "websocket", "L": "lifespan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenApp:
    """An app that breaks one rule.

    Attributes:
        rule: the id.
        app: the app.
        raises: what comes out of the call, apart from the error that the rule may lead to.
        is_own: it is what the app itself raises, and a note of it names the rule.
        is_return: the rule is broken by what the app does not send.
        is_late: it is broken after the app call has returned.
        also: rules of level W that it breaks on the way, or when it swallows the error.
        method: of the request.
        subprotocols: what the client offers.
        scope_extensions: of the client.
        scope: keys of the scope of this call.
        timeout: of the client.
    """

    rule: str
    app: App
    raises: type[BaseException] | None = None
    is_own: bool = False
    is_return: bool = False
    is_late: bool = False
    also: frozenset[str] = frozenset()
    method: str = "GET"
    subprotocols: tuple[str, ...] = ()
    scope_extensions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scope: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 2.0  # a hang would end as a StallError, which few tests expect

    def __str__(self) -> str:
        return f"{self.rule}-{self.name}"

    @property
    def name(self) -> str:
        """The name of the case; a name that is a word of Python ends in an underscore."""
        return str(getattr(self.app, "__name__", "")).rstrip("_")

    @property
    def kind(self) -> Kind:
        return _KINDS[self.rule[0]]

    @property
    def level(self) -> str:
        return RULES[self.rule].level


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalApp:
    """An app that breaks no rule, though it may look so.

    Attributes:
        app: the app.
        shows: what arrives: status and body, or the messages of a WebSocket.
        headers: those that arrive whose names begin with `x-`, and all cookies, as they are.
        raises: what comes out of the call in good order: the app has closed or denied.
        warns: a rule of level W that it breaks all the same.
        method, subprotocols, scope_extensions: see `BrokenApp`.
    """

    app: App
    kind: Kind = "http"
    shows: Any = (200, b"hello")
    headers: tuple[tuple[bytes, bytes], ...] = ()
    raises: type[BaseException] | None = None
    warns: str | None = None
    method: str = "GET"
    subprotocols: tuple[str, ...] = ()
    scope_extensions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scope: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 2.0

    def __str__(self) -> str:
        return str(getattr(self.app, "__name__", ""))


BROKEN: list[BrokenApp] = []
"""In the order of their files; `tests.rules.broken` imports them all."""

LEGAL: list[LegalApp] = []


def breaks(rule: str, **expected: Any) -> Callable[[App], App]:
    """Register an app that breaks `rule`; `expected` as the fields of `BrokenApp`."""

    def register(app: App) -> App:
        BROKEN.append(BrokenApp(rule=rule, app=app, **expected))
        return app

    return register


def is_legal(**expected: Any) -> Callable[[App], App]:
    """Register an app that is legal; `expected` as the fields of `LegalApp`."""

    def register(app: App) -> App:
        LEGAL.append(LegalApp(app=app, **expected))
        return app

    return register
