"""The HTTP exchange: what one request and its response may do, and when.

No I/O and no waiting here: drivers do that. Which step is legal stands in `http_states`.
Rules: ASGI specification, HTTP & WebSocket 2.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final, cast

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.exchange import add_note_once, rule_of_exception
from asgi_testkit.protocol.extensions import (
    ReadFile,
    files_elsewhere,
)
from asgi_testkit.protocol.fields import (
    body_fault,
    foreign_rule,
    header_pairs,
    is_bytes_like,
    is_plain_status,
    more_fault,
    read_status,
    start_faults,
)
from asgi_testkit.protocol.http_events import (
    BARE_SERVER_ERROR_START,
    SERVER_ERROR,
    SERVER_ERROR_START,
    ClientEvent,
    Cue,
    ResponseCutError,
    ResponseStart,
)
from asgi_testkit.protocol.http_extensions import HTTPExtensions
from asgi_testkit.protocol.http_states import BROKEN, TRANSITIONS, HTTPAct, HTTPState
from asgi_testkit.protocol.record import CodeLine, Record
from asgi_testkit.protocol.request_body import RequestBody
from asgi_testkit.protocol.rules import RulePolicy
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.types import Message

__all__ = (
    "HIGH_WATER_BYTES",
    "HTTPExchange",
)

HIGH_WATER_BYTES: Final = 64 * 1024
"""Above so many unread bytes `send` waits while a stream is being read (as uvicorn)."""

_OVER: Final = frozenset({HTTPState.COMPLETE, HTTPState.ENDED, HTTPState.FAILED})

_RETURNED_EARLY: Final[Mapping[HTTPState, str]] = {
    HTTPState.WAITING: "The app returned without starting a response.",
    HTTPState.STARTED: "The app returned after 'http.response.start' without sending a body.",
    HTTPState.STREAMING: "The app returned after a body message that said more_body=True.",
    HTTPState.TRAILERS: "The app returned without sending the trailers that it had declared.",
}

_RULE_OF_FAILURE: Final[Mapping[HTTPState, str]] = {
    HTTPState.WAITING: "H44",
    HTTPState.STARTED: "H45",
    HTTPState.STREAMING: "H45",
    HTTPState.TRAILERS: "H45",
    HTTPState.COMPLETE: "H46",
}


class HTTPExchange(HTTPExtensions):
    """One request and its response.

    Attributes:
        response: status and headers, once the app has sent them.
        request_body: what of the request body the app has not taken.
        is_bounded: whether `send` waits above the high-water mark; set while a stream is read.
    """

    response: ResponseStart | None = None
    _start_is_read = False
    _is_being_read = False
    _is_cut = False

    def __init__(
        self,
        record: Record,
        policy: RulePolicy,
        *,
        body: bytes | None = b"",
        is_pushed: bool = False,
        raise_server_exceptions: bool = True,
        is_bounded: bool = False,
        is_lockstep: bool = False,
        read_file: ReadFile = files_elsewhere,
        note: str | None = None,
    ) -> None:
        """Begin in WAITING.

        Args:
            record: where the messages are noted.
            policy: which broken rules raise.
            body: the whole request body; `None`: pieces come by `client_send_body`.
            is_pushed: they come when the test sends them, and nobody is asked for them.
            raise_server_exceptions: `False`: show what the wire would show.
            is_bounded: see the attribute.
            is_lockstep: a piece that is not the last waits until the client side has taken it.
            read_file: opens the files that the app wants sent.
            note: what to add to an exception of the app.
        """
        HTTPExtensions.__init__(self, record, policy)
        self._read_file = read_file
        self.is_bounded = is_bounded
        self._is_lockstep = is_lockstep
        self._raises = raise_server_exceptions
        self._note = note
        self.request_body = RequestBody(body, is_pushed=is_pushed)

    # -- the app side ---------------------------------------------------------------------

    def app_receive(self) -> Message | None:
        """Return `http.request`, `http.disconnect`, or `None`: wait for a wake-up.

        `http.disconnect` comes once the client is gone or the response is whole, and then
        again at each call (ASGI HTTP 2.5, "Disconnect").
        """
        if self.client_is_gone or self.state is HTTPState.COMPLETE or self.app_is_over:
            self.record.add("client", "http.disconnect")
            return {"type": "http.disconnect"}
        if (taken := self.request_body.take()) is None:
            return None
        piece, more = taken
        self.record.add_body("client", "http.request", piece, more=more)
        return {"type": "http.request", "body": piece, "more_body": more}

    def app_send(self, message: Message) -> bool:
        """Take a message of the app.

        After the client has left, messages are taken in silence, as servers do.

        Returns:
            See `BaseExchange.app_send`.

        Raises:
            ASGIRuleError: the message breaks a rule that raises; nothing of it was taken.
        """
        __tracebackhide__ = True
        if self.client_is_gone:
            return True
        kind = message.get("type") if type(message) is dict else None
        if type(kind) is not str:
            self._take_other(message)
        elif kind == "http.response.body":
            self._take_body(message)
        elif kind == "http.response.start":
            self._take_start(message)
        else:
            self._take_other(message)
        return self.is_bounded or self.sends_on or self.app_receivers > 0

    def _take_other(self, message: Message) -> None:
        """Take what is neither a start nor a body, or no plain message."""
        __tracebackhide__ = True
        match self._message_type(message):
            case "http.response.body":
                self._take_body(message)
            case "http.response.start":
                self._take_start(message)
            case "http.response.trailers":
                self._take_trailers(message)
            case "http.response.debug":
                self._take_debug(message)
            case "http.response.early_hint":
                self._take_early_hint(message)
            case "http.response.push":
                self._take_push(message)
            case "http.response.pathsend":
                self._take_path(message)
            case "http.response.zerocopysend":
                self._take_file(message)
            case _:  # the broken rule was passed over: the message is, too
                pass

    def app_must_wait(self) -> bool:
        """Return whether more than the high-water mark is unread by a client that streams.

        Pieces count as read when the client says so, or comes back for the next.
        """
        if not self.is_bounded or self.client_is_gone:
            return False
        unread = self._body.unread_bytes + self._body.in_hand_bytes
        if self._is_lockstep and self.state is HTTPState.STREAMING:
            return unread > 0 or not self._is_being_read
        return unread > HIGH_WATER_BYTES

    def app_returned(self, result: object = None) -> None:
        """Note that the app call has returned; too early is a violation, not an exception."""
        HTTPExtensions.app_returned(self, result)
        state = TRANSITIONS.get((self.state, HTTPAct.RETURN))
        if state is not None:
            self.state = state
            return
        rule = BROKEN[self.state, HTTPAct.RETURN]
        if rule == "H06" and self._body.is_whole_on_the_wire:
            rule = "H07"
        if self.violation is None:
            what = f"{_RETURNED_EARLY[self.state]}\n{self._crossed()}"
            with suppress(ASGIRuleError):  # remembered; the client side raises it
                self.break_rule(rule, what, allowed=self._allowed(), by_returning=True)
        if rule == "H07":  # the peer has the whole response
            self.state = HTTPState.ENDED
        else:
            self._fail()

    def app_raised(self, exception: BaseException, place: CodeLine | None = None) -> None:
        """Note that the app call has raised."""
        self.rule_of_failure = rule_of_exception(exception, _RULE_OF_FAILURE.get(self.state))
        super().app_raised(exception, place)
        self._fail()

    # -- the client side ------------------------------------------------------------------

    def client_send_body(self, piece: bytes, *, more: bool) -> None:
        """Give the app a piece of the request body; after the last one `more` is false."""
        self.request_body.add(piece, more=more)

    def client_may_send(self) -> bool | None:
        """Return true once the app has taken enough of a pushed body, or never will; `None`: wait.

        Raises: see `client_check`; nothing once the client has left, which has the app cancelled.
        """
        __tracebackhide__ = True
        if self.app_is_over and not self.client_is_gone:
            self.client_check()
        is_over = self.state in _OVER or self.client_is_gone
        return True if is_over or self.request_body.unread_bytes <= HIGH_WATER_BYTES else None

    def client_disconnect(self) -> None:
        """Leave: the app sees `http.disconnect`, its further messages are dropped."""
        if self.client_is_gone:
            return
        super().client_disconnect()
        self._body.drop()
        self._step(HTTPAct.LEAVE)

    def client_receive(self) -> ClientEvent | None:
        """Return what a streaming client may see next; `None`: wait for a wake-up.

        Raises:
            ASGIRuleError: the app broke a rule.
            ResponseCutError: the app failed and only the wire view is wanted.
            BaseException: the app's own exception, as it was raised.
        """
        __tracebackhide__ = True
        if self.response is not None and not self._start_is_read:
            self._start_is_read = True
            return self.response
        self._is_being_read = True
        self._body.in_hand_bytes = 0
        if self._body:
            return self._body.hand_over()
        self.client_check()
        if self.state in _OVER:
            return Cue.COMPLETE
        if self.request_body.is_wanted:
            return Cue.BODY_WANTED
        return None

    def client_wait_start(self) -> ResponseStart | Cue | None:
        """Return status and headers once they are there, however often; `None`: wait.

        Raises: see `client_check`.
        """
        __tracebackhide__ = True
        if self.response is not None:
            self._start_is_read = True
            return self.response
        self.client_check()
        return Cue.BODY_WANTED if self.request_body.is_wanted else None

    @property
    def is_read(self) -> bool:
        """Whether the client side has the whole response."""
        return self.state in _OVER and not self.client_is_gone and not self._body

    def client_took_pieces(self) -> None:
        """Note that the pieces handed over last are all in the test's hands."""
        self._body.in_hand_bytes = 0

    def client_wait_complete(self) -> Cue | None:
        """Return a cue once the response is whole (the app may go on); `None`: wait."""
        if self.state in _OVER:
            return Cue.COMPLETE
        return self.client_wait_app()

    def client_wait_app(self) -> Cue | None:
        """Return a cue once the app is over or wants more of the request; `None`: wait."""
        if self.app_is_over:
            return Cue.APP_OVER
        is_wanted = self.request_body.is_wanted and self.state not in _OVER
        return Cue.BODY_WANTED if is_wanted else None

    def client_is_writing(self) -> bool:
        """Return whether the app has not taken the whole request body."""
        return not self.request_body.is_taken

    def client_take_body(self) -> bytes:
        """Return all of the body that has not been read yet, as one."""
        pieces = self._body.hand_over()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def client_check(self) -> None:
        """Raise what went wrong in the app, if anything did and the client is to see it.

        Raises:
            ASGIRuleError: the app broke a rule, swallowed or not.
            ResponseCutError: the app failed and only the wire view is wanted.
            BaseException: the app's own exception, as it was raised.
        """
        __tracebackhide__ = True
        if self.violation is not None:
            self.failure_is_raised = True
            raise self.violation
        if self.app_exception is not None and self._raises:
            add_note_once(self.app_exception, self._note)
            raise self.app_exception
        if self._is_cut:
            raise ResponseCutError(
                "The app failed before its response was whole."
            ) from self.app_exception

    # -- steps ------------------------------------------------------------------------------

    def _crossed(self) -> str:
        """Count what the app received and sent, for a message about a response not sent."""
        entries = [entry for entry in self.record if entry.act not in ("returned", "raised")]
        received = [entry.act for entry in entries if entry.actor == "client"]
        sent = len(entries) - len(received)
        names = f" ({', '.join(dict.fromkeys(map(repr, received)))})" if received else ""
        if self.record.dropped:
            return f"{len(self.record)} messages had crossed."
        return f"It had received {len(received)} message(s){names} and sent {sent}."

    def _message_type(self, message: Message) -> str:
        """Return the type of a well-formed message; `""` where the fault was passed over."""
        __tracebackhide__ = True
        # Apps send anything: the annotation is a promise that this function checks.
        if not isinstance(cast("object", message), dict):
            if not isinstance(cast("object", message), Mapping):
                self.break_rule("H18", f"The app sent something that is no dict: {cut(message)}.")
                return ""
            self.refuse_mapping(message)
        kind = message.get("type")
        if not isinstance(kind, str):
            what = "The app sent a message without a type, or with one that is no str."
            self.break_rule("H14", what, message=message)
            return ""
        if kind not in _KNOWN_TYPES:
            what = f"The app sent a message of type {cut(kind)} on an 'http' scope."
            self.break_rule(foreign_rule(kind), what, allowed=self._allowed(), message=message)
            return ""
        return kind

    def _take_start(self, message: Message) -> None:
        __tracebackhide__ = True
        if self.state is not HTTPState.WAITING and not self._may(HTTPAct.START, message):
            return
        status: object = message.get("status")
        headers, faults = header_pairs(message.get("headers", ()))
        if not is_plain_status(status) or "headers" not in message:
            status, faults = read_status(status), [*start_faults(message), *faults]
        headers, length_faults = self._body.declare(status, headers)
        if faults or length_faults:
            self.tell_faults([*faults, *length_faults], message)
        self.response = ResponseStart(status, headers)
        if message.get("trailers") and self._offers("http.response.trailers"):
            self.trailers = []
            self.is_extended = True
        self.record.add("app", "http.response.start", detail=self.response)
        self.state = HTTPState.STARTED

    def _take_body(self, message: Message) -> None:
        __tracebackhide__ = True
        more: object = message.get("more_body", False)
        if more is not False and more is not True:
            self.tell_faults([more_fault(more, "more_body")], message)
        act = HTTPAct.BODY if more else HTTPAct.LAST_BODY
        if self.trailers is not None and not more:
            act = HTTPAct.BODY_BEFORE_TRAILERS
        state = TRANSITIONS.get((self.state, act))
        if state is None:
            self._refuse(act, message)
            return
        body = message.get("body", b"")
        if type(body) is not bytes:
            body = self._as_body(body, message)
        if (fault := self._body.fault(len(body), is_last=not more)) is not None:
            self.break_rule(*fault, message=message)
        self.record.add_body("app", "http.response.body", body, more=bool(more))
        self._body.add(body)
        self._enter(state)

    def _as_body(self, body: object, message: Message) -> bytes:
        __tracebackhide__ = True
        self.tell_faults([body_fault(body)], message)
        if is_bytes_like(body):
            return bytes(body)
        return str(body).encode("utf-8", "replace") if body is not None else b""

    def _fail(self) -> None:
        """Enter FAILED, and prepare what the wire would show: 500 before the start, else a cut."""
        cuts = (HTTPState.STARTED, HTTPState.STREAMING)
        self._is_cut = self.state in cuts or (
            self.state is HTTPState.TRAILERS and self.app_exception is not None
        )
        shows_wire = not self._raises if self.app_exception else self.violation is None
        if self.state is HTTPState.WAITING and shows_wire:
            self._take_server_error()
        self.state = HTTPState.FAILED

    def _take_server_error(self) -> None:
        if self.policy.is_drop_in:
            self.response = BARE_SERVER_ERROR_START
            return
        self.response = SERVER_ERROR_START
        self._body.add(SERVER_ERROR)


_KNOWN_TYPES: Final = frozenset(
    {
        "http.response.start",
        "http.response.body",
        "http.response.trailers",
        "http.response.debug",
        "http.response.early_hint",
        "http.response.push",
        "http.response.pathsend",
        "http.response.zerocopysend",
    }
)
