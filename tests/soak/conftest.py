"""Long runs are collected only where they are asked for: `pytest -m soak`."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out unless the marker expression names it."""
    return None if "soak" in (config.getoption("-m") or "") else True
