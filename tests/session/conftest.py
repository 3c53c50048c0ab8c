"""Fixtures of the session tests."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.session.endings import AtOnce

AT_ONCE = 1.0  # far above what it takes, far below the clients' timeout


@pytest.fixture
def at_once(request: pytest.FixtureRequest) -> AtOnce:
    """Fail where a block takes long; `--junitxml` has its seconds."""

    @contextmanager
    def measured() -> Generator[None]:
        began = time.perf_counter()
        yield
        seconds = time.perf_counter() - began
        request.node.user_properties.append(("seconds", seconds))
        assert seconds < AT_ONCE

    return measured
