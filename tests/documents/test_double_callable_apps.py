"""Apps of the double-callable form, with Starlette 0.8.8, in the blocking clients.

That version shares no environment with a current one; `scripts/set_up.py` unpacks it beside the
interpreter, and a script in a process of its own uses it there.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import run_script

SCRIPT = Path(__file__).with_name("double_callable_script.py")
OLD_STARLETTE = Path(sys.prefix) / "starlette-0.8.8"

BASIC_AUTH = "Basic " + base64.b64encode(b"ada:secret").decode()

EXPECTED = {
    "starlette": "0.8.8",
    "page": [200, "text/html; charset=utf-8", "<html><body>Hello, world!</body></html>"],
    "page_in_a_with_block": 200,
    "what_the_app_is_told": ["http", "2.0"],
    "basic_auth_of_the_call": BASIC_AUTH,
    "basic_auth_of_the_client": BASIC_AUTH,
    "session_cookie": [["visit 1", "visit 2", "visit 3"], {"visits": "3"}],
    "file_uploads": [
        ["title", None, "text/plain", "Moby-Dick"],
        ["cover", "cover.txt", "text/plain", "a whale"],
        ["index", True, "a-z"],  # whether name and media type are as the library has them
    ],
    "method_and_query": [["PUT", {"a": "1"}], ["DELETE", {"b": "2"}]],
    "redirect": ["arrived", [302]],
    "exception": ["LookupError", "no such shelf"],
    "exception_as_a_response": [500, "Internal Server Error"],
}

# requests names a file that has no name after its field, and guesses no media type.
NAMELESS_FILES = {"asgi_testkit": ["upload", "application/octet-stream"]}
CLIENTS = [
    pytest.param((driver, module), id=f"{driver}-{module}")
    for driver in ("thread", "inline")
    for module in ("asgi_testkit", "asgi_testkit.requests")
]


@pytest.fixture(scope="module", params=CLIENTS)
def results(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the script's checks returned, by their names."""
    assert OLD_STARLETTE.is_dir(), f"{OLD_STARLETTE} is missing; scripts/set_up.py makes it"
    found: dict[str, Any] = run_script(SCRIPT, *request.param, path=(OLD_STARLETTE,))
    field, *about, content = found["file_uploads"][2]
    is_usual = about == NAMELESS_FILES.get(request.param[1], ["index", "text/plain"])
    found["file_uploads"][2] = [field, is_usual, content]
    return found


@pytest.mark.parametrize("check", EXPECTED)
def test_double_callable_app_is_tested_as_ever(results: dict[str, Any], check: str) -> None:
    assert results[check] == EXPECTED[check]


def test_no_check_of_the_script_goes_uncompared(results: dict[str, Any]) -> None:
    assert results.keys() == EXPECTED.keys()
