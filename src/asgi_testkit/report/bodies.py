"""Bodies in a trace: texts where they are such, bytes else; pieces of one are redacted as one."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypedDict

from asgi_testkit.report.pieces import Piece
from asgi_testkit.report.redaction import Redaction

__all__ = ("BodyTrace", "bodies_of")


class BodyTrace(TypedDict):
    """What is kept of a body.

    Attributes:
        kind: `"text"` and `"json"` are in `text`, `"bytes"` in `base64`.
        text: as it was meant: decompressed, secrets hidden.
        base64: empty, too, of what is compressed in a way that is not known here.
        cut: it goes on.
    """

    kind: Literal["text", "json", "bytes"]
    text: str
    base64: str
    cut: bool


_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def bodies_of(strands: Iterable[Sequence[Piece]], redaction: Redaction) -> Mapping[int, BodyTrace]:
    """Return the bodies by the index of their entries."""
    found: dict[int, BodyTrace] = {}
    for strand in strands:
        shown = redaction.pieces([piece.content or b"" for piece in strand])
        whole = shown[0] if len(shown) == 1 else b"".join(shown)
        is_text = _is_text(whole, is_cut=strand[-1].is_cut)
        is_json = whole.lstrip()[:1] in (b"{", b"[")
        for piece, content in zip(strand, shown, strict=True):
            kind: Literal["text", "json"] = "json" if is_json else "text"
            is_read = is_text and piece.content is not None
            found[piece.at] = {
                "kind": kind if is_read else "bytes",
                "text": content.decode("utf-8", "replace") if is_read else "",
                "base64": "" if is_text else base64.b64encode(content).decode(),
                "cut": piece.is_cut,
            }
    return found


def _is_text(content: bytes, *, is_cut: bool) -> bool:
    """Return whether bytes are UTF-8 without control characters; a cut may split a character."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        if not is_cut or error.start < len(content) - 3:
            return False
        text = content[: error.start].decode()
    return _CONTROL.search(text) is None
