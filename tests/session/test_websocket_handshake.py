"""However an app answers or ends a handshake, entering tells at once what has come of it."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_testkit import ASGIRuleError, WebSocketDenialResponse, WebSocketDisconnect
from asgi_testkit.types import Send
from tests.apps import websockets
from tests.apps.raw import App, http_app
from tests.apps.websockets import closes
from tests.modes import OpenClient
from tests.session.endings import (
    MINE,
    TIMEOUT,
    AtOnce,
    Outcome,
    OwnError,
    exits,
    named,
    raises,
    raises_in_a_group,
    returns,
)

# -- before the accept ------------------------------------------------------------------------


def before_accept(ending: websockets.Ending, open_client: OpenClient, *, waits: bool) -> App:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if waits:
            await open_client.sleep_in_app(0.002)
        await ending(scope, receive, send)

    return app


async def sends_first(_scope: object, _receive: object, send: Send) -> None:
    await websockets.send_text(send, "too early")


async def denies_by_half(_scope: object, _receive: object, send: Send) -> None:
    kind = "websocket.http.response"
    await send({"type": f"{kind}.start", "status": 403, "headers": []})


async def denies_and_raises(scope: object, receive: object, send: Send) -> None:
    await denies_by_half(scope, receive, send)
    raise OwnError("mine")


async def denies(_scope: object, _receive: object, send: Send) -> None:
    await websockets.deny(
        send,
        401,
        [(b"www-authenticate", b"Basic"), (b"www-authenticate", b"Digest"), (b"x-one", b"1")],
        (b'{"why": "who?"}',),
    )


ENTERING = (
    Outcome(returns, ASGIRuleError, r"without answering 'websocket.connect'(.|\n)*Rule W07"),
    Outcome(raises, OwnError, MINE),
    Outcome(raises_in_a_group, OwnError, MINE),
    Outcome(exits, SystemExit, MINE),
    Outcome(
        closes,
        WebSocketDisconnect,
        r"closed the WebSocket before it accepted it, with code 4001 and reason 'bye'"
        r"(.|\n)*answers the handshake with HTTP 403",
    ),
    Outcome(denies, WebSocketDenialResponse, r"denied the WebSocket with HTTP 401 Unauthorized"),
    Outcome(denies_by_half, ASGIRuleError, r"before its denial response was whole(.|\n)*Rule W28"),
    Outcome(denies_and_raises, OwnError, MINE),
    Outcome(sends_first, ASGIRuleError, r"'websocket.send' before it had accepted(.|\n)*Rule W01"),
)


@pytest.mark.parametrize("outcome", ENTERING, ids=named)
@pytest.mark.parametrize("waits", [True, False])
async def test_entering_tells_at_once_of_a_handshake_that_fails(
    open_client: OpenClient, waits: bool, outcome: Outcome, at_once: AtOnce
) -> None:
    app = before_accept(outcome.ending, open_client, waits=waits)

    async with open_client(app, timeout=TIMEOUT) as client:
        session = client.websocket_connect("/")

        with at_once(), pytest.raises(outcome.error, match=outcome.text):
            await session.__aenter__()


@pytest.mark.parametrize("outcome", ENTERING, ids=named)
async def test_client_goes_on_after_a_handshake_that_failed(
    open_client: OpenClient, outcome: Outcome
) -> None:
    failing = before_accept(outcome.ending, open_client, waits=False)

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (failing if scope["path"] == "/no" else websockets.echo)(scope, receive, send)

    async with open_client(app) as client:
        with pytest.raises(outcome.error, match=outcome.text):
            async with client.websocket_connect("/no"):
                pass
        async with client.websocket_connect("/yes") as session:
            await session.send_text("hello")

            assert await session.receive_text() == "hello"


async def test_rejection_has_code_and_reason_of_the_app(open_client: OpenClient) -> None:
    async with open_client(before_accept(closes, open_client, waits=False)) as client:
        with pytest.raises(WebSocketDisconnect, match="before it accepted") as caught:
            async with client.websocket_connect("/"):
                pass

    assert (caught.value.code, caught.value.reason) == (4001, "bye")


async def test_denial_is_a_whole_response_with_every_header(open_client: OpenClient) -> None:
    async with open_client(before_accept(denies, open_client, waits=False)) as client:
        with pytest.raises(WebSocketDenialResponse, match="401") as caught:
            async with client.websocket_connect("/"):
                pass

    denial = caught.value
    assert (denial.status_code, denial.json()) == (401, {"why": "who?"})
    assert denial.headers.raw == [
        (b"www-authenticate", b"Basic"),
        (b"www-authenticate", b"Digest"),
        (b"x-one", b"1"),
    ]


async def test_app_may_work_on_after_its_denial(open_client: OpenClient) -> None:
    log: list[str] = []

    async def end(scope: Any, receive: Any, send: Any) -> None:
        await denies(scope, receive, send)
        log.append(str((await receive())["type"]))
        await open_client.sleep_in_app(0.001)
        log.append("worked")

    async with open_client(before_accept(end, open_client, waits=False)) as client:
        with pytest.raises(WebSocketDenialResponse, match="401"):
            async with client.websocket_connect("/"):
                pass

        assert log == ["websocket.disconnect", "worked"]


@pytest.mark.parametrize("ending", [raises, raises_in_a_group, denies_and_raises], ids=named)
async def test_without_raising_a_failed_handshake_is_a_500(
    open_client: OpenClient, ending: websockets.Ending, at_once: AtOnce
) -> None:
    app = before_accept(ending, open_client, waits=True)

    async with open_client(app, timeout=TIMEOUT, raise_server_exceptions=False) as client:
        session = client.websocket_connect("/")
        with (
            at_once(),
            pytest.raises(WebSocketDenialResponse, match="HTTP 500 Internal Server Error") as no,
        ):
            await session.__aenter__()

    assert (no.value.status_code, no.value.text, no.value.code) == (
        500,
        "Internal Server Error",
        1006,
    )


async def test_exception_after_a_rejection_is_raised_by_entering(open_client: OpenClient) -> None:
    async def end(scope: Any, receive: Any, send: Any) -> None:
        await closes(scope, receive, send)
        await raises(scope, receive, send)

    async with open_client(before_accept(end, open_client, waits=False)) as client:
        with pytest.raises(OwnError, match="mine"):
            async with client.websocket_connect("/"):
                pass
