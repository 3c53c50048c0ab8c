"""The modes that every app is tried in."""

from __future__ import annotations

import pytest

from tests.modes import OpenClient


@pytest.fixture(params=["thread", "inline", "asyncio", "trio"])
def open_client(request: pytest.FixtureRequest) -> OpenClient:
    """Open a client in each mode but uvloop's, which differs in no message from asyncio's."""
    return OpenClient(request.param)
