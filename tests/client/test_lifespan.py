"""Lifespan: what entering and leaving a client means, in every mode."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from asgi_testkit import (
    ASGIRuleError,
    ASGIRuleWarning,
    ASGITransport,
    AsyncTestClient,
    ClientStateError,
    LifespanFailed,
    LifespanManager,
    SyncASGITransport,
    TestClient,
    UsageError,
)
from tests.apps import lives, raw
from tests.apps.lives import living
from tests.apps.raw import Gate
from tests.modes import OpenClient

NOT_ENTERED = "This client has not run the app's lifespan."


async def enter_and_get(open_client: OpenClient, life: lives.Life, **options: Any) -> str:
    """Enter a client, make one request, leave it; return the answer."""
    async with open_client(living(life), **options) as client:
        text: str = (await client.get("/")).text
        return text


# -- the whole life ---------------------------------------------------------------------------


async def test_lifespan_runs_around_the_block(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(living(lives.full(log))):
        assert log == ["lifespan.startup"]

    assert log == ["lifespan.startup", "lifespan.shutdown"]


async def test_lifespan_does_not_run_without_a_block(open_client: OpenClient) -> None:
    log: list[str] = []
    client = open_client.without_entering(living(lives.full(log)))

    response = await client.get("/")
    await client.aclose()

    assert (response.text, log) == ("{}", [])


async def test_each_request_gets_a_shallow_copy_of_the_state(open_client: OpenClient) -> None:
    async with open_client(living(lives.full([]))) as client:
        first = (await client.get("/a")).json()
        second = (await client.get("/b")).json()

        assert first == {"name": "db", "shared": []}
        assert second == {"name": "db", "shared": ["/a"]}
        assert client.app_state == {"name": "db", "shared": ["/a", "/b"]}


async def test_given_state_is_there_before_startup_and_unchanged_after(
    open_client: OpenClient,
) -> None:
    state = {"given": 1}

    async with open_client(living(lives.full([])), state=state) as client:
        shown = (await client.get("/")).json()

    assert (shown, state) == ({"given": 1, "name": "db", "shared": []}, {"given": 1})


async def test_given_state_reaches_requests_without_a_block(open_client: OpenClient) -> None:
    client = open_client.without_entering(living(lives.full([])), state={"given": 1})

    assert (await client.get("/")).json() == {"given": 1}
    await client.aclose()


async def test_client_may_be_entered_again(open_client: OpenClient) -> None:
    log: list[str] = []
    client = open_client.without_entering(living(lives.full(log)))

    async with client:
        pass
    between = (await client.get("/")).json()
    async with client:
        again = (await client.get("/")).json()

    assert log == ["lifespan.startup", "lifespan.shutdown"] * 2
    assert (between, again) == ({}, {"name": "db", "shared": []})


async def test_client_cannot_be_entered_twice_at_a_time(open_client: OpenClient) -> None:
    client = open_client.without_entering(raw.hello)

    async with client:
        with pytest.raises(ClientStateError, match="is entered already"):
            await client.__aenter__()


async def test_closing_an_entered_client_ends_the_lifespan(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(living(lives.full(log))) as client:
        await client.aclose()

        assert log == ["lifespan.startup", "lifespan.shutdown"]


async def test_exception_of_the_block_passes_and_the_app_is_shut_down(
    open_client: OpenClient,
) -> None:
    log: list[str] = []

    with pytest.raises(KeyError, match="test"):
        async with open_client(living(lives.full(log))):
            raise KeyError("test")

    assert log == ["lifespan.startup", "lifespan.shutdown"]


# -- notes ------------------------------------------------------------------------------------


async def test_exception_in_a_client_never_entered_says_so(open_client: OpenClient) -> None:
    client = open_client.without_entering(living(lives.full([])))

    with pytest.raises(ValueError, match="request failed") as caught:
        await client.get("/fail")
    await client.aclose()

    assert [note.startswith(NOT_ENTERED) for note in caught.value.__notes__] == [True]


async def test_exception_in_an_entered_client_has_the_note_of_its_rule_alone(
    open_client: OpenClient,
) -> None:
    async with open_client(living(lives.full([]))) as client:
        with pytest.raises(ValueError, match="request failed") as caught:
            await client.get("/fail")

    assert not hasattr(caught.value, "__notes__")


async def test_app_that_raises_before_an_answer_has_no_lifespan_and_a_note(
    open_client: OpenClient,
) -> None:
    app = living(lives.raises_at_once(KeyError("scope type")))

    async with open_client(app) as client:
        assert (await client.get("/")).text == "{}"
        with pytest.raises(ValueError, match="request failed") as caught:
            await client.get("/fail")

    (note,) = caught.value.__notes__
    assert "raised KeyError('scope type')" in note


async def test_app_that_returns_before_an_answer_has_no_lifespan_and_a_warning(
    open_client: OpenClient,
) -> None:
    with pytest.warns(ASGIRuleWarning, match="Rule L04 ") as warned:
        text = await enter_and_get(open_client, lives.returns_at_once)

    assert (text, len(warned)) == ("{}", 1)


# -- failing startup --------------------------------------------------------------------------


async def test_failed_startup_is_lifespan_failed_with_the_message(
    open_client: OpenClient,
) -> None:
    with pytest.raises(LifespanFailed, match="no database") as caught:
        await enter_and_get(open_client, lives.fails_startup("no database"))

    assert caught.value.message == "no database"


async def test_exception_after_failed_startup_is_the_apps_own_with_a_note(
    open_client: OpenClient,
) -> None:
    exception = OSError("connection refused")
    life = lives.fails_startup("no database", then=exception)

    with pytest.raises(OSError, match="connection refused") as caught:
        await enter_and_get(open_client, life)

    assert caught.value is exception
    assert exception.__notes__ == ["The app's message: no database"]


async def test_client_does_not_serve_as_started_after_a_failed_startup(
    open_client: OpenClient,
) -> None:
    client = open_client.without_entering(living(lives.fails_startup("no")))

    with pytest.raises(LifespanFailed, match="no"):
        await client.__aenter__()
    with pytest.raises(ValueError, match="request failed") as caught:
        await client.get("/fail")
    with pytest.raises(LifespanFailed, match="no"):
        await client.__aenter__()
    await client.aclose()

    assert caught.value.__notes__[0].startswith(NOT_ENTERED)


@pytest.mark.parametrize("life", [lives.never_answers, lives.never_receives])
async def test_startup_without_an_answer_fails_in_time_and_is_ended(
    open_client: OpenClient, life: Any
) -> None:
    log: list[str] = []

    with pytest.raises(LifespanFailed, match=r"'lifespan\.startup' (within 0\.1 s|and never will)"):
        await enter_and_get(open_client, life(log), timeout=0.1)

    assert log == ["ended"]


async def test_startup_answered_twice_breaks_a_rule(open_client: OpenClient) -> None:
    with pytest.raises(ASGIRuleError, match="Rule L05") as caught:
        await enter_and_get(open_client, lives.answers_twice)

    assert caught.value.rule == "L05"


async def test_unknown_message_breaks_a_rule(open_client: OpenClient) -> None:
    with pytest.raises(ASGIRuleError, match="Rule L07") as caught:
        await enter_and_get(open_client, lives.says_hello)

    assert caught.value.message == {"type": "hello"}


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
async def test_base_exception_in_startup_reaches_the_test(
    open_client: OpenClient, kind: type[BaseException]
) -> None:
    exception = kind("bad settings")

    with pytest.raises(kind, match="bad settings") as caught:
        await enter_and_get(open_client, lives.raises_at_once(exception))

    assert caught.value is exception


async def test_other_clients_work_after_a_failed_startup(open_client: OpenClient) -> None:
    with pytest.raises(SystemExit, match="3"):
        await enter_and_get(open_client, lives.raises_at_once(SystemExit(3)))

    assert await enter_and_get(open_client, lives.full([])) == '{"name": "db", "shared": []}'


# -- failing later ----------------------------------------------------------------------------


async def test_exception_after_startup_arrives_at_the_exit(open_client: OpenClient) -> None:
    gate = Gate()
    exception = ValueError("worker died")
    app = living(lives.raises_after_startup(gate, exception))

    with pytest.raises(ValueError, match="worker died") as caught:
        async with open_client(app) as client:
            await client.run(gate.open)

    assert caught.value is exception


async def test_lifespan_that_ends_after_startup_is_a_failure(open_client: OpenClient) -> None:
    with pytest.raises(LifespanFailed, match="between startup and shutdown"):
        await enter_and_get(open_client, lives.returns_after_startup)


async def test_exception_in_shutdown_is_the_apps_own(open_client: OpenClient) -> None:
    exception = ValueError("cannot stop")

    with pytest.raises(ValueError, match="cannot stop") as caught:
        await enter_and_get(open_client, lives.raises_in_shutdown(exception))

    assert caught.value is exception


async def test_failed_shutdown_is_lifespan_failed_with_the_message(
    open_client: OpenClient,
) -> None:
    with pytest.raises(LifespanFailed, match="still busy") as caught:
        await enter_and_get(open_client, lives.fails_shutdown("still busy"))

    assert caught.value.message == "still busy"


async def test_exception_after_failed_shutdown_is_the_apps_own_with_a_note(
    open_client: OpenClient,
) -> None:
    exception = OSError("broken pipe")

    with pytest.raises(OSError, match="broken pipe"):
        await enter_and_get(open_client, lives.fails_shutdown("still busy", then=exception))

    assert exception.__notes__ == ["The app's message: still busy"]


async def test_ignored_shutdown_fails_in_time_and_is_ended(open_client: OpenClient) -> None:
    log: list[str] = []

    with pytest.raises(LifespanFailed, match=r"'lifespan\.shutdown' (within 0\.1|and never will)"):
        await enter_and_get(open_client, lives.ignores_shutdown(log), timeout=0.1)

    assert log == ["ended"]


async def test_exception_of_the_block_is_not_lost_in_a_failing_shutdown(
    open_client: OpenClient,
) -> None:
    app = living(lives.raises_in_shutdown(ValueError("cannot stop")))

    with pytest.raises(ValueError, match="cannot stop") as caught:
        async with open_client(app):
            raise KeyError("test")

    assert isinstance(caught.value.__context__, KeyError)


# -- users of a running app -------------------------------------------------------------------


async def test_new_client_shares_lifespan_and_state_and_no_cookies(
    open_client: OpenClient,
) -> None:
    log: list[str] = []

    async with open_client(living(lives.full(log)), headers={"x-kept": "yes"}) as client:
        client.cookies.set("session", "abc")
        other = client.new_client()
        shown = (await other.get("/")).json()

        assert (shown, dict(other.cookies)) == ({"name": "db", "shared": []}, {})
        assert (other.headers["x-kept"], log) == ("yes", ["lifespan.startup"])


async def test_new_client_refuses_what_the_running_app_has_settled(
    open_client: OpenClient,
) -> None:
    async with open_client(raw.hello) as client:
        with pytest.raises(UsageError, match=r"new_client\(\) shares the running app"):
            client.new_client(state={})


async def test_run_calls_a_function_in_the_loop_of_the_app(open_client: OpenClient) -> None:
    async def double(number: int) -> int:
        return 2 * number

    async with open_client(raw.hello) as client:
        assert await client.run(double, 21) == 42


async def test_exception_of_a_run_function_arrives_as_the_same_object(
    open_client: OpenClient,
) -> None:
    exception = SystemExit("mine")

    async def fail() -> None:
        raise exception

    async with open_client(raw.hello) as client:
        with pytest.raises(SystemExit, match="mine") as caught:
            await client.run(fail)
        assert caught.value is exception
        assert (await client.get("/")).text == "hello"


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_portal_calls_plain_and_async_functions(driver: Any) -> None:
    async def double(number: int) -> int:
        return 2 * number

    with TestClient(raw.hello, driver=driver) as client:
        assert (client.portal.call(double, 2), client.portal.call(len, "abc")) == (4, 3)


async def test_override_replaces_a_dependency_and_restores_it(open_client: OpenClient) -> None:
    class App:
        def __init__(self) -> None:
            self.dependency_overrides: dict[Any, Any] = {}

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await raw.hello(scope, receive, send)

    app = App()
    async with open_client(app) as client:
        with client.override(len, sum):
            assert app.dependency_overrides == {len: sum}

    assert app.dependency_overrides == {}


async def test_override_of_an_app_without_dependencies_is_refused(
    open_client: OpenClient,
) -> None:
    client = open_client.without_entering(raw.hello)

    with pytest.raises(UsageError, match="needs an app with 'dependency_overrides'"):
        client.override(len, sum).__enter__()
    await client.aclose()


# -- LifespanManager --------------------------------------------------------------------------


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_blocking_manager_shares_its_loop_and_state_with_transports(driver: str) -> None:
    log: list[str] = []

    with LifespanManager(living(lives.full(log)), driver=driver) as manager:
        transport = SyncASGITransport(manager.app)
        with httpx2.Client(transport=transport, base_url="http://testserver") as client:
            assert client.get("/a").json() == {"name": "db", "shared": []}
        with TestClient(manager.app) as own:
            assert own.get("/b").json() == {"name": "db", "shared": ["/a"]}
        assert manager.state == {"name": "db", "shared": ["/a", "/b"]}

    assert log == ["lifespan.startup", "lifespan.shutdown"]


async def test_async_manager_shares_its_loop_and_state_with_transports(
    open_client: OpenClient,
) -> None:
    if open_client.is_blocking:
        return
    log: list[str] = []

    async with LifespanManager(living(lives.full(log))) as manager:
        transport = ASGITransport(manager.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            assert (await client.get("/a")).json() == {"name": "db", "shared": []}
        async with AsyncTestClient(manager.app) as own:
            assert (await own.get("/b")).json() == {"name": "db", "shared": ["/a"]}

    assert log == ["lifespan.startup", "lifespan.shutdown"]


def test_failing_manager_is_not_entered() -> None:
    manager = LifespanManager(living(lives.fails_startup("no database")))

    with pytest.raises(LifespanFailed, match="no database"):
        manager.__enter__()
    with pytest.raises(ClientStateError, match="inside its block only"):
        _ = manager.app


def test_manager_of_what_is_no_app_is_refused() -> None:
    with pytest.raises(UsageError, match="An ASGI app is wanted"):
        LifespanManager("module:app")
