"""20,000 sequences of what both sides of a request may do, legal or not, and what always holds.

What is checked after each act is written from the tables, not from the exchange's code; the app
swallows its errors and goes on.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.http_events import (
    Cue,
    ResponseCutError,
    ResponseStart,
)
from asgi_testkit.protocol.http_states import BROKEN, TRANSITIONS, HTTPAct, HTTPState
from asgi_testkit.protocol.rules import RULES
from tests.protocol.exchanges import (
    DEBUG,
    EARLY_HINT,
    OFFERED,
    PATHSEND,
    PUSH,
    body,
    http_exchange,
    start,
    trailers,
)
from tests.protocol.sequences import Acts, check_sequences, shortest

MOST_ACTS = 16
CONTENT_LENGTH = b"content-length"

WELL_FORMED: list[Any] = [
    *[start(headers=[(b"x", b"1")])] * 3,
    *[body(b"piece;", more=True)] * 4,
    body(b"", more=True),
    *[body(b"last;")] * 2,
    start(trailers=True),
    trailers((b"x", b"1"), more=True),
    trailers((b"x", b"1")),
    start(headers=[(CONTENT_LENGTH, b"11")]),
    start(headers=[(CONTENT_LENGTH, b"6")]),
    start(204),
    start(205),
    DEBUG,
    EARLY_HINT,
    PUSH,
    PATHSEND,
]
FILE = b"of a file"
BODIES = {HTTPAct.BODY, HTTPAct.LAST_BODY, HTTPAct.BODY_BEFORE_TRAILERS}
MALFORMED: list[Any] = [
    start("many"),
    start(99),
    start(True),
    start("many", [(CONTENT_LENGTH, b"6")]),
    start(headers=[(CONTENT_LENGTH, b"six")]),
    start(headers=[(b"X", b"1 "), (b"transfer-encoding", b"chunked")]),
    {"type": "http.response.start", "status": 600},
    body(bytearray(b"array"), more=True),
    {"type": "http.response.body", "more_body": "yes"},
    start(headers=[("x", 1)]),
    start(headers=None),
    start(headers=[(b"x",)]),
    body("text", more=True),
    body(7),
    body(None),
    trailers(("x", 1)),  # type: ignore[arg-type]
    {"type": "http.response.early_hint", "links": [b"<a>", b""]},
    {"type": "http.response.nothing"},
    {"type": "websocket.send", "text": "hello"},
    {"type": 3},
    {"body": b"no type"},
    {},
    [],
    "http.response.start",
    None,
]


def random_acts(chance: random.Random) -> Acts:
    strict: Any = chance.choice([True, "warn", "warn", False])
    acts: Acts = [
        ("options", strict, chance.random() < 0.7, chance.choice([None, None, b"", b"body"]))
    ]
    for _ in range(chance.randrange(2, MOST_ACTS)):
        match chance.randrange(20):
            case 0 | 1 | 2:
                acts.append(("app receives",))
            case 3:
                acts.append(("app ends", chance.choice(["returns", "raises"])))
            case 4:
                acts.append(("client leaves",))
            case 5 | 6:
                acts.append(("client feeds", b"%d;" % len(acts), chance.random() < 0.8))
            case 7 | 8 | 9:
                acts.append(("client reads",))
            case 10:
                acts.append(("app sends", chance.choice(MALFORMED)))
            case _:
                acts.append(("app sends", chance.choice(WELL_FORMED)))
    return acts


class Play:
    """One exchange driven by a sequence of acts, and what it must have come to."""

    def __init__(self, options: tuple[Any, ...]) -> None:
        _, self.strict, self.raises, request = options
        self.exchange = http_exchange(
            strict=self.strict,
            raise_server_exceptions=self.raises,
            body=request,
            extensions=OFFERED,
        )
        self.broken = ValueError("broken")
        self.is_fed = request is not None  # to its end
        self.fed = request or b""
        self.received: list[Any] = []
        self.taken = b""
        self.first_rule: ASGIRuleError | None = None
        self.has_sent_on = False  # after a message that was refused
        self.told: set[str] = set()  # the rules that were warned of, each once
        self.status = 0
        self.declared: int | None = None
        self.starts: list[ResponseStart] = []
        self.seen = b""
        self.has_left = False

    def act(self, act: tuple[Any, ...]) -> None:
        before = self.exchange.state
        match act:
            case ("app receives",):
                self._receive()
            case ("app sends", message):
                self._send(message)
            case ("app ends", how):
                self._end(how)
            case ("client leaves",):
                self.exchange.client_disconnect()
                self.has_left = True
            case ("client feeds", piece, more):
                self._feed(piece, more)
            case _:
                self._read()
        after = self.exchange.state
        steps = {target for (state, _), target in TRANSITIONS.items() if state is before}
        if (before, HTTPAct.RETURN) in BROKEN:
            steps |= {HTTPState.FAILED}
        if before is HTTPState.STREAMING:
            steps |= {HTTPState.ENDED}  # as much was sent as was declared
        assert after is before or after in steps, (before, after)

    def _receive(self) -> None:
        message = self.exchange.app_receive()
        is_over = self.exchange.app_is_over or self.exchange.state is HTTPState.COMPLETE
        is_disconnect = message == {"type": "http.disconnect"}
        assert is_disconnect is (self.has_left or is_over)
        if message is not None and not is_disconnect:
            self.received.append(message)

    def _feed(self, piece: bytes, more: bool) -> None:
        if not self.is_fed:
            self.exchange.client_send_body(piece, more=more)
            self.fed += piece
            self.is_fed = not more

    def _send(self, message: Any) -> None:
        exchange = self.exchange
        before, entries, warned = exchange.state, len(exchange.record), len(exchange.warned)
        is_well_formed = any(message is each for each in WELL_FORMED)
        expected = self._expected_rule(message) if is_well_formed else None
        error = None
        try:
            exchange.app_send(message)
        except ASGIRuleError as caught:
            error = caught
        is_taken = len(exchange.record) > entries
        if error is not None:
            self.first_rule = self.first_rule or error
            assert (exchange.state, is_taken) == (before, False)
        assert exchange.violation is self.first_rule
        if is_well_formed and not self.has_left:
            told = [each.rule for each in exchange.warned[warned:]]
            told += [error.rule] if error is not None else []
            assert told == self._expected_told(expected)
            assert is_taken == (error is None and self._is_in_turn(message, before))
        assert not (is_taken and self.has_left)
        self.told |= {each.rule for each in exchange.warned[warned:]}
        if is_taken:
            self._take(message)

    def _take(self, message: Any) -> None:
        self.has_sent_on = self.has_sent_on or self.first_rule is not None
        if message["type"] == "http.response.start":
            self.status = message["status"]
            lengths = [
                pair[1] for pair in message.get("headers") or () if pair[0] == CONTENT_LENGTH
            ]
            self.declared = int(lengths[0]) if lengths and lengths[0].isdigit() else None
        if message["type"] == "http.response.body":
            content = message.get("body", b"")
            is_text = not isinstance(content, bytes | bytearray)
            self.taken += str(content or "").encode() if is_text else content
        if message["type"] == "http.response.pathsend":
            self._send_file()

    def _send_file(self) -> None:
        """Let the exchange take the one piece of the file, and its end."""
        for piece, is_last in ((FILE, False), (b"", True)):
            rule = self._length_rule(len(piece), is_last=is_last)
            warned, raised = len(self.exchange.warned), None
            try:
                self.exchange.app_send_on()
            except ASGIRuleError as error:
                raised = error
                self.first_rule = self.first_rule or error
            told = [each.rule for each in self.exchange.warned[warned:]]
            told += [raised.rule] if raised is not None else []
            assert told == self._expected_told(rule)
            if raised is not None:
                return
            self.told |= set(told)
            self.taken += piece

    def _expected_told(self, rule: str | None) -> list[str]:
        """Return what is told of a broken rule: an error each time, a warning once."""
        if rule is None:
            return []
        level = RULES[rule].level
        if self.strict is True or (self.strict == "warn" and level == "E"):
            return [rule]
        is_silent = (self.strict is False and level == "W") or rule in self.told
        return [] if is_silent else [rule]

    def _is_in_turn(self, message: Any, state: HTTPState) -> bool:
        act = _act(message, is_trailed=self.exchange.trailers is not None)
        return act is None or (state, act) in TRANSITIONS

    def _expected_rule(self, message: Any) -> str | None:
        """Return the rule that a well-formed message breaks, by its turn or its length."""
        act = _act(message, is_trailed=self.exchange.trailers is not None)
        if act is not None and (self.exchange.state, act) not in TRANSITIONS:
            rule = BROKEN.get((self.exchange.state, act))
            is_beside_path = self.exchange.sent_path is not None and act is not HTTPAct.START
            if rule == "H51" and self.exchange.trailers is not None:
                return "H03" if self.exchange.state is HTTPState.COMPLETE else rule
            return "H55" if rule == "H03" and is_beside_path else rule
        if act in BODIES:
            return self._length_rule(len(message["body"]), is_last=not message["more_body"])
        return None

    def _length_rule(self, size: int, *, is_last: bool) -> str | None:
        if size and self.status == 204:
            return "H39"
        if size and self.status == 205 and not self.taken:
            return "H41"
        total = len(self.taken) + size
        if self.declared is None or total == self.declared:
            return None
        if total > self.declared:
            return "H34"
        return "H35" if is_last else None

    def _end(self, how: str) -> None:
        if self.exchange.app_is_over:
            return
        if how == "raises":
            self.exchange.app_raised(ExceptionGroup("tasks", [self.broken]))
            return
        before, warned = self.exchange.state, len(self.exchange.warned)
        expected = self._expected_of_return(before)
        self.exchange.app_returned()
        self.first_rule = self.first_rule or self.exchange.violation
        told = [each.rule for each in self.exchange.warned[warned:]]
        assert told == [rule for rule in expected if self._verdict_is_warning(rule)]
        assert self.exchange.violation is self.first_rule
        assert self.first_rule is not None or told == expected
        self._check_state_after_return(before)

    def _expected_of_return(self, state: HTTPState) -> list[str]:
        rules = ["H10"] if self.has_sent_on else []
        if (state, HTTPAct.RETURN) in BROKEN and self.exchange.violation is None:
            rules.append("H07" if self._is_whole(state) else BROKEN[state, HTTPAct.RETURN])
        return [rule for rule in rules if self._expected_told(rule)]

    def _is_whole(self, state: HTTPState) -> bool:
        """Return whether the peer waits for nothing more, though the app said that more comes."""
        is_full = self.status in (204, 304) or len(self.taken) == self.declared
        return state is HTTPState.STREAMING and is_full

    def _verdict_is_warning(self, rule: str) -> bool:
        return self.strict is False or (self.strict == "warn" and RULES[rule].level == "W")

    def _check_state_after_return(self, before: HTTPState) -> None:
        is_legal = (before, HTTPAct.RETURN) in TRANSITIONS
        is_over = is_legal or self._is_whole(before)
        expected = HTTPState.ENDED if is_over else HTTPState.FAILED
        assert self.exchange.state is expected

    def _read(self) -> None:
        """Read all there is, as a stream does until it fails or has to wait."""
        if self.has_left:
            return
        while True:
            try:
                event = self.exchange.client_receive()
            except (ASGIRuleError, ValueError, ResponseCutError) as error:
                self._check_failure(error)
                return
            match event:
                case ResponseStart():
                    self.starts.append(event)
                case list():
                    self.seen += b"".join(event)
                case Cue.COMPLETE:
                    self._check_complete()
                    return
                case _:
                    assert event is None or not self.is_fed
                    return

    def _check_failure(self, error: Exception) -> None:
        if self.first_rule is not None:
            assert error is self.first_rule
        elif self.raises and self.exchange.app_exception is not None:
            assert error is self.broken
        else:
            assert isinstance(error, ResponseCutError)
            assert self.exchange.app_is_over

    def _check_complete(self) -> None:
        assert self.first_rule is None
        assert not (self.raises and self.exchange.app_exception)
        assert self.starts

    def check_end(self) -> None:
        """Let the app end and the client read; compare what either has got."""
        self._end("returns")
        self._read()
        got = b"".join(message["body"] for message in self.received)
        assert self.fed.startswith(got)
        assert [m["more_body"] for m in self.received[:-1]] == [True] * len(self.received[:-1])
        assert len(self.starts) <= 1
        if not self.has_left:
            is_made_up = self.seen == b"Internal Server Error" and not self.taken
            assert is_made_up or self.seen == self.taken
        assert self.taken.startswith(self.seen) or self.starts[0].status == 500
        assert self.exchange.state in {HTTPState.ENDED, HTTPState.FAILED}
        assert self.strict is not False or self.exchange.violation is None


def _act(message: Any, *, is_trailed: bool) -> HTTPAct | None:
    match message:
        case {"type": "http.response.start"}:
            return HTTPAct.START
        case {"type": "http.response.body", "more_body": more}:
            last = HTTPAct.BODY_BEFORE_TRAILERS if is_trailed else HTTPAct.LAST_BODY
            return HTTPAct.BODY if more else last
        case {"type": "http.response.trailers", "more_trailers": more}:
            return HTTPAct.TRAILERS if more else HTTPAct.LAST_TRAILERS
        case {"type": "http.response.debug"}:
            return HTTPAct.DEBUG
        case {"type": "http.response.early_hint"}:
            return HTTPAct.EARLY_HINT
        case {"type": "http.response.push"}:
            return HTTPAct.PUSH
        case {"type": "http.response.pathsend"}:
            return HTTPAct.PATHSEND
    return None


def play(acts: Acts) -> Play:
    options = acts[0] if acts and acts[0][0] == "options" else ("options", "warn", True, b"")
    played = Play(options)
    for act in acts:
        if act[0] != "options":
            played.act(act)
    played.check_end()
    return played


def test_20000_sequences_keep_order_lose_nothing_and_follow_the_tables() -> None:
    check_sequences(random_acts, play)


def test_sequences_go_through_every_state_and_most_rules() -> None:
    states: set[HTTPState] = set()
    rules: set[str] = set()

    for seed in range(2000):
        played = play(random_acts(random.Random(seed)))
        states.add(played.exchange.state)
        states |= {HTTPState.WAITING} if not played.starts else {HTTPState.STREAMING}
        rules |= played.told | {told.rule for told in played.exchange.warned}
        if played.first_rule is not None:
            rules.add(played.first_rule.rule)

    assert states >= {HTTPState.ENDED, HTTPState.FAILED}
    assert rules >= {*BROKEN.values(), "H07", "H10", "H34", "H35", "H39", "H41"}


def test_failing_sequence_is_cut_to_the_acts_that_matter() -> None:
    acts: Acts = [("a",), ("b",), ("c",), ("b",), ("d",)]

    assert shortest(acts, lambda part: ("b",) in part and ("d",) in part) == [("b",), ("d",)]


def test_failure_names_the_seed_and_the_shortest_sequence() -> None:
    def fails(acts: Acts) -> None:
        assert ("client leaves",) not in acts

    with pytest.raises(AssertionError, match=r"seed \d+, shortest: \[\('client leaves',\)\]$"):
        check_sequences(random_acts, fails)
