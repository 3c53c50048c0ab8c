"""The life of an app around its requests, spelled alike for every library."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from asgi_testkit import ClientStateError, LifespanFailed, StallError, UsageError
from tests.apps import mirror, raw
from tests.apps.lives import fails_startup, full, living, raises_at_once, raises_in_shutdown
from tests.apps.mirror import replies
from tests.apps.raw import COLOUR, Gate, http_app
from tests.scenarios.libraries import OpenAnyClient
from tests.together import together

# -- lifespan and state -----------------------------------------------------------------------


async def test_lifespan_runs_around_the_block(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    async with open_client(living(full(log))):
        assert log == ["lifespan.startup"]

    assert log == ["lifespan.startup", "lifespan.shutdown"]


async def test_requests_work_without_a_block_and_without_lifespan(
    open_client: OpenAnyClient,
) -> None:
    log: list[str] = []
    client = open_client.without_entering(living(full(log)))

    response = await client.get("/")
    await client.aclose()

    assert (response.text, log) == ("{}", [])


async def test_client_may_be_entered_again(open_client: OpenAnyClient) -> None:
    log: list[str] = []
    client = open_client.without_entering(living(full(log)))

    for _ in range(2):
        async with client:
            assert (await client.get("/")).json()["name"] == "db"
    await client.aclose()

    assert log == ["lifespan.startup", "lifespan.shutdown"] * 2


async def test_client_that_is_closed_stays_closed(open_client: OpenAnyClient) -> None:
    client = open_client.without_entering(raw.hello)
    for _ in range(2):
        await client.get("/")
    await client.aclose()

    with pytest.raises(ClientStateError, match="a closed client stays closed"):
        await client.get("/")
    with pytest.raises(ClientStateError, match="cannot be entered"):
        await client.__aenter__()


async def test_client_that_is_entered_is_not_entered_twice(open_client: OpenAnyClient) -> None:
    async with open_client.without_entering(raw.hello) as client:
        with pytest.raises(ClientStateError, match="entered"):
            await client.__aenter__()

        assert (await client.get("/")).text == "hello"


async def test_each_request_has_a_copy_of_the_state(open_client: OpenAnyClient) -> None:
    async with open_client(living(full([])), state={"given": 1}) as client:
        first = (await client.get("/a")).json()
        second = (await client.get("/b")).json()

        assert first == {"given": 1, "name": "db", "shared": []}
        assert second == {"given": 1, "name": "db", "shared": ["/a"]}
        assert client.app_state == {"given": 1, "name": "db", "shared": ["/a", "/b"]}


async def test_startup_that_fails_is_raised_and_the_block_is_not_entered(
    open_client: OpenAnyClient,
) -> None:
    with pytest.raises(LifespanFailed, match="no database"):
        async with open_client(living(fails_startup("no database"))):
            pytest.fail("the block was entered")


@pytest.mark.parametrize("life", [fails_startup, lambda text, then: raises_in_shutdown(then)])
async def test_exception_of_the_lifespan_is_raised_as_it_is(
    open_client: OpenAnyClient, life: Any
) -> None:
    exception = LookupError("in the lifespan")

    with pytest.raises(LookupError, match="in the lifespan") as caught:
        async with open_client(living(life("failed", then=exception))) as client:
            await client.get("/")

    assert caught.value is exception


async def test_app_that_knows_no_lifespan_has_none(open_client: OpenAnyClient) -> None:
    async with open_client(living(raises_at_once(ValueError("unknown scope")))) as client:
        response = await client.get("/")

    assert response.text == "{}"


async def test_app_runs_in_the_tests_context_and_keeps_its_own(
    open_client: OpenAnyClient,
) -> None:
    async with open_client(raw.paints) as client:
        COLOUR.set("green")
        first = await client.get("/")
        second = await client.get("/")

    assert (first.text, second.text, COLOUR.get()) == ("green", "green", "green")


# -- background work --------------------------------------------------------------------------


async def test_background_task_is_done_when_a_call_returns(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    def respond(request: Request) -> PlainTextResponse:
        return PlainTextResponse("done", background=BackgroundTask(log.append, "background"))

    async with open_client(Starlette(routes=[Route("/", respond)])) as client:
        response = await client.get("/")

    assert (response.text, log) == ("done", ["background"])


async def test_background_work_is_done_when_a_stream_is_read(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await raw.answer(send, b"whole")
        log.append("background")

    async with open_client(app) as client, client.stream("GET", "/") as response:
        assert (await response.aread(), log) == (b"whole", ["background"])


async def test_detached_work_goes_on_until_it_is_waited_for(open_client: OpenAnyClient) -> None:
    gate, log = Gate(), list[str]()

    async with open_client(raw.works_on(log, gate), background="detach") as client:
        response = await client.get("/")
        before = list(log)
        await client.run(gate.open)
        await client.wait_background()

        assert (response.text, before, log) == ("whole", [], ["worked"])


async def test_detached_work_of_a_stream_is_waited_for(open_client: OpenAnyClient) -> None:
    gate, log = Gate(), list[str]()

    async with open_client(raw.works_on(log, gate), background="detach") as client:
        async with client.stream("GET", "/") as response:
            assert (await response.aread(), log) == (b"whole", [])
        await client.run(gate.open)
        await client.wait_background()

        assert log == ["worked"]


async def test_leaving_the_client_waits_for_detached_work(open_client: OpenAnyClient) -> None:
    gate, log = Gate(), list[str]()

    async with open_client(raw.works_on(log, gate), background="detach") as client:
        await client.get("/")
        await client.run(gate.open)

    assert log == ["worked"]


async def test_exception_of_detached_work_is_raised_when_it_is_waited_for(
    open_client: OpenAnyClient,
) -> None:
    gate, exception = Gate(), LookupError("in the background")

    async with open_client(raw.works_on([], gate, then=exception), background="detach") as client:
        await client.get("/")
        await client.run(gate.open)
        with pytest.raises(LookupError, match="in the background") as caught:
            await client.wait_background()

    assert caught.value is exception


# -- the app's loop ---------------------------------------------------------------------------


async def test_run_calls_a_function_in_the_apps_loop(open_client: OpenAnyClient) -> None:
    async def double(number: int) -> int:
        await open_client.sleep_in_app(0)
        return 2 * number

    async with open_client(raw.hello) as client:
        assert await client.run(double, 2) == 4


async def test_exception_of_a_function_that_is_run_is_raised(open_client: OpenAnyClient) -> None:
    async def fail() -> None:
        raise LookupError("in the loop")

    async with open_client(raw.hello) as client:
        with pytest.raises(LookupError, match="in the loop"):
            await client.run(fail)


async def test_several_requests_go_on_at_once(open_client: OpenAnyClient) -> None:
    texts: list[str] = []

    async with open_client(mirror.mirror) as client:

        async def get(path: str) -> None:
            texts.append((await client.get(path)).json()["path"])

        await together(open_client, *[lambda n=n: get(f"/{n}") for n in range(4)])

    assert sorted(texts) == ["/0", "/1", "/2", "/3"]


# -- other users, other parts -----------------------------------------------------------------


async def test_new_client_is_another_user_of_the_same_app(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    async with open_client(living(full(log)), cookies={"a": "1"}) as client:
        async with client.new_client() as other:
            await client.get("/first")
            state = (await other.get("/second")).json()
            cookies = dict(client.cookies), dict(other.cookies)

        assert (state["shared"], cookies) == (["/first"], ({"a": "1"}, {}))
        assert log == ["lifespan.startup"]


async def test_new_client_has_the_options_of_its_own_before_the_others(
    open_client: OpenAnyClient,
) -> None:
    options = {"headers": {"X-Own": "1"}, "base_url": "http://shop.test"}

    async with open_client(mirror.mirror, root_path="/mount") as client:
        other = client.new_client(**options)
        seen = (await other.get("/")).json()

    assert (seen["root_path"], seen["server"]) == ("/mount", ["shop.test", 80])
    assert mirror.header_values(seen, "x-own") == ["1"]


async def test_new_client_has_cookies_of_its_own(open_client: OpenAnyClient) -> None:
    app = mirror.routes({"/login": replies(headers=[(b"set-cookie", b"who=ann; Path=/")])})

    async with open_client(app) as ann:
        bob = ann.new_client()
        await ann.get("/login")
        shown = [(await client.get("/")).json() for client in (ann, bob)]

    assert [mirror.header_values(seen, "cookie") for seen in shown] == [["who=ann"], []]


async def test_new_client_takes_no_loop_or_state_of_its_own(open_client: OpenAnyClient) -> None:
    async with open_client(raw.hello) as client:
        with pytest.raises(UsageError, match="'state' is settled already"):
            client.new_client(state={"a": 1})


def real_name() -> str:
    return "real"


async def test_override_replaces_a_dependency_inside_its_block(
    open_client: OpenAnyClient,
) -> None:
    app = FastAPI()

    @app.get("/")
    async def read(name: Annotated[str, Depends(real_name)]) -> str:
        return name

    async with open_client(app) as client:
        with client.override(real_name, lambda: "replaced"):
            inside = (await client.get("/")).json()
        outside = (await client.get("/")).json()

    assert (inside, outside) == ("replaced", "real")


async def test_transcript_shows_what_crossed(open_client: OpenAnyClient) -> None:
    async with open_client(raw.hello) as client:
        await client.get("/shelf")
        await client.new_client().post("/other", content=b"x")

        text = str(client.transcript)

    assert "GET /shelf" in text
    assert "POST /other" in text
    assert client.app is raw.hello


# -- wrong use --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"base_url": "/api"}, "base_url is '/api'; an absolute http or https URL is wanted"),
        ({"strikt": True}, "Unknown option 'strikt'. Did you mean 'strict'?"),
        ({"strict": "yes"}, "strict is 'yes'"),
        ({"ignore_rules": {"H99"}}, "'H99', which is no rule"),
        ({"background": "later"}, "background is 'later'"),
    ],
)
async def test_wrong_option_is_refused(
    open_client: OpenAnyClient, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(UsageError) as caught:
        open_client.without_entering(raw.hello, **options)

    assert text in str(caught.value)


async def test_what_is_no_app_is_refused(open_client: OpenAnyClient) -> None:
    with pytest.raises(UsageError, match="app"):
        open_client.without_entering(object())


async def test_clients_of_two_apps_live_side_by_side(open_client: OpenAnyClient) -> None:
    async with (
        open_client(raw.waits_for_ever) as silent,
        open_client(raw.hello) as lively,
    ):
        with pytest.raises(StallError, match="the app has sent nothing"):
            await silent.get("/", timeout=0.05)

        assert (await lively.get("/")).text == "hello"
