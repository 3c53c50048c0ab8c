"""Servers that do not start, end by themselves, or do not stop: what the test is told."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asgi_testkit import LiveServer, serve
from asgi_testkit.errors import ServerFailed
from tests.servers.apps import echo
from tests.servers.places import APPS, each_place, each_process, kill, wait_for_end

WITH_LIFESPAN = [(over, "process") for over in ("uvicorn", "hypercorn", "granian")] + [
    (over, "thread") for over in ("uvicorn", "hypercorn", "granian")
]
each_with_lifespan = pytest.mark.parametrize(("over", "where"), WITH_LIFESPAN)


def _kill(server: LiveServer, then: Callable[[], object] = str) -> None:
    run = server._run
    assert run is not None
    assert run.pid is not None
    kill(run.pid)
    assert run.ended.wait(60)
    then()


@each_with_lifespan
def test_a_startup_that_fails_is_told_with_the_log(over: str, where: Any) -> None:
    server = serve(f"{APPS}:broken_startup", over, where=where)

    with pytest.raises(ServerFailed, match="before it answered") as caught, server:
        pass

    assert f"{caught.value}".startswith(f"{over} ")
    assert "startup" in f"{caught.value}".lower()
    assert caught.value.log == server.log
    assert (server.pid, server._listener) == (None, None)


@each_process
def test_a_name_that_is_no_apps_is_told_with_the_log(over: str) -> None:
    with pytest.raises(ServerFailed, match="There is no module 'nowhere'"):
        serve("nowhere:app", over).start()


@each_place
def test_an_unknown_option_is_told_by_its_name(over: str, where: Any) -> None:
    with pytest.raises((ServerFailed, TypeError), match="no_such_option"):
        serve(f"{APPS}:echo", over, where=where, no_such_option=1).start()


@each_process
def test_a_server_that_ended_by_itself_is_told_when_the_block_is_left(over: str) -> None:
    ended = r"was ended by SIGKILL while it was in use\.\nThe end of its log:"

    with pytest.raises(ServerFailed, match=ended), serve(f"{APPS}:echo", over) as server:
        _kill(server)


def test_beside_an_error_of_the_test_that_is_a_note() -> None:
    with pytest.raises(ZeroDivisionError) as caught, serve(f"{APPS}:echo") as server:
        _kill(server, then=lambda: 1 // 0)

    assert [note.splitlines()[0] for note in caught.value.__notes__] == [
        f"{server.kind.title} was ended by SIGKILL while it was in use."
    ]


@pytest.mark.parametrize("over", ["uvicorn", "hypercorn", "granian"])
def test_a_shutdown_without_an_end_is_ended_when_the_time_is_up(over: str) -> None:
    server = serve(f"{APPS}:never_stops", over)

    server.start()
    pid = server.pid
    server._timeout = 0.2

    with pytest.raises(ServerFailed, match=r"did not stop within 0\.2 s and was killed"):
        server.stop()

    assert pid is not None
    assert wait_for_end(pid)


def test_a_thread_that_does_not_end_is_told_of_and_goes_on() -> None:
    stops: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = queue.SimpleQueue()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        stop = asyncio.Event()
        stops.put((asyncio.get_running_loop(), stop))
        await stop.wait()

    server = serve(app)
    server.start()
    run = server._run
    assert run is not None

    server._timeout = 0.5
    with pytest.raises(ServerFailed, match="still runs in its thread, which cannot be ended"):
        server.stop()

    assert not run.ended.is_set()
    loop, stop = stops.get(timeout=60)
    loop.call_soon_threadsafe(stop.set)
    assert run.ended.wait(60)


@each_process
def test_a_server_that_never_answers_is_ended_when_the_time_is_up(over: str) -> None:
    with pytest.raises(ServerFailed, match=r"did not answer within 0\.001 s"):
        serve(f"{APPS}:echo", over, timeout=0.001).start()


def test_an_error_while_starting_leaves_no_socket_behind() -> None:
    server = serve(echo, no_such_option=1)

    with pytest.raises(TypeError, match="no_such_option"):
        server.start()

    assert server._listener is None


@each_process
def test_a_path_that_is_taken_is_the_systems_error_and_what_is_there_stays(
    over: str, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.touch()

    with pytest.raises(OSError, match=f"Address already in use: '{taken}'"):
        serve(f"{APPS}:echo", over, unix_socket=taken).start()

    assert taken.exists()
