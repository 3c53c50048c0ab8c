"""What counts as a secret in a text, by the name before it or by its looks."""

from __future__ import annotations

import pytest

from asgi_testkit.protocol.secret_texts import hide_secrets
from asgi_testkit.protocol.secrets import is_secret_header, is_secret_name


@pytest.mark.parametrize(
    "name",
    [
        *("password", "passwd", "pwd", "userPassword", "user[password]", "form-0-password"),
        *("secret", "clientSecret", "client_secret", "token", "access_token", "refreshToken"),
        *("apikey", "api_key", "X-API-Key", "auth", "Authorization", "credentials", "session"),
        *("sessionid", "PHPSESSID", "connect.sid", "csrfmiddlewaretoken", "_xsrf", "private_key"),
        *("pin", "otp", "cvv", "card_number", "cardNumber", "X-Amz-Signature", "jwt", "tokens"),
    ],
)
def test_name_is_that_of_a_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("author", "monkey", "keyboard", "key", "tokenizer", "secretary", "compass", "spinner"),
        *("token_type", "expires_in", "tokenExpiresAt", "auth_method", "max_tokens", "", "name"),
    ],
)
def test_name_is_that_of_no_secret(name: str) -> None:
    assert not is_secret_name(name)


def test_a_key_is_a_secret_in_a_query_only() -> None:
    assert (is_secret_name("key"), is_secret_name("key", in_query=True)) == (False, True)


@pytest.mark.parametrize("name", [b"Authorization", b"cookie", b"x-api-key", b"x-csrf-token"])
def test_header_is_secret(name: bytes) -> None:
    assert is_secret_header(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"password": "a\\"b", "n": 1}', '{"password": "(hidden)", "n": 1}'),
        ('{"a":{"apiKey":"x"},"pin":1234}', '{"a":{"apiKey":"(hidden)"},"pin":"(hidden)"}'),
        ('{"tokens": ["a", "]"], "n": 1}', '{"tokens": "(hidden)", "n": 1}'),
        ('{"password": "cut he', '{"password": "(hidden)'),
        ('{"auth": {"user": "cut', '{"auth": "(hidden)"'),
        ('{"token": null, "token_type": "bearer"}', '{"token": null, "token_type": "bearer"}'),
        ('"{\\"pwd\\": \\"x\\", \\"n\\": 1}"', '"{\\"pwd\\": \\"(hidden)\\", \\"n\\": 1}"'),
        ("{'token': b'x', 'n': 1}", "{'token': b'(hidden)', 'n': 1}"),
        ("Session(token='x', n=1)", "Session(token='(hidden)', n=1)"),
        ("a=1&user%5Bpassword%5D=x%20y&n=1", "a=1&user%5Bpassword%5D=(hidden)&n=1"),
        ("see /a?key=x#top", "see /a?key=(hidden)"),
        ("data: password: two words", "data: password: (hidden)"),
        ("refused: Authorization: Bearer x1, sorry", "refused: Authorization: (hidden) sorry"),
        ("https://kim:pw@host/", "https://(hidden)@host/"),
        ("got eyJhbGciOiJI.eyJzdWIi.c2ln.", "got (hidden)"),
        ("<apiKey>x</apiKey><b>y</b>", "<apiKey>(hidden)</apiKey><b>y</b>"),
        ('<input value="x" name="csrf_token">', '<input value="(hidden)" name="csrf_token">'),
        (
            'form-data; name="password"\r\n\r\nx\r\n--b\r\nform-data; name="n"\r\n\r\n1\r\n--b--',
            (
                'form-data; name="password"\r\n\r\n(hidden)\r\n--b\r\nform-data; name="n"\r\n\r\n1'
                "\r\n--b--"
            ),
        ),
        ("password:\tx", "password:\t(hidden)"),
        ("{'token' => 'x'}", "{'token' => '(hidden)'}"),
        ("sent BEARER Abcdef-1", "sent BEARER (hidden)"),
        ("sent Ba\u017f\u0131c Abcdef-1", "sent Ba\u017f\u0131c (hidden)"),
        ('FORM-DATA; NAME="password"\r\n\r\nx', 'FORM-DATA; NAME="password"\r\n\r\n(hidden)'),
        *((f"got {mark}abcdefghijkl.", "got (hidden).") for mark in ("gho_", "sk-", "sk_", "AKIA")),
        *(
            (f"got {mark}abcdefghijkl.", "got (hidden).")
            for mark in ("glpat-", "github_pat_", "xoxb-")
        ),
        ("-----BEGIN RSA PRIVATE KEY-----x", "-----BEGIN RSA PRIVATE KEY-----(hidden)"),
        ("the author is monkey=1 & token", "the author is monkey=1 & token"),
    ],
)
def test_text_is_shown_without_secrets(text: str, shown: str) -> None:
    assert hide_secrets(text) == shown


def test_a_long_text_without_secrets_takes_no_time_that_grows_faster_than_it() -> None:
    text = '{"a": "' + "\\\\" * 5_000 + '"}' + "[{(<a=" * 2_000

    assert hide_secrets(text) == text
