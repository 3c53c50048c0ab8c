"""Real servers, started and stopped hundreds of times, several at once: `pytest -m soak -n 4`.

`ASGI_TESTKIT_SOAK_RUNS` sets how often; see `test_living_apps`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from asgi_testkit import serve
from tests.servers.places import APPS, each_process

pytestmark = pytest.mark.soak

RUNS = int(os.environ.get("ASGI_TESTKIT_SOAK_RUNS", "200"))


@each_process
@pytest.mark.parametrize("number", range(RUNS))
def test_a_server_is_started_asked_and_stopped(
    over: str, number: int, tell: Callable[[str], None]
) -> None:
    began = time.perf_counter()
    with serve(f"{APPS}:echo", over) as server:
        seen = server.client().get(f"/{number}").json()
        answered = time.perf_counter()
        group = server.pid or 0
    tell(
        f"answered after {answered - began:.3f} s, stopped after another"
        f" {time.perf_counter() - answered:.3f} s"
    )

    assert seen["path"] == f"/{number}"
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
