"""Servers in threads of the test's process: their logs, their ends, and what they leave alone."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from asgi_testkit import TestClient, serve
from asgi_testkit.servers.listener import Listener
from asgi_testkit.servers.log import ServerLog
from asgi_testkit.servers.order import Order
from tests.servers import over_app
from tests.servers.apps import echo
from tests.servers.places import THREADS
from tests.servers.test_over import each_thread

_SECONDS = 60.0
_LOGGERS = ("uvicorn", "_granian", "granian.access")


@each_thread
def test_servers_of_one_kind_have_logs_of_their_own(over: str) -> None:
    with serve(echo, over) as one, serve(echo, over) as other:
        one.client().get("/asked-of-one")
        other.client().get("/asked-of-other")

    assert ("/asked-of-one" in one.log, "/asked-of-other" in one.log) == (True, False)
    assert ("/asked-of-one" in other.log, "/asked-of-other" in other.log) == (False, True)


@pytest.fixture
def cut_off_logger() -> Iterator[logging.Logger]:
    """Yield a logger of uvicorn's that tells the one above it nothing, as after its own set-up."""
    logger = logging.getLogger("uvicorn.access")
    before, logger.propagate = logger.propagate, False
    yield logger
    logger.propagate = before


def test_log_has_what_a_logger_tells_that_is_cut_off(cut_off_logger: logging.Logger) -> None:
    level, handlers = cut_off_logger.level, [*cut_off_logger.handlers]
    with serve(echo, "uvicorn") as one, serve(echo, "uvicorn") as other:
        one.client().get("/asked-of-one")
        other.client().get("/asked-of-other")

    for mine, others, log in (("one", "other", one.log), ("other", "one", other.log)):
        assert (log.count(f"/asked-of-{mine} "), log.count(f"/asked-of-{others} ")) == (1, 0)
    assert (cut_off_logger.level, cut_off_logger.handlers) == (level, handlers)


@each_thread
def test_log_goes_on_when_a_server_started_earlier_has_stopped(over: str) -> None:
    before = [logging.getLogger(name).level for name in _LOGGERS]
    first, second = serve(echo, over), serve(echo, over)

    first.start()
    second.start()
    first.stop()
    second.client().get("/asked-later")
    second.stop()

    assert "/asked-later" in second.log
    assert [logging.getLogger(name).level for name in _LOGGERS] == before


@each_thread
def test_log_files_of_the_test_stay_open(over: str, tmp_path: Path) -> None:
    log = logging.Logger("test's own")
    log.addHandler(file := logging.FileHandler(tmp_path / "log", mode="w"))

    with serve(echo, over):
        log.error("written while a server runs")
    file.close()

    assert "while a server runs" in (tmp_path / "log").read_text()


@each_thread
def test_app_of_a_client_that_is_forgotten_shuts_down_in_order(
    over: str, caplog: pytest.LogCaptureFixture
) -> None:
    over_app.LIFE.clear()
    client = TestClient(over_app.app, over=over)
    client.get("/seen")

    del client
    gc.collect()
    for thread in threading.enumerate():
        if thread.name == "asgi-testkit server":
            thread.join(_SECONDS)

    assert over_app.LIFE == ["startup", "shutdown"]
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("over", THREADS)
def test_server_that_is_stopped_before_it_runs_ends(over: str) -> None:
    adapter: Any = import_module(f"asgi_testkit.servers.over_{over}")
    listener = Listener.on_port(listens=over != "granian")
    order = Order(f"asgi_testkit.servers.over_{over}", echo, None, listener.address, "/?", 1.0)
    server = adapter.in_thread(order, listener.bound, ServerLog())

    server.stop()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    listener.release()
    listener.remove()

    assert not thread.is_alive()
