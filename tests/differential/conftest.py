"""Which library and which mode a differential test is about, and what it is deaf to."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

import pytest

from tests.differential.sides import MODES

LIBRARIES = os.environ.get("DIFFERENTIAL_LIBRARIES", "httpx2,httpx").split(",")

# A blocking driver knows no library: for httpx one is enough.
PAIRS = [
    (name, mode) for name in LIBRARIES for mode in MODES if (name, mode) != ("httpx", "thread")
]

DEAF_TO = "ignore::asgi_testkit.errors.ASGIRuleWarning"


@pytest.fixture
def library(request: pytest.FixtureRequest) -> ModuleType:
    """Give the client library."""
    return importlib.import_module(request.param)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test for each library, in each mode where it takes one."""
    if "mode" in metafunc.fixturenames:
        metafunc.parametrize(("library", "mode"), PAIRS, indirect=["library"])
    elif "library" in metafunc.fixturenames:
        metafunc.parametrize("library", LIBRARIES, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the app be as odd as it likes: here it is not the app that is tested."""
    for item in items:
        if "differential" in item.nodeid:
            item.add_marker(pytest.mark.filterwarnings(DEAF_TO))
