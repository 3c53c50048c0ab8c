"""The lifespan exchange: startup, shutdown, and what their failing means.

No I/O and no waiting here: drivers do that. Rules: ASGI specification, Lifespan 2.0; what the
specification leaves open follows uvicorn: an app that raises or returns before it has answered
startup has no lifespan.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, cast

from asgi_testkit.errors import ASGIRuleError, LifespanFailed
from asgi_testkit.protocol.exchange import BaseExchange, add_note_once
from asgi_testkit.protocol.fast_enum import FastEnum
from asgi_testkit.protocol.record import CodeLine, Record
from asgi_testkit.protocol.rules import RulePolicy
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.types import Message

__all__ = ("BROKEN", "TRANSITIONS", "LifespanAct", "LifespanExchange", "LifespanState")


class LifespanState(FastEnum):
    """Where a lifespan stands."""

    STARTING = "STARTING"  # startup was sent, no answer yet
    STARTED = "STARTED"  # requests may come
    STOPPING = "STOPPING"  # shutdown was sent, no answer yet
    STOPPED = "STOPPED"  # shutdown is complete, the app still runs
    START_FAILED = "START_FAILED"  # the app said that startup failed
    STOP_FAILED = "STOP_FAILED"  # the app said that shutdown failed
    UNSUPPORTED = "UNSUPPORTED"  # the app ended before an answer: it has no lifespan
    ENDED = "ENDED"  # the app has returned in its time
    ENDED_EARLY = "ENDED_EARLY"  # the app has returned between startup and shutdown
    RAISED = "RAISED"  # the app has raised after its answer to startup


class LifespanAct(FastEnum):
    """What the app or the client side can do; the values stand in messages."""

    STARTUP_COMPLETE = "'lifespan.startup.complete'"
    STARTUP_FAILED = "'lifespan.startup.failed'"
    SHUTDOWN_COMPLETE = "'lifespan.shutdown.complete'"
    SHUTDOWN_FAILED = "'lifespan.shutdown.failed'"
    RETURN = "return"
    RAISE = "raise"
    SHUTDOWN = "(the client asks for shutdown)"


_S = LifespanState
_A = LifespanAct
_STARTUP_ANSWERS = (_A.STARTUP_COMPLETE, _A.STARTUP_FAILED)
_SHUTDOWN_ANSWERS = (_A.SHUTDOWN_COMPLETE, _A.SHUTDOWN_FAILED)

TRANSITIONS: Final[Mapping[tuple[LifespanState, LifespanAct], LifespanState]] = {
    (_S.STARTING, _A.STARTUP_COMPLETE): _S.STARTED,
    (_S.STARTING, _A.STARTUP_FAILED): _S.START_FAILED,
    (_S.STARTING, _A.RETURN): _S.UNSUPPORTED,
    (_S.STARTING, _A.RAISE): _S.UNSUPPORTED,
    (_S.START_FAILED, _A.RETURN): _S.START_FAILED,
    (_S.START_FAILED, _A.RAISE): _S.START_FAILED,
    (_S.STARTED, _A.SHUTDOWN): _S.STOPPING,
    (_S.STARTED, _A.RETURN): _S.ENDED_EARLY,
    (_S.STARTED, _A.RAISE): _S.RAISED,
    (_S.STOPPING, _A.SHUTDOWN_COMPLETE): _S.STOPPED,
    (_S.STOPPING, _A.SHUTDOWN_FAILED): _S.STOP_FAILED,
    (_S.STOPPING, _A.RETURN): _S.ENDED,
    (_S.STOPPING, _A.RAISE): _S.RAISED,
    (_S.STOPPED, _A.RETURN): _S.ENDED,
    (_S.STOPPED, _A.RAISE): _S.RAISED,
    (_S.STOP_FAILED, _A.RETURN): _S.STOP_FAILED,
    (_S.STOP_FAILED, _A.RAISE): _S.STOP_FAILED,
}
"""Every legal step. A message in a state that is not here breaks a rule of `BROKEN`."""

BROKEN: Final[Mapping[tuple[LifespanState, LifespanAct], str]] = {
    **{(state, act): "L05" for state in _S if state is not _S.STARTING for act in _STARTUP_ANSWERS},
    **{
        (state, act): "L06"
        for state in _S
        if state not in (_S.STOPPING, _S.STOPPED, _S.STOP_FAILED)
        for act in _SHUTDOWN_ANSWERS
    },
    **{(state, act): "L12" for state in (_S.STOPPED, _S.STOP_FAILED) for act in _SHUTDOWN_ANSWERS},
}
"""The rule that an illegal message breaks."""

_RETURNED_EARLY: Final[Mapping[LifespanState, tuple[str, str]]] = {
    _S.STARTING: ("L04", "The app returned without answering 'lifespan.startup'."),
    _S.STOPPING: ("L11", "The app returned without answering 'lifespan.shutdown'."),
}

_RULE_OF_FAILURE: Final[Mapping[LifespanState, str]] = {
    _S.STARTING: "L13",
    _S.START_FAILED: "L02",
    _S.STOP_FAILED: "L09",
}

_ACTS: Final = {act.value.strip("'"): act for act in (*_STARTUP_ANSWERS, *_SHUTDOWN_ANSWERS)}


class LifespanExchange(BaseExchange):
    """One lifespan of an app.

    Attributes:
        state: where it stands.
        message: the reason that the app gave with `failed`.
    """

    def __init__(self, record: Record, policy: RulePolicy) -> None:
        """Begin in STARTING, with `lifespan.startup` waiting for the app."""
        super().__init__(record, policy)
        self.state = LifespanState.STARTING
        self.message = ""
        self._inbound: deque[str] = deque(["lifespan.startup"])
        self._state = self.scope.get("state")

    @property
    def state_name(self) -> str:
        """The state's name."""
        return self.state.value

    # -- the app side ---------------------------------------------------------------------

    def app_receive(self) -> Message | None:
        """Return `lifespan.startup`, then `lifespan.shutdown`; `None`: wait for a wake-up."""
        if not self._inbound:
            return None
        kind = self._inbound.popleft()
        self.record.add("client", kind)
        return {"type": kind}

    def app_send(self, message: Message) -> bool:
        """Take an answer of the app; from one that was cancelled, in silence.

        Returns:
            See `BaseExchange.app_send`.

        Raises:
            ASGIRuleError: the message breaks a rule that raises; nothing of it was taken.
        """
        __tracebackhide__ = True
        if self.client_is_gone:
            return False
        # Apps send anything: the annotation is a promise that is checked here.
        is_mapping = isinstance(cast("object", message), Mapping)
        kind = str(message.get("type")) if is_mapping else ""
        if is_mapping and not isinstance(cast("object", message), dict):
            self.refuse_mapping(message)
        if (act := _ACTS.get(kind)) is None:
            sent = f"a message of type {cut(message.get('type'))}" if is_mapping else cut(message)
            what = f"The app sent {sent} on a 'lifespan' scope."
            shown = message if is_mapping else None
            self.break_rule("L07", what, allowed=self._allowed(), message=shown)
            return True
        if (self.state, act) not in TRANSITIONS:
            what = f"The app sent {act.value} out of turn."
            self.break_rule(BROKEN[self.state, act], what, allowed=self._allowed(), message=message)
            return True
        self._check_answer(act, message)
        if act in (LifespanAct.STARTUP_FAILED, LifespanAct.SHUTDOWN_FAILED):
            self.message = str(message.get("message", ""))
        self.record.add("app", kind, detail=self.message)
        self.state = TRANSITIONS[self.state, act]
        return True

    def _check_answer(self, act: LifespanAct, message: Message) -> None:
        __tracebackhide__ = True
        if act is LifespanAct.STARTUP_COMPLETE and self._inbound:
            what = "The app sent 'lifespan.startup.complete' before it had received the startup."
            self.break_rule("L15", what, message=message)
        if act is LifespanAct.STARTUP_COMPLETE and self.scope.get("state") is not self._state:
            what = "The app has put another object into scope['state']; what it holds is lost."
            self.break_rule("L14", what, message=message)
        if not isinstance(message.get("message", ""), str):
            what = f"The app sent a 'message' that is no str: {cut(message['message'])}."
            self.break_rule("L16", what, message=message)

    def app_returned(self, result: object = None) -> None:
        """Note that the app call has returned."""
        super().app_returned(result)
        rule, what = _RETURNED_EARLY.get(self.state, ("", ""))
        with suppress(ASGIRuleError):  # remembered; the client side raises it
            if rule:
                allowed = [act for act in self._allowed() if act is not LifespanAct.RETURN]
                self.break_rule(rule, what, allowed=allowed, by_returning=True)
        self.state = TRANSITIONS[self.state, LifespanAct.RETURN]

    def app_raised(self, exception: BaseException, place: CodeLine | None = None) -> None:
        """Note that the app call has raised."""
        if self.state is not LifespanState.STARTING or not isinstance(exception, Exception):
            self.rule_of_failure = _RULE_OF_FAILURE.get(self.state, "L08")
        super().app_raised(exception, place)
        self.state = TRANSITIONS[self.state, LifespanAct.RAISE]

    # -- the client side ------------------------------------------------------------------

    def client_shutdown(self) -> None:
        """Ask for shutdown, where the app is there to hear it."""
        if self.state is LifespanState.STARTED:
            self.state = LifespanState.STOPPING
            self._inbound.append("lifespan.shutdown")

    def client_wait_started(self) -> bool | None:
        """Return whether the app has a lifespan, once that is known; `None`: wait.

        Raises:
            LifespanFailed: startup failed and the app raised nothing.
            ASGIRuleError: the app broke a rule.
            BaseException: the app's own exception: after `failed`, or one that is no `Exception`.
        """
        __tracebackhide__ = True
        match self.state:
            case LifespanState.STARTING:
                return None
            case LifespanState.START_FAILED if not self.app_is_over:
                return None
            case LifespanState.UNSUPPORTED if _says_no_lifespan(self.app_exception):
                self._raise_violation()
                return False
            case _:
                self.client_check()
                return True

    def client_has_answer(self) -> bool:
        """Return whether the app has answered shutdown, though its call may go on."""
        return self.state in (LifespanState.STOPPED, LifespanState.STOP_FAILED)

    def client_waits_for_end(self) -> bool:
        """Return whether the app has answered shutdown, and its call goes on."""
        return not self.app_is_over and self.client_has_answer()

    def client_check(self) -> None:
        """Raise what has gone wrong so far, if anything has; see `client_wait_started`."""
        __tracebackhide__ = True
        self._raise_violation()
        if self.state is LifespanState.UNSUPPORTED and _says_no_lifespan(self.app_exception):
            return
        if self.app_exception is not None:
            note = f"The app's message: {self.message}" if self.message else None
            add_note_once(self.app_exception, note)
            raise self.app_exception
        failure = _FAILURES.get(self.state)
        if failure is not None:
            text = failure if not self.message else f"{failure}\nThe app's message: {self.message}"
            raise LifespanFailed(text, message=self.message)

    def client_time_is_up(
        self, seconds: float, *, report: str = "", is_proved: bool = False
    ) -> LifespanFailed:
        """Return the error for an app that has not answered in `seconds`.

        Args:
            seconds: how long it was waited for.
            report: lines that say where the app stands.
            is_proved: it cannot answer any more.
        """
        if self.state in _FAILURES:
            text = f"{_FAILURES[self.state]}\nThe app's message: {self.message}"
            return LifespanFailed(text, message=self.message)
        asked = "startup" if self.state is LifespanState.STARTING else "shutdown"
        rule = "L03" if asked == "startup" else "L10"
        crossed = ", ".join(self.record.acts()) or "nothing: the app never called receive()"
        head = f"The app did not answer 'lifespan.{asked}' within {seconds:g} s. Rule {rule}."
        advice = f"Send 'lifespan.{asked}.complete', or raise the client's timeout."
        if is_proved:
            head = (
                f"The app has not answered 'lifespan.{asked}' and never will: no timer, socket or"
                f" thread is at work. Rule {rule}."
            )
            advice = f"Send 'lifespan.{asked}.complete'."
        lines = (head, report or f"Until then had crossed: {crossed}.", advice)
        return LifespanFailed("\n".join(line for line in lines if line))

    # -- helpers of both sides --------------------------------------------------------------

    def _allowed(self) -> list[LifespanAct]:
        hidden = (LifespanAct.SHUTDOWN, LifespanAct.RAISE)
        return [act for state, act in TRANSITIONS if state is self.state and act not in hidden]

    def _raise_violation(self) -> None:
        __tracebackhide__ = True
        if self.violation is not None:
            raise self.violation


_FAILURES: Final[Mapping[LifespanState, str]] = {
    _S.START_FAILED: "The app's startup failed ('lifespan.startup.failed'). Rule L02.",
    _S.STOP_FAILED: "The app's shutdown failed ('lifespan.shutdown.failed'). Rule L09.",
    _S.ENDED_EARLY: (
        "The app's lifespan ended between startup and shutdown: the call returned. Rule L11."
    ),
}


def _says_no_lifespan(exception: BaseException | None) -> bool:
    """Return whether ending so before an answer means "no lifespan" (L01, L04), not a failure."""
    return exception is None or isinstance(exception, Exception)
