"""The steps of an HTTP exchange: whether one is legal, and what is said of one that is not.

The part of the exchange that reads the tables of `http_states`. No I/O and no waiting.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from asgi_testkit.protocol.exchange import BaseExchange
from asgi_testkit.protocol.http_states import BROKEN, TRANSITIONS, HTTPAct, HTTPState
from asgi_testkit.protocol.record import Record
from asgi_testkit.protocol.response_body import ResponseBody
from asgi_testkit.protocol.rules import RulePolicy
from asgi_testkit.protocol.starlettes_words import starlettes_words
from asgi_testkit.types import HeaderPairs, Message

__all__ = ("HTTPSteps",)

_EXTENSION_ACTS: Final = {
    HTTPAct.DEBUG: "http.response.debug",
    HTTPAct.EARLY_HINT: "http.response.early_hint",
    HTTPAct.PUSH: "http.response.push",
    HTTPAct.PATHSEND: "http.response.pathsend",
}


class HTTPSteps(BaseExchange):
    """An HTTP exchange as far as its state goes.

    Attributes:
        state: where it stands.
        trailers: the trailers as sent; `None` where none were declared.
        sent_path: the file that the app has sent by its path.
    """

    rule_of_result = "H08"

    state = HTTPState.WAITING
    trailers: HeaderPairs | None = None
    sent_path: str | None = None

    def __init__(self, record: Record, policy: RulePolicy) -> None:
        BaseExchange.__init__(self, record, policy)
        self._body = ResponseBody(is_dropped=self.scope["method"] == "HEAD")
        # Copied, since the app may change its scope.
        self._offered: frozenset[str] = frozenset(self.scope.get("extensions") or ())

    @property
    def state_name(self) -> str:
        """The state's name."""
        return self.state.value

    def _step(self, act: HTTPAct) -> None:
        self._enter(TRANSITIONS[self.state, act])

    def _enter(self, state: HTTPState) -> None:
        self.state = state
        if state is HTTPState.COMPLETE:
            self.being_handled = sys.exception()

    def _may(self, act: HTTPAct, message: Message) -> bool:
        """Return whether the table allows `act`; raise or note the broken rule otherwise."""
        __tracebackhide__ = True
        if (self.state, act) in TRANSITIONS:
            return True
        self._refuse(act, message)
        return False

    def _refuse(self, act: HTTPAct, message: Message) -> None:
        """Raise or note the rule that `act` breaks in this state."""
        __tracebackhide__ = True
        what = f"The app sent {message['type']!r} {self._when()}."
        rule = BROKEN[self.state, act]
        if rule == "H03" and self.sent_path is not None and act is not HTTPAct.START:
            rule, what = "H55", f"The app sent {message['type']!r} beside a path."
        elif rule == "H51" and self.trailers is not None and self.state is HTTPState.COMPLETE:
            rule = "H03"  # they were declared, and are all there
        self.break_rule(rule, what, allowed=self._allowed(), message=message)

    def _allowed(self) -> list[HTTPAct]:
        """The acts of the app that the table allows in this state."""
        hidden = [HTTPAct.LEAVE, HTTPAct.RAISE]
        if self.trailers is None:
            hidden += [HTTPAct.BODY_BEFORE_TRAILERS, HTTPAct.TRAILERS, HTTPAct.LAST_TRAILERS]
        for act, extension in _EXTENSION_ACTS.items():
            if not self._offers(extension):
                hidden.append(act)
        return [act for state, act in TRANSITIONS if state is self.state and act not in hidden]

    def _offers(self, extension: str) -> bool:
        return extension in self._offered

    def _refuse_unoffered(self, extension: str, message: Message) -> bool:
        """Return whether the scope offers the extension; raise or note H53 otherwise."""
        __tracebackhide__ = True
        if self._offers(extension):
            return True
        what = f"The app used {extension!r}, which its scope does not offer."
        self.break_rule("H53", what, message=message)
        return False

    def _starlettes_words(self, message: Mapping[str, object] | None) -> str:
        kind = None if message is None else str(message.get("type"))
        return starlettes_words(kind, self.state, has_trailers=self.trailers is not None)

    def _when(self) -> str:
        match self.state:
            case HTTPState.WAITING:
                return "before 'http.response.start'"
            case HTTPState.STARTED | HTTPState.STREAMING:
                return "after the response had started"
            case HTTPState.ENDED | HTTPState.FAILED:
                return "after the app call had ended"
            case _:
                return "after the response was whole"
