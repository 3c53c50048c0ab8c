"""What holds for the whole process: limits given from outside, and what a test runner has told.

The pytest plugin writes here and the engine reads, so that neither imports the other. Nothing but
the standard library is imported.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final, Literal

__all__ = (
    "SETTINGS",
    "Prompt",
    "Settings",
    "clock",
    "read_driver",
    "read_libraries",
    "read_seconds",
    "read_strict",
)

clock: Final = partial(time.perf_counter)
"""Seconds; an object of its own, since tests replace the functions of `time` wherever they are."""

DEFAULT_TIMEOUT: Final = 30.0
DEFAULT_GRACE: Final = 1.0
_NO_NAMES: Final = frozenset[str]()
DROP_IN_GRACE: Final = 0.1
"""Starlette's client gives what its way out takes: enough for an app that is about to end."""


class Prompt:
    """Whether a debugger stands at its prompt: limits do not count meanwhile.

    Attributes:
        is_open: it does now.
        left_at: when it did last, on the drivers' clock; limits count from there.
    """

    __slots__ = ("is_open", "left_at")

    def __init__(self) -> None:
        self.is_open = False
        self.left_at = float("-inf")

    def enter(self) -> None:
        """Note that the debugger has come to its prompt."""
        self.is_open = True

    def leave(self) -> None:
        """Note that the test goes on."""
        self.is_open = False
        self.left_at = clock()


@dataclass(slots=True)
class Settings:
    """See the module.

    Attributes:
        given_timeout: the text of a test runner's `timeout`; `None`: it gave none.
        given_grace: likewise of `grace`.
        given_strict: likewise of `strict`.
        given_driver: likewise of `driver`.
        given_ignore_rules: likewise of `ignore_rules`.
        given_secret_names: likewise of further names of secrets.
        given_replace_testclient: the names of what is to be replaced, separated by commas.
        is_drop_in: the tests were written for another client: leaks are logged, not warned of, the
            default grace time is short, and clients are made with `RulePolicy.is_drop_in`.
        prompt: the debugger's.
        quiet_threads: native ids of threads that the runner has started and that call no app.
        stderr_fd: where a report goes that nobody can be given; the terminal's, under capture.
    """

    given_timeout: str | None = None
    given_grace: str | None = None
    given_strict: str | None = None
    given_driver: str | None = None
    given_ignore_rules: str | None = None
    given_secret_names: str | None = None
    given_replace_testclient: str | None = None
    is_drop_in: bool = False
    prompt: Prompt = field(default_factory=Prompt)
    quiet_threads: frozenset[int] = frozenset()
    stderr_fd: int = 2

    @property
    def timeout(self) -> float | None:
        """Seconds of silence that a client allows which was told nothing; `None`: any.

        Raises:
            ValueError: what was given is no number of seconds.
        """
        text = self.given_timeout or _variable("ASGI_TESTKIT_TIMEOUT")
        return read_seconds(text, "ASGI_TESTKIT_TIMEOUT") if text else DEFAULT_TIMEOUT

    @property
    def grace(self) -> float:
        """Seconds that an app gets to end in, for a client that was told nothing.

        Raises:
            ValueError: what was given is no number of seconds.
        """
        text = self.given_grace or _variable("ASGI_TESTKIT_GRACE")
        seconds = read_seconds(text, "ASGI_TESTKIT_GRACE") if text else None
        if seconds is not None:
            return seconds
        return DROP_IN_GRACE if self.is_drop_in else DEFAULT_GRACE

    @property
    def strict(self) -> bool | Literal["warn"]:
        """What a client that was told nothing does with broken rules.

        Raises:
            ValueError: what was given is none of the three.
        """
        text = self.given_strict or _variable("ASGI_TESTKIT_STRICT")
        return read_strict(text, "ASGI_TESTKIT_STRICT") if text else "warn"

    @property
    def driver(self) -> Literal["thread", "inline"]:
        """Where the app of a blocking client runs that was told nothing.

        Raises:
            ValueError: what was given is none of the two.
        """
        text = self.given_driver or _variable("ASGI_TESTKIT_DRIVER")
        return read_driver(text, "ASGI_TESTKIT_DRIVER") if text else "thread"

    @property
    def ignored_rules(self) -> frozenset[str]:
        """The ids of rules that no client minds."""
        text = self.given_ignore_rules
        if text is None:  # an empty one says: none
            text = _variable("ASGI_TESTKIT_IGNORE_RULES")
        return frozenset(_names_in(text)) if text else _NO_NAMES

    @property
    def secret_names(self) -> tuple[str, ...]:
        """Names whose values are hidden besides the well-known; with `-` before: are not."""
        text = self.given_secret_names
        if text is None:
            text = _variable("ASGI_TESTKIT_SECRET_NAMES")
        return _names_in(text) if text else ()

    @property
    def replaced_libraries(self) -> tuple[str, ...]:
        """The names of the libraries whose clients are to be ours, without repetition."""
        text = self.given_replace_testclient or _variable("ASGI_TESTKIT_REPLACE_TESTCLIENT")
        return read_libraries(text or "")


def _variable(name: str) -> str | None:
    """Return a variable of the environment; each client asks for five that are seldom there."""
    try:
        return os.environ[name]
    except KeyError:
        return None


@lru_cache(maxsize=8)
def _names_in(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def read_libraries(text: str) -> tuple[str, ...]:
    """Return the names in a text, without repetition; a plain yes means Starlette, a no none."""
    names = text.replace(",", " ").split()
    words = {"true": ["starlette"], "false": []}
    names = words.get(text.strip().lower(), names)
    return tuple(dict.fromkeys(names))


def read_strict(text: str, source: str) -> bool | Literal["warn"]:
    """Return what a text says of `strict`: `"true"`, `"warn"` or `"false"`.

    Raises:
        ValueError: it says none of them; the text names `source`.
    """
    choices: dict[str, bool | Literal["warn"]] = {"true": True, "warn": "warn", "false": False}
    strict = choices.get(text.strip().lower())
    if strict is None:
        raise ValueError(f"{source} is {text!r}; it may be: {', '.join(choices)}.")
    return strict


def read_driver(text: str, source: str) -> Literal["thread", "inline"]:
    """Return what a text says of `driver`.

    Raises:
        ValueError: it says none of the two; the text names `source`.
    """
    choices: dict[str, Literal["thread", "inline"]] = {"thread": "thread", "inline": "inline"}
    driver = choices.get(text.strip().lower())
    if driver is None:
        raise ValueError(f"{source} is {text!r}; it may be: {', '.join(choices)}.")
    return driver


def read_seconds(text: str, source: str) -> float | None:
    """Return a number of seconds from a text; `"none"`: no limit.

    Raises:
        ValueError: it is neither; the text names `source`.
    """
    if text.strip().lower() == "none":
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise ValueError(f"{source} is {text!r}; a number of seconds is wanted, or 'none'.")
    return seconds


SETTINGS: Final = Settings()
