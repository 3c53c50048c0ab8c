"""Frameworks give no finding in `check`, but for those whose upstream line is written down here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.middleware import Middleware

from asgi_testkit import check
from shop import create_app as create_shop
from tests.frameworks.apps.shop import FAILURE
from tests.frameworks.feeds import sse_starlette_app
from tests.frameworks.feeds.feed import Feed
from tests.frameworks.table import FRAMEWORKS, Framework

from .wrapped import MIDDLEWARES, PATHS, SOCKETS, create_app

# All that the shops answer but what fails on purpose, and what does not expect broken JSON.
SHOP_PATHS = (
    *("/", "/missing", "/hello", "/upload", "/download", "/old", "/login", "/started", "/asgi"),
)


class Known(NamedTuple):
    """A finding that is real, and upstream's.

    Attributes:
        what: kind, and rule or the beginning of the text.
        place: the end of its place; empty: it has none.
        why: the upstream line, and what it does.
    """

    what: tuple[str, str]
    place: str
    why: str


HEAD_WITHOUT_BODY = Known(
    ("rule", "H05"),
    "",
    "lilya 0.29.0, responses.py:567: `if send_header_only: return`, after the start alone",
)
SOCKET_WITHOUT_ANSWER = Known(
    ("rule", "W07"),
    "",
    "lilya 0.29.0, routing/router.py:500: raises HTTPException(404) on a handshake, too; then"
    " _internal/_exception_handlers.py:172 makes a response by `handler(conn, exc)` and drops it",
)
ERRORS_THAT_ARE_BYTES = Known(
    ("exception", "UnicodeDecodeError"),
    "in <lambda>",
    "fastapi 0.165.0, encoders.py:85: `bytes: lambda o: o.decode()`, out of exception_handlers.py"
    " `jsonable_encoder(exc.errors())`: a body that is no JSON is part of the errors",
)
CAPITALS_OF_DJANGO = Known(
    ("rule", "H27"),
    "in send_response",
    "django 5.2, core/handlers/asgi.py:322: header names are sent as HttpResponse spells them",
)
CAPITALS_OF_LILYA = Known(
    ("rule", "H27"),
    "in send_with_route_metadata",
    "lilya 0.29.0, _internal/_middleware.py:85 passes on the `Allow` of a 405 as it was spelt",
)
DENIAL_IN_PIECES = Known(
    ("rule", "W30"),
    "",  # which of Quart's lines sends depends on the version of Python
    "quart 0.22.0, asgi.py:257: each piece of a denial is a message, and an empty one ends it",
)
KNOWN = {
    "django": {CAPITALS_OF_DJANGO},
    "lilya": {HEAD_WITHOUT_BODY, SOCKET_WITHOUT_ANSWER, CAPITALS_OF_LILYA},
    "quart": {DENIAL_IN_PIECES},
}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Keep what frameworks log about the odd requests to themselves."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def facts(app: Any, **options: Any) -> set[tuple[str, str, str]]:
    return {
        (one.kind, one.rule or one.text.removeprefix("The app raised ").split(":")[0], one.place)
        for one in check(app, **options)
    }


def assert_known(found: set[tuple[str, str, str]], known: set[Known]) -> None:
    assert {(kind, what) for kind, what, _ in found} == {one.what for one in known}
    for kind, what, place in found:
        (end,) = (one.place for one in known if one.what == (kind, what))
        assert place.endswith(end)


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda one: one.name)
def test_a_shop_gives_only_what_is_known_of_its_framework(framework: Framework) -> None:
    assert FAILURE  # "/fail" is left out: it raises on purpose

    found = facts(framework.create_app([]), paths=SHOP_PATHS, max_requests=400)

    assert_known(found, KNOWN.get(framework.name, set()))


@pytest.mark.parametrize("name", MIDDLEWARES)
def test_starlettes_own_middlewares_give_nothing(name: str) -> None:
    app = create_app(MIDDLEWARES[name])

    assert facts(app, paths=PATHS, websockets=SOCKETS, max_requests=400) == set()


def test_all_middlewares_at_once_give_nothing() -> None:
    app = create_app(*(MIDDLEWARES[name] for name in MIDDLEWARES if name != "httpsredirect"))

    assert facts(app, paths=PATHS, websockets=SOCKETS, max_requests=400) == set()


def test_fastapis_own_middleware_gives_nothing() -> None:
    app = create_app(Middleware(AsyncExitStackMiddleware))

    assert facts(app, paths=PATHS, websockets=SOCKETS, max_requests=400) == set()


def test_a_fastapi_app_fails_on_a_body_that_is_no_text_where_it_wants_json() -> None:
    app = FastAPI()

    @app.post("/items")
    async def add(item: dict[str, int]) -> int:
        return len(item)

    assert_known(facts(app), {ERRORS_THAT_ARE_BYTES})


def test_sse_starlette_gives_nothing() -> None:
    app = sse_starlette_app.create_app(Feed("idle"))

    assert facts(app, paths=["/events"]) == set()


def test_the_example_shop_gives_only_what_is_known_of_fastapi(tmp_path: Path) -> None:
    shop = create_shop(
        database_url=f"sqlite+aiosqlite:///{tmp_path}/shop.db",
        upload_folder=tmp_path / "uploads",
        password_cost=2,
    )

    found = facts(shop, websockets=["/feed"], max_requests=1000)

    assert_known(found, {ERRORS_THAT_ARE_BYTES})
