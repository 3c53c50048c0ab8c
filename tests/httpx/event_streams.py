# Generated from tests/httpx2/event_streams.py by scripts/write_httpx.py.
"""Broken event streams, each with what is said of it."""

from __future__ import annotations

__all__ = ("BROKEN",)

UNFINISHED = "ends after line 1 amid an event"
BROKEN = {
    "unknown field": (b"datum: 1\n\n", "Line 1 of the event stream begins with no field"),
    "bad retry": (b"retry: soon\n\n", "Line 1 of the event stream holds no number"),
    "NUL in id": (b"id: 1\x002\n\n", "Line 1 of the event stream holds a NUL"),
    "not UTF-8": (b"data: \xff\n\n", "not UTF-8"),
    "cut UTF-8": (b"data: 1\n\n: \xc3", "not UTF-8"),
    "ended amid an event": (b"data: 1\n", UNFINISHED),
    "ended amid a line": (b"data: 1", UNFINISHED),
}
