"""What users of Schemathesis write; run by pytest in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import allow_header_conformance, negative_data_rejection

import asgi_testkit
import asgi_testkit.requests
from shop import create_app
from shop.dependencies import exchange_rates

# FastAPI answers 405 with the methods of one function, where a path has several; Pydantic takes
# `false` for 0.
EXCLUDED = [allow_header_conformance, negative_data_rejection]
LOGIN = {"name": "Ada", "password": "engine no 1"}

document = create_app(database_url="sqlite+aiosqlite://", upload_folder=Path()).openapi()
schema = schemathesis.openapi.from_dict(document)
with_json = schema.include(method=["GET", "POST"], path_regex="^/(orders|products)$")
# Without this phase, each operation has as many examples as the settings say.
schema.config.phases.coverage.enabled = False
bounded = settings(max_examples=10, derandomize=True, deadline=None, database=None)


@contextmanager
def logged_in(folder: Path, client_class: Any, **options: Any) -> Iterator[Any]:
    database_url = f"sqlite+aiosqlite:///{folder / 'shop.db'}"
    app = create_app(database_url=database_url, upload_folder=folder, password_cost=2)
    with (
        client_class(app, **options) as client,
        client.override(exchange_rates, lambda: {"USD": 1.1}),
    ):
        client.post("/accounts", json=LOGIN).raise_for_status()
        client.post("/login", data=LOGIN).raise_for_status()
        lamp = {"name": "Lamp", "price_cents": 1250, "stock": 3}
        client.post("/products", json=lamp).raise_for_status()
        yield client


@pytest.fixture(scope="module")
def requests_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("shop")
    with logged_in(folder, asgi_testkit.requests.TestClient) as client:
        yield client


@pytest.fixture(scope="module")
def httpx2_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("shop")
    with logged_in(folder, asgi_testkit.TestClient, follow_redirects=False) as client:
        yield client


@schema.exclude(path="/report").parametrize()
@bounded
def test_session(case: Case, requests_client: asgi_testkit.requests.TestClient) -> None:
    case.call_and_validate(session=requests_client, excluded_checks=EXCLUDED)


# httpx2 would rather have cookies of the client, and raw bodies as `content`.
@with_json.parametrize()
@bounded
@pytest.mark.filterwarnings("ignore:Setting per-request cookies", "ignore:Use 'content=")
def test_keywords(case: Case, httpx2_client: asgi_testkit.TestClient) -> None:
    response = httpx2_client.request(**case.as_transport_kwargs())
    case.validate_response(response, excluded_checks=EXCLUDED)


@schema.include(path="/report").parametrize()
@settings(bounded, max_examples=50)
def test_bug(case: Case, requests_client: asgi_testkit.requests.TestClient) -> None:
    case.call_and_validate(session=requests_client)
