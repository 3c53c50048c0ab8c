"""A session in places that it does not belong to: another loop, another process, a left client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from asgi_testkit import (
    AsyncTestClient,
    ClientStateError,
    TestClient,
    WebSocketDisconnect,
    WebSocketSession,
)
from tests.apps import websockets
from tests.processes import run_script

# -- another event loop -----------------------------------------------------------------------


def test_session_that_is_used_in_another_event_loop_says_so() -> None:
    session = AsyncTestClient(websockets.echo).websocket_connect("/")

    with asyncio.Runner() as own, asyncio.Runner() as other:
        own.run(session.__aenter__())
        with pytest.raises(ClientStateError, match="opened, in one event loop and is used in anot"):
            other.run(session.receive_text(timeout=1))

        own.run(session.send_text("still here"))
        assert own.run(session.receive_text()) == "still here"
        own.run(session.__aexit__())


# -- a client that is left --------------------------------------------------------------------

KINDS: dict[str, dict[str, Any]] = {
    "thread": {"driver": "thread"},
    "inline": {"driver": "inline"},
    "trio": {"backend": "trio"},
    "uvloop": {"backend_options": {"use_uvloop": True}},
}


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_thread_that_receives_is_told_when_the_client_is_left(options: dict[str, Any]) -> None:
    client = TestClient(websockets.echo, timeout=5, **options)
    client.__enter__()
    session = client.websocket_connect("/").__enter__()
    outcomes: list[int] = []

    def receive() -> None:
        with pytest.raises(WebSocketDisconnect, match="with code 1000") as caught:
            session.receive_text()
        outcomes.append(caught.value.code)

    thread = threading.Thread(target=receive)
    thread.start()
    client.__exit__()
    thread.join(2)

    assert outcomes == [1000]


USES: dict[str, Callable[[WebSocketSession], object]] = {
    "send": lambda session: session.send_text("x"),
    "receive": lambda session: session.receive_text(),
}


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_session_whose_client_is_left_is_closed(options: dict[str, Any]) -> None:
    with TestClient(websockets.echo, **options) as client:
        session = client.websocket_connect("/").__enter__()

    for use in USES.values():
        with pytest.raises(WebSocketDisconnect, match="This side has closed the WebSocket"):
            use(session)
    session.close()
    session.disconnect()
    session.__exit__()
    assert (session.closed, session.close_code) == (True, 1000)


# -- another process --------------------------------------------------------------------------

FORK = """
import json, os, sys, warnings
from asgi_testkit import ClientStateError, TestClient
from tests.apps.websockets import echo

def outcome(use, *arguments):
    try:
        return repr(use(*arguments))
    except ClientStateError as error:
        return str(error).splitlines()[0]

with TestClient(echo) as client, client.websocket_connect("/") as session:
    reading, writing = os.pipe()
    with warnings.catch_warnings(record=True):  # from 3.12 on os.fork() warns of the loop's thread
        warnings.simplefilter("always")
        if (child := os.fork()) == 0:
            uses = [(session.send_text, "x"), (session.close,), (session.receive_text,)]
            os.write(writing, json.dumps([outcome(*use) for use in uses]).encode())
            os._exit(0)
    os.waitpid(child, 0)
    session.send_text("of the parent")
    print(json.dumps([json.loads(os.read(reading, 10000)), session.receive_text()]))
"""


def test_session_of_the_parent_is_refused_in_a_forked_child() -> None:
    in_child, in_parent = run_script(FORK)

    assert len(in_child) == 3
    assert all(it.startswith("The client was entered before this process") for it in in_child)
    assert in_parent == "of the parent"
