"""Both kinds of bell wake the thread that waits, and lose no ring."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from asgi_testkit.drive.threads import Bell, make_bell

PATIENCE_SECONDS = 10.0  # for whoever is to be woken


@pytest.fixture(params=["eventfd", "lock"])
def bell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Bell:
    if request.param == "lock":
        monkeypatch.delattr(os, "eventfd")
    return make_bell()


def in_a_thread(function: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=function)
    thread.start()
    return thread


def test_bell_that_was_rung_does_not_wait(bell: Bell) -> None:
    bell.ring()

    assert bell.wait()


def test_ringing_twice_is_as_ringing_once(bell: Bell) -> None:
    bell.ring()
    bell.ring()

    assert (bell.wait(), bell.wait(0)) == (True, False)


def test_bell_that_nobody_rings_waits_for_as_long_as_it_may(bell: Bell) -> None:
    assert not bell.wait(0.01)


def test_bell_wakes_a_thread_that_waits(bell: Bell) -> None:
    woken: list[bool] = []
    thread = in_a_thread(lambda: woken.append(bell.wait(PATIENCE_SECONDS)))

    bell.ring()
    thread.join()

    assert woken == [True]


def test_silenced_bell_has_forgotten_that_it_was_rung(bell: Bell) -> None:
    bell.ring()

    bell.silence()

    assert not bell.wait(0)


def test_silenced_bell_rings_again(bell: Bell) -> None:
    bell.ring()
    bell.silence()

    bell.ring()

    assert bell.wait(PATIENCE_SECONDS)


def test_no_ring_is_lost_that_says_there_is_something_to_see(bell: Bell) -> None:
    rings, taken, seen = 5_000, threading.Semaphore(0), [0]

    def look() -> None:
        while seen[0] < rings:
            assert bell.wait(PATIENCE_SECONDS)
            while taken.acquire(blocking=False):
                seen[0] += 1

    thread = in_a_thread(look)
    for _ in range(rings):
        taken.release()
        bell.ring()
    thread.join()

    assert seen == [rings]


@pytest.mark.skipif(not hasattr(os, "eventfd"), reason="event descriptors are Linux's")
def test_bell_is_rung_again_after_ctrl_c_came_between(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(file: int, value: int) -> None:
        raise KeyboardInterrupt

    bell = make_bell()
    with monkeypatch.context() as patched:
        patched.setattr(os, "eventfd_write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            bell.ring()

    bell.ring()

    assert bell.wait(PATIENCE_SECONDS)
