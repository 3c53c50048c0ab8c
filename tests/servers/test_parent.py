"""A server ends with the test's process, however that ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from asgi_testkit import StallError, TestClient, serve
from tests.processes import REPOSITORY, environment
from tests.servers.places import APPS, each_process, kill, wait_for_end

# Serves, prints the ids of the server and of the process that the app runs in, and stays.
SERVES = """
import json, os, signal
from asgi_testkit import serve
with serve({app!r}, {over!r}{options}) as server:
    answer = server.client().get("/").json()
    print(json.dumps([server.pid, answer["process"]]), flush=True)
    {then}
    signal.pause()
"""
FORKS = "fork = os.fork(); fork and print(json.dumps(fork), flush=True)"


def _started(over: str, app: str, then: str = "pass", options: str = "") -> Any:
    return subprocess.Popen(
        [sys.executable, "-c", SERVES.format(app=app, over=over, then=then, options=options)],
        env=environment(),
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )


def _told(test: Any) -> Any:
    """Return the next value that the script prints, beside what an app in its threads does."""
    return json.loads(next(line for line in test.stdout if not line.startswith(b"the app")))


@each_process
def test_a_killed_test_leaves_no_server(over: str) -> None:
    with _started(over, f"{APPS}:echo") as test:
        pids = _told(test)
        test.kill()

        assert [wait_for_end(pid) for pid in pids] == [True, True]


def test_a_killed_test_leaves_no_server_whose_app_holds_the_interpreter() -> None:
    with _started("uvicorn", f"{APPS}:holds_the_interpreter") as test:
        pids = _told(test)
        test.kill()

        assert [wait_for_end(pid) for pid in pids] == [True, True]


def test_a_fork_of_the_test_that_lives_on_keeps_no_server() -> None:
    with _started("uvicorn", f"{APPS}:echo", FORKS) as test:
        pids, fork = _told(test), _told(test)
        test.kill()

        ended = [wait_for_end(pid) for pid in pids]
        kill(fork)
        assert ended == [True, True]


@pytest.mark.parametrize("options", [", unix_socket=True", ", where='thread'"])
def test_a_fork_of_the_test_that_leaves_the_block_stops_no_server(options: str) -> None:
    leaves = "fork = os.fork()\n    if not fork: os.kill(os.getpid(), signal.SIGINT)\n"
    asks = (
        "status = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]);"
        "print(json.dumps([status, server.client().get('/').status_code]), flush=True)"
    )
    with _started("uvicorn", f"{APPS}:echo", f"{leaves}    {asks}", options) as test:
        pids = _told(test)
        status, answer = _told(test)
        test.kill()

    assert (status, answer) == (-signal.SIGINT, 200)
    assert wait_for_end(pids[1])


@each_process
def test_what_the_app_has_started_ends_with_the_server_unless_it_has_left_its_group(
    over: str,
) -> None:
    with serve(f"{APPS}:starts_processes", over) as server:
        member, stranger = server.client().get("/").json()

    try:
        assert wait_for_end(member)
        os.kill(stranger, 0)
    finally:
        kill(stranger)


def test_a_stall_in_the_test_is_proved_beside_a_server() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    client = TestClient(app, timeout=60)
    with serve(f"{APPS}:echo"), pytest.raises(StallError, match="no timer, socket or thread"):
        client.get("/")


@pytest.mark.parametrize("function", ["end_with", "end_with_by_thread"])
@pytest.mark.parametrize("closed_before", [True, False])
def test_both_ways_to_end_with_a_pipe_end_the_group(function: str, closed_before: bool) -> None:
    script = (
        "import signal, sys\n"
        f"from asgi_testkit.servers.lifeline import {function}\n"
        "print('reached', flush=True)\n"
        "sys.stdin.readline()\n"
        f"{function}(int(sys.argv[1]))\n"
        "print('waits', flush=True)\n"
        "signal.pause()"
    )
    read, write = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", script, str(read)],
        env=environment(),
        pass_fds=[read],
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        os.close(read)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        if closed_before:
            os.close(write)
        process.stdin.write(b"\n")
        process.stdin.flush()
        if not closed_before:
            process.stdout.readline()
            os.close(write)

        assert wait_for_end(process.pid)
    assert process.returncode == -signal.SIGKILL
