"""The apps of the tests of rules: those that are legal, and those that break a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import tests.rules.broken
import tests.rules.legal  # noqa: F401 - both register
from asgi_testkit.protocol.rules import RULES
from tests.conformance.scenario import Request, Scenario, talk, whole
from tests.rules.registry import BROKEN, LEGAL, BrokenApp, LegalApp

__all__ = ("SCENARIOS",)

# Nothing comes of the first on any server; of the second what comes is a matter of chance.
_LEFT_OUT: Final = frozenset({"H50", "H09"})


def _is_portable(case: BrokenApp | LegalApp) -> bool:
    return not case.scope and not case.scope_extensions and case.kind != "lifespan"


def _scenario(name: str, asks: str, app: str, case: BrokenApp | LegalApp) -> Scenario:
    request = Request(method=case.method.encode(), subprotocols=case.subprotocols)
    return Scenario(
        name=name,
        topic=name.partition("-")[0],
        asks=asks,
        app=app,
        kind=case.kind,
        request=request,
        script=whole if case.kind == "http" else talk,
        spoils=isinstance(case, BrokenApp),
    )


def _scenarios() -> Iterator[Scenario]:
    for legal in filter(_is_portable, LEGAL):
        words = str(legal).replace("_", " ")
        name = f"legal-{'ws-' if legal.kind == 'websocket' else ''}{str(legal).replace('_', '-')}"
        yield _scenario(name, f"legal: {words}", f"legal:{legal.kind}:{legal}", legal)
    for case in _first_of_each_rule():
        yield _scenario(f"rule-{case.rule}", RULES[case.rule].text, f"broken:{case.name}", case)


def _first_of_each_rule() -> Iterator[BrokenApp]:
    """Yield the app that docs/rules.md shows of each rule that an app can break on the wire."""
    seen = set(_LEFT_OUT)
    for case in BROKEN:
        if case.rule not in seen and case.level != "F" and _is_portable(case):
            seen.add(case.rule)
            yield case


SCENARIOS: Final = tuple(_scenarios())
