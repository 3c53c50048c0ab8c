"""Wake-ups on asyncio: one timer for many waits, which rings in time for each."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

from asgi_testkit.drive.asyncio_runtime import AsyncioRuntime
from asgi_testkit.drive.runtime import Wakeup


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock stands still until a test moves it."""

    now = 0.0

    def time(self) -> float:
        return self.now

    async def move_to(self, now: float) -> None:
        """Move the clock and let what is due then happen."""
        self.now = now
        for _ in range(3):
            await asyncio.sleep(0)


def run(test: Callable[[Loop, Wakeup], Coroutine[Any, Any, Any]]) -> Any:
    """Run a test in a loop of its own, with a new condition."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, Loop)
        return runner.run(test(loop, AsyncioRuntime(loop).wakeup()))


def is_woken(waiter: Any) -> bool:
    """Return whether what `wait` has returned is done; on asyncio it is a future."""
    return bool(waiter.done())


def cancelled_wait(wakeup: Wakeup) -> weakref.ref[Any]:
    """Begin to wait and give that up; return a reference that does not keep what was waited for."""
    waiter: Any = wakeup.wait()
    waiter.cancel()
    return weakref.ref(waiter)


def test_second_wait_with_a_later_end_leaves_the_first_its_time() -> None:
    async def main(loop: Loop, wakeup: Wakeup) -> list[bool]:
        first = wakeup.wait(1.0)
        await loop.move_to(0.8)
        wakeup.wait(0.95)
        await loop.move_to(0.99)
        before = is_woken(first)
        await loop.move_to(1.0)
        return [before, is_woken(first)]

    assert run(main) == [False, True]


def test_second_wait_with_an_earlier_end_is_woken_in_time() -> None:
    async def main(loop: Loop, wakeup: Wakeup) -> bool:
        wakeup.wait(1.0)
        second = wakeup.wait(0.5)
        await loop.move_to(0.5)
        return is_woken(second)

    assert run(main) is True


def test_resting_leaves_whoever_waits_still_its_time() -> None:
    async def main(loop: Loop, wakeup: Wakeup) -> bool:
        waiter = wakeup.wait(1.0)
        wakeup.rest()
        await loop.move_to(1.0)
        return is_woken(waiter)

    assert run(main) is True


def test_cancelled_waits_are_not_kept() -> None:
    async def main(loop: Loop, wakeup: Wakeup) -> int:
        waits = [cancelled_wait(wakeup) for _ in range(200)]
        return sum(wait() is not None for wait in waits)

    assert run(main) < 20
