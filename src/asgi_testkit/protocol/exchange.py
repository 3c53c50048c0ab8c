"""What all exchanges share: how a rule is broken and how an app call ends.

An exchange is one scope's life. No I/O and no waiting here: drivers do that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from types import CodeType
from typing import ClassVar, Final, cast

from asgi_testkit.errors import ASGIRuleError, ASGIRuleWarning, ClientDisconnectedError
from asgi_testkit.protocol.fields import Fault
from asgi_testkit.protocol.record import CodeLine, Raised, Record
from asgi_testkit.protocol.rules import RULES, Line, RulePolicy, Verdict
from asgi_testkit.protocol.starlettes_words import AssertedRuleError
from asgi_testkit.protocol.violation_text import cut, violation_text
from asgi_testkit.types import Message

__all__ = (
    "BaseExchange",
    "add_note_once",
    "bare_exception",
    "rule_of_exception",
    "stems_from_refusal",
)

_CAUSES: Final = 20
"""How far the causes of an exception are followed: they may form a ring."""

_WRAPPERS: Final = 5
"""How many decorators of an endpoint are looked behind."""


def bare_exception(exception: BaseException) -> BaseException:
    """Return the one exception in nested groups of one, else `exception` itself."""
    while (leaves := _leaves(exception)) is not None and len(leaves) == 1:
        exception = leaves[0]
    return exception


def _leaves(exception: BaseException) -> Sequence[BaseException] | None:
    if isinstance(exception, BaseExceptionGroup):
        return cast("Sequence[BaseException]", exception.exceptions)
    return None


def _is_raised_again(exception: BaseException, handled: BaseException | None) -> bool:
    """Return whether an exception, or a cause that it names, is the one that was handled."""
    if handled is None:
        return False
    handled = bare_exception(handled)
    one: BaseException | None = exception
    for _ in range(_CAUSES):
        if one is None or (one := bare_exception(one)) is handled:
            return one is not None
        one = one.__cause__
    return False


def _code_behind(function: object) -> CodeType | None:
    """Return the code of an endpoint behind its decorators, as far as it tells of any."""
    try:
        for _ in range(_WRAPPERS):
            if (wrapped := getattr(function, "__wrapped__", None)) is None:
                break
            function = wrapped
        code = getattr(function, "__code__", None)
    except Exception:  # noqa: BLE001 - an object of the app's, which may raise when it is asked
        return None
    return code if isinstance(code, CodeType) else None


def add_note_once(exception: BaseException, note: str | None) -> None:
    """Add a note, unless there is none to add or the exception has it."""
    if note and note not in getattr(exception, "__notes__", ()):
        with suppress(AttributeError):  # of a frozen dataclass
            exception.add_note(note)


def stems_from_refusal(exception: BaseException | None) -> bool:
    """Return whether an exception is what became of a `send` that was refused to a gone client.

    Frameworks raise an error of their own from it, or a disconnection; anything else that is
    raised where it is handled is a bug beside it.
    """
    if isinstance(exception, ClientDisconnectedError):
        return True
    if exception is None:
        return False
    if (leaves := _leaves(exception)) is not None:
        return all(stems_from_refusal(leaf) for leaf in leaves)
    if exception.__cause__ is not None:
        return stems_from_refusal(exception.__cause__)
    if not isinstance(exception, OSError) and "Disconnect" not in type(exception).__name__:
        return False
    return stems_from_refusal(exception.__context__)


class BaseExchange:
    """The part of every exchange that keeps its record, its violations and its app's end.

    Attributes:
        record: what crossed.
        scope: that of the call; the app may change it.
        violation: the first broken rule that raises; it fails the call even when the app
            swallowed it.
        warned: what the test is to be warned of: broken rules that do not raise.
        warned_keys: what of it was noted as told.
        app_exception: what the app raised, single-leaf groups unwrapped unless the policy says no.
        app_is_over: the app call has returned or raised.
        client_is_gone: the client side has disconnected.
        failure_is_raised: what went wrong in the app has been raised in the test.
        app_receivers: how many `receive` calls of the app wait.
        client_waits: the client side waits until the app has received more.
        sends_on: one message of the app has begun something that goes on, such as a file.
        rule_of_failure: the rule that the app has broken by raising.
        being_handled: the exception that the app was handling as its response became whole.
        rule_of_result: the rule that an app breaks by returning something.
        is_lasting: it is a session: its callers wait again and again, and an exception of the app
            reaches the test even after the client has left.
    """

    rule_of_result: ClassVar[str | None] = None
    is_lasting = False

    # Defaults of the class, since an exchange is made for every request.
    violation: ASGIRuleError | None = None
    app_exception: BaseException | None = None
    app_is_over = False
    failure_is_raised = False
    client_is_gone = False
    app_receivers = 0
    client_waits = False
    sends_on = False
    rule_of_failure: str | None = None
    being_handled: BaseException | None = None
    _count_at_violation: int | None = None

    def __init__(self, record: Record, policy: RulePolicy) -> None:
        self.record = record
        self.scope = record.take_scope()
        self.policy = policy
        self.warned: list[ASGIRuleWarning] = []
        self.warned_keys: list[tuple[object, ...]] = []

    @property
    def state_name(self) -> str:
        """The name of the state, for messages."""
        raise NotImplementedError

    @property
    def heard_at(self) -> float:
        """When a message crossed last: a limit of silence counts from there."""
        return self.record.last_at

    def app_receive(self) -> Message | None:
        """Return the app's next message; `None`: wait for a wake-up and ask again."""
        raise NotImplementedError

    def app_send(self, message: Message) -> bool:
        """Take a message of the app; raises `ASGIRuleError` where it breaks a rule.

        Returns:
            Whether the app has to be seen to: another task of it may have something to receive,
            or `send` has to wait (`app_must_wait`).
        """
        raise NotImplementedError

    def app_must_wait(self) -> bool:
        """Return whether `send` shall not return yet, the client side being slow."""
        return False

    def app_send_on(self) -> None:
        """Take the next piece of what one message of the app has begun, while `sends_on`."""
        raise NotImplementedError

    def app_returned(self, result: object = None) -> None:
        """Note that the app call has returned, and what."""
        self.record.add("app", "returned")
        if "endpoint" in self.scope:
            self.note_endpoint()
        if result is not None or self.violation is not None:
            with suppress(ASGIRuleError):  # remembered; the client side raises it
                self._check_return(result)
        self.being_handled = None
        self.app_is_over = True

    def app_raised(self, exception: BaseException, place: CodeLine | None = None) -> None:
        """Note that the app call has raised, and at which line of the app."""
        self.app_exception = exception if self.policy.is_drop_in else bare_exception(exception)
        rule = self.rule_of_failure
        if rule is not None and self.policy.verdict(RULES[rule]) is Verdict.PASS:
            rule = None
        if isinstance(self.app_exception, ASGIRuleError):
            rule = self.app_exception.rule
        is_again = _is_raised_again(exception, self.being_handled)
        self.being_handled = None
        raised = Raised.of(self.app_exception, rule=rule or "", place=place, is_again=is_again)
        self.record.add("app", "raised", detail=raised)
        self.note_endpoint()
        self.app_is_over = True

    def note_endpoint(self) -> None:
        """Keep which function of the app it came to, where the framework's router has told."""
        function = self.scope.get("endpoint")  # as Starlette and what is built on it do
        if function is not None and (code := _code_behind(function)) is not None:
            self.record.endpoint = (code, 0)

    def client_wait_over(self) -> bool | None:
        """Return true once the app call has ended; `None`: wait."""
        return True if self.app_is_over else None

    def client_disconnect(self) -> None:
        """Note that the client side is gone."""
        self.client_is_gone = True
        self.record.add("client", "disconnected")

    def break_rule(
        self,
        rule_id: str,
        what: str,
        *,
        allowed: Iterable[Enum] | None = None,
        message: Mapping[str, object] | None = None,
        by_returning: bool = False,
    ) -> None:
        """Raise, note or pass over a broken rule, as the policy says.

        Args:
            rule_id: the rule.
            what: a sentence: what the app did.
            allowed: the acts that the state allows, named in the text.
            message: the app's message.
            by_returning: no line of the app has done it.
        """
        __tracebackhide__ = True
        rule = RULES[rule_id]
        verdict = self.policy.verdict(rule)
        if verdict is Verdict.PASS:
            return
        line = None if by_returning else self.policy.find_line()
        key = self._key(rule_id, line)
        if verdict is Verdict.WARN and not self.policy.is_news(key):
            return
        place = self.policy.home if line is None else str(line)
        state = self.state_name
        text = violation_text(
            rule, what, state=state, allowed=allowed, message=message, place=place
        )
        if verdict is Verdict.WARN:
            self.warned.append(ASGIRuleWarning(text, rule=rule_id, place=place, state=state))
            self.warned_keys.append(key)
            return
        words = self._starlettes_words(message) if self.policy.is_drop_in else ""
        kind = AssertedRuleError if words else ASGIRuleError
        text = f"{text}\nStarlette's client: {words}" if words else text
        error = kind(text, rule=rule_id, state=state, message=message, place=place)
        if self.violation is None:
            self.violation = error
            self._count_at_violation = None if by_returning else len(self.record)
        raise error

    def _starlettes_words(self, message: Mapping[str, object] | None) -> str:  # noqa: ARG002
        """Return what Starlette's client says where it asserts what was broken; else nothing."""
        return ""

    def _key(self, rule_id: str, line: Line | None) -> tuple[object, ...]:
        """Return what is warned of once: the app's line; of no line of its own, its path, too."""
        if line is not None and line.is_apps:
            return (rule_id, line.key)
        return (rule_id, None if line is None else line.key, self.record.head.get("path"))

    def take_warnings(self) -> list[ASGIRuleWarning]:
        """Return the warnings that the test is to get; they are given once."""
        warned, self.warned = self.warned, []
        return warned

    def forget_told(self) -> None:
        """Note that warnings did not get through, so that the next of their kind is news."""
        self.policy.told.difference_update(self.warned_keys)

    def tell_faults(
        self, faults: Iterable[Fault | None], message: Mapping[str, object] | None
    ) -> None:
        """Break the rule of each fault, those that may raise before those that warn."""
        __tracebackhide__ = True
        found = [fault for fault in faults if fault is not None]
        for rule_id, what in sorted(found, key=lambda fault: RULES[fault[0]].level):
            self.break_rule(rule_id, what, message=message)

    def refuse_mapping(self, message: Mapping[str, object]) -> None:
        """Note a message that is a mapping and no dict; it counts as if it were one."""
        __tracebackhide__ = True
        what = f"The app sent a mapping that is no dict: {type(message).__name__}."
        self.break_rule("H17", what, message=message)

    def _check_return(self, result: object) -> None:
        """Note an app that went on after a refused message, or that returned something."""
        if self.violation is not None and self._count_at_violation is not None:
            count = len(self.record) - self._count_at_violation
            later = list(self.record)[-count:] if count else []
            if any(entry.actor == "app" and entry.act != "returned" for entry in later):
                what = f"The app caught the error of rule {self.violation.rule} and sent on."
                self.break_rule("H10", what, by_returning=True)
        if result is not None and self.rule_of_result is not None:
            what = f"The app returned {cut(result)}."
            self.break_rule(self.rule_of_result, what, by_returning=True)


def rule_of_exception(exception: BaseException, by_moment: str | None) -> str | None:
    """Return the rule of HTTP that an exception breaks: by its kind, else by its moment."""
    names = {kind.__name__ for kind in type(exception).__mro__}
    if by_moment is None or isinstance(exception, Exception):
        return by_moment
    if names & {"CancelledError", "Cancelled"}:
        return "H47"
    return "H48" if names & {"SystemExit", "KeyboardInterrupt"} else "H49"
