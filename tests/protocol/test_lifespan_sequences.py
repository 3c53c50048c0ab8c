"""20,000 sequences of what both sides of a lifespan may do, legal or not, and what always holds."""

from __future__ import annotations

import random
from typing import Any

from asgi_testkit.errors import ASGIRuleError, LifespanFailed
from asgi_testkit.protocol.lifespan import BROKEN, TRANSITIONS, LifespanAct, LifespanState
from tests.protocol.exchanges import lifespan_exchange
from tests.protocol.sequences import Acts, check_sequences

MOST_ACTS = 10

ANSWERS: dict[str, LifespanAct] = {
    "lifespan.startup.complete": LifespanAct.STARTUP_COMPLETE,
    "lifespan.startup.failed": LifespanAct.STARTUP_FAILED,
    "lifespan.shutdown.complete": LifespanAct.SHUTDOWN_COMPLETE,
    "lifespan.shutdown.failed": LifespanAct.SHUTDOWN_FAILED,
}
MALFORMED: list[Any] = [{"type": "hello"}, {"type": 3}, {}, [], None]
SENDS: list[Any] = [{"type": kind, "message": "why"} for kind in ANSWERS]
OVER = {
    LifespanState.ENDED,
    LifespanState.ENDED_EARLY,
    LifespanState.RAISED,
    LifespanState.UNSUPPORTED,
    LifespanState.START_FAILED,
    LifespanState.STOP_FAILED,
}


def random_acts(chance: random.Random) -> Acts:
    acts: Acts = [("options", chance.choice([True, "warn", False]))]
    for _ in range(chance.randrange(2, MOST_ACTS)):
        match chance.randrange(10):
            case 0 | 1:
                acts.append(("app receives",))
            case 2:
                acts.append(("app ends", chance.choice(["returns", "raises", "exits"])))
            case 3 | 4:
                acts.append(("client asks for shutdown",))
            case 5:
                acts.append(("app sends", chance.choice(MALFORMED)))
            case 6 | 7:
                acts.append(("app sends", SENDS[0]))
            case _:
                acts.append(("app sends", chance.choice(SENDS)))
    return acts


class Play:
    """One exchange driven by a sequence of acts, and what it must have come to."""

    def __init__(self, strict: Any) -> None:
        self.strict = strict
        self.exchange = lifespan_exchange(strict=strict)
        self.raised: BaseException | None = None
        self.received: list[str] = []
        self.first_rule: ASGIRuleError | None = None
        self.states = {self.exchange.state}

    def act(self, act: tuple[Any, ...]) -> None:
        before = self.exchange.state
        match act:
            case ("app receives",):
                if (message := self.exchange.app_receive()) is not None:
                    self.received.append(message["type"])
            case ("app sends", message):
                self._send(message)
            case ("app ends", how):
                self._end(how)
            case _:
                self.exchange.client_shutdown()
        after = self.exchange.state
        steps = {target for (state, _), target in TRANSITIONS.items() if state is before}
        assert after is before or after in steps, (before, after)
        self.states.add(after)
        self._check_failure()

    def _send(self, message: Any) -> None:
        if self.exchange.app_is_over:
            return
        before = self.exchange.state
        error = None
        try:
            self.exchange.app_send(message)
        except ASGIRuleError as caught:
            error = caught
            self.first_rule = self.first_rule or caught
        if message not in SENDS:
            assert (error is not None, self.exchange.state) == (self.strict is not False, before)
            return
        act = ANSWERS[message["type"]]
        assert self.exchange.state is TRANSITIONS.get((before, act), before)
        if error is not None:
            assert error.rule == BROKEN[before, act]

    def _end(self, how: str) -> None:
        if self.exchange.app_is_over:
            return
        if how == "returns":
            self.exchange.app_returned()
            return
        self.raised = ValueError("broken") if how == "raises" else SystemExit(3)
        self.exchange.app_raised(self.raised)

    def _check_failure(self) -> None:
        """Compare what the client side is told with what has happened."""
        has_no_lifespan = self.exchange.state is LifespanState.UNSUPPORTED
        failure: BaseException | None = None
        try:
            self.exchange.client_check()
        except (ASGIRuleError, LifespanFailed, ValueError, SystemExit) as error:
            failure = error
        if self.first_rule is not None:
            assert failure is self.first_rule
        elif self.raised is not None and not (has_no_lifespan and type(self.raised) is ValueError):
            assert failure is self.raised
        else:
            failed = {
                LifespanState.START_FAILED,
                LifespanState.STOP_FAILED,
                LifespanState.ENDED_EARLY,
            }
            assert isinstance(failure, LifespanFailed) is (self.exchange.state in failed)

    def check_end(self) -> None:
        self.act(("app ends", "returns"))
        expected = ["lifespan.startup", "lifespan.shutdown"]
        assert self.received == expected[: len(self.received)]
        assert self.exchange.state in OVER
        assert self.strict is not False or self.first_rule is None


def play(acts: Acts) -> Play:
    played = Play(acts[0][1] if acts and acts[0][0] == "options" else "warn")
    for act in acts:
        if act[0] != "options":
            played.act(act)
    played.check_end()
    return played


def test_20000_sequences_lose_no_failure_and_follow_the_tables() -> None:
    check_sequences(random_acts, play)


def test_sequences_go_through_every_state() -> None:
    states: set[LifespanState] = set()

    for seed in range(2000):
        states |= play(random_acts(random.Random(seed))).states

    assert states == set(LifespanState)
