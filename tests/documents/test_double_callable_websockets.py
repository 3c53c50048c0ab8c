"""WebSockets of double-callable apps, with Starlette 0.8.8: the first document, by our clients.

That version shares no environment with a current one; see `test_double_callable_apps.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.documents.test_double_callable_apps import BASIC_AUTH, CLIENTS, OLD_STARLETTE
from tests.processes import run_script

SCRIPT = Path(__file__).with_name("double_callable_websocket_script.py")

EXPECTED = {
    "starlette": "0.8.8",
    "document": "Hello, world!",
    "in_a_with_block": "Hello, world!",
    "text": "hello",
    "bytes_": "hello",
    "json_": {"a": [1, None]},
    "json_in_binary_messages": {"a": [1, None]},
    "authentication_and_headers": {
        "authorization": BASIC_AUTH,
        "cookie": "a=1",
        "x-own": "1",
        "sec-websocket-protocol": "chat",
        "query": {"b": "2"},
    },
    "subprotocols": "b",
    "not_accepted": 4403,
    "not_accepted_by_starlettes_name": 4403,
    "closed_by_the_app": [4001, 4001, 4001],
    "closed_by_the_client": [1000, 1001, 4002, 1000],
    "exception": ["LookupError", "no such shelf"],
    "exception_nobody_waited_for": ["LookupError", "no such shelf"],
}


@pytest.fixture(scope="module", params=CLIENTS)
def results(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the script's checks returned, by their names."""
    assert OLD_STARLETTE.is_dir(), f"{OLD_STARLETTE} is missing; scripts/set_up.py makes it"
    found: dict[str, Any] = run_script(SCRIPT, *request.param, path=(OLD_STARLETTE,))
    return found


@pytest.mark.parametrize("check", EXPECTED)
def test_websocket_of_a_double_callable_app_is_tested_as_ever(
    results: dict[str, Any], check: str
) -> None:
    assert results[check] == EXPECTED[check]


def test_no_check_of_the_script_goes_uncompared(results: dict[str, Any]) -> None:
    assert results.keys() == EXPECTED.keys()
