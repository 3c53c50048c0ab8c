"""What an app has started and not ended is told of when its client is left.

On asyncio; tasks of trio have a nursery each, so that nothing can be left there.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

from asgi_testkit import (
    ASGITaskLeakWarning,
    AsyncTestClient,
    LifespanFailed,
    LifespanManager,
    StallError,
    TestClient,
)
from tests.apps import leftovers
from tests.apps.raw import App, end, http_app, start
from tests.lines import line_of
from tests.modes import OpenClient

SHORT = 0.02
FILE = str(leftovers.__file__)
OUR_LOOPS = ("thread", "inline")

on_asyncio = pytest.mark.parametrize(
    "open_client", [*OUR_LOOPS, "asyncio", "uvloop"], indirect=True
)


def texts(warned: pytest.WarningsRecorder) -> list[str]:
    return [str(one.message) for one in warned]


def had_to_be_cancelled(who: str, created: str, stood: str) -> str:
    return (
        f"{who} went on for the grace time after the client was left, and had to be cancelled.\n"
        f"Created at {created}; it stood at {stood}.\n"
        "Await it, or cancel it in the app's shutdown. Pass grace=... to the client for more time."
    )


async def visit(open_client: OpenClient, app: App, **options: Any) -> None:
    """Enter a client, send one request, and leave."""
    async with open_client(app, **options) as client:
        await client.get("/")


def visit_blocking(app: App, driver: Any, *, raises: Exception | None = None) -> None:
    with TestClient(app, driver=driver, grace=SHORT) as client:
        client.get("/")
        if raises is not None:
            raise raises


# -- tasks ------------------------------------------------------------------------------------

CREATED = line_of(FILE, "worker {number}", "app")
STOOD = line_of(FILE, "await asyncio.sleep(seconds)", "work")


@on_asyncio
async def test_task_that_goes_on_is_cancelled_after_the_grace_and_told_of_at_the_tests_line(
    open_client: OpenClient,
) -> None:
    tasks: list[asyncio.Task[None]] = []
    began = time.monotonic()

    with pytest.warns(ASGITaskLeakWarning) as warned:
        await visit(open_client, leftovers.leaves_tasks(tasks), grace=SHORT)

    who = "A task of the app ('worker 0', leaves_tasks.<locals>.work())"
    assert texts(warned) == [had_to_be_cancelled(who, CREATED, STOOD)]
    assert (tasks[0].cancelled(), time.monotonic() - began >= SHORT) == (True, True)
    if not open_client.is_blocking:  # the facade of the blocking modes lies between
        assert warned[0].filename == __file__


@pytest.mark.parametrize("driver", OUR_LOOPS)
def test_warning_of_a_blocking_client_points_at_the_tests_line(driver: Any) -> None:
    with pytest.warns(ASGITaskLeakWarning) as warned:
        visit_blocking(leftovers.leaves_tasks([]), driver)

    assert warned[0].filename == __file__


@on_asyncio
async def test_task_that_ends_within_the_grace_is_no_leak(open_client: OpenClient) -> None:
    tasks: list[asyncio.Task[None]] = []

    async with open_client(leftovers.leaves_tasks(tasks, seconds=SHORT), grace=5) as client:
        await client.get("/")

    assert (tasks[0].done(), tasks[0].cancelled()) == (True, False)


@on_asyncio
async def test_task_that_the_apps_shutdown_cancels_is_no_leak(open_client: OpenClient) -> None:
    tasks: list[asyncio.Task[None]] = []

    async with open_client(leftovers.cancels_in_shutdown(tasks)):
        pass

    assert tasks[0].cancelled()


@on_asyncio
async def test_grace_of_zero_cancels_tasks_without_a_word(open_client: OpenClient) -> None:
    tasks: list[asyncio.Task[None]] = []

    async with open_client(leftovers.leaves_tasks(tasks), grace=0) as client:
        await client.get("/")

    assert tasks[0].cancelled()


@on_asyncio
@pytest.mark.parametrize(("count", "told"), [(5, 5), (6, 1)])
async def test_more_than_five_tasks_of_one_line_are_told_of_together(
    open_client: OpenClient, count: int, told: int
) -> None:
    with pytest.warns(ASGITaskLeakWarning) as warned:
        await visit(open_client, leftovers.leaves_tasks([], count=count), grace=SHORT)

    assert len(warned) == told
    if told == 1:
        who = "6 tasks of the app (the first: 'worker 0', leaves_tasks.<locals>.work())"
        assert texts(warned) == [had_to_be_cancelled(who, CREATED, STOOD)]


@on_asyncio
async def test_error_of_the_block_gets_the_leaks_as_notes(open_client: OpenClient) -> None:
    async def fail() -> None:
        if open_client.is_blocking:
            visit_blocking(app, open_client.mode, raises=KeyError())
        async with AsyncTestClient(app, grace=SHORT) as client:
            await client.get("/")
            raise KeyError

    app = leftovers.leaves_tasks([])
    with pytest.raises(KeyError) as caught:
        await fail()

    who = "A task of the app ('worker 0', leaves_tasks.<locals>.work())"
    assert caught.value.__notes__ == [had_to_be_cancelled(who, CREATED, STOOD)]


@on_asyncio
async def test_warnings_that_are_errors_leave_nothing_undone(open_client: OpenClient) -> None:
    tasks: list[asyncio.Task[None]] = []
    app = leftovers.leaves_tasks(tasks, count=2)

    with pytest.raises(ASGITaskLeakWarning, match="worker 0") as caught:
        await visit(open_client, app, grace=SHORT)

    (note,) = caught.value.__notes__
    assert ("worker 1" in note, [task.cancelled() for task in tasks]) == (True, [True, True])


@on_asyncio
async def test_line_of_a_task_in_a_foreign_factory_is_where_its_function_is_defined(
    open_client: OpenClient,
) -> None:
    tasks: list[asyncio.Task[None]] = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        await visit(open_client, leftovers.own_factory(tasks), grace=SHORT)
    if not open_client.is_blocking:  # such a task cannot be told from the test's
        tasks[0].cancel()
        asyncio.get_running_loop().set_task_factory(None)

    path, number = line_of(FILE, "async def poll() -> None:", "").removesuffix(" in ").split(":")
    stood = line_of(FILE, "await asyncio.sleep(3600)", "poll")
    text = (
        "A task of the app ('poller', poll()) went on for the grace time after the client was left,"
        " and had to be cancelled.\n"
        "Where it was created is not known; its function is defined at"
        f" {path}:{number}; it stood at {stood}.\n"
        "Await it, or cancel it in the app's shutdown. Pass grace=... to the client for more time."
    )
    assert [str(one.message) for one in warned] == ([text] if open_client.is_blocking else [])


@pytest.mark.parametrize("driver", OUR_LOOPS)
def test_loop_whose_app_has_set_a_factory_is_watched_anew_for_the_next_client(driver: Any) -> None:
    with TestClient(leftovers.own_factory([]), driver=driver, grace=0) as client:
        client.get("/")

    with pytest.warns(ASGITaskLeakWarning, match="Created at"):
        visit_blocking(leftovers.leaves_tasks([]), driver)


@on_asyncio
async def test_lifespan_manager_tells_of_tasks_too(open_client: OpenClient) -> None:
    tasks: list[asyncio.Task[None]] = []

    async def run_lifespan(mode: Any) -> None:
        if open_client.is_blocking:
            with LifespanManager(app, driver=mode):
                return
        async with LifespanManager(app):
            pass

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        tasks.append(asyncio.create_task(leftovers.poll()))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    with pytest.warns(ASGITaskLeakWarning, match="had to be cancelled"):
        await run_lifespan(open_client.mode)

    assert tasks[0].cancelled()


@on_asyncio
async def test_tasks_of_a_client_that_was_never_entered_go_on(open_client: OpenClient) -> None:
    tasks: list[asyncio.Task[None]] = []
    client = open_client.without_entering(leftovers.leaves_tasks(tasks, seconds=0.05))

    await client.get("/")
    await client.aclose()

    assert not tasks[0].done()
    await client.run(asyncio.sleep, 0.1)
    assert (tasks[0].done(), tasks[0].cancelled()) == (True, False)


# -- the test's own loop ------------------------------------------------------------------------


@pytest.mark.parametrize("open_client", ["asyncio", "uvloop"], indirect=True)
async def test_tasks_of_the_test_itself_go_on(open_client: OpenClient) -> None:
    tasks: list[asyncio.Task[None]] = []

    own = asyncio.create_task(leftovers.poll())
    with pytest.warns(ASGITaskLeakWarning, match="worker 0"):
        await visit(open_client, leftovers.leaves_tasks(tasks), grace=SHORT)

    assert (tasks[0].cancelled(), own.done()) == (True, False)
    own.cancel()


@pytest.mark.parametrize("open_client", ["asyncio", "uvloop"], indirect=True)
async def test_each_of_two_clients_in_one_loop_tells_of_its_own_tasks(
    open_client: OpenClient,
) -> None:
    first: list[asyncio.Task[None]] = []
    second: list[asyncio.Task[None]] = []

    async with open_client(leftovers.leaves_tasks(first, seconds=0.1), grace=5) as client:
        await client.get("/")
        with pytest.warns(ASGITaskLeakWarning, match="worker 0") as warned:
            await visit(open_client, leftovers.leaves_tasks(second), grace=SHORT)
        assert (len(warned), second[0].cancelled(), first[0].cancelled()) == (1, True, False)

    assert (first[0].done(), first[0].cancelled()) == (True, False)


@pytest.mark.parametrize("open_client", ["asyncio", "uvloop"], indirect=True)
async def test_loop_of_the_test_is_as_before_when_the_last_client_was_left(
    open_client: OpenClient,
) -> None:
    def places() -> tuple[object, ...]:
        loop = asyncio.get_running_loop()
        firstiter = sys.get_asyncgen_hooks().firstiter
        return loop.get_task_factory(), loop.get_exception_handler(), firstiter

    before = places()
    async with open_client(leftovers.breaks_off), open_client(leftovers.breaks_off) as client:
        await client.get("/")
        within = places()

    assert (places(), None in within) == (before, False)


@pytest.mark.parametrize("open_client", ["asyncio", "uvloop"], indirect=True)
async def test_what_a_test_has_set_in_its_loop_stays(open_client: OpenClient) -> None:
    loop = asyncio.get_running_loop()

    def handler(_loop: object, _context: object) -> None:
        raise AssertionError

    loop.set_task_factory(leftovers.plain_factory)
    loop.set_exception_handler(handler)
    async with open_client(leftovers.breaks_off) as client:
        await client.get("/")
        within = loop.get_task_factory(), loop.get_exception_handler()

    after = loop.get_task_factory(), loop.get_exception_handler()
    assert within == after == (leftovers.plain_factory, handler)


# -- exceptions that nobody awaited -------------------------------------------------------------

FAILED = (
    "A task of the app ('mailer', fail()) failed and nobody awaited it:"
    " ValueError('no such address').\n"
    f"Created at {line_of(FILE, 'mailer', 'app')};"
    f" raised at {line_of(FILE, 'raise ValueError(text)', 'fail')}.\n"
    "Await it, or catch the exception inside it."
)


@on_asyncio
async def test_exception_of_a_task_that_nobody_awaited_is_told_of_when_the_client_is_left(
    open_client: OpenClient, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.warns(ASGITaskLeakWarning) as warned:
        await visit(open_client, leftovers.fails_in_a_task())

    assert texts(warned) == [FAILED]
    cause = getattr(warned[0].message, "__cause__", None)
    assert (type(cause), str(cause)) == (ValueError, "no such address")
    assert "Task exception was never retrieved" in caplog.text


@on_asyncio
async def test_wait_background_tells_of_such_an_exception_once(open_client: OpenClient) -> None:
    async with open_client(leftovers.fails_in_a_task()) as client:
        await client.get("/")
        with pytest.warns(ASGITaskLeakWarning) as warned:
            await client.wait_background()

    assert texts(warned) == [FAILED]


@on_asyncio
async def test_exception_that_was_retrieved_is_not_told_of(open_client: OpenClient) -> None:
    with warnings.catch_warnings(record=True) as caught:
        async with open_client(leftovers.fails_in_a_task(awaits=True)) as client:
            response = await client.get("/")

    assert (response.status_code, caught) == (200, [])


# -- async generators ---------------------------------------------------------------------------

OPEN = (
    "An async generator of the app was neither ended nor closed: ticks().\n"
    f"Defined at {line_of(FILE, 'async def ticks() -> AsyncGenerator[int]:', '')[:-4]};"
    f" it stands at {line_of(FILE, 'yield 1', 'ticks')}.\n"
    "Iterate it to its end, or close it: 'async with contextlib.aclosing(...)'."
)


@on_asyncio
async def test_generator_that_is_open_at_the_exit_is_told_of_and_closed_on_loops_of_ours(
    open_client: OpenClient,
) -> None:
    kept: list[AsyncGenerator[int]] = []

    with pytest.warns(ASGITaskLeakWarning) as warned:
        await visit(open_client, leftovers.keeps_a_generator(kept), grace=0)

    assert texts(warned) == [OPEN]
    is_closed = kept[0].ag_frame is None  # type: ignore[attr-defined]
    assert is_closed is open_client.is_blocking
    if not is_closed:
        await kept[0].aclose()


@on_asyncio
async def test_generator_that_a_break_has_dropped_is_no_leak(open_client: OpenClient) -> None:
    with warnings.catch_warnings(record=True) as caught:
        async with open_client(leftovers.breaks_off) as client:
            response = await client.get("/")

    assert (response.status_code, caught) == (200, [])


async def test_nothing_is_said_of_an_app_that_cleans_up_in_trio_or_elsewhere(
    open_client: OpenClient,
) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep, 0)
        await start(send)
        await end(send)

    async with open_client(app) as client:
        assert (await client.get("/")).status_code == 200


# -- said once ----------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", OUR_LOOPS)
def test_app_call_that_is_deaf_to_its_cancellation_is_told_of_once(driver: Any) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await start(send)
        for _ in range(2):  # cancelled when its stream is left, and when the client is
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
        await asyncio.sleep(3600)

    with (
        pytest.warns(ASGITaskLeakWarning) as warned,
        TestClient(app, driver=driver, grace=SHORT) as client,
        client.stream("GET", "/deaf"),
    ):
        pass

    assert texts(warned) == [
        "The app went on after the client had left and its task was cancelled: GET /deaf."
    ]


@on_asyncio
async def test_task_that_is_deaf_to_its_cancellation_is_told_of_once(
    open_client: OpenClient,
) -> None:
    tasks: list[asyncio.Task[None]] = []

    async def be_deaf() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(3600)

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        tasks.append(asyncio.create_task(be_deaf(), name="deaf"))
        await start(send)
        await end(send)

    with pytest.warns(ASGITaskLeakWarning, match=r"'deaf', .*went on after it was") as warned:
        await visit(open_client, app, grace=SHORT)

    assert len(warned) == 1
    tasks[0].cancel()


@on_asyncio
async def test_stream_that_is_open_when_the_client_is_left_is_told_of_once(
    open_client: OpenClient,
) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await start(send)
        await asyncio.sleep(3600)

    async def leave_open() -> None:
        async with open_client(app, grace=SHORT) as client:
            responses.append(await client.send(client.build_request("GET", "/"), stream=True))

    responses: list[Any] = []
    with pytest.warns(ASGITaskLeakWarning, match="after GET / was left") as warned:
        await leave_open()

    assert len(warned) == 1


@on_asyncio
async def test_call_that_stalls_and_has_to_be_cancelled_says_so_in_a_note(
    open_client: OpenClient,
) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(3600)

    async with open_client(app, timeout=SHORT, grace=SHORT) as client:
        with pytest.raises(StallError) as caught:
            await client.get("/")

    (note,) = caught.value.__notes__
    assert note.startswith("The app had to be cancelled: it went on for the grace time after GET /")


@on_asyncio
async def test_failing_startup_raises_its_own_error_and_leaves_no_task(
    open_client: OpenClient,
) -> None:
    tasks: list[asyncio.Task[None]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        tasks.append(asyncio.create_task(leftovers.poll()))
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(LifespanFailed, match="no"):
        await visit(open_client, app)

    assert tasks[0].cancelled()


@on_asyncio
async def test_generator_of_a_stream_that_was_left_early_is_no_leak(
    open_client: OpenClient,
) -> None:
    async def rows(_request: object) -> StreamingResponse:
        return StreamingResponse(leftovers.endless())

    async with (
        open_client(Starlette(routes=[Route("/", rows)])) as client,
        client.stream("GET", "/") as response,
        aclosing(response.aiter_raw()) as pieces,
    ):
        assert await anext(pieces) == b"row"


@on_asyncio
async def test_generator_that_an_exception_in_hand_holds_is_no_leak(
    open_client: OpenClient,
) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        generator = leftovers.ticks()
        await anext(generator)
        raise KeyError

    async with open_client(app) as client:
        with pytest.raises(KeyError) as caught:
            await client.get("/")

    assert caught.value.__traceback__ is not None


# -- what the shutdown itself leaves ----------------------------------------------------------


def shuts_down(at_last: Callable[[], Awaitable[None]]) -> App:
    """Return an app whose lifespan ends with `at_last`."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        await at_last()

    return app


@pytest.mark.parametrize("driver", OUR_LOOPS)
def test_generator_that_the_shutdown_has_dropped_is_closed_when_the_client_is_left(
    driver: Any,
) -> None:
    ended: list[str] = []

    async def numbers() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            ended.append("closed")

    async def at_last() -> None:
        async for _ in numbers():
            return

    with TestClient(shuts_down(at_last), driver=driver):
        pass

    assert ended == ["closed"]


@pytest.mark.parametrize("driver", OUR_LOOPS)
def test_task_that_a_callback_of_the_shutdown_starts_is_ended_and_told_of(driver: Any) -> None:
    tasks: list[asyncio.Task[None]] = []

    def begin() -> None:
        tasks.append(asyncio.create_task(asyncio.sleep(60)))

    async def at_last() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: loop.call_soon(begin))

    with (
        pytest.warns(ASGITaskLeakWarning, match="went on for the grace time"),
        TestClient(shuts_down(at_last), driver=driver, grace=SHORT),
    ):
        pass

    assert [task.cancelled() for task in tasks] == [True]


def test_loop_that_never_rests_is_left_all_the_same() -> None:
    steps: list[None] = []

    async def spin() -> None:
        while True:
            steps.append(None)
            await asyncio.sleep(0)

    async def at_last() -> None:
        steps.append(None)
        tasks.append(asyncio.create_task(spin()))

    tasks: list[asyncio.Task[None]] = []
    with (
        pytest.warns(ASGITaskLeakWarning, match="went on for the grace time"),
        TestClient(shuts_down(at_last), grace=SHORT),
    ):
        pass

    assert [task.cancelled() for task in tasks] == [True]


def test_task_that_blocks_the_loop_after_the_shutdown_takes_no_time_limit_of_the_lifespan() -> None:
    goes_on = threading.Event()

    async def block() -> None:
        goes_on.wait(20)

    async def at_last() -> None:
        tasks.append(asyncio.create_task(block()))
        threading.Timer(0.3, goes_on.set).start()

    tasks: list[asyncio.Task[None]] = []
    with TestClient(shuts_down(at_last), timeout=0.1, grace=1):
        pass

    assert [task.done() for task in tasks] == [True]
