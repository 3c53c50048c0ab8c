"""`replace_testclient` by hand: what is ours meanwhile, and that all is as before afterwards."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from types import ModuleType

import fastapi.testclient
import httpx2
import pytest
import starlette.testclient
from starlette.websockets import WebSocketDisconnect

import asgi_testkit
from asgi_testkit import UsageError, UsageValueError, replace_testclient
from asgi_testkit.settings import SETTINGS
from tests.replacing.apps import CODES, doubtful, unending, until_told

NAMES = ("TestClient", "WebSocketDenialResponse", "WebSocketTestSession")


def values(module: ModuleType, *names: str) -> list[object]:
    return [getattr(module, name) for name in names]


def test_starlettes_and_fastapis_client_is_ours_until_the_end_of_the_block() -> None:
    before = values(starlette.testclient, *NAMES)

    with replace_testclient():
        meanwhile = starlette.testclient.TestClient, fastapi.testclient.TestClient

    assert meanwhile == (asgi_testkit.TestClient, asgi_testkit.TestClient)
    assert values(starlette.testclient, *NAMES) == before
    assert fastapi.testclient.TestClient is before[0]


def test_what_is_first_imported_meanwhile_is_put_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    original = starlette.testclient.TestClient
    monkeypatch.delitem(sys.modules, "fastapi.testclient")

    with replace_testclient("starlette"):
        given_on = import_module("fastapi.testclient")
        assert given_on.TestClient is asgi_testkit.TestClient

    assert given_on.TestClient is original


def test_a_replacement_is_undone_once_and_only_once() -> None:
    original = starlette.testclient.TestClient
    replacement = replace_testclient("starlette")

    replacement.undo()
    with replace_testclient("starlette"):
        replacement.undo()
        assert starlette.testclient.TestClient is asgi_testkit.TestClient

    assert starlette.testclient.TestClient is original


def test_a_replacement_inside_another_ends_nothing_of_the_outer_one() -> None:
    with replace_testclient("starlette"):
        with replace_testclient("starlette", "httpx2"):
            pass

        assert starlette.testclient.TestClient is asgi_testkit.TestClient
        assert SETTINGS.is_drop_in

    assert not SETTINGS.is_drop_in


def test_httpx2s_transport_is_ours_and_keeps_its_parameters() -> None:
    original = httpx2.ASGITransport

    with replace_testclient("httpx2"):
        transport = httpx2.ASGITransport(doubtful, False, "/root", ("1.2.3.4", 5))

    assert isinstance(transport, asgi_testkit.ASGITransport)
    assert transport.app is doubtful
    assert httpx2.ASGITransport is original


def test_the_denial_is_also_starlettes_disconnect_and_the_session_is_ours() -> None:
    with replace_testclient("starlette"):
        denial = starlette.testclient.WebSocketDenialResponse
        session = starlette.testclient.WebSocketTestSession

    assert issubclass(denial, asgi_testkit.WebSocketDenialResponse | WebSocketDisconnect)
    assert issubclass(denial, httpx2.Response)
    assert issubclass(denial, WebSocketDisconnect)
    assert session is asgi_testkit.WebSocketSession


def test_a_name_that_is_no_librarys_is_refused_and_nothing_is_replaced() -> None:
    original = starlette.testclient.TestClient

    with pytest.raises(UsageValueError, match=r"'django' cannot be replaced\. What can: 'starle"):
        replace_testclient("starlette", "django")

    assert starlette.testclient.TestClient is original


def test_a_library_that_is_not_there_is_named_and_the_others_are_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = starlette.testclient.TestClient
    monkeypatch.setitem(sys.modules, "asgi_lifespan", None)

    with pytest.raises(UsageError, match="asgi_lifespan cannot be replaced, since it cannot be"):
        replace_testclient("starlette", "asgi_lifespan")

    assert starlette.testclient.TestClient is original
    assert not SETTINGS.is_drop_in


def test_starlette_on_httpx_gets_the_adapter_of_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    httpx = import_module("httpx")
    ours = import_module("asgi_testkit.httpx")
    monkeypatch.setattr(starlette.testclient, "httpx", httpx)

    with replace_testclient("starlette"):
        assert starlette.testclient.TestClient is ours.TestClient


@pytest.mark.parametrize(
    ("library", "name", "adapter"),
    [
        ("starlette_testclient", "TestClient", "asgi_testkit.requests"),
        ("httpx", "ASGITransport", "asgi_testkit.httpx"),
    ],
)
def test_other_librarys_names_are_those_of_their_adapters(
    library: str, name: str, adapter: str
) -> None:
    theirs, ours = import_module(library), import_module(adapter)
    original = getattr(theirs, name)

    with replace_testclient(library):
        assert getattr(theirs, name) is getattr(ours, name)

    assert getattr(theirs, name) is original


# -- leniency -----------------------------------------------------------------------------


def test_broken_w_rules_are_recorded_and_not_warned_of() -> None:
    with replace_testclient("starlette"), warnings.catch_warnings():
        warnings.simplefilter("error")
        client = starlette.testclient.TestClient(doubtful)
        assert client.get("/").status_code == 200

    assert [warning.rule for warning in client.broken_rules] == ["H27"]


def test_without_the_drop_in_broken_rules_are_recorded_and_warned_of() -> None:
    client = asgi_testkit.TestClient(doubtful)

    with pytest.warns(asgi_testkit.ASGIRuleWarning) as warned:
        client.get("/")

    assert [str(each.message) for each in warned] == [str(each) for each in client.broken_rules]


def test_strict_raises_w_rules_under_the_drop_in_too() -> None:
    with replace_testclient("starlette"), pytest.raises(asgi_testkit.ASGIRuleError, match="H27"):
        asgi_testkit.TestClient(doubtful, strict=True).get("/")


def test_an_app_that_had_to_be_cancelled_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "asgi_testkit")

    with replace_testclient("starlette"):
        client = starlette.testclient.TestClient(unending)
        with client.stream("GET", "/") as response:
            assert response.status_code == 200

    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "The app had to be cancelled" in caplog.text


@pytest.mark.parametrize("code", [1005, 1006])
def test_close_takes_the_codes_that_only_a_lost_line_has(code: int) -> None:
    CODES.clear()

    with replace_testclient("starlette"):
        client = starlette.testclient.TestClient(until_told)
        with client.websocket_connect("/") as session:
            session.close(code)

    assert [code] == CODES


def test_a_handshake_has_the_headers_of_starlettes_client() -> None:
    with replace_testclient("starlette"):
        client = starlette.testclient.TestClient(until_told)
        with client.websocket_connect("/") as session:
            headers = dict(session.scope["headers"])

    assert (headers[b"connection"], b"upgrade" in headers) == (b"upgrade", False)
    assert headers[b"sec-websocket-key"] == b"testserver=="
