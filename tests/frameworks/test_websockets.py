"""The same chat in eight frameworks talks alike, whichever client and event loop holds the line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from asgi_testkit import WebSocketDenialResponse, WebSocketDisconnect

from .ws_apps.chat import (
    ACCEPT_HEADERS,
    DENIAL,
    FAREWELL,
    FLOOD,
    REFUSAL,
    SUBPROTOCOL,
    Notes,
    encoded,
)
from .ws_table import FRAMEWORKS, Ability, WebSocketFramework

# The `open_client` fixture: opens either client in the mode of the test, for awaiting only.
OpenClient = Any
Framework = WebSocketFramework

MIB = 1024 * 1024
HEADERS = {"W18"}  # the rule against headers of an accept, which some servers drop


def over(frameworks: Iterable[Framework]) -> pytest.MarkDecorator:
    """Run a test once for each framework in each mode it can run in."""
    combinations = [
        pytest.param(framework, mode, id=f"{framework.name}-{mode}")
        for framework in frameworks
        for mode in framework.modes
    ]
    return pytest.mark.parametrize(
        ("framework", "open_client"), combinations, indirect=["open_client"]
    )


def able(*abilities: Ability) -> list[Framework]:
    return [framework for framework in FRAMEWORKS if all(map(framework.can, abilities))]


def unable(ability: Ability) -> list[Framework]:
    return [framework for framework in FRAMEWORKS if not framework.can(ability)]


# -- messages ---------------------------------------------------------------------------------


@over(FRAMEWORKS)
async def test_text_comes_back_as_it_was_sent(
    open_client: OpenClient, framework: Framework
) -> None:
    texts = ["hello", "Käse 🧀", "line\nline"]

    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/text") as ws,
    ):
        for text in texts:
            await ws.send_text(text)
        answers = [await ws.receive_text() for _ in texts]

    assert answers == texts


@over(FRAMEWORKS)
async def test_bytes_come_back_as_they_were_sent(
    open_client: OpenClient, framework: Framework
) -> None:
    contents = [b"hello", b"\x00\xff", bytes(range(256))]

    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/bytes") as ws,
    ):
        for content in contents:
            await ws.send_bytes(content)
        answers = [await ws.receive_bytes() for _ in contents]

    assert answers == contents


@pytest.mark.parametrize(("path", "mode"), [("/json", "text"), ("/json-binary", "binary")])
@over(FRAMEWORKS)
async def test_json_value_is_understood_on_both_sides(
    open_client: OpenClient, framework: Framework, path: str, mode: str
) -> None:
    value = {"title": "Käse", "prices": [1, 2.5, None]}

    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect(path) as ws,
    ):
        await ws.send_json(value, mode=mode)
        answer = await ws.receive_json(mode=mode)

    assert answer == {"got": value}


@over(FRAMEWORKS)
async def test_message_of_16_mib_travels_there_and_back(
    open_client: OpenClient, framework: Framework
) -> None:
    content = bytes(range(256)) * (16 * MIB // 256)

    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/bytes") as ws,
    ):
        await ws.send_bytes(content)
        answer = await ws.receive_bytes()

    assert (len(answer), answer == content) == (16 * MIB, True)


@over(FRAMEWORKS)
async def test_thousand_messages_wait_in_order_for_a_client_that_does_not_read(
    open_client: OpenClient, framework: Framework
) -> None:
    notes = Notes()

    async with (
        open_client(framework.create_app(notes), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/flood") as ws,
    ):
        await client.run(notes.flooded.wait)
        numbers = [int(await ws.receive_text()) for _ in range(FLOOD)]
        await ws.send_text("still here")
        answer = await ws.receive_text()

    assert (numbers, answer) == (list(range(FLOOD)), "still here")


@over(FRAMEWORKS)
async def test_background_task_sends_while_the_app_waits_for_the_client(
    open_client: OpenClient, framework: Framework
) -> None:
    notes = Notes()

    async with (
        open_client(framework.create_app(notes), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/push") as ws,
    ):
        await ws.send_text("before")
        before = await ws.receive_text()
        await client.run(notes.news.open)
        news = await ws.receive_text()
        await ws.send_text("after")
        after = await ws.receive_text()

    assert [before, news, after] == ["before", "news", "after"]


# -- the handshake ----------------------------------------------------------------------------


@over(FRAMEWORKS)
async def test_app_chooses_one_of_the_subprotocols(
    open_client: OpenClient, framework: Framework
) -> None:
    offered = ["chat.v1", SUBPROTOCOL]

    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/subprotocol", offered) as ws,
    ):
        seen = await ws.receive_text()

    assert (seen, ws.accepted_subprotocol) == ("chat.v1,chat.v2", SUBPROTOCOL)


@over(FRAMEWORKS)
async def test_cookie_of_the_client_reaches_the_app(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(
        framework.create_app(Notes()), ignore_rules=framework.breaks | HEADERS
    ) as client:
        async with client.websocket_connect("/cookies") as ws:
            before = await ws.receive_text()
        client.cookies.set("session", "abc")
        async with client.websocket_connect("/cookies") as ws:
            after = await ws.receive_text()

    assert [before, after] == ["nobody", "abc"]


@over(FRAMEWORKS)
async def test_cookie_of_the_accept_lands_in_the_jar(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(
        framework.create_app(Notes()), ignore_rules=framework.breaks | HEADERS
    ) as client:
        before = dict(client.cookies)
        async with client.websocket_connect("/cookies"):
            during = dict(client.cookies)

    assert [before, during] == [{}, {"room": "blue"}]


@pytest.mark.parametrize("given_to", ["client", "connection"])
@over(FRAMEWORKS)
async def test_basic_auth_reaches_the_app(
    open_client: OpenClient, framework: Framework, given_to: str
) -> None:
    auth = {"auth": ("ann", "secret")}
    app = framework.create_app(Notes())

    async with (
        open_client(
            app, ignore_rules=framework.breaks, **(auth if given_to == "client" else {})
        ) as client,
        client.websocket_connect("/user", **(auth if given_to == "connection" else {})) as ws,
    ):
        user = await ws.receive_text()

    assert user == "ann:secret"


@over(FRAMEWORKS)
async def test_headers_travel_both_ways(open_client: OpenClient, framework: Framework) -> None:
    headers = [("X-Asked", "one"), ("X-Asked", "two")]

    async with (
        open_client(
            framework.create_app(Notes()), ignore_rules=framework.breaks | HEADERS
        ) as client,
        client.websocket_connect("/headers", headers=headers) as ws,
    ):
        seen = await ws.receive_text()

    assert (seen, ws.extra_headers) == ("one,two", encoded(ACCEPT_HEADERS))


@over(FRAMEWORKS)
async def test_params_are_the_query_that_the_app_sees(
    open_client: OpenClient, framework: Framework
) -> None:
    params = {"name": "Käse & Brot", "tag": ["a", "b"]}

    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/query", params=params) as ws,
    ):
        pairs = await ws.receive_json()

    assert pairs == [["name", "Käse & Brot"], ["tag", "a"], ["tag", "b"]]


@over(able("denial response"))
async def test_denial_response_is_raised_with_all_that_it_says(
    open_client: OpenClient, framework: Framework
) -> None:
    status, text, (name, value) = DENIAL

    async with open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client:
        with pytest.raises(WebSocketDenialResponse) as caught:
            async with client.websocket_connect("/denial"):
                pass

    assert (caught.value.status_code, caught.value.headers[name]) == (status, value)
    assert text in caught.value.text  # FastAPI puts it into JSON


@over(unable("denial response"))
async def test_framework_without_denial_response_forbids_by_closing(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client:
        with pytest.raises(WebSocketDisconnect) as caught:
            async with client.websocket_connect("/denial"):
                pass

    assert (caught.value.code, caught.value.reason) == framework.denial_close


@over(FRAMEWORKS)
async def test_close_before_the_accept_is_raised_with_its_code_and_reason(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client:
        with pytest.raises(WebSocketDisconnect) as caught:
            async with client.websocket_connect("/refusal"):
                pass

    assert (caught.value.code, caught.value.reason) == REFUSAL


# -- the end ----------------------------------------------------------------------------------


@over(FRAMEWORKS)
async def test_close_of_the_app_is_raised_after_the_messages_before_it(
    open_client: OpenClient, framework: Framework
) -> None:
    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/bye") as ws,
    ):
        text = await ws.receive_text()
        with pytest.raises(WebSocketDisconnect) as caught:
            await ws.receive_text()

    assert (text, (caught.value.code, caught.value.reason)) == ("bye", FAREWELL)


@over(FRAMEWORKS)
async def test_iteration_ends_with_the_close_of_the_app(
    open_client: OpenClient, framework: Framework
) -> None:
    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/bye") as ws,
    ):
        texts = [text async for text in ws]

    assert (texts, (ws.close_code, ws.close_reason)) == (["bye"], FAREWELL)


@over(able("end's code", "end's reason"))
async def test_app_sees_code_and_reason_of_the_client(
    open_client: OpenClient, framework: Framework
) -> None:
    notes = Notes()

    async with (
        open_client(framework.create_app(notes), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/witness") as ws,
    ):
        await ws.close(4002, "tired")

    assert notes.ends == ["4002 tired"]


@over([framework for framework in unable("end's reason") if framework.can("end's code")])
async def test_app_without_reasons_sees_the_code_of_the_client(
    open_client: OpenClient, framework: Framework
) -> None:
    notes = Notes()

    async with (
        open_client(framework.create_app(notes), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/witness") as ws,
    ):
        await ws.close(4002, "tired")

    assert notes.ends == ["4002"]


@over(able("end's code"))
async def test_app_sees_a_lost_line_as_1006(open_client: OpenClient, framework: Framework) -> None:
    notes = Notes()

    async with (
        open_client(framework.create_app(notes), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/witness") as ws,
    ):
        await ws.disconnect()

    assert [end.strip() for end in notes.ends] == ["1006"]


@over(able("end's code"))
async def test_app_sees_a_left_block_as_1000(open_client: OpenClient, framework: Framework) -> None:
    notes = Notes()

    async with open_client(framework.create_app(notes), ignore_rules=framework.breaks) as client:
        async with client.websocket_connect("/witness"):
            pass
        ends = list(notes.ends)

    assert [end.strip() for end in ends] == ["1000"]


@pytest.mark.parametrize("act", ["close", "disconnect"])
@over(unable("end's code"))
async def test_view_is_cancelled_when_the_client_has_gone(
    open_client: OpenClient, framework: Framework, act: str
) -> None:
    notes = Notes()

    async with open_client(framework.create_app(notes), ignore_rules=framework.breaks) as client:
        async with client.websocket_connect("/witness") as ws:
            await getattr(ws, act)()
        ends = list(notes.ends)

    assert ends == ["cancelled"]


# -- together ---------------------------------------------------------------------------------


@over(FRAMEWORKS)
async def test_two_sockets_talk_to_each_other_through_the_app(
    open_client: OpenClient, framework: Framework
) -> None:
    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/room") as ann,
        client.websocket_connect("/room") as bob,
    ):
        joined = [await ann.receive_text(), await bob.receive_text()]
        await ann.send_text("hello")
        from_ann = [await ann.receive_text(), await bob.receive_text()]
        await bob.send_text("hi")
        from_bob = [await ann.receive_text(), await bob.receive_text()]

    assert [joined, from_ann, from_bob] == [["joined"] * 2, ["hello"] * 2, ["hi"] * 2]


@over(FRAMEWORKS)
async def test_room_goes_on_without_the_one_who_left(
    open_client: OpenClient, framework: Framework
) -> None:
    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/room") as ann,
    ):
        joined = [await ann.receive_text()]
        async with client.websocket_connect("/room") as bob:
            joined.append(await bob.receive_text())
        await ann.send_text("alone?")
        answer = await ann.receive_text()

    assert (joined, answer) == (["joined"] * 2, "alone?")


@over(FRAMEWORKS)
async def test_requests_are_answered_while_sockets_are_open(
    open_client: OpenClient, framework: Framework
) -> None:
    async with (
        open_client(framework.create_app(Notes()), ignore_rules=framework.breaks) as client,
        client.websocket_connect("/text") as first,
        client.websocket_connect("/text") as second,
    ):
        await first.send_text("one")
        responses = [await client.get("/hello") for _ in range(3)]
        await second.send_text("two")
        echoes = [await first.receive_text(), await second.receive_text()]

    assert [response.text for response in responses] == ["hello"] * 3
    assert echoes == ["one", "two"]
