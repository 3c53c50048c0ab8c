# Generated from tests/httpx2/test_exchange_endings.py by scripts/write_httpx.py.
"""How exchanges end: disconnected, left, by an exception; and used at the wrong time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
import httpx
import pytest

from asgi_testkit import ASGIRuleError, ASGITaskLeakWarning, ClientStateError, UsageError
from tests.apps import duplex, raw
from tests.apps.raw import Gate
from tests.httpx.modes import OpenClient
from tests.lines import line_of
from tests.together import together

KIB = 1024
START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
PIECE: dict[str, Any] = {"type": "http.response.body", "body": b"one", "more_body": True}


def reports(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "asgi_testkit"]


# -- disconnecting ----------------------------------------------------------------------------

STAGES: dict[str, tuple[list[dict[str, Any]], list[Any]]] = {
    "before the response": ([], [b"a"]),
    "after the start": ([START], [b"a"]),
    "between chunks": ([START, PIECE], [b"a"]),
}


@pytest.mark.parametrize("ends_the_upload", [False, True], ids=["amid upload", "uploaded"])
@pytest.mark.parametrize(("first", "received"), STAGES.values(), ids=STAGES)
async def test_app_sees_the_disconnect_and_may_clean_up(
    open_client: OpenClient,
    caplog: pytest.LogCaptureFixture,
    first: list[dict[str, Any]],
    received: list[Any],
    ends_the_upload: bool,
) -> None:
    log: list[Any] = []
    upload_end = [b""] if ends_the_upload else []

    async with (
        open_client(duplex.waits_for_the_end(log, *first), grace=5.0) as client,
        client.exchange("POST", "/") as exchange,
    ):
        await exchange.send(b"a")
        if ends_the_upload:
            await exchange.end()
        if first:
            await exchange.response
        if PIECE in first:
            assert await anext(exchange) == b"one"
        await client.run(until(lambda: log == [*received, *upload_end]))
        await exchange.disconnect()

        assert log == [*received, *upload_end, "http.disconnect", "cleaned up"]

    assert reports(caplog) == []


def until(condition: Callable[[], bool]) -> Callable[[], Awaitable[None]]:
    """Return an async function that lets the app go on until the condition holds."""

    async def wait() -> None:
        while not condition():
            await anyio.sleep(0)

    return wait


async def test_leaving_the_block_early_disconnects(open_client: OpenClient) -> None:
    log: list[Any] = []

    async with open_client(duplex.waits_for_the_end(log, START, PIECE), grace=5.0) as client:
        async with client.exchange("POST", "/") as exchange:
            assert await anext(exchange) == b"one"

        assert log == ["http.disconnect", "cleaned up"]


async def test_exchange_that_is_open_at_the_clients_exit_is_left(open_client: OpenClient) -> None:
    log: list[Any] = []

    async with open_client(duplex.waits_for_the_end(log, START, PIECE), grace=5.0) as client:
        exchange = client.exchange("POST", "/")
        await exchange.__aenter__()
        await exchange.response

    assert log == ["http.disconnect", "cleaned up"]


async def test_app_is_cancelled_only_after_the_grace_and_that_is_reported(
    open_client: OpenClient,
) -> None:
    log: list[float] = []
    app = duplex.never_cleans_up(log)

    async with (
        open_client(app, grace=0.05) as client,
        client.exchange("POST", "/slow") as exchange,
    ):
        with pytest.warns(ASGITaskLeakWarning) as warned:
            await exchange.disconnect()
        told, cancelled = log

    assert 0.045 <= cancelled - told < 1
    text = (
        "The app had to be cancelled: it went on for the grace time after POST /slow was left.\n"
        f"It stood at {line_of(duplex.__file__, '# though its client', 'app')}.\n"
        "Pass grace=... to the client for more time or less."
    )
    assert [str(one.message) for one in warned] == [text]


async def test_exception_of_the_app_after_disconnecting_is_logged_and_not_raised(
    open_client: OpenClient, caplog: pytest.LogCaptureFixture
) -> None:
    app = duplex.waits_for_the_end([], START, then=ValueError("too late"))

    async with open_client(app) as client, client.exchange("POST", "/") as exchange:
        await exchange.disconnect()

    text = "The app raised after the client had left POST /: ValueError('too late')"
    assert reports(caplog) == [text]


async def test_disconnecting_twice_is_once(open_client: OpenClient) -> None:
    log: list[Any] = []

    async with (
        open_client(duplex.waits_for_the_end(log, START)) as client,
        client.exchange("POST", "/") as exchange,
    ):
        await exchange.disconnect()
        await exchange.disconnect()

    assert log == ["http.disconnect", "cleaned up"]


async def test_reading_after_disconnecting_says_so(open_client: OpenClient) -> None:
    async with open_client(duplex.echo) as client, client.exchange("POST", "/") as exchange:
        await exchange.response
        await exchange.disconnect()
        with pytest.raises(ClientStateError, match="was left before its end"):
            await anext(exchange)


async def test_disconnecting_wakes_another_caller_who_reads(open_client: OpenClient) -> None:
    async with (
        open_client(duplex.echo, timeout=2) as client,
        client.exchange("POST", "/") as exchange,
    ):

        async def read() -> None:
            with pytest.raises(ClientStateError, match="was left before its end"):
                await exchange.read()

        await together(open_client, read, exchange.disconnect)


async def test_disconnecting_wakes_another_caller_who_sends(open_client: OpenClient) -> None:
    app = raw.never_receives([], Gate())

    async with (
        open_client(app, timeout=2, grace=0) as client,
        client.exchange("POST", "/") as exchange,
    ):

        async def send() -> None:
            with suppress(ClientStateError):  # where it comes after the disconnect
                await exchange.send(bytes(65 * KIB))

        await together(open_client, send, exchange.disconnect)
        acts = [it.act for it in exchange.messages]

    assert "disconnected" in acts


async def test_response_after_disconnecting_says_so(open_client: OpenClient) -> None:
    async with open_client(raw.waits_for_ever) as client, client.exchange("POST", "/") as exchange:
        await exchange.disconnect()
        with pytest.raises(ClientStateError, match="was left before its end"):
            await exchange.response


async def test_sending_after_disconnecting_says_so(open_client: OpenClient) -> None:
    async with open_client(raw.waits_for_ever) as client, client.exchange("POST", "/") as exchange:
        await exchange.disconnect()
        with pytest.raises(ClientStateError, match=r"disconnect\(\) was called"):
            await exchange.send(b"a")


async def test_disconnecting_after_the_whole_response_changes_nothing(
    open_client: OpenClient,
) -> None:
    async with open_client(raw.hello) as client, client.exchange("POST", "/") as exchange:
        await exchange.read()
        await exchange.disconnect()

    acts = [entry.act for entry in exchange.messages]
    assert acts[:3] == ["http.response.start", "http.response.body", "returned"]


# -- exceptions -------------------------------------------------------------------------------


async def test_exception_of_the_app_arrives_where_the_test_sends(open_client: OpenClient) -> None:
    told, exception = Gate(), ValueError("mine")

    async with open_client(duplex.raises_and_tells(exception, told)) as client:
        with pytest.raises(ValueError, match="mine") as caught:  # noqa: PT012
            async with client.exchange("POST", "/") as exchange:
                await client.run(told.wait)
                await exchange.send(bytes(65 * KIB))
                pytest.fail("sent")

    assert caught.value is exception


async def test_exception_that_a_send_has_raised_is_not_raised_again_at_the_end(
    open_client: OpenClient,
) -> None:
    told = Gate()

    async with (
        open_client(duplex.raises_and_tells(ValueError("mine"), told)) as client,
        client.exchange("POST", "/") as exchange,
    ):
        await client.run(told.wait)
        with pytest.raises(ValueError, match="mine"):
            await exchange.send(b"a")


async def test_exception_of_the_app_wakes_a_send_that_waits(open_client: OpenClient) -> None:
    gate, exception = Gate(), ValueError("mine")

    async with open_client(duplex.raises_at(gate, exception), timeout=2, grace=0.1) as client:

        async def send() -> None:
            with pytest.raises(ValueError, match="mine") as caught:
                async with client.exchange("POST", "/") as exchange:
                    await exchange.send(bytes(65 * KIB))
            assert caught.value is exception

        async def open_gate() -> None:
            await client.run(gate.open)

        await together(open_client, send, open_gate)


async def test_exception_of_the_app_arrives_where_the_test_reads(open_client: OpenClient) -> None:
    exception = ValueError("mine")

    async with open_client(duplex.raises_on_a_piece(exception)) as client:
        with pytest.raises(ValueError, match="mine") as caught:  # noqa: PT012
            async with client.exchange("POST", "/") as exchange:
                await exchange.send(b"a")
                await anext(exchange)
                pytest.fail("read")

    assert caught.value is exception


async def test_exception_of_the_app_arrives_where_the_test_waits_for_the_response(
    open_client: OpenClient,
) -> None:
    exception = ValueError("mine")

    async with open_client(raw.raises_before_start(exception)) as client:
        with pytest.raises(ValueError, match="mine") as caught:  # noqa: PT012
            async with client.exchange("POST", "/") as exchange:
                await exchange.response
                pytest.fail("started")

    assert caught.value is exception


async def test_exception_that_the_test_has_caught_is_not_raised_again_at_the_end(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(raw.raises_before_start(ValueError("mine"))) as client,
        client.exchange("POST", "/") as exchange,
    ):
        with pytest.raises(ValueError, match="mine"):
            await exchange.response


async def test_exception_of_the_app_arrives_where_the_test_leaves(open_client: OpenClient) -> None:
    told, exception = Gate(), ValueError("mine")

    async with open_client(duplex.raises_and_tells(exception, told)) as client:
        with pytest.raises(ValueError, match="mine") as caught:  # noqa: PT012
            async with client.exchange("POST", "/") as exchange:
                assert await anext(exchange) == b"here"
                await client.run(told.wait)

    assert caught.value is exception


async def test_exception_after_the_whole_response_arrives_where_the_test_leaves(
    open_client: OpenClient,
) -> None:
    exception = ValueError("mine")

    async with open_client(raw.raises_after_body(exception)) as client:
        with pytest.raises(ValueError, match="mine") as caught:
            async with client.exchange("POST", "/") as exchange:
                assert await anext(exchange) == b"whole"

    assert caught.value is exception


async def test_exception_out_of_the_block_is_seen_once(open_client: OpenClient) -> None:
    exception = ValueError("mine")

    async with open_client(duplex.raises_on_a_piece(exception)) as client:
        with pytest.raises(ValueError, match="mine") as caught:  # noqa: PT012
            async with client.exchange("POST", "/") as exchange:
                await exchange.send(b"a")
                await exchange.read()

    assert (caught.value is exception, caught.value.__context__) == (True, None)


async def test_exception_of_the_test_stays(open_client: OpenClient) -> None:
    log: list[Any] = []
    exception = KeyError("test")

    async with open_client(duplex.waits_for_the_end(log, START)) as client:
        with pytest.raises(KeyError, match="test") as caught:
            async with client.exchange("POST", "/"):
                raise exception

    assert (caught.value is exception, log) == (True, ["http.disconnect", "cleaned up"])


async def test_exception_of_the_test_stays_though_the_app_has_raised(
    open_client: OpenClient,
) -> None:
    told = Gate()

    async with open_client(duplex.raises_and_tells(ValueError("mine"), told)) as client:
        with pytest.raises(KeyError, match="test"):  # noqa: PT012
            async with client.exchange("POST", "/"):
                await client.run(told.wait)
                raise KeyError("test")


async def test_failure_is_the_wires_where_nothing_is_raised(open_client: OpenClient) -> None:
    exception = ValueError("mine")

    async with (
        open_client(duplex.raises_on_a_piece(exception), raise_server_exceptions=False) as client,
        client.exchange("POST", "/") as exchange,
    ):
        with pytest.raises(httpx.RemoteProtocolError, match="before its response"):  # noqa: PT012
            await exchange.send(b"a")  # may be told already
            await exchange.read()


async def test_broken_rule_is_raised(open_client: OpenClient) -> None:
    async with open_client(raw.logs_what_it_receives([])) as client:
        with pytest.raises(ASGIRuleError, match="returned without starting a response"):  # noqa: PT012
            async with client.exchange("POST", "/") as exchange:
                await exchange.end()
                await exchange.response


async def test_broken_rule_that_the_test_has_caught_is_not_raised_again_at_the_end(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(raw.logs_what_it_receives([])) as client,
        client.exchange("POST", "/") as exchange,
    ):
        await exchange.end()
        with pytest.raises(ASGIRuleError, match="returned without starting a response"):
            await exchange.response


# -- used at the wrong time -------------------------------------------------------------------

CALLS = ("send", "end", "read", "next", "response", "disconnect")
FACTS = ("trailers", "early_hints", "messages")


@pytest.mark.parametrize("use", [*CALLS, *FACTS])
async def test_exchange_outside_its_block_says_so(open_client: OpenClient, use: str) -> None:
    async with open_client(raw.hello) as client:
        exchange = client.exchange("POST", "/")
        with pytest.raises(UsageError, match="used outside its block"):
            await used(exchange, use)


async def used(exchange: Any, use: str) -> None:
    """Use an exchange that is not open."""
    if use == "send":
        await exchange.send(b"a")
    elif use == "next":
        await anext(exchange)
    elif use == "response":
        await exchange.response
    elif use in ("end", "read", "disconnect"):
        await getattr(exchange, use)()
    else:
        getattr(exchange, use)


async def test_entering_twice_is_refused(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client:
        exchange = client.exchange("POST", "/")
        async with exchange:
            pass
        with pytest.raises(ClientStateError, match="was entered before"):
            async with exchange:
                pytest.fail("entered")


async def test_facts_can_be_read_after_the_block(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client, client.exchange("POST", "/") as exchange:
        await exchange.read()

    acts = [entry.act for entry in exchange.messages]
    assert acts == ["http.response.start", "http.response.body", "returned"]


async def test_exchange_that_is_never_entered_warns_of_nothing(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client:
        client.exchange("POST", "/")

        assert (await client.get("/")).text == "hello"


async def test_exchange_of_a_closed_client_is_refused(open_client: OpenClient) -> None:
    client = open_client.without_entering(raw.hello)
    await client.aclose()

    with pytest.raises(RuntimeError, match="closed"):
        async with client.exchange("POST", "/"):
            pytest.fail("entered")


async def test_exception_of_the_app_is_a_note_on_that_of_the_test(open_client: OpenClient) -> None:
    told = Gate()
    app = duplex.raises_and_tells(ValueError("no such file"), told)

    async with open_client(app) as client:
        with pytest.raises(KeyError, match="mine") as caught:  # noqa: PT012 - raised inside the block
            async with client.exchange("POST", "/"):
                await client.run(told.wait)
                raise KeyError("mine")

    assert caught.value.__notes__ == ["Beside it, the app raised ValueError('no such file')."]


async def test_empty_piece_is_not_sent(open_client: OpenClient) -> None:
    async with open_client(duplex.echo) as client, client.exchange("POST", "/") as exchange:
        for piece in (b"", b"a", b""):
            await exchange.send(piece)
        await exchange.end()
        await exchange.read()

        sizes = [it.size_bytes for it in exchange.messages if it.act == "http.request"]
        assert sizes == [1, 0]
