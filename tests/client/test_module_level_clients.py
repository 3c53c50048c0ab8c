"""Clients that live as long as their module, or are never left: threads, forks and exits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from asgi_testkit import TestClient
from asgi_testkit.errors import ClientStateError, UsageError
from tests.processes import run_script
from tests.runners.app import App

drivers = pytest.mark.parametrize("driver", ["thread", "inline"])

MAKE = """
import asyncio, json, os, sys, threading, warnings
from asgi_testkit import TestClient
from tests.runners.app import App

driver = sys.argv[1]

def threads():
    ours = (t for t in threading.enumerate() if t is not threading.main_thread())
    return sorted(thread.name for thread in ours)
"""

COUNT_THREADS = """
clients = [TestClient(App(), driver=driver) for _ in range(300)]
before = threads()
texts = {client.get("/").text for client in clients}
print(json.dumps([before, sorted(texts), threads()]))
"""

FORK = """
client = TestClient(App(), driver=driver)
{use}
reading, writing = os.pipe()
with warnings.catch_warnings(record=True) as caught:  # as errors they would be swallowed
    warnings.simplefilter("always")
    if (child := os.fork()) == 0:
        os.write(writing, client.get("/?child").content)
        os._exit(0)
assert not caught, caught[0].message
_, status = os.waitpid(child, 0)
print(json.dumps([status, os.read(reading, 100).decode(), client.get("/?parent").text]))
"""
USED = 'client.get("/")'
ENTERED_AND_LEFT = 'with client: client.get("/")'

EXIT = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await App()(scope, receive, send)
        return
    started = asyncio.Event()
    leftovers.append(asyncio.create_task(wait_for_ever(started)))
    await started.wait()
    await App()(scope, receive, send)

async def wait_for_ever(started):
    try:
        started.set()
        await asyncio.Event().wait()
    finally:
        print(json.dumps("cleaned up"), flush=True)

leftovers = []
client = TestClient(app, driver=driver)
{enter}
client.get("/")
print(json.dumps("end of the script"), flush=True)
"""
STAYS_OUT, ENTERS = "", "client.__enter__()"

EXIT_WITH_WORKER = """
import anyio.to_thread

async def app(scope, receive, send):
    await anyio.to_thread.run_sync(list)
    await App()(scope, receive, send)

client = TestClient(app, driver=driver)
print(json.dumps(client.get("/").text))
"""


@pytest.mark.parametrize(
    ("driver", "threads"),
    [("thread", ["asgi-testkit", "asgi-testkit-watchdog"]), ("inline", ["asgi-testkit-watchdog"])],
    ids=["thread", "inline"],
)
def test_three_hundred_used_clients_cost_one_thread_at_most(
    driver: str, threads: list[str]
) -> None:
    result = run_script(MAKE + COUNT_THREADS, driver)

    assert result == [[], ["hello"], threads]


@drivers
@pytest.mark.parametrize("use", [USED, ENTERED_AND_LEFT], ids=["never entered", "left"])
def test_forked_child_and_its_parent_go_on_using_the_client(driver: str, use: str) -> None:
    result = run_script(MAKE + FORK.replace("{use}", use), driver)

    assert result == [0, "child", "parent"]


@drivers
@pytest.mark.parametrize("enter", [STAYS_OUT, ENTERS], ids=["never entered", "never left"])
def test_finally_blocks_of_leftover_tasks_run_when_the_interpreter_exits(
    driver: str, enter: str
) -> None:
    result = run_script(MAKE + EXIT.replace("{enter}", enter), driver)

    assert result == "cleaned up"


@drivers
def test_interpreter_exits_although_the_app_has_used_a_worker_thread(driver: str) -> None:
    result = run_script(MAKE + EXIT_WITH_WORKER, driver)

    assert result == "hello"


@drivers
@pytest.mark.parametrize("is_entered", [True, False])
def test_client_answers_four_threads_at_once(driver: Any, is_entered: bool) -> None:
    client = TestClient(App(), driver=driver)
    barrier = threading.Barrier(4)

    def use(number: int) -> list[str]:
        barrier.wait(5)
        return [client.get(f"/?{number}.{call}").text for call in range(10)]

    if is_entered:
        client.__enter__()
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(use, range(4)))
    client.close()

    assert results == [[f"{number}.{call}" for call in range(10)] for number in range(4)]


@drivers
def test_entering_a_client_that_another_thread_is_entering_is_an_error(driver: Any) -> None:
    is_starting, may_start = threading.Event(), threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        is_starting.set()
        assert may_start.wait(5)
        await App()(scope, receive, send)

    client = TestClient(app, driver=driver)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(client.__enter__)
        assert is_starting.wait(5)
        with pytest.raises(UsageError, match="entered already"):
            client.__enter__()
        may_start.set()

        assert first.result(5) is client
    client.close()


@drivers
def test_entering_an_entered_client_is_an_error_and_leaves_it_usable(driver: Any) -> None:
    with TestClient(App(), driver=driver) as client:
        with pytest.raises(ClientStateError, match="entered already"):
            client.__enter__()

        assert client.get("/").text == "hello"


@drivers
def test_each_entering_runs_the_lifespan_again(driver: Any) -> None:
    app = App()
    client = TestClient(app, driver=driver)

    for _ in range(2):
        with client:
            client.get("/")

    assert app.log == ["startup", "shutdown"] * 2


@drivers
def test_client_answers_after_it_was_left(driver: Any) -> None:
    with TestClient(App(), driver=driver) as client:
        pass

    assert client.get("/").text == "hello"


@drivers
@pytest.mark.parametrize("use", [lambda c: c.get("/"), TestClient.__enter__], ids=["get", "with"])
@pytest.mark.parametrize("error", [ClientStateError, RuntimeError])
def test_closed_client_can_neither_be_used_nor_entered(
    driver: Any, use: Callable[[TestClient], object], error: type[Exception]
) -> None:
    client = TestClient(App(), driver=driver)
    client.close()

    with pytest.raises(error, match="The client is closed"):
        use(client)


@drivers
def test_closing_an_entered_client_ends_its_lifespan(driver: Any) -> None:
    app = App()
    client = TestClient(app, driver=driver)
    client.__enter__()

    client.close()

    assert (app.log, client.is_closed) == (["startup", "shutdown"], True)
