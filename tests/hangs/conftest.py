"""Nothing of other tests lies in the way of a proof."""

from __future__ import annotations

import pytest

from asgi_testkit.drive.pool import POOL


@pytest.fixture(autouse=True, scope="module")
def no_idle_drivers() -> None:
    """End the idle threads of other tests, which may be uvloop's: beside one nothing is proved."""
    POOL.end_idle()
