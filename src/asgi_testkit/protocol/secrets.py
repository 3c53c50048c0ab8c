"""What must not be shown: names whose values are secrets, of headers, fields and parameters.

Which they are is known from the lists of others (Django's `SafeExceptionReporterFilter`, Sentry's
denylist), read word by word, so that `author` and `monkey` are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, cast

from asgi_testkit.settings import SETTINGS

__all__ = (
    "HIDDEN",
    "header_names",
    "is_secret_header",
    "is_secret_name",
    "may_name_secrets",
    "told_names",
)

HIDDEN: Final = "(hidden)"

_SECRET_HEADER: Final = re.compile(
    r"auth|cookie|key|passw|secret|session|signature|token|csrf|xsrf|jwt", re.IGNORECASE
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_WORDS: Final = frozenset(
    {
        *("auth", "bearer", "cookie", "cookies", "cvc", "cvv", "nonce", "otp", "pass", "passcode"),
        *("iban", "pin", "pwd", "session", "sid", "sig", "signature", "ssn", "totp"),
    }
)
_PART: Final = (
    r"passw(or)?d|passphrase|passcode|passwort|secret|token|credential|authori[sz]ation"
    r"|(api|access|private|secret|signing|encryption|session|master|license|account|auth)key"
    r"|sessionid|sessid|csrf|xsrf|jwt|(card|credit)number|creditcard|securitycode|recoverycode"
    r"|mfacode|otpcode|verificationcode"
)
_PARTS: Final = re.compile(rf"(?!secretar|tokeniz)(?:{_PART})")
_PARTS_OF_MANY: Final = re.compile(_PART)
"""The same for several names without a gap: what follows may be of the next."""

_MARKS: Final = (
    *(
        "passw",
        "passp",
        "passc",
        "secret",
        "token",
        "credential",
        "authori",
        "sess",
        "csrf",
        "xsrf",
    ),
    *("jwt", "key", "cardnumber", "creditnumber", "creditcard", "securitycode", "recoverycode"),
    *("mfacode", "otpcode", "verificationcode"),
)
"""One of them, in small letters, is in whatever `_PART` finds."""

_ONE_WORD: Final = re.compile(
    "|".join(
        rf"(?<![a-z]){word}(?![a-z])|(?:{word.title()}|{word.upper()})(?![a-z])"
        for word in sorted(_WORDS)
    )
)
_KEY: Final = re.compile(r"(?<![a-z])key(?![a-z])|(?:Key|KEY)(?![a-z])")
_ROOTS: Final = frozenset(
    word for word in sorted(_WORDS) if not any(one != word and one in word for one in _WORDS)
)
"""The words, without those that hold another of them."""

_FORMS: Final = {
    root: [
        form
        for word in sorted(_WORDS)
        if root in word
        for form in (word, word.title(), word.upper())
    ]
    for root in sorted(_ROOTS)
}
"""How the words that hold a root are written where `_ONE_WORD` finds them."""

_MARKS_OF_PARTS: Final = frozenset(_MARKS)

_SQUASHED: Final = bytes(range(256)).lower()
_NO_NAME: Final = bytes(
    code for code in range(256) if not chr(code).isascii() or not chr(code).isalnum()
)
_NO_SECRET_AFTER: Final = frozenset(
    {
        *("algorithm", "algorithms", "at", "count", "expiration", "expires", "expiry", "in"),
        *("length", "limit", "method", "methods", "scheme", "size", "type", "types", "used"),
    }
)
_COUNTS: Final = frozenset(
    {"cached", "completion", "input", "max", "min", "num", "output", "prompt", "total"}
)


def told_names() -> Sequence[str]:
    """Return what the user has said of names: secrets, and with `-` before none."""
    return SETTINGS.secret_names


def is_secret_header(name: bytes, told: Sequence[str] | None = None) -> bool:
    """Return whether the value of a header of this name is hidden.

    Args:
        name: in any case.
        told: what the user has said of names, where the caller has it: `told_names()`.
    """
    return _is_header(name, tuple(told_names() if told is None else told))


def is_secret_name(name: str, *, in_query: bool = False, told: Sequence[str] | None = None) -> bool:
    """Return whether the value of a field, parameter or variable of this name is hidden.

    Args:
        name: as `access_token`, `accessToken`, `user[password]`.
        in_query: of a parameter: a bare `key` is one, too.
        told: as for headers.
    """
    return _is_name(name, in_query, tuple(told_names() if told is None else told))


def may_name_secrets(text: str, told: Sequence[str]) -> bool:
    """Return whether a part of a text may be the name of a secret, wherever names begin and end.

    Where it says no, `is_secret_name` says no of all parts that are whole words. It is fast, and
    looks at each word on its own and at all of them as one. Of texts with a line break between
    them it says no only if it does of each.
    """
    squashed = text.encode("ascii", "ignore").translate(_SQUASHED, _NO_NAME).decode("ascii")
    marks = [mark for mark in _marks(tuple(told)) if mark in squashed]
    return bool(marks) and (
        (not _MARKS_OF_PARTS.isdisjoint(marks) and _PARTS_OF_MANY.search(squashed) is not None)
        or ("key" in marks and "=" in text and _KEY.search(text) is not None)
        or (_may_have_words(text, marks) and _ONE_WORD.search(text) is not None)
        or not _given(tuple(told)).isdisjoint(marks)
    )


def _may_have_words(text: str, marks: Iterable[str]) -> bool:
    """Return whether a word is in a text whose root may be there by chance, out of two others."""
    return any(form in text for mark in marks for form in _FORMS.get(mark, ()))


@lru_cache(maxsize=16)
def _marks(told: Sequence[str]) -> Sequence[str]:
    """Return what is looked for in all letters and digits of a text: none is in most texts."""
    return tuple({*_MARKS, *_ROOTS, *_given(told)})


@lru_cache(maxsize=16)
def _given(told: Sequence[str]) -> frozenset[str]:
    """Return the names that the user has given, as they are compared."""
    return frozenset("".join(_words(name)) for name in told if not name.startswith("-"))


@lru_cache(maxsize=1024)
def _is_header(name: bytes, names: Sequence[str]) -> bool:
    text = name.decode("latin-1")
    told = _told(_words(text), names)
    if told is not None:
        return told
    return _SECRET_HEADER.search(text) is not None or _is_name(text, False, names)  # noqa: FBT003


@lru_cache(maxsize=2048)
def _is_name(name: str, in_query: bool, names: Sequence[str]) -> bool:  # noqa: FBT001
    words = _words(name)
    if (told := _told(words, names)) is not None:
        return told
    if not words or (len(words) > 1 and words[-1] in _NO_SECRET_AFTER):
        return False
    if words[-1] == "tokens" and words[0] in _COUNTS:
        return False
    if in_query and words[-1] == "key":
        return True
    return not _WORDS.isdisjoint(words) or _PARTS.search("".join(words)) is not None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _told(words: Iterable[str], names: Iterable[str]) -> bool | None:
    """Return what the user has said of a name; `None`: nothing."""
    name = "".join(words)
    for given in names:
        if "".join(_words(given)) == name:
            return not given.startswith("-")
    return None


def header_names(headers: object) -> str:
    """Return what may be shown of headers in a message: their names, as far as there are any."""
    if not isinstance(headers, list | tuple):
        return repr(type(headers))
    names = map(_name, cast("Sequence[object]", headers))
    return f"[{', '.join(names)}]"


def _name(pair: object) -> str:
    if not isinstance(pair, Iterable) or isinstance(pair, str | bytes):
        return repr(type(pair))
    return repr(next(iter(cast("Iterable[object]", pair)), None))
