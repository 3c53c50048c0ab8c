"""What Starlette's client has beside httpx2's methods: `task`, and what its sessions raise."""

from __future__ import annotations

import pytest

from asgi_testkit import TestClient, UsageValueError
from tests.apps.lives import full, living, raises_after_startup
from tests.apps.raw import Gate
from tests.apps.websockets import echo


def test_there_is_no_task_before_the_client_was_entered() -> None:
    assert TestClient(living(full([]))).task is None


def test_task_runs_inside_the_block_and_is_done_after_it() -> None:
    with TestClient(living(full([]))) as client:
        task = client.task
        assert task is not None
        inside = task.running(), task.done()

    assert (inside, (task.running(), task.done())) == ((True, False), (False, True))
    assert (task.exception(), task.result()) == (None, None)


def test_task_that_goes_on_is_waited_for_no_longer_than_asked() -> None:
    with TestClient(living(full([]))) as client:
        assert client.task is not None
        with pytest.raises(TimeoutError, match=r"The app's lifespan goes on\."):
            client.task.result(0.01)


def test_task_gives_and_raises_what_the_lifespan_has_raised() -> None:
    gate, lost = Gate(), KeyError("the feed is gone")
    client = TestClient(living(raises_after_startup(gate, lost)))
    client.__enter__()
    task = client.task
    assert task is not None

    client.run(gate.open)

    assert task.exception(1) is lost
    with pytest.raises(KeyError, match="the feed is gone"):
        task.result()
    with pytest.raises(KeyError, match="the feed is gone"):
        client.close()


@pytest.mark.parametrize("kind", ["websocket.connect", "websocket.send", "websocket.accept"])
def test_a_message_that_no_client_sends_is_also_a_runtime_error(kind: str) -> None:
    with TestClient(echo).websocket_connect("/") as session:
        with pytest.raises(RuntimeError, match=r"A client sends 'websocket\.receive'") as error:
            session.send({"type": kind})

        assert isinstance(error.value, UsageValueError)
