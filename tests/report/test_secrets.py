"""No secret is in anything that is shown or written, wherever it crossed."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import time
from pathlib import Path

import pytest

from asgi_testkit import AsyncTestClient, TestClient, Transcript
from asgi_testkit.client.recent import RECENT
from asgi_testkit.protocol.secret_texts import hide_secrets, secret_spans
from asgi_testkit.protocol.secrets import HIDDEN, is_secret_header
from asgi_testkit.report.trace import trace_of
from asgi_testkit.settings import SETTINGS
from asgi_testkit.types import Receive, Scope, Send
from tests.report.secret_suite import SECRETS, exchange_secrets

NEVER_WHOLE = {"cut_json", "split"}  # in one text, also where nothing is hidden


@pytest.fixture(scope="module")
def transcript() -> Transcript:
    return exchange_secrets().transcript


def unpacked(text: str) -> str:
    """Return a text with what stands in it as base64."""
    words = re.findall(r"[A-Za-z0-9_+/-]{16,}", text)
    words = [word[:-1] if len(word) % 4 == 1 else word for word in words]
    plain = (base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)) for word in words)
    return "\n".join([text, *(content.decode("latin-1") for content in plain)])


def found_in(text: str) -> list[str]:
    """Return the names of the secrets of which a text holds the whole or the end."""
    whole = unpacked(text)
    return [name for name, secret in SECRETS.items() if secret[-10:] in whole]


def test_no_artefact_holds_a_secret(transcript: Transcript, tmp_path: Path) -> None:
    artefacts = {
        "text": transcript.to_text(),
        "stable text": transcript.to_text(with_times=False),
        "coloured text": transcript.to_text(colour=True),
        "repr": repr(transcript),
        "json": transcript.to_json(tmp_path / "trace.json").read_text(encoding="utf-8"),
        "page": transcript.to_html(tmp_path / "trace.html").read_text(encoding="utf-8"),
    }

    assert {name: found_in(text) for name, text in artefacts.items() if found_in(text)} == {}


def test_each_secret_has_crossed_and_is_shown_where_that_is_wanted(transcript: Transcript) -> None:
    shown = json.dumps(transcript.to_trace(redact=False))

    assert set(SECRETS) - set(found_in(shown)) == NEVER_WHOLE
    assert SECRETS["bearer"] in transcript.to_text(redact=False)


def test_what_is_no_secret_stays(transcript: Transcript) -> None:
    text = transcript.to_text()

    kept = ("page=2", '"page":2', '"ok": true', "rel=preload", "/next?", "LookupError")
    assert [part for part in kept if part not in text] == []


def test_the_failure_of_a_test_and_its_title_hold_no_secret() -> None:
    started = time.perf_counter()
    exchange_secrets()

    trace = trace_of(
        RECENT.since(started),
        title=f"test_it[{SECRETS['query']}]",
        error=f"AssertionError: {SECRETS['json']} != {SECRETS['bearer']}",
    )

    assert (trace["title"], trace["error"]) == (
        "test_it[(hidden)]",
        "AssertionError: (hidden) != (hidden)",
    )


async def echo(scope: dict[str, object], receive: object, send: object) -> None:
    """Answer with the query as JSON."""
    query = scope["query_string"]
    assert isinstance(query, bytes)
    await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b'{"sent": "%s"}' % query})  # type: ignore[operator]


def shown_of(target: str) -> str:
    client = TestClient(echo, driver="inline")
    client.get(target)
    return client.transcript.to_text(with_times=False).partition("\n")[0]


@pytest.mark.parametrize(
    ("names", "target", "shown"),
    [
        ("", "/?customer=4711-x", "GET /?customer=4711-x  HTTP/1.1"),
        ("customer", "/?customer=4711-x", "GET /?customer=(hidden)  HTTP/1.1"),
        ("-token", "/?token=4711-x", "GET /?token=4711-x  HTTP/1.1"),
        ("a, Customer-Id", "/?customer_id=4711-x", "GET /?customer_id=(hidden)  HTTP/1.1"),
    ],
)
def test_names_of_secrets_can_be_added_and_taken_away(
    monkeypatch: pytest.MonkeyPatch, names: str, target: str, shown: str
) -> None:
    monkeypatch.setattr(SETTINGS, "given_secret_names", names)

    assert shown_of(target) == shown


def test_names_of_secrets_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASGI_TESTKIT_SECRET_NAMES", "customer")

    assert shown_of("/?customer=4711-x") == "GET /?customer=(hidden)  HTTP/1.1"


@pytest.mark.parametrize("value", ["dark", "true", "abc"])
def test_a_short_plain_cookie_is_not_looked_for_elsewhere(value: str) -> None:
    client = TestClient(echo, driver="inline", cookies={"theme": value})

    client.get(f"/?theme={value}")

    assert f"theme={value}" in client.transcript.to_text()


def test_a_short_secret_is_hidden_as_a_word_but_not_amid_one() -> None:
    client = TestClient(echo, driver="inline")

    client.get("/?password=kite&text=kite,kites")

    assert '{"sent": "password=(hidden)&text=(hidden),kites"}' in client.transcript.to_text()


SECRET = "Zq7-topsecret-VAL9"
PLACES = {
    "name and value": f'[{{"name": "password", "type": "x", "value": "{SECRET}"}}]',
    "pairs": f'[["password", "{SECRET}"]]',
    "headers as Python shows them": f"[(b'x-api-key', b'{SECRET}')]",
    "YAML": f"db:\n  password: '{SECRET}'\n",
    "TOML": f'password = "{SECRET}"\n',
    "INI": f"[db]\npassword = {SECRET}\n",
    "GraphQL in JSON": '{"query": "login(password: \\"' + SECRET + '\\")"}',
    "JavaScript": f"window.x = {{token: '{SECRET}'}}",
    "a variable": f"var csrfToken = '{SECRET}';",
    "textarea": f'<textarea name="token">{SECRET}</textarea>',
    "escaped name": f'{{"p\\u0061ssword": "{SECRET}"}}',
    "JSON in a query": f"see /?q=%7B%22password%22%3A+%22{SECRET}%22%7D",
    "a query in a query": f"see /?next=%2Fcb%3Ftoken%3D{SECRET}%26x",
    "a query in one in one": f"see /?next=%2Fcb%3Fto%3D%252Fa%253Ftoken%253D{SECRET}",
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_secrets_are_known_by_their_names_in_texts_of_all_kinds(text: str) -> None:
    shown = hide_secrets(text)

    assert SECRET not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize(
    "text",
    [
        '["password", "email", "name"]',
        '{"name": "colour", "value": "red"}',
        "token = login(client)",
        "if password == 'x': pass",
        '<label id="password-label">Password</label>',
        "see /?next=%2Fcb%3Fpage%3D2",
    ],
)
def test_what_only_looks_like_a_secret_is_shown(text: str) -> None:
    assert hide_secrets(text) == text


@pytest.mark.parametrize("name", [b"X-Amz-Credential", b"x-otp", b"X-Vault-Token"])
def test_headers_with_names_of_secret_fields_are_hidden(name: bytes) -> None:
    assert is_secret_header(name)


async def knows(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was a secret of the request."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"it is 99887766, or a,b;cdefgh"})


def test_numbers_and_quoted_cookies_are_looked_for_elsewhere() -> None:
    client = TestClient(knows, driver="inline")

    client.post("/", json={"pin": 99887766}, headers={"cookie": r'id="a\054b\073cdefgh"'})

    assert "'it is (hidden), or (hidden)'" in client.transcript.to_text()


@pytest.mark.parametrize(
    "text",
    ['"password":[', '"password":{"', "password=", "form-data; ", 'form-data; name="a"\r\nx'],
)
def test_texts_that_repeat_themselves_are_read_in_steps_of_their_length(text: str) -> None:
    spans = secret_spans(text * 3000)

    assert len(spans) <= 2


async def late(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail once the client has left."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x", "more_body": True})
    await receive()
    raise ValueError(f"no such user: {SECRET}")


async def leave_early() -> None:
    async with AsyncTestClient(late).stream("GET", f"/?token={SECRET}"):
        pass


def test_what_is_logged_of_a_late_exception_holds_no_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asyncio.run(leave_early())

    assert "The app raised after the client had left GET /: ValueError(" in caplog.text
    assert "Traceback" in caplog.text
    assert SECRET not in caplog.text
    assert caplog.records[0].exc_info is not None


def test_nothing_is_logged_of_a_late_exception_where_that_is_not_wanted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR, logger="asgi_testkit")

    asyncio.run(leave_early())

    assert caplog.records == []
