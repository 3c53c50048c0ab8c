"""The parked loop behaves as any asyncio loop: wake-ups, timers, sockets, threads."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from asgi_testkit.drive.application import FunctionCall
from asgi_testkit.drive.parked import ParkedLoop, Suspect
from asgi_testkit.drive.silence import Patience


def run(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    with asyncio.Runner(loop_factory=ParkedLoop) as runner:
        return runner.run(main())


def test_no_wake_up_from_four_threads_is_lost() -> None:
    seen: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def note(number: int) -> None:
            seen.append(number)
            if len(seen) == 4000 and not done.done():
                done.set_result(None)

        def post_many() -> None:
            for number in range(1000):
                loop.call_soon_threadsafe(note, number)

        for _ in range(4):
            threading.Thread(target=post_many).start()
        await asyncio.wait_for(done, 20)

    run(main)

    assert sorted(seen) == sorted(list(range(1000)) * 4)


def test_it_goes_on_between_parking_and_polling() -> None:
    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        left, right = socket.socketpair()
        with left, right:
            left.setblocking(False)
            received = b""
            for number in range(50):
                await asyncio.to_thread(right.send, bytes([number]))
                received += await loop.sock_recv(left, 1)
        return received

    assert run(main) == bytes(range(50))


def test_timers_fire_in_their_order_while_it_is_parked() -> None:
    async def main() -> list[str]:
        fired: list[str] = []
        loop = asyncio.get_running_loop()
        loop.call_later(0.02, fired.append, "late")
        loop.call_later(0.01, fired.append, "early")
        await asyncio.sleep(0.03)
        return fired

    assert run(main) == ["early", "late"]


def test_a_cancelled_handle_does_not_run() -> None:
    async def main() -> list[str]:
        called: list[str] = []
        loop = asyncio.get_running_loop()
        loop.call_soon_threadsafe(called.append, "cancelled").cancel()
        loop.call_soon_threadsafe(called.append, "kept")
        await asyncio.sleep(0.001)
        return called

    assert run(main) == ["kept"]


def test_subprocesses_run_on_it() -> None:
    async def main() -> bytes:
        process = await asyncio.create_subprocess_exec("echo", "hi", stdout=-1)
        output, _ = await process.communicate()
        return output

    assert run(main) == b"hi\n"


# -- who is told that nothing can happen ----------------------------------------------------------


class StalledLoop(ParkedLoop):
    """A loop that always finds itself stalled."""

    def _has_stalled(self) -> bool:
        return True


def suspect(seconds: float) -> Suspect:
    call = FunctionCall(lambda: asyncio.sleep(0))
    return Suspect(Patience(call, None, seconds), lambda: None)


def told(*choices: Suspect | None) -> list[bool]:
    """Return who of those chosen, in a row, is told; the loop ends after the last choice."""
    loop, left = StalledLoop(), list(choices)

    def choose() -> Suspect | None:
        if not left:
            loop.stop()
            return None
        return left.pop(0)

    loop.doubt(choose)
    loop.run_forever()
    loop.close()
    return [choice is not None and choice.wait.is_hopeless for choice in choices]


def test_who_gives_up_first_is_told_where_he_is_that_after_the_last_look_too() -> None:
    first = suspect(1)

    assert told(first, first, first) == [True, True, True]


def test_nobody_is_told_where_the_first_has_given_up_during_the_last_look() -> None:
    first, other = suspect(1), suspect(2)

    assert told(first, first, other) == [False, False, False]


def test_nobody_is_told_where_another_gives_up_first_since_the_last_look() -> None:
    first, earlier = suspect(2), suspect(1)

    assert told(first, first, earlier) == [False, False, False]


def test_caller_that_waits_anew_is_not_told_of_its_last_wait() -> None:
    last, now = suspect(1), suspect(2)
    looks = list[bool]()

    class LookingLoop(StalledLoop):
        def _has_stalled(self) -> bool:
            looks.append(True)
            if len(looks) == 2:
                self.suspect(now)  # the caller's own thread may do so while the loop's looks
            if len(looks) == 3:
                self.call_soon(self.stop)
                return False
            return True

    looking = LookingLoop()
    looking.suspect(last)
    looking.run_forever()
    looking.close()

    assert (last.wait.is_hopeless, now.wait.is_hopeless) == (False, False)


def test_look_at_rest_comes_after_all_that_is_left_to_be_done() -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ParkedLoop)
        seen: list[str] = []
        done = loop.create_future()

        def look() -> None:
            seen.append("rest")
            loop.call_soon(done.set_result, None)

        loop.when_at_rest(look)
        loop.call_soon(lambda: loop.call_soon(seen.append, "called"))
        loop.call_soon_threadsafe(seen.append, "posted")
        await asyncio.wait_for(done, 20)
        return seen

    assert run(main) == ["posted", "called", "rest"]


def test_loop_that_never_rests_is_looked_at_after_some_steps() -> None:
    async def main() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ParkedLoop)
        looks: list[None] = []
        loop.when_at_rest(lambda: looks.append(None))
        steps = 0
        while not looks:
            await asyncio.sleep(0)
            steps += 1
        return steps

    assert 1 < run(main) < 20
