"""Fixtures of the differential tests: which library they are about, and what they are deaf to."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

import pytest

LIBRARIES = os.environ.get("DIFFERENTIAL_LIBRARIES", "httpx2,httpx").split(",")


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> ModuleType:
    """Give the client library."""
    return importlib.import_module(request.param)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the app be as odd as it likes: here it is not the app that is tested."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore::asgi_testkit.errors.ASGIRuleWarning"))
