"""Every scenario runs with every library, in every mode that it has."""

from __future__ import annotations

import pytest

from tests.scenarios.libraries import CASES, LIBRARIES, OpenAnyClient


@pytest.fixture(params=CASES, ids="-".join)
def open_client(request: pytest.FixtureRequest, asgi_over: str | None) -> OpenAnyClient:
    """Open a client of an app, of each library; see `tests.scenarios.libraries`."""
    name, mode = request.param
    return OpenAnyClient(LIBRARIES[name], mode, over=asgi_over)
