"""What an app sees of one call, kept in its process until it is asked for."""

from __future__ import annotations

import ast
import asyncio
from contextvars import ContextVar
from typing import Any, Final

from asgi_testkit.types import Message, Receive, Scope, Send

__all__ = ("Record", "literal", "note", "reached", "record_of", "recorded_call", "unpacked")

_RECORDS: dict[str, Record] = {}
_CURRENT: ContextVar[Record] = ContextVar("record")
_SECONDS: Final = 10.0  # that the client may take to say a word


class Record:
    """What one app call has seen so far.

    Attributes:
        scope: its scope; `None`: the app was not called.
        received: the messages, in order.
        sent: type of each message, and what `send` did: `"ok"` or `"raised ..."`.
        notes: what the app says by itself.
        header_names: those that it has sent.
        refusal: what `send` has raised last.
        said: what the client has told.
        ended: how the call ended; `None`: it has not.
    """

    def __init__(self) -> None:
        self.scope: Scope | None = None
        self.received: list[Message] = []
        self.sent: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.header_names: list[bytes] = []
        self.refusal: BaseException | None = None
        self.said: set[str] = set()
        self.ended: str | None = None
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Wake those who wait for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, mark: str) -> None:
        """Wait for a mark: `now`, `called`, `ended`, `received N` messages, or a note."""
        while not self._has(mark):
            await self.changed()

    async def changed(self) -> None:
        """Wait for any change."""
        await self._changed.wait()

    def _has(self, mark: str) -> bool:
        known = {
            "now": True,
            "called": self.scope is not None,
            "ended": self.ended is not None,
            f"received {len(self.received)}": True,
        }
        return known.get(mark, mark in self.notes)

    def packed(self, mark: str) -> bytes:
        """Return it as a literal of Python, and whether it has a mark."""
        names = ("scope", "received", "sent", "header_names", "notes", "ended")
        values = {name: literal(getattr(self, name)) for name in names}
        return repr({**values, "has mark": self._has(mark)}).encode()


def unpacked(packed: bytes) -> dict[str, Any]:
    """Return what `packed()` wrote, by the names of the attributes."""
    read: dict[str, Any] = ast.literal_eval(packed.decode())
    return read


def literal(value: Any) -> Any:  # whatever a server puts into scopes and messages
    """Return the value as a literal can hold it; what none can hold by the name of its type."""
    if isinstance(value, dict):
        return {literal(key): literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [literal(item) for item in value]
    if isinstance(value, tuple):
        return tuple(literal(item) for item in value)
    if value is None or isinstance(value, bool):
        return value
    for plain in (int, float, str, bytes):
        if isinstance(value, plain):
            return plain(value)  # an enum's member is a number to every app
    return f"<{type(value).__name__}>"


def record_of(run: str) -> Record:
    """Return the record of a run, which may be one that the app was not called for."""
    return _RECORDS.setdefault(run, Record())


def note(text: str) -> None:
    """Note what the app that is being called says by itself."""
    record = _CURRENT.get()
    record.notes.append(text)
    record.tell()


async def reached(mark: str) -> None:
    """Wait until the client has said this of the run that the app is called for.

    It is said by a request for control, beside the run's own line; see `apps`.
    """
    record = _CURRENT.get()
    try:
        async with asyncio.timeout(_SECONDS):
            while mark not in record.said:
                await record.changed()
    except TimeoutError:
        note(f"never: {mark}")


async def recorded_call(app: Any, run: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Call the app, and write down what it sees."""
    record = record_of(run)
    record.scope = literal(dict(scope))
    record.tell()
    _CURRENT.set(record)
    try:
        await app(scope, _recorded_receive(record, receive), _recorded_send(record, send))
    except BaseException as error:
        record.ended = f"raised {_cause_of(record, error)}"
        raise
    else:
        record.ended = "returned"
    finally:
        record.tell()


def _recorded_receive(record: Record, receive: Receive) -> Receive:
    async def recorded() -> Message:
        message = await receive()
        record.received.append(literal(dict(message)))
        record.tell()
        return message

    return recorded


def _recorded_send(record: Record, send: Send) -> Send:
    async def recorded(message: Message) -> None:
        kind = str(message.get("type")) if hasattr(message, "get") else type(message).__name__
        try:
            await send(message)
        except BaseException as error:
            record.sent.append((kind, f"raised {_kind_of(error)}"))
            record.refusal = error
            raise
        else:
            record.sent.append((kind, "ok"))
            record.header_names += _header_names(message)
        finally:
            record.tell()

    return recorded


def _header_names(message: Message) -> list[bytes]:
    """Return the names of headers that can be read twice."""
    headers = message.get("headers")
    if not isinstance(headers, list | tuple):
        return []
    pairs = [pair for pair in headers if isinstance(pair, list | tuple) and len(pair) == 2]
    return [name.lower() for name, _ in pairs if isinstance(name, bytes)]


def _cause_of(record: Record, error: BaseException) -> str:
    return "what send raised" if error is record.refusal else type(error).__name__


def _kind_of(error: BaseException) -> str:
    """Return OSError for all of those, as the specification has it, and names for what ends."""
    if isinstance(error, OSError):
        return "OSError"
    return "an exception" if isinstance(error, Exception) else type(error).__name__
