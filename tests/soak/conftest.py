"""Long runs are collected only where they are asked for: `pytest -m soak`; and their figures."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

FIGURES = os.environ.get("ASGI_TESTKIT_SOAK_FIGURES")
Tell = Callable[[str], None]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out unless the marker expression names it."""
    return None if "soak" in (config.getoption("-m") or "") else True


@pytest.fixture
def tell(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Return what prints a test's figures, and adds them to the file for figures."""

    def add(figures: str) -> None:
        line = f"{request.node.name}: {figures}"
        with capsys.disabled():
            print(f"\n{line}", end="")
        if FIGURES is not None:
            with Path(FIGURES).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    return add
