"""Apps that can never answer are found at once, on the loops that are ours."""

from __future__ import annotations

import time

import pytest

from asgi_testkit import StallError
from tests.apps.websockets import accepting
from tests.living.clients import LIMIT, entered
from tests.living.table import DRIVERS, STALLED

RUNS = 5

FOR_EVER = "nothing can change that any more"


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", STALLED)
def test_stalled_app_is_found(name: str, driver: str) -> None:
    with entered(STALLED[name], driver) as client:
        for _ in range(RUNS):
            began = time.perf_counter()
            with pytest.raises(StallError, match=FOR_EVER):
                client.get("/")

            assert time.perf_counter() - began < LIMIT


@pytest.mark.parametrize("driver", DRIVERS)
def test_websocket_in_which_both_sides_wait_is_found(driver: str) -> None:
    with entered(accepting(), driver) as client:
        for _ in range(RUNS):
            with (
                client.websocket_connect("/") as session,
                pytest.raises(StallError, match=FOR_EVER),
            ):
                session.receive_text()
