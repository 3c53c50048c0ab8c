"""What all exchanges share: how a rule is broken and how an app call ends.

An exchange is one scope's life. No I/O and no waiting here: drivers do that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import cast

from asgi_testkit.errors import ASGIRuleError, ClientDisconnectedError
from asgi_testkit.protocol.record import Raised, Record
from asgi_testkit.protocol.rules import RULES, Rule, RulePolicy, Verdict
from asgi_testkit.types import Message

__all__ = ("BaseExchange", "add_note_once", "bare_exception", "cut", "stems_from_refusal")


def cut(value: object, *, limit: int = 80) -> str:
    """Return `repr(value)`, at most `limit` characters of it."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def bare_exception(exception: BaseException) -> BaseException:
    """Return the one exception in nested groups of one, else `exception` itself."""
    while (leaves := _leaves(exception)) is not None and len(leaves) == 1:
        exception = leaves[0]
    return exception


def _leaves(exception: BaseException) -> Sequence[BaseException] | None:
    if isinstance(exception, BaseExceptionGroup):
        return cast("Sequence[BaseException]", exception.exceptions)
    return None


def add_note_once(exception: BaseException, note: str | None) -> None:
    """Add a note, unless there is none to add or the exception has it."""
    if note and note not in getattr(exception, "__notes__", ()):
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
        violation: the first broken rule that raises; it fails the call even when the app
            swallowed it.
        warned: broken rules that are only warned about, with the text of each.
        app_exception: what the app raised, single-leaf groups unwrapped.
        app_is_over: the app call has returned or raised.
        client_is_gone: the client side has disconnected.
        app_receivers: how many `receive` calls of the app wait.
        client_waits: the client side waits until the app has received more.
        is_lasting: it is a session: its callers wait again and again, and an exception of the app
            reaches the test even after the client has left.
    """

    is_lasting = False

    def __init__(self, record: Record, policy: RulePolicy) -> None:
        self.record = record
        self.policy = policy
        self.violation: ASGIRuleError | None = None
        self.warned: list[tuple[Rule, str]] = []
        self.app_exception: BaseException | None = None
        self.app_is_over = False
        self.client_is_gone = False
        self.app_receivers = 0
        self.client_waits = False

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

    def app_returned(self) -> None:
        """Note that the app call has returned."""
        self.record.add("app", "returned")
        self.app_is_over = True

    def app_raised(self, exception: BaseException) -> None:
        """Note that the app call has raised."""
        self.app_exception = bare_exception(exception)
        self.record.add("app", "raised", detail=Raised(repr(self.app_exception)))
        self.app_is_over = True

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
        allowed: Iterable[Enum] = (),
        message: Mapping[str, object] | None = None,
    ) -> None:
        """Raise, note or pass over a broken rule, as the policy says.

        Args:
            rule_id: the rule.
            what: a sentence: what the app did.
            allowed: the acts that the state allows, named in the text.
            message: the app's message.
        """
        __tracebackhide__ = True
        rule = RULES[rule_id]
        verdict = self.policy.verdict(rule)
        if verdict is Verdict.PASS:
            return
        text = self._explain(rule, what, allowed)
        if verdict is Verdict.WARN:
            self.warned.append((rule, text))
            return
        error = ASGIRuleError(text, rule=rule_id, state=self.state_name, message=message)
        self.violation = self.violation or error
        raise error

    def _explain(self, rule: Rule, what: str, allowed: Iterable[Enum]) -> str:
        names = ", ".join(str(act.value) for act in allowed)
        may = f" it may: {names}." if names else " it may do nothing of the kind."
        where = f"In state {self.state_name}{may}" if allowed else f"State: {self.state_name}."
        server = f"; {servers}" if (servers := rule.servers.in_words()) else ""
        return f"{what}\n{where} Rule {rule.id} ({rule.source}): {rule.text.rstrip('.')}{server}."
