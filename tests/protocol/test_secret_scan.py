"""The fast look at a text, that says of most that they hold no secret, is never wrong."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from asgi_testkit.protocol.secret_texts import may_hold_secrets, secret_spans, thorough_spans
from asgi_testkit.protocol.secrets import is_secret_name, may_name_secrets

WORDS = (
    *("pass", "word", "pas", "swd", "tok", "en", "key", "api", "Key", "PIN", "pin", "Pin", "code"),
    *(
        "token",
        "password",
        "secret",
        "sid",
        "session",
        "card",
        "Number",
        "mfa",
        "auth",
        "orization",
    ),
    *("credit", "otp", "csrf", "jw", "t", "customer", "Id", "id", "name", "value", "count", "a"),
    *("x", "AB", "1", "23", "author", "keyboard", "\u00e9", "\u017f", "ship"),
)
JOINTS = ("", "", "_", "-", ".", " ", "[", "]", "\\u0061", "\\u005f", "%70", "%5F", "%2570")
OPENINGS = (
    *(
        '"',
        "'",
        '\\"',
        "?",
        "&",
        "\n",
        "<",
        "<a:",
        " ",
        "{",
        '{"',
        "['",
        '("',
        "data: ",
        "%22",
        "%26",
    ),
    *('form-data; name="', '<input name="', '{"name": "', "\\u0022", "export ", "b'", "- "),
)
MIDDLES = (
    *('": "', "': '", '\\": \\"', "=", " = ", ": ", ">", '", "', "='", '":', "%22%3A%22", "%3D"),
    *('"\r\n\r\n', '" value="', '", "value": "', ":", "=>", "%253D", " id=", '": [1, "'),
)
VALUES = (
    "hunter2-x1",
    "izmir-99",
    "arkansas",
    "12345678",
    "Bearer abc-DEF1",
    "eyJhbGciOi.x",
    "kim:pw@host",
    "Basic QWxhOnM9",
)
ENDINGS = ("", '"', "'", '\\"', "&", "\n", "</a>", "}", '"]', "%22", ", ")

NAMES = st.lists(st.tuples(st.sampled_from(JOINTS), st.sampled_from(WORDS)), max_size=4).map(
    lambda parts: "".join(joint + word for joint, word in parts)
)
PIECES = st.one_of(
    st.tuples(
        st.sampled_from(OPENINGS),
        NAMES,
        st.sampled_from(MIDDLES),
        st.sampled_from(VALUES),
        st.sampled_from(ENDINGS),
    ).map("".join),
    NAMES,
    st.text(max_size=8),
)
TEXTS = st.lists(PIECES, max_size=4).map("".join)
TOLD = st.sampled_from([(), ("customer",), ("Customer-Id", "-token"), ("\u00e9",)])


@settings(max_examples=1500, deadline=None)
@given(TEXTS, TOLD)
@example("/?token=izmir-99", ())
@example("/?next=%252Fa%253Fp%2569n%253Dx1", ())
@example('{"tok\\u00e9en": "abcdef"}', ())
@example("?\u017fid=abcdef&p_assw_ord=abcdef", ())
@example("%abpin: abcdef", ())
def test_a_text_of_which_the_fast_look_is_sure_holds_no_secret(
    text: str, told: tuple[str, ...]
) -> None:
    spans = thorough_spans(text, told)

    assert may_hold_secrets(text, told) or spans == ()
    assert secret_spans(text, told) == spans


@settings(max_examples=500, deadline=None)
@given(st.lists(TEXTS, max_size=3), TOLD)
@example(["a token", "izmir"], ())
@example(["?secret=abcd1", "ar"], ())
def test_of_many_texts_the_fast_look_is_sure_only_if_it_is_of_each(
    texts: list[str], told: tuple[str, ...]
) -> None:
    is_any = any(may_hold_secrets(text, told) for text in texts)

    assert may_hold_secrets("\n".join(texts), told) or not is_any


@pytest.mark.parametrize(
    "name",
    [
        *("passwd", "password", "passphrase", "passcode", "passwort", "secret", "token"),
        *("credential", "authorization", "authorisation", "apikey", "licensekey", "sessionid"),
        *("sessid", "csrf", "xsrf", "jwt", "cardnumber", "creditnumber", "creditcard"),
        *("securitycode", "recoverycode", "mfacode", "otpcode", "verificationcode"),
    ],
)
def test_names_that_are_found_in_parts_are_found_in_texts(name: str) -> None:
    apart = "-".join(name)  # no word of it is a secret's alone

    assert is_secret_name(apart)
    assert may_name_secrets(f"{{{apart}: 1}}", ())


@settings(max_examples=1000, deadline=None)
@given(NAMES, TOLD)
def test_no_name_of_a_secret_is_missed(name: str, told: tuple[str, ...]) -> None:
    is_secret = is_secret_name(name, told=told) or is_secret_name(name, in_query=True, told=told)

    assert may_name_secrets(f"={name}=", told) or not is_secret


@pytest.mark.parametrize(
    "text",
    [
        '{"number": 5, "item": "papers", "count": 4, "shipping": "author"}',
        'assert client.post("/orders?page=2", json={"item": "keyboard"}).status_code == 200',
        "<p>inside a compass</p> write to kim@host about task-1 and the basics",
    ],
)
def test_the_fast_look_is_sure_of_everyday_texts(text: str) -> None:
    assert not may_hold_secrets(text, ())
