"""Bodies that come and go in pieces, by requests' `stream=True` and generators."""

from __future__ import annotations

import asyncio
import gzip
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from asgi_testkit import ASGIRuleError, StallError
from asgi_testkit.requests import ASGIAdapter, TestClient
from asgi_testkit.types import Receive, Scope, Send
from tests.apps import mirror, raw
from tests.apps.raw import Gate, end, http_app, piece, start
from tests.requests.conftest import Enter


class OwnError(OSError):
    """An error of the app that urllib3 would take for one of the network."""


# -- responses --------------------------------------------------------------------------------


def test_iter_content_gives_each_piece_while_the_app_waits(enter: Enter) -> None:
    gate = Gate()
    client = enter(raw.two_pieces_with_a_gate_between(gate))

    pieces = client.get("/", stream=True).iter_content(None)

    assert next(pieces) == b"one"
    client.run(gate.open)
    assert list(pieces) == [b"two"]


def test_a_streamed_response_is_there_as_soon_as_it_has_started(enter: Enter) -> None:
    gate = Gate()
    client = enter(raw.start_then_gate(gate))

    response = client.get("/", stream=True)

    assert (response.status_code, response.headers["x-early"]) == (201, "yes")
    client.run(gate.open)
    assert response.content == b"late"


def test_iter_lines_gives_a_line_while_the_app_waits(enter: Enter) -> None:
    gate = Gate()

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"first\nsec")
        await gate.wait()
        await end(send, b"ond\nthird")

    client = enter(app)

    lines = client.get("/", stream=True).iter_lines()

    assert next(lines) == b"first"
    client.run(gate.open)
    assert list(lines) == [b"second", b"third"]


def test_pieces_are_cut_to_the_chunk_size_and_never_joined(enter: Enter) -> None:
    response = enter(mirror.sends_pieces(b"12345", b"67")).get("/", stream=True)

    assert list(response.iter_content(3)) == [b"123", b"45", b"67"]


def test_gzip_is_decoded_piece_by_piece(enter: Enter) -> None:
    gate = Gate()
    halves = gzip.compress(b"one"), gzip.compress(b"two")

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200, [(b"content-encoding", b"gzip")])
        await piece(send, halves[0])
        await gate.wait()
        await end(send, halves[1])

    client = enter(app)

    pieces = client.get("/", stream=True).iter_content(None)

    assert next(pieces) == b"one"
    client.run(gate.open)
    assert b"".join(pieces) == b"two"
    assert client.get("/").content == b"onetwo"


def test_raw_is_a_file_of_the_bytes_on_the_wire(enter: Enter) -> None:
    packed = gzip.compress(b"text")
    client = enter(mirror.replies(headers=[(b"content-encoding", b"gzip")], body=packed))

    raw_response = client.get("/", stream=True).raw

    first = raw_response.read(2, decode_content=False)
    assert first + raw_response.read(decode_content=False) == packed


def test_raw_reads_across_pieces_and_by_lines(enter: Enter) -> None:
    client = enter(mirror.sends_pieces(b"ab", b"c\nd", b"e\n"))

    assert client.get("/", stream=True).raw.read(4) == b"abc\n"
    assert client.get("/", stream=True).raw.readlines() == [b"abc\n", b"de\n"]


def test_content_of_a_wrong_encoding_is_requests_own_error(enter: Enter) -> None:
    client = enter(mirror.replies(headers=[(b"content-encoding", b"gzip")], body=b"no gzip"))

    with pytest.raises(requests.exceptions.ContentDecodingError, match="failed to decode"):
        client.get("/")


def test_an_app_is_at_most_a_buffer_ahead_of_the_reader(enter: Enter) -> None:
    progress = raw.Progress()
    client = enter(raw.measured_download(progress, 40, 32 * 1024))

    for received in client.get("/", stream=True).iter_content(None):
        progress.taken += len(received)

    assert progress.taken == 40 * 32 * 1024
    assert progress.furthest <= 5 * 32 * 1024


def test_reading_to_the_end_waits_for_background_work(enter: Enter) -> None:
    log: list[str] = []

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await end(send, b"whole")
        log.append("background")

    text = enter(app).get("/", stream=True).text

    assert (text, log) == ("whole", ["background"])


def test_a_body_is_over_when_the_app_says_so_and_not_at_its_length(enter: Enter) -> None:
    gate, log = Gate(), list[str]()

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200, [(b"content-length", b"5")])
        await piece(send, b"whole")
        await gate.wait()
        await end(send)
        log.append("background")

    client = enter(app)
    pieces = client.get("/", stream=True).iter_content(None)

    assert (next(pieces), log) == (b"whole", [])
    client.run(gate.open)
    assert (list(pieces), log) == ([], ["background"])


def test_a_stream_that_is_closed_disconnects(enter: Enter) -> None:
    log: list[str] = []

    with enter(raw.waits_for_disconnect(log)).get("/", stream=True) as response:
        assert next(response.iter_content(None)) == b"one"

    assert log == ["http.request", "http.disconnect", "sent into the void"]


def test_leaving_the_client_disconnects_a_stream_that_nobody_has_closed(enter: Enter) -> None:
    log: list[str] = []
    client = enter(raw.waits_for_disconnect(log))

    assert next(client.get("/", stream=True).iter_content(None)) == b"one"
    client.__exit__()

    assert log == ["http.request", "http.disconnect", "sent into the void"]


def test_a_closed_stream_is_held_by_nobody(enter: Enter) -> None:
    response = enter(raw.hello).get("/", stream=True)
    body = weakref.ref(response.raw)

    response.close()
    del response

    assert body() is None


def test_closing_a_mounted_session_leaves_what_streams() -> None:
    log: list[str] = []
    with requests.Session() as session:
        session.mount("http://", ASGIAdapter(raw.waits_for_disconnect(log)))
        next(session.get("http://testserver/", stream=True).iter_content(None))

    assert log == ["http.request", "http.disconnect", "sent into the void"]


# -- failures ---------------------------------------------------------------------------------


def fails_amid_its_body(exception: BaseException) -> raw.App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"half")
        raise exception

    return app


def fails_after_its_body(exception: BaseException) -> raw.App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await raw.answer(send, b"whole")
        raise exception

    return app


@pytest.mark.parametrize("make", [fails_amid_its_body, fails_after_its_body])
@pytest.mark.parametrize("exception", [OwnError("own"), TimeoutError("own"), LookupError("own")])
def test_the_apps_own_exception_is_raised_where_its_body_is_read(
    enter: Enter, make: Any, exception: Exception
) -> None:
    client = enter(make(exception))

    with pytest.raises(type(exception), match="own") as whole:
        client.get("/")
    streamed = client.get("/", stream=True)
    with pytest.raises(type(exception), match="own") as amid:
        streamed.content  # noqa: B018
    with pytest.raises(type(exception), match="own") as again:
        streamed.raw.read()

    assert {caught.value for caught in (whole, amid, again)} == {exception}


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_cut_body_is_a_chunked_encoding_error_as_from_a_server(
    enter: Enter, is_stream: bool
) -> None:
    client = enter(fails_amid_its_body(OwnError("own")), raise_server_exceptions=False)

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="before its resp") as caught:
        client.get("/", stream=is_stream).content  # noqa: B018

    assert repr(caught.value.__cause__) == "OwnError('own')"
    assert caught.value.request is not None


def test_a_failure_before_the_start_is_a_500_where_exceptions_are_not_raised(enter: Enter) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise OwnError("own")

    response = enter(app, raise_server_exceptions=False).get("/")

    assert (response.status_code, response.reason) == (500, "Internal Server Error")
    assert repr(response.raw.app_exception) == "OwnError('own')"


def test_a_broken_rule_fails_the_call(enter: Enter) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await end(send, b"body first")

    with pytest.raises(ASGIRuleError, match=r"before 'http\.response\.start'"):
        enter(app).get("/")


# -- timeouts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [0.01, (5, 0.01)])
@pytest.mark.parametrize("is_stream", [False, True])
def test_silence_before_the_response_is_a_read_timeout(
    enter: Enter, timeout: Any, is_stream: bool
) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Gate().wait()

    client = enter(app, grace=0)

    with pytest.raises(requests.ReadTimeout, match="the app has sent nothing") as caught:
        client.get("/", timeout=timeout, stream=is_stream)

    assert isinstance(caught.value, StallError)
    assert not isinstance(caught.value, requests.ConnectionError)


@pytest.mark.parametrize("is_stream", [False, True])
def test_silence_amid_the_body_is_a_connection_error_as_from_a_server(
    enter: Enter, is_stream: bool
) -> None:
    client = enter(raw.start_then_gate(Gate()), timeout=0.2, grace=0)

    with pytest.raises(requests.ConnectionError, match="the app has sent nothing") as caught:
        client.get("/", stream=is_stream).content  # noqa: B018

    assert isinstance(caught.value, StallError)


def test_an_upload_that_is_not_taken_is_a_connection_error(enter: Enter) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await Gate().wait()

    client = enter(app, grace=0)

    with pytest.raises(requests.ConnectionError, match="has not taken the request") as caught:
        client.post("/", data=iter([b"1", b"2"]), timeout=0.01)

    assert isinstance(caught.value, requests.Timeout)


@pytest.mark.parametrize(
    ("timeout", "text"), [((1, 2, 3), "or a pair: \\(connect, read\\)"), ("1", "a number of sec")]
)
def test_a_wrong_timeout_is_refused(enter: Enter, timeout: Any, text: str) -> None:
    with pytest.raises(ValueError if isinstance(timeout, tuple) else TypeError, match=text):
        enter(raw.hello).get("/", timeout=timeout)


def test_no_timeout_is_no_limit_and_one_left_out_is_the_clients(enter: Enter) -> None:
    seen: list[Any] = []
    client = enter(raw.hello, timeout=7, hooks={"response": lambda r, **o: seen.append(o)})

    client.get("/")
    client.get("/", timeout=None)
    client.timeout = (1, 2)
    client.get("/")

    assert [options["timeout"] for options in seen] == [7, (None, None), (1, 2)]


# -- requests ---------------------------------------------------------------------------------


def test_a_generator_is_pulled_one_piece_for_each_receive(enter: Enter) -> None:
    log: list[str] = []

    def pieces() -> Iterator[bytes]:
        for number in range(3):
            log.append(f"made {number}")
            yield str(number).encode()

    response = enter(raw.uploads_into(log)).post("/", data=pieces())

    assert response.text == "done"
    assert [entry for entry in log if entry != "got "] == [
        *("made 0", "got 0", "made 1", "got 1", "made 2", "got 2"),
    ]


def test_pieces_of_text_are_sent_as_utf_8_in_chunks(enter: Enter) -> None:
    seen = enter(mirror.mirror).post("/", data=iter(["ü", b"b"])).json()

    assert seen["body"].encode("latin-1").decode() == "üb"
    assert mirror.header_values(seen, "transfer-encoding") == ["chunked"]


def test_a_generator_is_closed_when_the_app_does_not_want_the_rest(enter: Enter) -> None:
    log: list[str] = []

    def pieces() -> Iterator[bytes]:
        try:
            while True:
                yield b"more"
        finally:
            log.append("closed")

    response = enter(mirror_without_reading).post("/", data=pieces())

    assert (response.status_code, log) == (413, ["closed"])


@http_app
async def mirror_without_reading(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await raw.answer(send, b"too much", 413)


def test_an_exception_of_the_generator_is_raised_as_it_is(enter: Enter) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise OwnError("no more")

    with pytest.raises(OwnError, match="no more"):
        enter(raw.echo).post("/", data=pieces())


def test_a_generator_and_the_response_can_go_to_and_fro(enter: Enter) -> None:
    log: list[str] = []

    def pieces() -> Iterator[bytes]:
        for text in (b"a", b"b"):
            log.append(f"test gives {text.decode()}")
            yield text

    response = enter(raw.talk(log)).post("/", data=pieces(), stream=True)
    answers = [answered for answered in response.iter_content(None) if not log.append("read")]

    assert answers == [b"A", b"B"]
    assert log.index("read") < log.index("test gives b")


def test_a_response_without_an_end_is_said_to_be_one_for_stream_true() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0)

    with pytest.raises(StallError, match="without an end by stream=True"):
        TestClient(endless).get("/", timeout=0.2)
