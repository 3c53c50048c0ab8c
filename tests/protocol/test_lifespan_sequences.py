"""20,000 sequences of what both sides of a lifespan may do, legal or not, and what always holds."""

from __future__ import annotations

import random
from typing import Any

from asgi_testkit.errors import ASGIRuleError, LifespanFailed
from asgi_testkit.protocol.lifespan import BROKEN, TRANSITIONS, LifespanAct, LifespanState
from asgi_testkit.protocol.rules import RULES
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
SENDS: list[Any] = [
    *[{"type": kind, "message": "why"} for kind in ANSWERS],
    {"type": "lifespan.startup.failed", "message": 7},
]
RETURNED_EARLY = {LifespanState.STARTING: "L04", LifespanState.STOPPING: "L11"}
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
        self.exchange = lifespan_exchange(strict=strict, has_startup=False)
        self.raised: BaseException | None = None
        self.received: list[str] = []
        self.first_rule: ASGIRuleError | None = None
        self.has_sent_on = False  # after a message that was refused
        self.told: set[str] = set()  # the rules that were warned of, each once
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
        before, warned = self.exchange.state, len(self.exchange.warned)
        error = None
        try:
            self.exchange.app_send(message)
        except ASGIRuleError as caught:
            error = caught
            self.first_rule = self.first_rule or caught
        told = [each.rule for each in self.exchange.warned[warned:]]
        told += [] if error is None else [error.rule]
        assert told == self._expected_told(self._broken_rules(before, message))
        self.told |= {each.rule for each in self.exchange.warned[warned:]}
        act = ANSWERS[message["type"]] if message in SENDS else None
        is_taken = (before, act) in TRANSITIONS and error is None
        assert self.exchange.state is (TRANSITIONS[before, act] if is_taken and act else before)
        self.has_sent_on = self.has_sent_on or (is_taken and self.first_rule is not None)

    def _broken_rules(self, before: LifespanState, message: Any) -> list[str]:
        """Return the rules that a message breaks, by its turn or by what it holds."""
        if message not in SENDS:
            return ["L07"]
        act = ANSWERS[message["type"]]
        if (before, act) not in TRANSITIONS:
            return [BROKEN[before, act]]
        is_early = act is LifespanAct.STARTUP_COMPLETE and not self.received
        return ["L15"] * is_early + ["L16"] * (message["message"] == 7)

    def _expected_told(self, rules: list[str]) -> list[str]:
        """Return what is told of broken rules: the first error, or each warning once."""
        if self.strict is True:
            return rules[:1]
        if self.strict == "warn":
            return [rule for rule in rules if RULES[rule].level == "E" or rule not in self.told]
        return [rule for rule in rules if RULES[rule].level == "E" and rule not in self.told]

    def _end(self, how: str) -> None:
        if self.exchange.app_is_over:
            return
        if how == "returns":
            self._return()
            return
        self.raised = ValueError("broken") if how == "raises" else SystemExit(3)
        self.exchange.app_raised(self.raised)

    def _return(self) -> None:
        before, warned = self.exchange.state, len(self.exchange.warned)
        rules = ["H10"] * self.has_sent_on
        rules += [RETURNED_EARLY[before]] if before in RETURNED_EARLY else []
        is_first = self.exchange.violation is None
        self.exchange.app_returned()
        self.first_rule = self.first_rule or self.exchange.violation
        told = [each.rule for each in self.exchange.warned[warned:]]
        assert told == (rules if self.strict == "warn" else [])
        if is_first and self.strict is True and rules:
            assert self.first_rule is not None
            assert self.first_rule.rule == rules[0]

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
