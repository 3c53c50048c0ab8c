"""Apps that can never answer are found at once, on the loops that are ours."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from asgi_testkit import StallError, TestClient
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


@pytest.mark.parametrize("driver", DRIVERS)
def test_stalled_app_is_found_though_the_working_directory_is_gone(
    driver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    with (
        entered(STALLED["event"], driver) as client,
        pytest.raises(StallError, match=FOR_EVER) as caught,
    ):
        client.get("/")

    assert "tests/living/table.py" in str(caught.value)


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("asks", [threading.get_ident, threading.current_thread])
def test_stalled_app_is_found_after_a_thread_of_another_library_has_called_python(
    driver: str, asks: Callable[[], object]
) -> None:
    """Of `current_thread()` Python 3.11 keeps an entry that outlives the thread."""
    library = ctypes.CDLL(None)
    call = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)(lambda _: str(asks()) and None)
    thread = ctypes.c_ulong()
    library.pthread_create(ctypes.byref(thread), None, call, None)
    library.pthread_join(thread, None)

    with entered(STALLED["event"], driver) as client, pytest.raises(StallError, match=FOR_EVER):
        client.get("/")


@pytest.mark.parametrize("driver", DRIVERS)
def test_each_of_several_clients_that_stall_at_once_ends_by_its_limit(driver: Any) -> None:
    def stall(_: int) -> str:
        with (
            TestClient(STALLED["event"], driver=driver, timeout=0.3) as client,
            pytest.raises(StallError, match="GET /: ") as caught,
        ):
            client.get("/")
        return str(caught.value).splitlines()[1]

    with ThreadPoolExecutor(3) as threads:
        reasons = list(threads.map(stall, range(3), timeout=10))

    assert reasons == ["The app waits for an event that nobody sets."] * 3


@pytest.mark.parametrize("driver", DRIVERS)
def test_stalled_call_in_a_thread_that_the_test_joins_ends_by_its_limit(driver: Any) -> None:
    client = TestClient(STALLED["event"], driver=driver, timeout=0.3)
    kinds: list[str] = []

    def ask() -> None:
        with pytest.raises(StallError, match="GET /: ") as caught:
            client.get("/")
        kinds.append(caught.value.kind)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(10)

    assert kinds == ["read"]
