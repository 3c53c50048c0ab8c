"""Bodies in a trace: texts where they are such, bytes else; pieces of one are redacted as one."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypedDict

from asgi_testkit.protocol.record import Entry
from asgi_testkit.report.redaction import Redaction

__all__ = ("BodyTrace", "bodies_of")


class BodyTrace(TypedDict):
    """What is kept of a body.

    Attributes:
        kind: `"text"` and `"json"` are in `text`, `"bytes"` in `base64`.
        cut: it goes on.
    """

    kind: Literal["text", "json", "bytes"]
    text: str
    base64: str
    cut: bool


def bodies_of(
    entries: Sequence[Entry], request_headers: Iterable[tuple[bytes, bytes]], redaction: Redaction
) -> Mapping[int, BodyTrace]:
    """Return the bodies by the index of their entries."""
    found: dict[int, BodyTrace] = {}
    for at, entry in enumerate(entries):
        if isinstance(entry.detail, str | bytes) and entry.size_bytes > 0:
            whole = entry.detail if isinstance(entry.detail, bytes) else entry.detail.encode()
            piece = redaction.pieces([whole])[0]
            found[at] = _body(piece, cut=entry.size_bytes > len(whole))
    return found


def _body(piece: bytes, *, cut: bool) -> BodyTrace:
    try:
        text = piece.decode()
    except UnicodeDecodeError as error:
        if not cut or error.start < len(piece) - 3:
            shown = base64.b64encode(piece).decode()
            return {"kind": "bytes", "text": "", "base64": shown, "cut": cut}
        text = piece[: error.start].decode()
    kind: Literal["text", "json"] = "json" if text.lstrip()[:1] in ("{", "[") else "text"
    return {"kind": kind, "text": text, "base64": "", "cut": cut}
