"""The patience of a wait: what it counts from, and what stops its clock."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from asgi_testkit.drive.silence import Patience, SilenceError, Steady, clock, within
from asgi_testkit.errors import StallError
from asgi_testkit.settings import SETTINGS, Prompt


class Heard:
    """A call of which something was heard last at a time."""

    def __init__(self, last_at: float | None = None) -> None:
        self.last_at = last_at


@pytest.fixture
def prompt() -> Iterator[Prompt]:
    before, SETTINGS.prompt = SETTINGS.prompt, Prompt()
    yield SETTINGS.prompt
    SETTINGS.prompt = before


def patience(seconds: float | None, last_at: float | None = None) -> Patience:
    call: Any = Heard(last_at)
    return Patience(call, within(seconds))


def test_wait_without_a_limit_may_go_on() -> None:
    assert patience(None).seconds_left() is None


def test_limit_counts_from_the_beginning_of_the_wait() -> None:
    left = patience(100.0, last_at=-1e9).seconds_left()

    assert left == pytest.approx(100.0, abs=1.0)


def test_limit_counts_from_the_last_message() -> None:
    wait = patience(0.0, last_at=clock() + 100.0)

    assert wait.seconds_left() == pytest.approx(100.0, abs=1.0)


def test_wait_of_so_many_seconds_does_not_count_from_messages() -> None:
    call: Any = Heard(clock() + 100.0)

    with pytest.raises(SilenceError, match="nothing happened for 0 s"):
        Patience(call, None, 0.0).seconds_left()


def test_passed_limit_is_told_with_its_seconds() -> None:
    with pytest.raises(SilenceError, match="nothing happened for 0 s") as caught:
        patience(0.0).seconds_left()

    assert (caught.value.seconds, caught.value.is_proved, caught.value.report) == (0.0, False, "")


def test_no_time_counts_while_a_debugger_is_at_its_prompt(prompt: Prompt) -> None:
    wait = patience(1e-9)

    prompt.enter()

    assert wait.seconds_left() == 1e-9


def test_limit_counts_from_where_the_debugger_goes_on(prompt: Prompt) -> None:
    wait = patience(0.0)

    prompt.left_at = clock() + 100.0

    assert wait.seconds_left() == pytest.approx(100.0, abs=1.0)


def test_deadline_is_when_the_limit_passes() -> None:
    last_at = clock() + 100.0

    assert patience(5.0, last_at).deadline() == last_at + 5.0
    assert patience(None).deadline() == math.inf


def test_limit_is_asked_again_at_the_end_of_the_wait_whatever_has_crossed() -> None:
    call: Any = Heard(clock() + 100.0)
    wait = Patience(call, Steady(100.0, clock() + 5.0))

    assert wait.seconds_left() == pytest.approx(5.0, abs=1.0)
    assert wait.deadline() == pytest.approx(clock() + 5.0, abs=1.0)


def test_end_of_the_wait_may_raise() -> None:
    call: Any = Heard()

    def end() -> None:
        raise StallError("too long", kind="read")

    with pytest.raises(StallError, match="too long"):
        Patience(call, Steady(100.0, clock(), end)).seconds_left()


def test_wait_goes_on_after_an_end_that_does_not_raise() -> None:
    call: Any = Heard()
    ends: list[bool] = []
    wait = Patience(call, Steady(100.0, clock(), lambda: ends.append(True)))

    assert [wait.seconds_left() for _ in range(2)] == pytest.approx([100.0, 100.0], abs=1.0)
    assert ends == [True]
