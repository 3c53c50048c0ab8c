"""Waits that are cut short, held up by a debugger, or blocked by the app: what is told then."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from asgi_testkit import AsyncTestClient, StallError, TestClient
from asgi_testkit.settings import SETTINGS
from asgi_testkit.types import Receive, Scope, Send
from tests.hangs.apps import accept, respond
from tests.hangs.table import filled, without_lifespan

FIRST_STEPS_SECONDS = 0.05  # the app stands where it waits by then


@without_lifespan
async def sleeping(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(60)  # SLEEPS


@without_lifespan
async def listening(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    await receive()  # LISTENS


@without_lifespan
async def interrupting(scope: Scope, receive: Receive, send: Send) -> None:
    """Send the process a Ctrl-C as soon as the app waits."""
    loop = asyncio.get_running_loop()
    loop.call_later(FIRST_STEPS_SECONDS, os.kill, os.getpid(), signal.SIGINT)
    await asyncio.sleep(60)  # INTERRUPTED


@without_lifespan
async def blocking(scope: Scope, receive: Receive, send: Send) -> None:
    time.sleep(0.5)  # BLOCKS
    await respond(send)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Return what can be read of the terminal that reports go to."""
    read_end, write_end = os.pipe()
    monkeypatch.setattr(SETTINGS, "stderr_fd", write_end)
    yield read_end
    os.close(read_end)
    os.close(write_end)


@pytest.fixture
def prompt() -> Iterator[Any]:
    yield SETTINGS.prompt
    SETTINGS.prompt.is_open = False
    SETTINGS.prompt.left_at = float("-inf")


# -- cut short ----------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_ctrl_c_notes_where_the_app_stands(driver: Any) -> None:
    with (
        TestClient(interrupting, driver=driver, grace=0.01) as client,
        pytest.raises(KeyboardInterrupt) as caught,
    ):
        client.get("/")  # CTRL_C

    expected = """
        It has cut short: GET /.
        The app sleeps.
        The test waits in TestClient.get, {CTRL_C}.
        GET / waits for a sleep of 60 s:
          {INTERRUPTED}
          ... asyncio
        Until then had crossed: nothing.
    """
    assert caught.value.__notes__[0] == filled(expected, __file__)


def cancel_me_soon() -> None:
    """Cancel the running task once the app stands where it waits."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_later(FIRST_STEPS_SECONDS, task.cancel)


def test_cancelled_request_notes_where_the_app_stands() -> None:
    async def main() -> None:
        async with AsyncTestClient(sleeping, grace=0.01) as client:
            cancel_me_soon()
            await client.get("/")  # CANCELLED

    with pytest.raises(asyncio.CancelledError) as caught:
        asyncio.run(main())

    expected = """
        It has cut short: GET /.
        The app sleeps.
        The test waits in AsyncTestClient.get, {CANCELLED}.
        GET / waits for a sleep of 60 s:
          {SLEEPS}
          ... asyncio
        Until then had crossed: nothing.
    """
    assert caught.value.__notes__[0] == filled(expected, __file__)


def test_cancelled_receive_notes_where_the_app_stands() -> None:
    async def main() -> None:
        client = AsyncTestClient(listening, grace=0.01)
        async with client, client.websocket_connect("/") as session:
            cancel_me_soon()
            await session.receive_text()  # RECEIVES

    with pytest.raises(asyncio.CancelledError) as caught:
        asyncio.run(main())

    expected = """
        It has cut short: websocket /.
        Both sides wait for the other to send.
        The test waits in AsyncWebSocketSession.receive_text, {RECEIVES}.
        websocket / waits for receive():
          {LISTENS}
        Until then had crossed: client: websocket.connect, app: websocket.accept.
    """
    assert caught.value.__notes__[0] == filled(expected, __file__)


def test_timeout_of_asyncio_has_the_note_at_its_cause() -> None:
    async def main() -> None:
        async with AsyncTestClient(sleeping, grace=0.01) as client:
            async with asyncio.timeout(FIRST_STEPS_SECONDS):
                await client.get("/")

    with pytest.raises(TimeoutError) as caught:
        asyncio.run(main())

    cause = caught.value.__cause__
    assert isinstance(cause, asyncio.CancelledError)
    assert cause.__notes__[0].startswith("It has cut short: GET /.\n")


# -- a debugger at its prompt -----------------------------------------------------------------


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_limit_stands_still_while_a_debugger_is_at_its_prompt(driver: Any, prompt: Any) -> None:
    @without_lifespan
    async def debugged(scope: Scope, receive: Receive, send: Send) -> None:
        prompt.enter()
        await asyncio.sleep(0.2)
        prompt.leave()
        await respond(send)

    with TestClient(debugged, driver=driver, timeout=0.1) as client:
        assert client.get("/").text == "done"


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_limit_counts_from_where_the_debugger_goes_on(driver: Any, prompt: Any) -> None:
    left_at: list[float] = []

    @without_lifespan
    async def debugged(scope: Scope, receive: Receive, send: Send) -> None:
        prompt.enter()
        await asyncio.sleep(0.2)
        left_at.append(time.perf_counter())
        prompt.leave()
        await asyncio.sleep(60)

    with (
        TestClient(debugged, driver=driver, timeout=0.1, grace=0.01) as client,
        pytest.raises(StallError, match=r"^GET /: for 0.1 s the app has sent nothing"),
    ):
        client.get("/")

    assert time.perf_counter() - left_at[0] >= 0.1


def test_async_limit_stands_still_while_a_debugger_is_at_its_prompt(prompt: Any) -> None:
    @without_lifespan
    async def debugged(scope: Scope, receive: Receive, send: Send) -> None:
        prompt.enter()
        await asyncio.sleep(0.2)
        prompt.leave()
        await respond(send)

    async def main() -> str:
        async with AsyncTestClient(debugged, timeout=0.1) as client:
            return (await client.get("/")).text

    assert asyncio.run(main()) == "done"


# -- blocked ------------------------------------------------------------------------------------


def test_app_that_blocks_the_inline_test_is_reported_to_the_terminal(terminal: int) -> None:
    with (
        TestClient(blocking, driver="inline", timeout=0.1, grace=0.01) as client,
        pytest.raises(StallError) as caught,
    ):
        client.get("/")  # BLOCKED

    lines = """
        GET / runs, and blocks its event loop:
          {BLOCKS}
        Until then had crossed: nothing.
    """
    told = (
        "asgi-testkit: GET / has blocked the test's own thread for longer than is allowed;"
        " the error will be raised when it lets go."
    )
    error = (
        "GET /: for more than 0.1 s the app has blocked the thread that it shares with the test."
    )
    where, line = filled(lines, __file__), filled("{BLOCKED}", __file__)
    on_terminal = f"\n{told}\nThe test waits at {line}.\n{where}\n"
    assert os.read(terminal, 10_000).decode() == on_terminal
    waits = f"The test waits in TestClient.get, {line}."
    assert str(caught.value) == f"{error}\n{waits}\n{where}\nPass timeout=... to allow more."


# -- several who wait -----------------------------------------------------------------------------


def test_two_threads_that_wait_for_the_same_loop_are_both_told() -> None:
    errors: list[StallError] = []
    proved = (
        " the app has sent nothing (state WAITING, rule H50), and nothing can change that any more:"
        " no timer, socket or thread is at work."
    )

    def get(client: TestClient) -> None:
        try:
            client.get("/")
        except StallError as error:
            errors.append(error)

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    with TestClient(app, timeout=20, grace=0.01) as client:
        thread = threading.Thread(target=get, args=(client,))
        thread.start()
        get(client)
        thread.join(5)

    assert [str(error).partition(":")[2].splitlines()[0] for error in errors] == 2 * [proved]
