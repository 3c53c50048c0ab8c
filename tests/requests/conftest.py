"""Fixtures of the tests of requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeAlias

import pytest

from asgi_testkit.requests import TestClient

Enter: TypeAlias = Callable[..., TestClient]


@pytest.fixture(params=["thread", "inline"])
def enter(request: pytest.FixtureRequest) -> Iterator[Enter]:
    """Enter a client of an app, on each driver; it is left when the test ends."""
    with ExitStack() as stack:

        def entered(app: Any, **options: Any) -> TestClient:
            return stack.enter_context(TestClient(app, driver=request.param, **options))

        yield entered
