"""Half a minute's use of one client, on the oldest Python that the package supports only.

What could grow is our own and the same on each interpreter; `tests/soak/test_many_requests.py`
takes longer, in every mode.
"""

from __future__ import annotations

import sys
import time

import pytest

from tests.growth import MOST_EXTRA_BYTES, use_for_long
from tests.modes import OpenClient, run_in_mode

OLDEST_PYTHON = (3, 11)  # as `requires-python` says
SECONDS = 10.0  # in each of three modes


@pytest.mark.skipif(sys.version_info[:2] != OLDEST_PYTHON, reason="runs on the oldest Python")
@pytest.mark.parametrize("mode", ["thread", "inline", "asyncio"])
def test_nothing_grows_while_one_client_is_used_for_ten_seconds(mode: str) -> None:
    ends_at = time.perf_counter() + SECONDS

    async def use() -> None:
        usage = await use_for_long(
            OpenClient(mode),
            goes_on=lambda _: time.perf_counter() < ends_at,
            report=lambda _: None,
        )
        assert usage.grown == {}
        assert usage.extra_bytes < MOST_EXTRA_BYTES, usage

    run_in_mode(mode, use)
