"""Exceptions, broken rules and limits over HTTP, spelled alike for every library."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from asgi_testkit import ASGIRuleError, ASGIRuleWarning, StallError
from tests.apps import raw
from tests.apps.mirror import routes
from tests.apps.raw import Gate, end, http_app, start
from tests.scenarios.libraries import ENDS_HYPERCORN, OpenAnyClient


class OwnError(OSError):
    """An error of the app that a library might take for one of the network."""


async def read_stream(client: Any, into: list[bytes], **options: Any) -> None:
    """Read a streamed response to its end, piece by piece."""
    async with client.stream("GET", "/", **options) as response:
        async for received in response.aiter_bytes():
            into.append(received)  # noqa: PERF401


async def fetch(client: Any, *, is_stream: bool, **options: Any) -> None:
    """Read a response, whole or in pieces."""
    await (read_stream(client, [], **options) if is_stream else client.get("/", **options))


# -- exceptions of the app --------------------------------------------------------------------

FAILING = {
    "before its start": raw.raises_before_start,
    "amid its body": raw.raises_amid_body,
    "after its body": raw.raises_after_body,
}


@pytest.mark.parametrize("when", FAILING)
@pytest.mark.parametrize("kind", [OwnError, LookupError, TimeoutError, ENDS_HYPERCORN])
async def test_exception_of_the_app_is_raised_as_it_is(
    open_client: OpenAnyClient, when: str, kind: type[BaseException]
) -> None:
    exception = kind("own")

    async with open_client(FAILING[when](exception)) as client:
        with pytest.raises(kind, match="own") as caught:
            await client.get("/")

    assert caught.value is exception


@pytest.mark.parametrize("when", ["amid its body", "after its body"])
@pytest.mark.parametrize("kind", [OwnError, LookupError, TimeoutError])
async def test_exception_amid_a_stream_is_raised_where_it_is_read(
    open_client: OpenAnyClient, when: str, kind: type[Exception]
) -> None:
    exception, got = kind("own"), list[bytes]()

    async with open_client(FAILING[when](exception)) as client:
        with pytest.raises(kind, match="own") as caught:
            await read_stream(client, got)

    assert caught.value is exception
    assert got == [b"one" if when == "amid its body" else b"whole"]


async def test_exception_in_a_group_of_its_own_is_raised_itself(
    open_client: OpenAnyClient,
) -> None:
    exception = LookupError("own")
    app = raw.raises_before_start(ExceptionGroup("outer", [ExceptionGroup("inner", [exception])]))

    async with open_client(app) as client:
        with pytest.raises(LookupError, match="own") as caught:
            await client.get("/")

    assert caught.value is exception


async def test_client_goes_on_after_an_exception(open_client: OpenAnyClient) -> None:
    async with open_client(raw.raises_before_start(OwnError("own"))) as client:
        with pytest.raises(OwnError, match="own"):
            await client.get("/")
        response = await client.get("/well")

    assert response.text == "well"


@pytest.mark.in_process_only("Granian's 500 has a text of its own", over="granian")
@pytest.mark.in_process_only("Hypercorn's 500 has no text", over="hypercorn")
async def test_failure_before_the_start_is_a_500_where_it_is_not_raised(
    open_client: OpenAnyClient,
) -> None:
    app = raw.raises_before_start(OwnError("own"))

    async with open_client(app, raise_server_exceptions=False) as client:
        response = await client.get("/")

    assert (response.status_code, response.text) == (500, "Internal Server Error")


async def test_body_that_is_cut_is_the_librarys_error(open_client: OpenAnyClient) -> None:
    app = raw.raises_amid_body(OwnError("own"))

    async with open_client(app, raise_server_exceptions=False) as client:
        with pytest.raises(open_client.library.cut_body, match="before its resp") as caught:
            await client.get("/")

    assert repr(caught.value.__cause__) == "OwnError('own')"


async def test_stream_that_is_cut_is_the_librarys_error(open_client: OpenAnyClient) -> None:
    app, got = raw.raises_amid_body(OwnError("own")), list[bytes]()

    async with open_client(app, raise_server_exceptions=False) as client:
        with pytest.raises(open_client.library.cut_body, match="before its resp"):
            await read_stream(client, got)

    assert got == [b"one"]


async def test_failure_after_the_body_is_not_seen_where_it_is_not_raised(
    open_client: OpenAnyClient,
) -> None:
    app = raw.raises_after_body(OwnError("own"))

    async with open_client(app, raise_server_exceptions=False) as client:
        assert (await client.get("/")).text == "whole"
        async with client.stream("GET", "/") as response:
            assert await response.aread() == b"whole"


# -- rules ------------------------------------------------------------------------------------


@http_app
async def sends_the_body_first(scope: Any, receive: Any, send: Any) -> None:
    await end(send, b"body first")


@http_app
async def shouts_its_headers(scope: Any, receive: Any, send: Any) -> None:
    await raw.answer(send, b"loud", headers=[(b"X-A", b"1")])


@pytest.mark.in_process_only("the server judges what its app does")
@pytest.mark.parametrize("options", [{}, {"strict": True}])
async def test_broken_rule_fails_the_call(
    open_client: OpenAnyClient, options: dict[str, Any]
) -> None:
    async with open_client(sends_the_body_first, **options) as client:
        with pytest.raises(ASGIRuleError, match=r"before 'http\.response\.start'") as caught:
            await client.get("/")

    assert caught.value.rule == "H01"


@pytest.mark.in_process_only("the server judges what its app does")
async def test_broken_rule_fails_a_stream(open_client: OpenAnyClient) -> None:
    async with open_client(sends_the_body_first) as client:
        with pytest.raises(ASGIRuleError, match="Rule H01"):
            async with client.stream("GET", "/"):
                pass


@pytest.mark.in_process_only("the server judges what its app does")
async def test_rule_that_servers_forgive_is_a_warning(open_client: OpenAnyClient) -> None:
    async with open_client(shouts_its_headers) as client:
        with pytest.warns(ASGIRuleWarning, match="Rule H27 "):
            response = await client.get("/")

    assert response.text == "loud"


@pytest.mark.in_process_only("the server judges what its app does")
async def test_strict_client_fails_by_it(open_client: OpenAnyClient) -> None:
    async with open_client(shouts_its_headers, strict=True) as client:
        with pytest.raises(ASGIRuleError, match="Rule H27 "):
            await client.get("/")


@pytest.mark.in_process_only("the server judges what its app does")
@pytest.mark.parametrize("options", [{"ignore_rules": {"H27"}}, {"strict": False}])
async def test_rule_that_is_ignored_says_nothing(
    open_client: OpenAnyClient, options: dict[str, Any]
) -> None:
    async with open_client(shouts_its_headers, **options) as client:
        response = await client.get("/")

    assert response.headers["x-a"] == "1"


@pytest.mark.in_process_only("the server judges what its app does")
async def test_app_that_returns_without_an_answer_fails_the_call(
    open_client: OpenAnyClient,
) -> None:
    async with open_client(raw.logs_what_it_receives([])) as client:
        with pytest.raises(ASGIRuleError, match="returned without starting a response"):
            await client.get("/")


@pytest.mark.in_process_only("the server judges what its app does")
async def test_rule_that_is_broken_in_a_stream_fails_its_block(
    open_client: OpenAnyClient,
) -> None:
    gate, broken = Gate(), Gate()

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await start(send)
        await gate.wait()
        with suppress(ASGIRuleError):
            await start(send)
        await broken.open()

    async def leave_when_it_is_broken(client: Any) -> None:
        async with client.stream("GET", "/"):
            await client.run(gate.open)
            await client.run(broken.wait)

    async with open_client(app) as client:
        with pytest.raises(ASGIRuleError, match="Rule H02"):
            await leave_when_it_is_broken(client)


# -- limits -----------------------------------------------------------------------------------


async def test_silence_before_the_response_is_the_librarys_read_timeout(
    open_client: OpenAnyClient,
) -> None:
    async with open_client(raw.waits_for_ever) as client:
        with pytest.raises(open_client.library.read_timeout, match="has sent nothing") as caught:
            await client.get("/silent", timeout=0.05)

    stall: Any = caught.value
    assert isinstance(stall, StallError)
    assert isinstance(stall, TimeoutError)
    assert (stall.kind, str(stall.request.url)) == ("read", "http://testserver/silent")


@pytest.mark.parametrize("is_stream", [False, True])
async def test_timeout_of_a_call_goes_before_the_clients(
    open_client: OpenAnyClient, is_stream: bool
) -> None:
    async with open_client(raw.waits_for_ever, timeout=20) as client:
        with pytest.raises(open_client.library.read_timeout, match=r"for 0\.05 s"):
            await fetch(client, is_stream=is_stream, timeout=0.05)


async def test_no_timeout_is_no_limit(open_client: OpenAnyClient) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await open_client.sleep_in_app(0.15)
        await raw.answer(send, b"late")

    async with open_client(app, timeout=0.1) as client:
        response = await client.get("/", timeout=None)

    assert response.text == "late"


@pytest.mark.parametrize("is_stream", [False, True])
async def test_silence_amid_the_body_is_the_librarys_error(
    open_client: OpenAnyClient, is_stream: bool
) -> None:
    app = raw.two_pieces_with_a_gate_between(Gate())

    async with open_client(app, grace=0.01) as client:
        with pytest.raises(open_client.library.body_timeout, match="has sent nothing") as caught:
            await fetch(client, is_stream=is_stream, timeout=0.05)

    assert isinstance(caught.value, StallError)


@pytest.mark.in_process_only("a connection has buffers of its own")
async def test_body_that_is_not_taken_is_the_librarys_error(open_client: OpenAnyClient) -> None:
    app = raw.ignores_the_body(Gate())

    async with open_client(app, grace=0.01) as client:
        with pytest.raises(open_client.library.write_timeout, match="has not taken the") as caught:
            await client.post("/", content=open_client.upload([b"one"]), timeout=0.05)

    assert isinstance(caught.value, StallError)


async def test_background_work_without_end_is_a_stall(open_client: OpenAnyClient) -> None:
    async with open_client(raw.works_on([], Gate()), timeout=0.1, grace=0.01) as client:
        with pytest.raises(StallError, match="after its response was whole") as caught:
            await client.get("/")

    assert not isinstance(caught.value, open_client.library.read_timeout)


async def test_client_goes_on_after_a_stall(open_client: OpenAnyClient) -> None:
    app = routes({"/silent": raw.waits_for_ever})

    async with open_client(app) as client:
        with pytest.raises(StallError, match="the app has sent nothing"):
            await client.get("/silent", timeout=0.05)
        response = await client.get("/")

    assert response.json()["path"] == "/"
