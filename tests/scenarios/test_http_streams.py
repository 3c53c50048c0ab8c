"""Bodies that come and go in pieces over HTTP, spelled alike for every library."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest

from asgi_testkit import ASGITaskLeakWarning
from tests.apps import mirror, raw
from tests.apps.mirror import header_values, redirects, replies, routes
from tests.apps.raw import Gate, end, http_app, piece, start
from tests.scenarios.libraries import OpenAnyClient


class OwnError(OSError):
    """An error of the app that a library might take for one of the network."""


# -- generators as bodies ---------------------------------------------------------------------


async def test_generator_body_is_sent_in_chunks(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror) as client:
        body = open_client.upload([b"one", b"", b"two"])
        seen = (await client.post("/", content=body)).json()

    assert (seen["body"], header_values(seen, "transfer-encoding")) == ("onetwo", ["chunked"])
    assert header_values(seen, "content-length") == []


@pytest.mark.in_process_only("a connection has buffers of its own")
async def test_generator_is_asked_as_the_app_receives(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    def pieces() -> Iterator[bytes]:
        for number in range(3):
            log.append(f"made {number}")
            yield str(number).encode()

    async with open_client(raw.uploads_into(log)) as client:
        await client.post("/", content=open_client.upload(pieces()))

    assert log == ["made 0", "got 0", "made 1", "got 1", "made 2", "got 2", "got "]


@pytest.mark.in_process_only("a connection has buffers of its own")
async def test_upload_and_download_can_go_to_and_fro(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    def pieces() -> Iterator[bytes]:
        for letter in "ab":
            log.append(f"test made {letter}")
            yield letter.encode()

    body = open_client.upload(pieces())
    async with (
        open_client(raw.talk(log)) as client,
        client.stream("POST", "/", content=body) as response,
    ):
        async for received in response.aiter_raw():
            log.append(f"test got {received.decode()}")  # noqa: PERF401

    assert log[:3] == ["test made a", "app got a", "test got A"]
    assert log[3:] == ["test made b", "app got b", "test got B", "app got "]


async def test_generator_that_the_app_does_not_want_is_closed(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    def pieces() -> Iterator[bytes]:
        try:
            while True:
                yield b"more"
        finally:
            log.append("closed")

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await raw.answer(send, b"too much", 413)

    async with open_client(app) as client:
        endless = pieces()
        response = await client.post("/", content=open_client.upload(endless))
        endless.close()

    assert (response.status_code, log) == (413, ["closed"])


async def test_exception_of_the_generator_is_raised_as_it_is(open_client: OpenAnyClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise OwnError("no more")

    async with open_client(raw.echo) as client:
        with pytest.raises(OwnError, match="no more"):
            await client.post("/", content=open_client.upload(pieces()))


# -- responses in pieces ----------------------------------------------------------------------


@pytest.mark.in_process_only(
    "Granian sends the head with the first piece of the body", over="granian"
)
async def test_streamed_response_is_there_as_soon_as_it_has_started(
    open_client: OpenAnyClient,
) -> None:
    gate = Gate()

    async with (
        open_client(raw.start_then_gate(gate)) as client,
        client.stream("GET", "/") as response,
    ):
        assert (response.status_code, response.headers["x-early"]) == (201, "yes")
        await client.run(gate.open)

        assert await response.aread() == b"late"


@pytest.mark.parametrize("method", ["aiter_raw", "aiter_bytes"])
async def test_piece_is_in_hand_while_the_app_waits(
    open_client: OpenAnyClient, method: str
) -> None:
    gate = Gate()
    app = raw.two_pieces_with_a_gate_between(gate)

    async with open_client(app) as client, client.stream("GET", "/") as response:
        pieces = getattr(response, method)()
        first = await anext(pieces)
        await client.run(gate.open)

        assert [first, *[received async for received in pieces]] == [b"one", b"two"]


async def test_lines_are_read_across_pieces(open_client: OpenAnyClient) -> None:
    app = mirror.sends_pieces(b"first\nsec", b"ond\n", "ü".encode())

    async with open_client(app) as client, client.stream("GET", "/") as response:
        lines = [line async for line in response.aiter_lines()]

    assert lines == ["first", "second", "ü"]


async def test_text_is_decoded_across_pieces(open_client: OpenAnyClient) -> None:
    app = mirror.sends_pieces(b"caf\xc3", b"\xa9", b"!")

    async with open_client(app) as client, client.stream("GET", "/") as response:
        texts = [text async for text in response.aiter_text()]

    assert "".join(texts) == "café!"


@pytest.mark.in_process_only("a connection has buffers of its own")
async def test_large_pieces_are_made_one_at_a_time(open_client: OpenAnyClient) -> None:
    log: list[str] = []
    app = raw.downloads(log, count=3, size=65 * 1024)

    async with open_client(app) as client, client.stream("GET", "/") as response:
        async for received in response.aiter_raw():
            log.append(f"got {len(received)}")  # noqa: PERF401

    assert log == ["made 0", "got 66560", "made 1", "got 66560", "made 2", "got 66560"]


async def test_gzip_is_decoded_piece_by_piece(open_client: OpenAnyClient) -> None:
    gate, packer = Gate(), zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    first = packer.compress(b"one") + packer.flush(zlib.Z_SYNC_FLUSH)

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await start(send, 200, [(b"content-encoding", b"gzip")])
        await piece(send, first)
        await gate.wait()
        await end(send, packer.compress(b"two") + packer.flush())

    async with open_client(app) as client, client.stream("GET", "/") as response:
        pieces = response.aiter_bytes()
        assert await anext(pieces) == b"one"
        await client.run(gate.open)
        assert b"".join([received async for received in pieces]) == b"two"


async def test_raw_pieces_are_those_of_the_wire(open_client: OpenAnyClient) -> None:
    packed = gzip.compress(b"text")
    app = replies(headers=[(b"content-encoding", b"gzip")], body=packed)

    async with open_client(app) as client, client.stream("GET", "/") as response:
        assert b"".join([received async for received in response.aiter_raw()]) == packed


async def test_stream_follows_redirects(open_client: OpenAnyClient) -> None:
    app = routes({"/a": redirects(302, b"/b")}, mirror.sends_pieces(b"one", b"two"))

    async with open_client(app) as client, client.stream("GET", "/a") as response:
        body = await response.aread()

    assert (body, [earlier.status_code for earlier in response.history]) == (b"onetwo", [302])


async def test_leaving_a_stream_early_disconnects_the_app(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    async with (
        open_client(raw.waits_for_disconnect(log)) as client,
        client.stream("GET", "/") as response,
        aclosing(response.aiter_raw()) as pieces,
    ):
        assert await anext(pieces) == b"one"

    assert log == ["http.request", "http.disconnect", "sent into the void"]


async def test_stream_that_is_open_is_left_with_the_client(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    async with open_client(raw.waits_for_disconnect(log)) as client:
        opened = client.stream("GET", "/")
        await opened.__aenter__()

    assert log == ["http.request", "http.disconnect", "sent into the void"]
    await opened.__aexit__(None, None, None)


async def test_app_that_goes_on_after_a_stream_is_left_is_warned_of(
    open_client: OpenAnyClient,
) -> None:
    log: list[str] = []

    async with open_client(raw.never_receives(log, Gate()), grace=0.01) as client:
        with pytest.warns(ASGITaskLeakWarning, match="had to be cancelled"):
            async with client.stream("GET", "/"):
                pass

    assert log == ["cancelled"]


async def test_two_streams_are_open_at_once(open_client: OpenAnyClient) -> None:
    async with (
        open_client(mirror.mirror) as client,
        client.stream("GET", "/one") as one,
        client.stream("GET", "/two") as two,
    ):
        second, first = json.loads(await two.aread()), json.loads(await one.aread())

    assert (first["path"], second["path"]) == ("/one", "/two")


async def test_failing_test_leaves_the_stream_and_keeps_its_error(
    open_client: OpenAnyClient,
) -> None:
    log: list[str] = []

    async with open_client(raw.waits_for_disconnect(log)) as client:
        with pytest.raises(LookupError, match="of the test"):
            async with client.stream("GET", "/"):
                raise LookupError("of the test")

    assert log == ["http.request", "http.disconnect", "sent into the void"]


async def test_what_goes_wrong_when_a_failing_test_leaves_is_a_note(
    open_client: OpenAnyClient,
) -> None:
    async with open_client(raw.never_receives([], Gate()), grace=0.01) as client:
        with pytest.raises(LookupError, match="of the test") as caught:
            async with client.stream("GET", "/"):
                raise LookupError("of the test")

    assert "The app had to be cancelled" in "".join(caught.value.__notes__)


@pytest.mark.in_process_only("servers log the exceptions of apps, too")
async def test_exception_of_an_app_that_was_left_is_logged_and_not_raised(
    open_client: OpenAnyClient, caplog: pytest.LogCaptureFixture
) -> None:
    app = raw.waits_for_disconnect([], then=LookupError("too late"))

    async with open_client(app) as client, client.stream("GET", "/"):
        pass

    assert [record.name for record in caplog.records] == ["asgi_testkit"]
    assert "too late" in caplog.text
