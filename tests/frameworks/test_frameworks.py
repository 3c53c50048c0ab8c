"""The same shop in nine frameworks answers alike, whichever client and event loop asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest

from asgi_testkit import ASGIRuleWarning

from .apps.shop import FAILURE, PIECE_BYTES, PIECES
from .table import FRAMEWORKS, Framework

# The `open_client` fixture: opens either client in the mode of the test, for awaiting only.
OpenClient = Any

BLOCKING_MODES = ("thread", "inline")
UPLOAD = (b"x", b"y" * 10, b"z" * 100)


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


def those(fits: Callable[[Framework], bool]) -> list[Framework]:
    return [framework for framework in FRAMEWORKS if fits(framework)]


def upload_in_pieces(mode: str) -> Iterator[bytes] | AsyncIterator[bytes]:
    """Return a generator of `UPLOAD`, of the kind the mode's client takes."""

    async def pieces() -> AsyncIterator[bytes]:
        for piece in UPLOAD:
            yield piece

    return iter(UPLOAD) if mode in BLOCKING_MODES else pieces()


@over(those(lambda framework: bool(framework.breaks)))
async def test_framework_that_breaks_a_rule_is_warned_of_once(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app([])) as client:
        with pytest.warns(ASGIRuleWarning, match="Rule ") as warned:
            await client.get("/hello")
        await client.get("/hello")  # a second warning would be an error

    assert [warning.message.rule for warning in warned] == sorted(framework.breaks)


@over(FRAMEWORKS)
async def test_text_arrives_with_its_type(open_client: OpenClient, framework: Framework) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.get("/hello")

    assert (response.status_code, response.text) == (200, "hello")
    assert response.headers["content-type"].startswith("text/plain")


@over(FRAMEWORKS)
async def test_json_comes_back_as_it_was_sent(
    open_client: OpenClient, framework: Framework
) -> None:
    content = {"title": "Käse", "prices": [1, 2.5, None]}

    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.post("/echo", json=content)

    assert (response.status_code, response.json()) == (200, content)
    assert response.headers["content-type"].startswith("application/json")


@over(FRAMEWORKS)
async def test_large_bytes_body_arrives_complete(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.post("/upload", content=b"x" * 200_000)

    assert (response.status_code, response.json()["bytes"]) == (200, 200_000)


@over(FRAMEWORKS)
async def test_generator_body_arrives_complete(
    open_client: OpenClient, framework: Framework
) -> None:
    body = upload_in_pieces(open_client.mode)

    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.post("/upload", content=body)

    assert (response.status_code, response.json()["bytes"]) == (200, 111)


@over(those(lambda framework: framework.keeps_pieces))
async def test_generator_body_arrives_in_its_own_pieces(
    open_client: OpenClient, framework: Framework
) -> None:
    body = upload_in_pieces(open_client.mode)

    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.post("/upload", content=body)

    assert response.json() == {"bytes": 111, "pieces": 3}


@over(FRAMEWORKS)
async def test_streamed_response_is_read_in_the_pieces_the_app_sent(
    open_client: OpenClient, framework: Framework
) -> None:
    async with (
        open_client(framework.create_app([]), ignore_rules=framework.breaks) as client,
        client.stream("GET", "/download") as response,
    ):
        pieces = [piece async for piece in response.aiter_bytes()]

    assert response.status_code == 200
    assert [len(piece) for piece in pieces] == [PIECE_BYTES] * len(PIECES)
    assert b"".join(pieces) == b"".join(PIECES)


@over(FRAMEWORKS)
async def test_streamed_response_is_complete_in_a_plain_get(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.get("/download")

    assert (response.status_code, response.content) == (200, b"".join(PIECES))


@over(those(lambda framework: framework.lets_errors_out))
async def test_error_of_the_app_is_raised_in_the_test(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        with pytest.raises(RuntimeError, match=FAILURE):
            await client.get("/fail")


@over(those(lambda framework: not framework.lets_errors_out))
async def test_error_that_the_framework_answers_is_a_500(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.get("/fail")

    assert response.status_code == 500


@over(FRAMEWORKS)
async def test_error_is_a_500_when_server_exceptions_are_not_raised(
    open_client: OpenClient, framework: Framework
) -> None:
    app = framework.create_app([])

    async with open_client(
        app, raise_server_exceptions=False, ignore_rules=framework.breaks
    ) as client:
        response = await client.get("/fail")

    assert response.status_code == 500


@over(FRAMEWORKS)
async def test_client_goes_on_after_an_error(open_client: OpenClient, framework: Framework) -> None:
    app = framework.create_app([])

    async with open_client(
        app, raise_server_exceptions=False, ignore_rules=framework.breaks
    ) as client:
        await client.get("/fail")
        response = await client.get("/hello")

    assert (response.status_code, response.text) == (200, "hello")


@over(FRAMEWORKS)
async def test_redirect_is_followed(open_client: OpenClient, framework: Framework) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.get("/old")

    assert (response.status_code, response.text) == (200, "hello")
    assert [step.url.path for step in response.history] == ["/old"]


@over(FRAMEWORKS)
async def test_redirect_is_returned_when_not_followed(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.get("/old", follow_redirects=False)

    assert response.status_code in (302, 307)
    assert response.headers["location"] == "/hello"


@over(FRAMEWORKS)
async def test_cookie_of_the_app_is_sent_back(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        before = await client.get("/whoami")
        await client.get("/login")
        after = await client.get("/whoami")

    assert [before.text, after.text] == ["nobody", "abc"]


@over(FRAMEWORKS)
async def test_cookies_of_one_client_stay_its_own(
    open_client: OpenClient, framework: Framework
) -> None:
    app = framework.create_app([])
    async with open_client(app, ignore_rules=framework.breaks) as client:
        await client.get("/login")

    async with open_client(app, ignore_rules=framework.breaks) as other_client:
        response = await other_client.get("/whoami")

    assert response.text == "nobody"


@over(those(lambda framework: framework.has_lifespan))
async def test_lifespan_surrounds_the_requests(
    open_client: OpenClient, framework: Framework
) -> None:
    log: list[str] = []

    async with open_client(framework.create_app(log), ignore_rules=framework.breaks) as client:
        response = await client.get("/started")
        during = log.copy()

    assert response.text == "yes"
    assert (during, log) == (["startup"], ["startup", "shutdown"])


@over(those(lambda framework: framework.has_lifespan))
async def test_lifespan_runs_again_for_a_second_client(
    open_client: OpenClient, framework: Framework
) -> None:
    log: list[str] = []
    app = framework.create_app(log)
    async with open_client(app, ignore_rules=framework.breaks):
        pass

    async with open_client(app, ignore_rules=framework.breaks) as client:
        response = await client.get("/started")

    assert response.text == "yes"
    assert log == ["startup", "shutdown"] * 2


@over(those(lambda framework: not framework.has_lifespan))
async def test_app_that_raises_on_lifespan_is_served_without(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.get("/started")

    assert (response.status_code, response.text) == (200, "no")


@over(FRAMEWORKS)
async def test_app_is_told_the_version_of_its_form(
    open_client: OpenClient, framework: Framework
) -> None:
    async with open_client(framework.create_app([]), ignore_rules=framework.breaks) as client:
        response = await client.get("/asgi")

    assert response.text == framework.asgi_version
