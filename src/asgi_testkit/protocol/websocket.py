"""The WebSocket exchange: what an app and its client may say to each other, and when.

No I/O and no waiting here: drivers do that. Which step is legal stands in `websocket_states`, what
a message may hold in `websocket_values`. Rules: ASGI specification, HTTP & WebSocket 2.5.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, cast

from asgi_testkit.errors import ASGIRuleError, ClientDisconnectedError
from asgi_testkit.protocol.exchange import (
    BaseExchange,
    add_note_once,
    stems_from_refusal,
)
from asgi_testkit.protocol.fields import is_bytes_like
from asgi_testkit.protocol.http_events import (
    SERVER_ERROR,
    SERVER_ERROR_START,
    ResponseStart,
)
from asgi_testkit.protocol.record import CUT_BYTES, CodeLine, Record
from asgi_testkit.protocol.rules import RulePolicy
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.protocol.websocket_events import Accept, Answer, Close, Denial, client_close
from asgi_testkit.protocol.websocket_states import (
    BROKEN,
    TRANSITIONS,
    WebSocketAct,
    WebSocketState,
)
from asgi_testkit.protocol.websocket_values import (
    FAILED,
    LINE_LOST,
    MESSAGE_BYTES,
    NO_CODE,
    NORMAL,
    Payload,
    accept_headers,
    close_faults,
    connect_fault,
    denial_body_faults,
    denial_start,
    read_payload,
    size_bytes,
    subprotocol_fault,
)
from asgi_testkit.types import Message

__all__ = (
    "WEBSOCKET_HIGH_WATER_BYTES",
    "WebSocketExchange",
)

WEBSOCKET_HIGH_WATER_BYTES: Final = 4 * 1024 * 1024
"""Above so many unread bytes the sender waits, on either side."""

_EXTENSION: Final = "websocket.http.response"
_OPEN: Final = WebSocketState.OPEN  # looked up once, since that takes long on 3.11
_RETURN: Final = WebSocketAct.RETURN

_RETURNED_EARLY: Final[Mapping[WebSocketState, str]] = {
    WebSocketState.CONNECTING: "The app returned without answering 'websocket.connect'.",
    WebSocketState.OPEN: "The app returned without sending 'websocket.close'.",
    WebSocketState.DENYING: "The app returned before its denial response was whole.",
}

_RULE_OF_FAILURE: Final[Mapping[WebSocketState, str]] = {
    WebSocketState.CONNECTING: "W25",
    WebSocketState.OPEN: "W26",
    WebSocketState.DENYING: "W25",
    WebSocketState.CLOSED: "W27",
    WebSocketState.REJECTED: "W27",
    WebSocketState.DENIED: "W27",
}

_WHEN: Final[Mapping[WebSocketState, str]] = {
    WebSocketState.CONNECTING: "before it had accepted",
    WebSocketState.OPEN: "after it had accepted",
    WebSocketState.CLOSED: "after 'websocket.close'",
    WebSocketState.REJECTED: "after it had rejected the connection",
    WebSocketState.DENYING: "amid its denial response",
    WebSocketState.DENIED: "after its denial response",
    WebSocketState.ENDED: "after the app call had ended",
    WebSocketState.FAILED: "after the app call had ended",
}


class WebSocketExchange(BaseExchange):
    """One WebSocket.

    What the app has sent waits in a queue that the client side may read from any thread: each
    byte count has one writer at a time, so that no lock is needed here.

    Attributes:
        state: where it stands.
        accepted: what the app accepted with, once it has.
        denial: the response that the app has denied it with, once that is whole.
        close: how it was closed, by whichever side came first.
        app_waits: the app's `send` waits until the client side has read more.
        unread: the app's messages that the client side has not taken, with their weights.
    """

    rule_of_result = "W35"
    is_lasting = True

    def __init__(
        self,
        record: Record,
        policy: RulePolicy,
        *,
        raise_server_exceptions: bool = True,
        note: str | None = None,
    ) -> None:
        """Begin in CONNECTING, with `websocket.connect` waiting for the app.

        Args:
            record: where the messages are noted.
            policy: which broken rules raise.
            raise_server_exceptions: `False`: show what the wire would show.
            note: what to add to an exception of the app.
        """
        super().__init__(record, policy)
        self.state = WebSocketState.CONNECTING
        self.accepted: Accept | None = None
        self.denial: Denial | None = None
        self.close: Close | None = None
        self._raises = raise_server_exceptions
        self._note = note
        self._subprotocols: tuple[str, ...] = tuple(self.scope.get("subprotocols") or ())
        self._offered: frozenset[str] = frozenset(self.scope.get("extensions") or ())
        self._inbound: deque[tuple[Message, int]] = deque([({"type": "websocket.connect"}, -1)])
        self._received_bytes = 0  # by the app; written by its side
        self._sent_to_app_bytes = 0  # written by the client side
        self.unread: deque[tuple[Payload, int]] = deque()
        self._sent_bytes = 0  # by the app; written by its side
        self._taken_bytes = 0  # written by the client side
        self.app_waits = False
        self._denial_start: ResponseStart | None = None
        self._denial_body: list[bytes] = []

    @property
    def state_name(self) -> str:
        """The state's name."""
        return self.state.value

    @property
    def app_has_ended_it(self) -> bool:
        """Whether the app has closed, rejected or denied it."""
        return self.denial is not None or (self.close is not None and self.close.closer == "app")

    @property
    def heard_at(self) -> float:
        """Long ago: a limit counts from the moment the test begins to wait."""
        return 0.0

    # -- the app side ---------------------------------------------------------------------

    def app_receive(self) -> Message | None:
        """Return the client's next message, `websocket.disconnect` once; `None`: wait.

        After `websocket.disconnect` there is nothing more, as on servers.
        """
        if not self._inbound:
            return None
        message, size = self._inbound.popleft()
        if size < 0:  # no payload
            self.record.add("client", message["type"], detail=message.get("code"))
            return message
        self._received_bytes += size + MESSAGE_BYTES
        payload: Payload = message["text"] if "text" in message else message["bytes"]
        shown = payload if size <= CUT_BYTES else payload[:CUT_BYTES]
        self.record.add("client", "websocket.receive", size, detail=shown)
        return message

    def app_send(self, message: Message) -> bool:
        """Take a message of the app.

        Returns:
            Whether the app has to be seen to: it has closed, or its client is slow.

        Raises:
            ASGIRuleError: the message breaks a rule that raises; nothing of it was taken.
            ClientDisconnectedError: the client has gone, as uvicorn tells its apps.
        """
        __tracebackhide__ = True
        # Apps send anything: the annotation is a promise that is checked here.
        kind = message.get("type") if type(message) is dict else None
        if kind == "websocket.send" and not self.client_is_gone:
            return self._take_send(message)  # as most messages are
        is_dict = isinstance(message, dict)  # pyright: ignore[reportUnnecessaryIsInstance]
        is_mapping = is_dict or isinstance(cast("object", message), Mapping)
        kind = message.get("type") if is_mapping else None
        if is_mapping and not is_dict:
            self.refuse_mapping(message)
        if self.client_is_gone and not self.app_has_ended_it:
            self._refuse_gone(kind)
            return True
        if kind == "websocket.send":
            return self._take_send(message)
        match kind:
            case "websocket.accept":
                self._take_accept(message)
            case "websocket.close":
                self._take_close(message)
            case "websocket.http.response.start":
                self._take_denial_start(message)
            case "websocket.http.response.body":
                self._take_denial_body(message)
            case _:
                self._refuse_type(kind, message)
        return True

    def app_must_wait(self) -> bool:
        """Return whether more than the high-water mark is unread.

        The flag is raised before the count is read and the client side does it the other way
        round, so that one of the two always sees the other.
        """
        self.app_waits = True
        unread = self._sent_bytes - self._taken_bytes
        self.app_waits = unread > WEBSOCKET_HIGH_WATER_BYTES and not self.client_is_gone
        return self.app_waits

    def app_returned(self, result: object = None) -> None:
        """Note that the app call has returned; too early is a violation, not an exception."""
        if (state := TRANSITIONS.get((self.state, _RETURN))) is not None:
            self.state = state
        else:
            rule = BROKEN[self.state, _RETURN]
            with suppress(ASGIRuleError):  # remembered; the client side raises it
                what = _RETURNED_EARLY[self.state]
                self.break_rule(rule, what, allowed=self._allowed(), by_returning=True)
            self.state = WebSocketState.FAILED
        super().app_returned(result)

    def app_raised(self, exception: BaseException, place: CodeLine | None = None) -> None:
        """Note that the app call has raised; our own refusal of its `send` is no failure."""
        self.rule_of_failure = _RULE_OF_FAILURE.get(self.state)
        self.state = WebSocketState.FAILED
        super().app_raised(exception, place)

    # -- the client side ------------------------------------------------------------------

    def client_send(self, message: Message, size: int) -> bool:
        """Queue `websocket.receive` for the app; without effect once either side has closed.

        Like `client_take` it may be called from any thread.

        Returns:
            Whether so much is on its way that `client_may_send` is to be waited for.
        """
        if self.close is not None:
            return False
        self._sent_to_app_bytes += size + MESSAGE_BYTES
        self._inbound.append((message, size))
        return self._sent_to_app_bytes - self._received_bytes > WEBSOCKET_HIGH_WATER_BYTES

    def client_may_send(self) -> bool | None:
        """Return true once the app has taken enough, or never will; `None`: wait."""
        self.client_waits = True  # before the count is read; lowered by whoever tells
        unread = self._sent_to_app_bytes - self._received_bytes
        is_over = self.app_is_over or self.close is not None
        return True if is_over or unread <= WEBSOCKET_HIGH_WATER_BYTES else None

    def client_disconnect(self, code: int = NORMAL, reason: str = "") -> None:
        """Close from the client's side; 1005: without a code, 1006: the line is lost."""
        if self.client_is_gone:
            return
        super().client_disconnect()
        if self.close is None and self.denial is None:
            self.close = client_close(code, reason)
            self._queue_disconnect(code, reason)
        self._step(WebSocketAct.LEAVE)

    def client_wait_answer(self) -> Answer | None:
        """Return what the handshake has come to; `None`: wait.

        Raises: see `client_check`.
        """
        __tracebackhide__ = True
        if self.accepted is not None:
            return self.accepted
        if self.denial is not None:
            return self.denial
        if self.close is not None:
            return self.close
        self.client_check()
        if not self.app_is_over:
            return None
        return Denial(SERVER_ERROR_START, SERVER_ERROR, cause=self.app_exception)

    @property
    def client_sees_lost(self) -> Close | None:
        """How a server ends it for an app that is over and has not closed; `None`: it is not."""
        if not self.app_is_over:
            return None
        code = LINE_LOST if self.app_exception is None else FAILED
        return Close(code, "", "app", cause=self.app_exception)

    def client_take(self) -> Payload | None:
        """Return the app's next message if one is there; by one caller at a time."""
        if not self.unread:
            return None
        payload, weight = self.unread.popleft()
        self._taken_bytes += weight
        return payload

    def client_put_back(self, payload: Payload) -> None:
        """Undo `client_take`."""
        weight = size_bytes(payload) + MESSAGE_BYTES
        self._taken_bytes -= weight
        self.unread.appendleft((payload, weight))

    def client_has_messages(self) -> bool:
        """Return whether a message of the app is unread."""
        return bool(self.unread)

    def client_receive(self) -> Payload | Close | None:
        """Return the app's next message or, after the last, how it was closed; `None`: wait.

        Raises: see `client_check`.
        """
        __tracebackhide__ = True
        if self.unread:  # as nearly always: what `client_take` does, without a call
            payload, weight = self.unread.popleft()
            self._taken_bytes += weight
            return payload
        if self.close is None and not self.app_is_over and self.violation is None:
            return None
        # What ends it was noted after the app's last message, which may have come just now.
        if self.unread:
            return self.client_take()
        if self.close is None or self.violation is not None:
            self.client_check()
        self.close = self.close or self.client_sees_lost
        return self.close

    def client_check(self) -> None:
        """Raise what went wrong in the app, once, if the client is to see it.

        Raises:
            ASGIRuleError: the app broke a rule, swallowed or not.
            BaseException: the app's own exception, as it was raised.
        """
        __tracebackhide__ = True
        if self.failure_is_raised:
            return
        if self.violation is not None:
            self.failure_is_raised = True
            raise self.violation
        if self.app_exception is not None and self._raises:
            self.failure_is_raised = True
            if stems_from_refusal(self.app_exception):
                return
            if not self.client_is_gone:
                add_note_once(self.app_exception, self._note)
            raise self.app_exception

    # -- steps ------------------------------------------------------------------------------

    def _step(self, act: WebSocketAct) -> None:
        self.state = TRANSITIONS[self.state, act]

    def _may(self, act: WebSocketAct, message: Message) -> bool:
        """Return whether the table allows `act`; raise or note the broken rule otherwise."""
        __tracebackhide__ = True
        if (self.state, act) in TRANSITIONS:
            return True
        what = f"The app sent {message['type']!r} {_WHEN[self.state]}."
        self.break_rule(BROKEN[self.state, act], what, allowed=self._allowed(), message=message)
        return False

    def _allowed(self) -> list[WebSocketAct]:
        """The acts of the app that the table allows in this state."""
        hidden = [WebSocketAct.LEAVE, WebSocketAct.RAISE]
        if _EXTENSION not in self._offered:
            hidden.append(WebSocketAct.DENIAL_START)
        return [act for state, act in TRANSITIONS if state is self.state and act not in hidden]

    def _refuse_gone(self, kind: object) -> None:
        """Tell the app that it sends to nobody; closing what is closed does no harm."""
        if kind == "websocket.close":
            return
        assert self.close is not None
        code = self.close.code
        raise ClientDisconnectedError(f"The client has closed the WebSocket (code {code}).")

    def _refuse_type(self, kind: object, message: Message) -> None:
        __tracebackhide__ = True
        if isinstance(kind, str) and kind.startswith("http."):
            rule, what = "W24", f"The app sent {cut(kind)} on a 'websocket' scope."
        elif isinstance(kind, str):
            rule, what = "W23", f"The app sent a message of type {cut(kind)}."
        else:
            given = "a message" if isinstance(cast("object", message), Mapping) else cut(message)
            rule, what = "W23", f"The app sent {given}, which has no type."
        shown = message if isinstance(cast("object", message), Mapping) else None
        self.break_rule(rule, what, allowed=self._allowed(), message=shown)

    def _take_accept(self, message: Message) -> None:
        __tracebackhide__ = True
        if not self._may(WebSocketAct.ACCEPT, message):
            return
        subprotocol: object = message.get("subprotocol")
        headers, faults = accept_headers(message)
        is_early = bool(self._inbound) and self._inbound[0][0]["type"] == "websocket.connect"
        order = connect_fault(is_received=not is_early)
        choice = subprotocol_fault(subprotocol, self._subprotocols)
        if order or choice or faults:
            self.tell_faults([order, choice, *faults], message)
        self.accepted = Accept(None if subprotocol is None else str(subprotocol), headers)
        self.record.add("app", "websocket.accept", detail=self.accepted)
        self.note_endpoint()
        self._step(WebSocketAct.ACCEPT)

    def _take_send(self, message: Message) -> bool:
        __tracebackhide__ = True
        if self.state is not _OPEN and not self._may(WebSocketAct.SEND, message):
            return False
        payload = message.get("text")
        if type(payload) is str and payload.isascii() and message.get("bytes") is None:
            size = len(payload)  # most messages are such, and nothing is wrong with them
        else:
            payload = self._checked_payload(message)
            size = size_bytes(payload)
        shown = payload if size <= CUT_BYTES else payload[:CUT_BYTES]
        self.record.add("app", "websocket.send", size, detail=shown)
        weight = size + MESSAGE_BYTES
        self._sent_bytes += weight
        self.unread.append((payload, weight))
        return self._sent_bytes - self._taken_bytes > WEBSOCKET_HIGH_WATER_BYTES

    def _checked_payload(self, message: Message) -> Payload:
        __tracebackhide__ = True
        payload, faults = read_payload(message)
        self.tell_faults(faults, message)
        return payload

    def _take_close(self, message: Message) -> None:
        __tracebackhide__ = True
        if not self._may(WebSocketAct.CLOSE, message):
            return
        code: object = message.get("code", NORMAL)
        reason: object = message.get("reason")
        is_rejected = self.state is WebSocketState.CONNECTING
        if not is_rejected:  # else it is a 403, and nothing of code and reason is sent
            self.tell_faults(close_faults(code, reason), message)
        code = int(code) if isinstance(code, int) else NO_CODE
        self.close = Close(code, str(reason or ""), "app")
        self.record.add("app", "websocket.close", detail=self.close)
        self._step(WebSocketAct.CLOSE)
        self._answer_close(LINE_LOST if is_rejected else code)

    def _take_denial_start(self, message: Message) -> None:
        __tracebackhide__ = True
        if not self._may(WebSocketAct.DENIAL_START, message):
            return
        if _EXTENSION not in self._offered:
            what = f"The app used {_EXTENSION!r}, which its scope does not offer."
            self.break_rule("H53", what, allowed=self._allowed(), message=message)
        headers, faults = denial_start(message)
        self.tell_faults(faults, message)
        status = message.get("status")
        self._denial_start = ResponseStart(int(status) if isinstance(status, int) else 500, headers)
        self.record.add("app", "websocket.http.response.start", detail=self._denial_start)
        self._step(WebSocketAct.DENIAL_START)

    def _take_denial_body(self, message: Message) -> None:
        __tracebackhide__ = True
        more = bool(message.get("more_body", False))
        act = WebSocketAct.DENIAL_BODY if more else WebSocketAct.LAST_DENIAL_BODY
        if not self._may(act, message):
            return
        body: object = message.get("body", b"")
        faults = denial_body_faults(message, is_first=not self._denial_body)
        self.tell_faults(faults, message)
        piece = bytes(body) if is_bytes_like(body) else str(body).encode("utf-8", "replace")
        self.record.add_body("app", "websocket.http.response.body", piece, more=more)
        self._denial_body.append(piece)
        self._step(act)
        if not more and self._denial_start is not None:
            self.denial = Denial(self._denial_start, b"".join(self._denial_body))
            self._answer_close(LINE_LOST)

    def _answer_close(self, code: int) -> None:
        """Let the app receive the end that it has brought about, after what is unread."""
        reason = self.close.reason if self.close is not None and code != LINE_LOST else ""
        self._queue_disconnect(code, reason)

    def _queue_disconnect(self, code: int, reason: str) -> None:
        self._inbound.append(({"type": "websocket.disconnect", "code": code, "reason": reason}, -1))
