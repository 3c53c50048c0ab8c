"""Errors and warnings as objects: what they hold, and what is left of it after a pickle."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import TypeVar

import pytest

from asgi_testkit import ASGIRuleError, ASGIRuleWarning
from asgi_testkit.errors import LifespanFailed, StallError, WebSocketDisconnect

T = TypeVar("T")

MESSAGE = {"type": "http.response.body", "body": b"early"}


def pickled(error: T) -> T:
    """Return what another process would get, such as that of a test runner."""
    again: T = pickle.loads(pickle.dumps(error))
    return again


each_way = pytest.mark.parametrize("again", [pickled, copy.copy], ids=["pickle", "copy"])


@each_way
def test_a_broken_rule_survives_with_all_it_holds(
    again: Callable[[ASGIRuleError], ASGIRuleError],
) -> None:
    error = ASGIRuleError("text", rule="H01", state="WAITING", message=MESSAGE, place="app.py:3")
    error.add_note("a note")

    other = again(error)

    assert (type(other), str(other)) == (ASGIRuleError, "text")
    assert (other.rule, other.state, other.place) == ("H01", "WAITING", "app.py:3")
    assert (other.message, other.__notes__) == (MESSAGE, ["a note"])


@each_way
def test_a_warning_of_a_rule_survives_with_all_it_holds(
    again: Callable[[ASGIRuleWarning], ASGIRuleWarning],
) -> None:
    warning = ASGIRuleWarning("text", rule="H27", state="WAITING", place="app.py:3 in app")

    other = again(warning)

    assert (type(other), str(other)) == (ASGIRuleWarning, "text")
    assert (other.rule, other.state, other.place) == ("H27", "WAITING", "app.py:3 in app")


@each_way
@pytest.mark.parametrize(
    "error",
    [
        LifespanFailed("text", message="no database"),
        StallError("text", report="lines", kind="write"),
        WebSocketDisconnect(4001, "bye", text="text"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_other_error_that_holds_something_survives(
    again: Callable[[Exception], Exception], error: Exception
) -> None:
    other = again(error)

    assert (type(other), str(other)) == (type(error), "text")
    assert vars(other) == vars(error)


def test_a_rule_that_was_broken_by_returning_has_no_message() -> None:
    error = ASGIRuleError("text", rule="H04")

    assert (error.message, error.state, error.place) == (None, "", "")
