"""20,000 sequences of what both sides of a WebSocket may do, legal or not, and what always holds.

What is checked after each act is written from the tables, not from the exchange's code; the app
swallows its errors and goes on.
"""

from __future__ import annotations

import random
from typing import Any

from asgi_testkit.errors import ASGIRuleError, ClientDisconnectedError
from asgi_testkit.protocol.rules import RULES
from asgi_testkit.protocol.websocket import Accept, Answer, Close
from asgi_testkit.protocol.websocket_states import (
    BROKEN,
    TRANSITIONS,
    WebSocketAct,
    WebSocketState,
)
from tests.protocol.sequences import Acts, check_sequences
from tests.protocol.websocket_exchanges import (
    accept,
    close,
    data,
    denial_body,
    denial_start,
    from_client,
    give,
    text,
    websocket_exchange,
)

MOST_ACTS = 18

WELL_FORMED: list[Any] = [
    *[accept()] * 6,
    accept(headers=[(b"x", b"1")]),
    close(code=1011),
    *[text("hello"), data(b"bytes"), text("é"), text("")] * 2,
    close(),
    close(code=4001, reason="bye"),
    denial_start(403),
    denial_body(b"no", more=True),
    denial_body(b"no"),
]
MALFORMED: list[Any] = [
    accept(subprotocol="never offered"),
    accept(subprotocol=b"chat"),
    accept(headers=None),
    accept(headers=[("x", 1)]),
    accept(headers=[(b"sec-websocket-protocol", b"chat")]),
    text(7),
    text("\ud800"),
    data("text"),
    data(bytearray(b"array")),
    {"type": "websocket.send"},
    {"type": "websocket.send", "text": "both", "bytes": b"both"},
    {"type": "websocket.send", "text": None, "bytes": None},
    close(code=1006),
    close(code="many"),
    close(code=None),
    close(reason=7),
    close(reason="x" * 124),
    denial_start("many"),
    denial_start(600, [(b"X", b"1 ")]),
    {"type": "websocket.http.response.start", "status": 403},
    {"type": "websocket.http.response.body", "more_body": True},
    denial_start(403, [("a", 1)]),
    denial_body(7),
    {"type": "websocket.nothing"},
    {"type": "http.response.start", "status": 200},
    {"type": 3},
    {"text": "no type"},
    [],
    None,
]


def random_acts(chance: random.Random) -> Acts:
    strict: Any = chance.choice([True, "warn", "warn", False])
    acts: Acts = [("options", strict, chance.random() < 0.7, chance.random() < 0.1)]
    for _ in range(chance.randrange(2, MOST_ACTS)):
        match chance.randrange(20):
            case 0 | 1:
                acts.append(("app receives",))
            case 2:
                acts.append(("app ends", chance.choice(["returns", "raises"])))
            case 3:
                acts.append(("client leaves", chance.choice([1000, 1005, 1006, 4999])))
            case 4 | 5:
                acts.append(("client sends", chance.choice(["hello", b"hello", ""])))
            case 6 | 7 | 8:
                acts.append(("client reads",))
            case 9:
                acts.append(("app sends", chance.choice(MALFORMED)))
            case _:
                acts.append(("app sends", chance.choice(WELL_FORMED)))
    return acts


class Play:
    """One exchange driven by a sequence of acts, and what it must have come to."""

    def __init__(self, options: tuple[Any, ...]) -> None:
        _, self.strict, self.raises, self.returns_something = options
        self.exchange = websocket_exchange(
            strict=self.strict,
            raise_server_exceptions=self.raises,
            subprotocols=("chat",),
            has_connect=False,
        )
        self.broken = ValueError("broken")
        self.first_rule: ASGIRuleError | None = None
        self.has_sent_on = False  # after a message that was refused
        self.told: set[str] = set()  # the rules that were warned of, each once
        self.has_denied_in_part = False
        self.taken: list[Any] = []  # of the app, and legal
        self.seen: list[Any] = []
        self.given: list[Any] = []
        self.received: list[Any] = []
        self.answers: list[Answer] = []
        self.closes: list[Close] = []
        self.errors: list[Exception] = []
        self.left_with: int | None = None
        self.states = {self.exchange.state}

    def act(self, act: tuple[Any, ...]) -> None:
        before = self.exchange.state
        match act:
            case ("app receives",):
                self._receive()
            case ("app sends", message):
                self._send(message)
            case ("app ends", how):
                self._end(how)
            case ("client leaves", code):
                self._leave(code)
            case ("client sends", content):
                self._give(content)
            case _:
                self._read()
        after = self.exchange.state
        steps = {target for (state, _), target in TRANSITIONS.items() if state is before}
        steps |= {WebSocketState.FAILED} if (before, WebSocketAct.RETURN) in BROKEN else set()
        assert after is before or after in steps, (before, after)
        self.states.add(after)

    def _receive(self) -> None:
        if (message := self.exchange.app_receive()) is not None:
            self.received.append(message)

    def _leave(self, code: int) -> None:
        if not self.exchange.client_is_gone and not self.exchange.app_has_ended_it:
            self.left_with = code if self.exchange.close is None else None
        self.exchange.client_disconnect(code)

    def _give(self, content: str | bytes) -> None:
        if self.exchange.accepted is None:  # a session has no `send` before that
            return
        if self.exchange.close is None:
            self.given.append(from_client(content))
        give(self.exchange, content)

    def _send(self, message: Any) -> None:
        exchange = self.exchange
        before, entries, warned = exchange.state, len(exchange.record), len(exchange.warned)
        is_gone = exchange.client_is_gone and not exchange.app_has_ended_it
        act = _act(message)
        is_in_turn = (before, act) in TRANSITIONS
        error: Exception | None = None
        try:
            exchange.app_send(message)
        except (ASGIRuleError, ClientDisconnectedError) as caught:
            error = caught
        is_taken = len(exchange.record) > entries
        if isinstance(error, ASGIRuleError):
            self.first_rule = self.first_rule or error
        if error is not None or is_gone:
            assert (exchange.state, is_taken) == (before, False)
        assert exchange.violation is self.first_rule
        if is_gone:
            is_close = act is WebSocketAct.CLOSE
            assert (error is None) is is_close
            assert is_close or isinstance(error, ClientDisconnectedError)
        elif any(message is each for each in WELL_FORMED):
            told = [each.rule for each in exchange.warned[warned:]]
            told += [error.rule] if isinstance(error, ASGIRuleError) else []
            assert told == self._expected_told(self._broken_rules(before, act, message))
            assert is_taken == (is_in_turn and error is None)
        self.told |= {each.rule for each in exchange.warned[warned:]}
        if is_taken:
            self._take(act, message)

    def _take(self, act: Any, message: Any) -> None:
        self.has_sent_on = self.has_sent_on or self.first_rule is not None
        self.has_denied_in_part = self.has_denied_in_part or act is WebSocketAct.DENIAL_BODY
        if act is WebSocketAct.SEND:
            self.taken.append(message)

    def _broken_rules(self, before: WebSocketState, act: Any, message: Any) -> list[str]:
        """Return the rules that a well-formed message breaks, by its turn or by its values."""
        if (before, act) not in TRANSITIONS:
            return [BROKEN[before, act]]
        match act:
            case WebSocketAct.ACCEPT:
                return ["W34"] * (not self.received) + ["W18"] * ("headers" in message)
            case WebSocketAct.CLOSE if before is WebSocketState.OPEN:
                return ["W20"] * (message.get("code") == 1011)
            case WebSocketAct.DENIAL_BODY:
                return ["W30"] * (not self.has_denied_in_part)
        return []

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
        if how == "raises":
            self.exchange.app_raised(ExceptionGroup("tasks", [self.broken]))
            return
        before, warned = self.exchange.state, len(self.exchange.warned)
        is_legal = (before, WebSocketAct.RETURN) in TRANSITIONS
        rules = [] if is_legal else [BROKEN[before, WebSocketAct.RETURN]]
        self.exchange.app_returned("something" if self.returns_something else None)
        self.first_rule = self.first_rule or self.exchange.violation
        rules += ["H10"] * self.has_sent_on + ["W35"] * self.returns_something
        told = [each.rule for each in self.exchange.warned[warned:]]
        assert told == [rule for rule in self._expected_told(rules) if self._is_warned_of(rule)]
        assert (self.exchange.violation is None) is (self.first_rule is None)
        expected = WebSocketState.ENDED if is_legal else WebSocketState.FAILED
        assert self.exchange.state is expected

    def _is_warned_of(self, rule: str) -> bool:
        return self.strict is False or (self.strict == "warn" and RULES[rule].level == "W")

    def _read(self) -> None:
        """Look for the answer; after an accept read until there is nothing, or nothing more."""
        try:
            if not self.answers:  # a session asks until it has one
                if (answer := self.exchange.client_wait_answer()) is None:
                    return
                self.answers.append(answer)
            if not isinstance(self.answers[0], Accept):
                return
            while (event := self.exchange.client_receive()) is not None:
                if isinstance(event, Close):
                    self.closes.append(event)
                    return
                self.seen.append(event)
        except (ASGIRuleError, ValueError) as error:
            self.errors.append(error)

    def check_end(self) -> None:
        """Let the app end, both read what is left, and the client leave; compare what came."""
        self._end("returns")
        while self.exchange.app_receive() is not None:
            pass
        for _ in range(2):  # an error comes once, and before what is after it
            self._read()
        try:
            self.exchange.client_check()  # as a session does when it is left
        except (ASGIRuleError, ValueError) as error:
            self.errors.append(error)
        self._check_messages()
        self._check_failures()
        assert self.exchange.state in {WebSocketState.ENDED, WebSocketState.FAILED}

    def _check_messages(self) -> None:
        assert len(self.seen) == len(self.taken)
        for message, payload in zip(self.taken, self.seen, strict=True):
            is_whole = any(message is each for each in WELL_FORMED)
            assert not is_whole or payload == message.get("text", message.get("bytes"))
        kinds = [message["type"] for message in self.received]
        assert kinds[:1] in ([], ["websocket.connect"])
        messages = [m for m in self.received if m["type"] == "websocket.receive"]
        assert messages == self.given[: len(messages)]
        assert kinds.count("websocket.disconnect") <= 1
        assert "websocket.disconnect" not in kinds[:-1]
        if self.left_with is not None and kinds[-1:] == ["websocket.disconnect"]:
            assert self.received[-1]["code"] == self.left_with
        assert (
            isinstance(self.answers[0], Accept) or not self.seen if self.answers else not self.seen
        )
        assert len(set(self.closes)) <= 1

    def _check_failures(self) -> None:
        assert self.strict is not False or self.first_rule is None
        if self.first_rule is not None:  # a task may break it after the app's end was told
            assert self.errors in ([self.first_rule], [self.broken])
        elif self.raises and self.exchange.app_exception is not None:
            assert self.errors == [self.broken]
        else:
            assert self.errors == []


def _act(message: Any) -> WebSocketAct | None:
    match message:
        case {"type": "websocket.accept"}:
            return WebSocketAct.ACCEPT
        case {"type": "websocket.send"}:
            return WebSocketAct.SEND
        case {"type": "websocket.close"}:
            return WebSocketAct.CLOSE
        case {"type": "websocket.http.response.start"}:
            return WebSocketAct.DENIAL_START
        case {"type": "websocket.http.response.body"}:
            more = message.get("more_body")
            return WebSocketAct.DENIAL_BODY if more else WebSocketAct.LAST_DENIAL_BODY
    return None


def play(acts: Acts) -> Play:
    options = acts[0] if acts and acts[0][0] == "options" else ("options", "warn", True, False)
    played = Play(options)
    for act in acts:
        if act[0] != "options":
            played.act(act)
    played.check_end()
    return played


def test_20000_sequences_keep_order_lose_nothing_and_follow_the_tables() -> None:
    check_sequences(random_acts, play)


def test_sequences_go_through_every_state_and_every_rule_of_the_table() -> None:
    states: set[WebSocketState] = set()
    rules: set[str] = set()

    for seed in range(4000):
        played = play(random_acts(random.Random(seed)))
        states |= played.states
        rules |= {played.first_rule.rule} if played.first_rule is not None else set()
        rules |= {told.rule for told in played.exchange.warned}

    assert states == set(WebSocketState)
    assert rules >= {*BROKEN.values(), "H10", "W18", "W20", "W30", "W34", "W35"}
