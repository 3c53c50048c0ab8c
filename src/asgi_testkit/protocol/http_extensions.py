"""The extensions of an HTTP exchange: trailers, debug, early hints, push, files to send.

What their messages hold is read in `extensions`, the files by whatever the driver gives. No I/O
and no waiting. Source: ASGI extensions.
"""

from __future__ import annotations

from typing import Any

from asgi_testkit.protocol.extensions import (
    FileOnItsWay,
    Push,
    ReadFile,
    read_early_hint,
    read_file_part,
    read_push,
)
from asgi_testkit.protocol.fields import header_pairs, more_fault
from asgi_testkit.protocol.http_states import HTTPAct, HTTPState
from asgi_testkit.protocol.http_steps import HTTPSteps
from asgi_testkit.types import Message

__all__ = ("HTTPExtensions",)


class HTTPExtensions(HTTPSteps):
    """An HTTP exchange as far as extensions go.

    Attributes:
        debug: what the app sent as `http.response.debug`; `None` without.
        early_hints: the links of all early hints, as sent.
        pushes: what the app wanted pushed.
        is_extended: an extension has something to show beside status, headers and body.
        file: what is being sent of a file.
    """

    debug: Any = None  # ASGI leaves it open
    early_hints: tuple[bytes, ...] = ()
    pushes: tuple[Push, ...] = ()
    is_extended = False
    file: FileOnItsWay | None = None
    _read_file: ReadFile

    def extension_values(self) -> dict[str, object]:
        """Return what the app has sent by extensions, by their names; `debug` apart."""
        if not self.is_extended:
            return {}
        values = {
            "http.response.trailers": self.trailers,
            "http.response.early_hint": list(self.early_hints) or None,
            "http.response.push": list(self.pushes) or None,
            "http.response.pathsend": self.sent_path,
        }
        return {name: value for name, value in values.items() if value is not None}

    def _take_trailers(self, message: Message) -> None:
        __tracebackhide__ = True
        if not self._refuse_unoffered("http.response.trailers", message):
            return
        more = bool(message.get("more_trailers", False))
        act = HTTPAct.TRAILERS if more else HTTPAct.LAST_TRAILERS
        if not self._may(act, message) or self.trailers is None:
            return
        headers, faults = header_pairs(message.get("headers", ()))
        self.tell_faults(faults, message)
        self.record.add("app", "http.response.trailers", more=more, detail=headers)
        self.trailers.extend(headers)
        self._step(act)

    def _take_debug(self, message: Message) -> None:
        __tracebackhide__ = True
        if not self._may(HTTPAct.DEBUG, message):
            return
        if not self._refuse_unoffered("http.response.debug", message):
            return
        self.debug = message.get("info")
        self.is_extended = True
        self.record.add("app", "http.response.debug")

    def _take_early_hint(self, message: Message) -> None:
        __tracebackhide__ = True
        is_offered = self._refuse_unoffered("http.response.early_hint", message)
        if not is_offered or not self._may(HTTPAct.EARLY_HINT, message):
            return
        links, faults = read_early_hint(message)
        self.tell_faults(faults, message)
        self.record.add("app", "http.response.early_hint", detail=links)
        self.early_hints += tuple(links)
        self.is_extended = True

    def _take_push(self, message: Message) -> None:
        __tracebackhide__ = True
        is_offered = self._refuse_unoffered("http.response.push", message)
        if not is_offered or not self._may(HTTPAct.PUSH, message):
            return
        push, faults = read_push(message)
        self.tell_faults(faults, message)
        self.record.add("app", "http.response.push", detail=push)
        self.pushes += (push,)
        self.is_extended = True

    def _take_path(self, message: Message) -> None:
        __tracebackhide__ = True
        is_offered = self._refuse_unoffered("http.response.pathsend", message)
        if not is_offered or not self._may(HTTPAct.PATHSEND, message):
            return
        self._open_file(message, more=False)
        self.sent_path = str(message.get("path"))
        self.is_extended = True

    def _take_file(self, message: Message) -> None:
        __tracebackhide__ = True
        if not self._refuse_unoffered("http.response.zerocopysend", message):
            return
        more: object = message.get("more_body", False)
        self.tell_faults([more_fault(more, "more_body")], message)
        if self._may(HTTPAct.BODY if more else HTTPAct.LAST_BODY, message):
            self._open_file(message, more=bool(more))

    def _open_file(self, message: Message, *, more: bool) -> None:
        """Begin to send a file: the driver asks for its pieces, as fast as they are read."""
        __tracebackhide__ = True
        part, fault = read_file_part(message)
        self.tell_faults([fault], message)
        try:
            pieces = self._read_file(part) if fault is None else iter(())
        except (OSError, ValueError) as error:  # such as of a path with a NUL
            is_path = message["type"] == "http.response.pathsend"
            what = f"The app sent a file that cannot be read: {error}."
            self.break_rule("H55" if is_path else "H53", what, message=message)
            pieces = iter(())
        self.record.add("app", message["type"], more=more, detail=part)
        self.file, self.sends_on = FileOnItsWay(pieces, message, more=more), True
        self.state = HTTPState.STREAMING

    def app_send_on(self) -> None:
        """Take the next piece of the file that is being sent.

        Raises:
            ASGIRuleError: it is longer or shorter than was declared.
        """
        __tracebackhide__ = True
        file, self.file, self.sends_on = self.file, None, False
        if file is None or self.client_is_gone:
            return
        piece = next(file.pieces, None)
        is_last = piece is None and not file.more
        self.tell_faults([self._body.fault(len(piece or b""), is_last=is_last)], file.message)
        if piece is not None:
            self._body.add(piece)
            self.file, self.sends_on = file, True
        elif is_last:
            self._enter(HTTPState.COMPLETE if self.trailers is None else HTTPState.TRAILERS)
