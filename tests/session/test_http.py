"""One HTTP call, fetched or streamed, behaves alike in every mode."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import httpx2
import pytest

from asgi_testkit import ASGITaskLeakWarning, StallError
from asgi_testkit.types import Receive, Scope, Send
from tests.apps import raw
from tests.apps.raw import Gate, Progress
from tests.modes import OpenClient

KIB = 1024
MIB = 1024 * KIB


class OwnBaseException(BaseException):
    """What no `except Exception` catches."""


async def first_piece(response: Any) -> bytes:
    """Read one piece and leave the response."""
    async with aclosing(response.aiter_raw()) as pieces:
        piece: bytes = await anext(pieces)
        return piece


# -- streaming --------------------------------------------------------------------------------


async def test_stream_returns_before_the_app_has_sent_a_body(open_client: OpenClient) -> None:
    gate = Gate()

    async with (
        open_client(raw.start_then_gate(gate)) as client,
        client.stream("GET", "/") as response,
    ):
        assert (response.status_code, response.headers["x-early"]) == (201, "yes")
        await client.run(gate.open)

        assert await response.aread() == b"late"


async def test_first_piece_is_in_hand_while_the_app_waits(open_client: OpenClient) -> None:
    gate = Gate()
    app = raw.two_pieces_with_a_gate_between(gate)

    async with open_client(app) as client, client.stream("GET", "/") as response:
        pieces = response.aiter_raw()
        first = await anext(pieces)
        await client.run(gate.open)

        assert [first, *[piece async for piece in pieces]] == [b"one", b"two"]


async def test_request_pieces_reach_the_app_one_by_one(open_client: OpenClient) -> None:
    log: list[str] = []

    def pieces() -> Iterator[bytes]:
        for number in (1, 2, 3):
            log.append(f"made {number}")
            yield str(number).encode()

    async with open_client(raw.uploads_into(log)) as client:
        await client.post("/", content=open_client.upload(pieces()))

    made_and_got = ["made 1", "got 1", "made 2", "got 2", "made 3", "got 3"]
    assert log == [*made_and_got, "got "]


async def test_response_may_begin_before_the_request_has_ended(open_client: OpenClient) -> None:
    log: list[str] = []

    def pieces() -> Iterator[bytes]:
        for letter in "ab":
            log.append(f"test made {letter}")
            yield letter.encode()

    async with (
        open_client(raw.talk(log)) as client,
        client.stream("POST", "/", content=open_client.upload(pieces())) as response,
    ):
        async for piece in response.aiter_raw():
            log.append(f"test got {piece.decode()}")  # noqa: PERF401

    assert log == [
        *("test made a", "app got a", "test got A"),
        *("test made b", "app got b", "test got B"),
        "app got ",
    ]


async def test_large_piece_is_in_hand_before_the_next_is_made(open_client: OpenClient) -> None:
    log: list[str] = []
    app = raw.downloads(log, count=3, size=65 * KIB)

    async with open_client(app) as client, client.stream("GET", "/") as response:
        async for piece in response.aiter_raw():
            log.append(f"got {len(piece)}")  # noqa: PERF401

    assert log == ["made 0", "got 66560", "made 1", "got 66560", "made 2", "got 66560"]


async def test_body_of_bytes_arrives_in_pieces_of_64_kib(open_client: OpenClient) -> None:
    async with open_client(raw.upload_sizes) as client:
        small = await client.post("/", content=bytes(64 * KIB))
        large = await client.post("/", content=bytes(130 * KIB))

    assert (small.text, large.text) == ("65536", "65536,65536,2048")


async def test_pieces_of_a_generator_are_never_joined_or_cut(open_client: OpenClient) -> None:
    sizes = (1, 200 * KIB, 3)

    async with open_client(raw.upload_sizes) as client:
        body = open_client.upload(bytes(size) for size in sizes)
        response = await client.post("/", content=body)

    assert response.text == "1,204800,3,0"


async def test_streaming_app_is_64_kib_and_a_piece_ahead_of_the_reader(
    open_client: OpenClient,
) -> None:
    progress = Progress()
    app = raw.measured_download(progress, count=50, size=10 * KIB)

    async with open_client(app) as client, client.stream("GET", "/") as response:
        async for piece in response.aiter_raw():
            progress.taken += len(piece)

    assert progress.taken == 500 * KIB
    # 64 KiB unread, the piece that is being sent, and the one that the test has not counted yet
    assert 10 * KIB <= progress.furthest <= 84 * KIB


async def test_send_never_waits_for_a_reader_in_get(open_client: OpenClient) -> None:
    progress = Progress()

    async with open_client(raw.measured_download(progress, count=50, size=10 * KIB)) as client:
        response = await client.get("/")

    assert len(response.content) == 500 * KIB == progress.furthest


async def test_upload_of_64_mib_keeps_no_piece(open_client: OpenClient) -> None:
    async with open_client(raw.upload_total) as client:
        body = open_client.upload(bytes(MIB) for _ in range(64))
        tracemalloc.start()
        try:
            response = await client.post("/", content=body)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert (response.text, peak < 16 * MIB) == (str(64 * MIB), True)


async def test_download_of_64_mib_keeps_no_piece(open_client: OpenClient) -> None:
    total = 0

    async with open_client(raw.downloads([], count=64, size=MIB)) as client:
        tracemalloc.start()
        try:
            async with client.stream("GET", "/") as response:
                async for piece in response.aiter_raw():
                    total += len(piece)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert (total, peak < 16 * MIB) == (64 * MIB, True)


# -- leaving early ----------------------------------------------------------------------------


async def test_leaving_early_disconnects_and_silences_the_app(open_client: OpenClient) -> None:
    log: list[str] = []

    async with (
        open_client(raw.waits_for_disconnect(log)) as client,
        client.stream("GET", "/") as response,
    ):
        assert await first_piece(response) == b"one"

    assert log == ["http.request", "http.disconnect", "sent into the void"]


async def test_app_that_never_receives_is_cancelled_after_the_grace(
    open_client: OpenClient,
) -> None:
    log: list[str] = []
    app = raw.never_receives(log, Gate())

    async with open_client(app, grace=0.01) as client:
        with pytest.warns(ASGITaskLeakWarning, match="had to be cancelled"):
            async with client.stream("GET", "/") as response:
                assert await first_piece(response) == b"one"

        assert log == ["cancelled"]


async def test_grace_of_zero_cancels_at_once_and_warns_of_nothing(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(raw.never_receives(log, Gate()), grace=0.0) as client:
        async with client.stream("GET", "/"):
            pass

        assert log == ["cancelled"]


async def test_app_that_ends_within_the_grace_is_not_cancelled(open_client: OpenClient) -> None:
    log: list[str] = []
    gate = Gate()

    async with open_client(raw.never_receives(log, gate), grace=5.0) as client:
        async with client.stream("GET", "/"):
            await client.run(gate.open)

        assert log == []


async def test_app_that_swallows_its_cancellation_is_warned_about(open_client: OpenClient) -> None:
    log: list[str] = []
    gate = Gate()

    async with open_client(raw.swallows_cancellation(log, gate), grace=0.01) as client:
        with pytest.warns(ASGITaskLeakWarning, match="went on after the client had left"):
            async with client.stream("GET", "/deaf") as response:
                assert await first_piece(response) == b"one"
        await client.run(gate.open)

    assert log == ["swallowed"]


async def test_exception_after_leaving_is_logged_and_not_raised(
    open_client: OpenClient, caplog: pytest.LogCaptureFixture
) -> None:
    app = raw.waits_for_disconnect([], then=ValueError("too late"))

    async with open_client(app) as client, client.stream("GET", "/") as response:
        assert await first_piece(response) == b"one"

    texts = [(record.name, record.getMessage()) for record in caplog.records]
    assert texts == [
        ("asgi_testkit", "The app raised after the client had left GET /: ValueError('too late')")
    ]


async def test_stream_that_is_open_at_the_exit_is_left(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(raw.waits_for_disconnect(log)) as client:
        request = client.build_request("GET", "/")
        response = await client.send(request, stream=True)

    assert log == ["http.request", "http.disconnect", "sent into the void"]
    assert response.status_code == 200


async def test_failing_test_body_leaves_the_stream(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(raw.waits_for_disconnect(log)) as client:
        with pytest.raises(KeyError, match="test"):
            async with client.stream("GET", "/"):
                raise KeyError("test")

    assert log == ["http.request", "http.disconnect", "sent into the void"]


# -- exceptions of the app --------------------------------------------------------------------


@pytest.mark.parametrize(
    "make_app", [raw.raises_before_start, raw.raises_amid_body, raw.raises_after_body]
)
async def test_exception_of_the_app_arrives_as_the_same_object(
    open_client: OpenClient, make_app: type
) -> None:
    exception = ValueError("mine")

    async with open_client(make_app(exception)) as client:
        with pytest.raises(ValueError, match="mine") as caught:
            await client.get("/")

    assert caught.value is exception


async def test_exception_amid_a_stream_arrives_after_what_was_sent(
    open_client: OpenClient,
) -> None:
    pieces: list[bytes] = []

    async with open_client(raw.raises_amid_body(ValueError("mine"))) as client:
        with pytest.raises(ValueError, match="mine"):  # noqa: PT012
            async with client.stream("GET", "/") as response:
                async for piece in response.aiter_raw():
                    pieces.append(piece)  # noqa: PERF401 - kept when it raises

    assert pieces == [b"one"]


async def test_exception_after_the_body_of_a_stream_arrives_when_it_is_closed(
    open_client: OpenClient,
) -> None:
    async with open_client(raw.raises_after_body(ValueError("mine"))) as client:
        with pytest.raises(ValueError, match="mine"):
            async with client.stream("GET", "/") as response:
                assert await response.aread() == b"whole"


@pytest.mark.parametrize(
    "kind", [SystemExit, KeyboardInterrupt, GeneratorExit, OwnBaseException, asyncio.CancelledError]
)
async def test_base_exception_arrives_and_the_client_goes_on(
    open_client: OpenClient, kind: type[BaseException]
) -> None:
    exception = kind("out of the app")

    async with open_client(raw.raises_before_start(exception)) as client:
        with pytest.raises(kind, match="out of the app") as caught:
            await client.get("/")
        well = await client.get("/well")

    assert (caught.value is exception, well.text) == (True, "well")


async def test_group_of_one_arrives_as_its_exception(open_client: OpenClient) -> None:
    exception = ValueError("leaf")
    group = ExceptionGroup("outer", [ExceptionGroup("inner", [exception])])

    async with open_client(raw.raises_before_start(group)) as client:
        with pytest.raises(ValueError, match="leaf") as caught:
            await client.get("/")

    assert caught.value is exception


async def test_group_of_two_arrives_as_it_is(open_client: OpenClient) -> None:
    group = ExceptionGroup("pair", [ValueError("left"), KeyError("right")])

    async with open_client(raw.raises_before_start(group)) as client:
        with pytest.raises(ExceptionGroup, match="pair") as caught:
            await client.get("/")

    assert caught.value is group


async def test_without_raising_a_failure_before_the_start_is_a_500(
    open_client: OpenClient,
) -> None:
    app = raw.raises_before_start(ValueError("mine"))

    async with open_client(app, raise_server_exceptions=False) as client:
        response = await client.get("/")

    assert (response.status_code, response.text) == (500, "Internal Server Error")


async def test_without_raising_a_failure_amid_the_body_is_a_protocol_error(
    open_client: OpenClient,
) -> None:
    app = raw.raises_amid_body(ValueError("mine"))

    async with open_client(app, raise_server_exceptions=False) as client:
        with pytest.raises(httpx2.RemoteProtocolError, match="before its response was whole"):
            await client.get("/")


async def test_without_raising_a_cut_stream_shows_what_was_sent(open_client: OpenClient) -> None:
    app = raw.raises_amid_body(ValueError("mine"))
    pieces: list[bytes] = []

    async with open_client(app, raise_server_exceptions=False) as client:
        with pytest.raises(httpx2.RemoteProtocolError, match="before its response was whole"):  # noqa: PT012
            async with client.stream("GET", "/") as response:
                async for piece in response.aiter_raw():
                    pieces.append(piece)  # noqa: PERF401 - kept when it raises

    assert pieces == [b"one"]


async def test_without_raising_a_failure_after_the_body_is_not_seen(
    open_client: OpenClient,
) -> None:
    app = raw.raises_after_body(ValueError("mine"))

    async with open_client(app, raise_server_exceptions=False) as client:
        response = await client.get("/")

    assert (response.status_code, response.text) == (200, "whole")


async def test_exception_of_a_body_generator_arrives_and_the_app_is_disconnected(
    open_client: OpenClient,
) -> None:
    log: list[str] = []
    exception = LookupError("no more pieces")

    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise exception

    async with open_client(raw.logs_what_it_receives(log)) as client:
        with pytest.raises(LookupError, match="no more pieces") as caught:
            await client.post("/", content=open_client.upload(pieces()))

    assert (caught.value is exception, log) == (True, ["http.request", "http.disconnect"])


async def test_body_generator_of_text_is_refused_by_name(open_client: OpenClient) -> None:
    pieces: list[object] = ["text"]

    async with open_client(raw.echo) as client:
        with pytest.raises(TypeError, match=r"A piece of the request body is str, not bytes"):
            await client.post("/", content=open_client.upload(pieces))  # type: ignore[arg-type]


async def test_body_generator_that_is_not_read_to_its_end_is_closed(
    open_client: OpenClient,
) -> None:
    log: list[str] = []

    def pieces() -> Iterator[bytes]:
        try:
            yield b"one"
            yield b"two"
        finally:
            log.append("closed")

    async with open_client(raw.hello) as client:
        response = await client.post("/", content=pieces() if open_client.is_blocking else None)

    assert (response.text, log) == ("hello", [])


# -- background work --------------------------------------------------------------------------


async def test_get_returns_when_the_app_has_returned(open_client: OpenClient) -> None:
    log: list[str] = []
    gate = Gate()

    async with open_client(raw.works_on(log, gate)) as client:
        await client.run(gate.open)
        response = await client.get("/")

        assert (response.text, log) == ("whole", ["worked"])


async def test_detached_get_returns_at_the_last_body_message(open_client: OpenClient) -> None:
    log: list[str] = []
    gate = Gate()

    async with open_client(raw.works_on(log, gate), background="detach") as client:
        response = await client.get("/")
        assert (response.text, log) == ("whole", [])
        await client.run(gate.open)
        await client.wait_background()

        assert log == ["worked"]


async def test_leaving_the_client_waits_for_detached_work(open_client: OpenClient) -> None:
    log: list[str] = []
    gate = Gate()

    async with open_client(raw.works_on(log, gate), background="detach") as client:
        await client.get("/")
        await client.run(gate.open)

    assert log == ["worked"]


async def test_exception_of_detached_work_arrives_at_wait_background(
    open_client: OpenClient,
) -> None:
    gate = Gate()
    app = raw.works_on([], gate, then=ValueError("mine"))

    async with open_client(app, background="detach") as client:
        await client.get("/")
        await client.run(gate.open)
        with pytest.raises(ValueError, match="mine"):
            await client.wait_background()


async def test_exception_of_detached_work_arrives_at_the_exit(open_client: OpenClient) -> None:
    gate = Gate()
    app = raw.works_on([], gate, then=ValueError("mine"))

    with pytest.raises(ValueError, match="mine"):  # noqa: PT012
        async with open_client(app, background="detach") as client:
            await client.get("/")
            await client.run(gate.open)


async def test_base_exception_of_detached_work_arrives_at_the_exit(
    open_client: OpenClient,
) -> None:
    gate = Gate()
    app = raw.works_on([], gate, then=SystemExit("mine"))

    with pytest.raises(SystemExit, match="mine"):  # noqa: PT012
        async with open_client(app, background="detach") as client:
            await client.get("/")
            await client.run(gate.open)

    async with open_client(raw.hello) as client:
        assert (await client.get("/")).text == "hello"


async def test_detached_stream_is_closed_at_its_last_piece(open_client: OpenClient) -> None:
    log: list[str] = []
    gate = Gate()

    async with open_client(raw.works_on(log, gate), background="detach") as client:
        async with client.stream("GET", "/") as response:
            assert await response.aread() == b"whole"
        assert log == []
        await client.run(gate.open)

    assert log == ["worked"]


# -- context variables ------------------------------------------------------------------------


async def test_context_of_the_test_reaches_the_app_and_not_back(open_client: OpenClient) -> None:
    raw.COLOUR.set("blue")

    async with open_client(raw.paints) as client:
        response = await client.get("/")

    assert (response.text, raw.COLOUR.get()) == ("blue", "blue")


async def test_context_changed_between_calls_reaches_the_app(open_client: OpenClient) -> None:
    async with open_client(raw.paints) as client:
        raw.COLOUR.set("green")
        first = await client.get("/")
        raw.COLOUR.set("white")
        second = await client.get("/")

    assert (first.text, second.text) == ("green", "white")


# -- limits -----------------------------------------------------------------------------------


async def test_silent_app_is_a_read_timeout_with_a_report(open_client: OpenClient) -> None:
    async with open_client(raw.waits_for_ever, timeout=0.2) as client:
        with pytest.raises(httpx2.ReadTimeout, match="the app has sent nothing") as caught:
            await client.get("/silent")

    stall = caught.value
    assert isinstance(stall, StallError)
    assert isinstance(stall, TimeoutError)
    assert (stall.kind, stall.request.url.path) == ("read", "/silent")
    assert "http.request" in stall.report


async def test_silence_amid_a_stream_is_a_read_timeout(open_client: OpenClient) -> None:
    app = raw.two_pieces_with_a_gate_between(Gate())

    async with open_client(app, timeout=0.2, grace=0.01) as client:
        with pytest.raises(httpx2.ReadTimeout, match="the app has sent nothing"):
            async with client.stream("GET", "/") as response:
                assert await response.aread() == b""


async def test_timeout_of_a_call_is_more_than_the_clients(open_client: OpenClient) -> None:
    async with open_client(raw.waits_for_ever) as client:
        with pytest.raises(httpx2.ReadTimeout, match=r"for 0\.05 s"):
            await client.get("/", timeout=0.05)


async def test_app_that_takes_no_body_is_a_write_timeout(open_client: OpenClient) -> None:
    app = raw.ignores_the_body(Gate())

    async with open_client(app, timeout=0.2, grace=0.01) as client:
        with pytest.raises(httpx2.WriteTimeout, match="has not taken the request") as caught:
            await client.post("/", content=open_client.upload([b"one"]))

    assert isinstance(caught.value, StallError)


async def test_background_work_without_end_is_a_plain_stall(open_client: OpenClient) -> None:
    app = raw.works_on([], Gate())

    async with open_client(app, timeout=0.2, grace=0.01) as client:
        with pytest.raises(StallError, match="after its response was whole") as caught:
            await client.get("/")

    assert not isinstance(caught.value, httpx2.TimeoutException)


async def test_read_timeout_does_not_rule_background_work(open_client: OpenClient) -> None:
    log: list[str] = []

    @raw.http_app
    async def works_longer(scope: Scope, receive: Receive, send: Send) -> None:
        await raw.answer(send, b"whole")
        await open_client.sleep_in_app(0.6)
        log.append("worked")

    async with open_client(works_longer, timeout=5.0) as client:
        response = await client.get("/", timeout=httpx2.Timeout(5.0, read=0.3))

    assert (response.text, log) == ("whole", ["worked"])


async def test_buffered_call_has_a_total_limit_of_ten_silences(open_client: OpenClient) -> None:
    async with open_client(raw.ticks(seconds=3)) as client:
        with pytest.raises(StallError, match=r"stream\(\)"):
            await client.get("/endless", timeout=0.2)


async def test_client_goes_on_after_a_stall(open_client: OpenClient) -> None:
    async with open_client(raw.waits_for_ever, timeout=0.2) as client:
        with pytest.raises(httpx2.ReadTimeout, match="the app has sent nothing"):
            await client.get("/")
        with pytest.raises(httpx2.ReadTimeout, match="the app has sent nothing"):
            await client.get("/")
