"""What importing us loads beside us. What it costs in time is measured by `bench.imports`."""

from __future__ import annotations

import pytest

from tests.processes import run_script

# What our users may not have, or would have to wait for without using it.
OTHERS = ("anyio", "click", "httpx", "pytest", "requests", "starlette", "trio", "uvloop", "wsproto")
SCRIPT = """
import json, sys
{statement}
print(json.dumps([name for name in sys.argv[1:] if name in sys.modules]))
"""


@pytest.mark.parametrize(
    "statement",
    [
        "import asgi_testkit",
        "from asgi_testkit import TestClient",
        "from asgi_testkit import AsyncTestClient, LifespanManager, ASGITransport, check",
        "from asgi_testkit import *",
    ],
)
def test_no_library_but_httpx2_is_imported_before_it_is_needed(statement: str) -> None:
    assert run_script(SCRIPT.format(statement=statement), *OTHERS) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import asgi_testkit.httpx", ["httpx"]),
        ("import asgi_testkit.requests", ["requests"]),
    ],
)
def test_other_adapters_import_their_own_library_alone(statement: str, expected: list[str]) -> None:
    others = [name for name in OTHERS if name not in ("anyio", "click")]  # httpx imports these

    assert run_script(SCRIPT.format(statement=statement), *others) == expected
