"""`asgi_testkit.httpx` beside httpx2, without httpx, and where httpx is httpx2 by another name."""

from __future__ import annotations

import httpx
import httpx2

import asgi_testkit
import asgi_testkit.httpx
from tests.apps import raw
from tests.processes import run_script

WITHOUT_HTTPX = """
import json, sys
sys.modules["httpx"] = None
import asgi_testkit
asgi_testkit.TestClient
try:
    import asgi_testkit.httpx
except ImportError as error:
    print(json.dumps(str(error)))
"""

ALIASED = """
import json
import httpx2
httpx2.alias_httpx()
import httpx
import asgi_testkit, asgi_testkit.httpx as adapter
from tests.apps import raw
same = [getattr(adapter, name) is getattr(asgi_testkit, name)
        for name in adapter.__all__ if not name.startswith(("SSE", "Server"))]
with adapter.TestClient(raw.hello) as client:
    response = client.get("/")
print(json.dumps([all(same), adapter.SSEError is httpx2.SSEError,
                  isinstance(response, httpx.Response), response.text]))
"""

LOADED = """
import json, sys
import asgi_testkit
asgi_testkit.TestClient
print(json.dumps("httpx" in sys.modules))
"""


def test_both_libraries_side_by_side_get_responses_of_their_own() -> None:
    with asgi_testkit.TestClient(raw.hello) as one, asgi_testkit.httpx.TestClient(raw.hello) as two:
        responses = one.get("/"), two.get("/")

    assert [isinstance(response, httpx2.Response) for response in responses] == [True, False]
    assert [isinstance(response, httpx.Response) for response in responses] == [False, True]


def test_our_clients_are_httpxs_own() -> None:
    assert issubclass(asgi_testkit.httpx.TestClient, httpx.Client)
    assert issubclass(asgi_testkit.httpx.AsyncTestClient, httpx.AsyncClient)
    assert issubclass(asgi_testkit.httpx.SSEError, httpx.TransportError)


def test_without_httpx_the_import_names_the_extra() -> None:
    assert 'pip install "asgi-testkit[httpx]"' in run_script(WITHOUT_HTTPX)


def test_after_alias_httpx_it_is_the_adapter_for_httpx2() -> None:
    assert run_script(ALIASED) == [True, True, True, "hello"]


def test_clients_of_httpx2_do_not_import_httpx() -> None:
    assert run_script(LOADED) is False
