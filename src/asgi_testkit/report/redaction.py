"""What is shown of headers, texts and bodies whose parts may be secrets.

What has a telling name is hidden where it stands. Its value is then looked for everywhere else in
the same exchanges, as it is and as it is written in URLs, JSON and base64.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Final

from asgi_testkit.protocol.secret_texts import (
    Span,
    hide_spans,
    may_hold_secrets,
    merged,
    secret_spans,
)
from asgi_testkit.protocol.secrets import HIDDEN, is_secret_header, told_names
from asgi_testkit.report.pieces import Reading
from asgi_testkit.report.secret_values import contents_of, is_token, spellings, values_of

__all__ = ("Redaction",)

_UNMISTAKABLE_CHARS: Final = 8
"""From this length on a value is a secret also amid a word."""

_OFFERS: Final = b"sec-websocket-protocol"


class Redaction:
    """Hides the secrets of some exchanges in whatever is shown of them.

    Args:
        readings: the exchanges.
        texts: what else is to be shown, as far as it is known: one look at all is fast.
        is_on: `False`: nothing is hidden.
        told: what the user has said of names, where the caller has it: `told_names()`.
    """

    def __init__(
        self,
        readings: Sequence[Reading],
        *,
        texts: Iterable[str] = (),
        is_on: bool = True,
        told: Sequence[str] | None = None,
    ) -> None:
        self.is_on = is_on
        self._told = told_names() if told is None else told
        self._clean: frozenset[str] = frozenset()
        self._values: _Values | None = None
        if is_on:
            self._look(readings, texts)

    def _look(self, readings: Sequence[Reading], texts: Iterable[str]) -> None:
        """Take note of which texts are without secrets for certain, and of the secrets' values."""
        contents = [content for reading in readings for content in contents_of(reading)]
        known = frozenset([*contents, *texts])
        if not may_hold_secrets("\n".join(known), self._told):
            self._clean, contents = known, []
        if values := values_of(readings, contents, self._told):
            self._values = _Values(values)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        if not text or not self.is_on or not (spans := self._spans(text)):
            return text
        return hide_spans(text, spans)

    def subprotocol(self, name: str) -> str:
        """Return a subprotocol, unless it is a token in disguise."""
        return HIDDEN if self.is_on and is_token(name, self._told) else self.text(name)

    def header(self, name: bytes, value: bytes) -> str:
        """Return a header's value, or that it is hidden."""
        text = value.decode("latin-1")
        if self.is_on and is_secret_header(name, self._told):
            return HIDDEN
        if self.is_on and name.lower() == _OFFERS:
            return ", ".join(self.subprotocol(offer.strip()) for offer in text.split(","))
        return self.text(text)

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> Sequence[Sequence[str]]:
        """Return headers as names and what is shown of their values."""
        if self.is_on and self._values is None:
            return _headers_alone(tuple([(name, value) for name, value in headers]), self._told)
        return self.shown_headers(headers)

    def shown_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> Sequence[Sequence[str]]:
        """Return the same, each header read anew."""
        return [[name.decode("latin-1"), self.header(name, value)] for name, value in headers]

    def pieces(self, pieces: Sequence[bytes]) -> list[bytes]:
        """Return the pieces of one body without secrets, as many as there were.

        A secret may begin in one and end in another.
        """
        whole = b"".join(pieces).decode("latin-1")  # a character a byte
        if not self.is_on or not (spans := self._spans(whole)):
            return list(pieces)
        spans = merged(spans)
        shown: list[bytes] = []
        at = 0
        for piece in pieces:
            shown.append(_hide_within(whole, at, at + len(piece), spans).encode("latin-1"))
            at += len(piece)
        return shown

    def _spans(self, text: str) -> Sequence[Span]:
        spans = () if text in self._clean else secret_spans(text, self._told)
        if self._values is None or not self._values.may_be_in(text):
            return spans
        return [*spans, *self._values.spans(text)]


@lru_cache(maxsize=512)
def _headers_alone(
    headers: Sequence[tuple[bytes, bytes]], told: Sequence[str]
) -> Sequence[Sequence[str]]:
    """Return headers where nothing else holds a secret: the same come again and again."""
    return Redaction((), told=told).shown_headers(headers)


class _Values:
    """The values of secrets, in whatever way they are written."""

    def __init__(self, values: Iterable[str]) -> None:
        self._spelt = {spelt for value in values for spelt in spellings(value)}

    def may_be_in(self, text: str) -> bool:
        """Return whether any of them may be in a text: for most texts a quick no."""
        return any(value in text for value in self._spelt)

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where they are."""
        return (Span(*match.span()) for match in self._pattern.finditer(text))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """The longest before those that are a part of it."""
        longest_first = sorted(self._spelt, key=lambda value: (-len(value), value))
        long = [value for value in longest_first if len(value) >= _UNMISTAKABLE_CHARS]
        short = [_as_word(value) for value in longest_first if len(value) < _UNMISTAKABLE_CHARS]
        return re.compile("|".join([*([_branches(long)] if long else []), *short]))


def _branches(values: Sequence[str], depth: int = 3) -> str:
    """Return a pattern of any of the values, branching by their first characters: that is fast."""
    if depth == 0:
        return "|".join(map(re.escape, values))
    rests: dict[str, list[str]] = {}
    for value in values:
        rests.setdefault(value[0], []).append(value[1:])
    return "|".join(
        f"{re.escape(first)}(?:{_branches(rest, depth - 1)})" for first, rest in rests.items()
    )


def _hide_within(whole: str, start: int, end: int, spans: Iterable[Span]) -> str:
    """Return a part of a text without secrets, also without the parts of such."""
    inside = (span for span in spans if span.start < end and span.end > start)
    cut = [
        span._replace(start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in inside
    ]
    return hide_spans(whole[start:end], cut)


def _as_word(value: str) -> str:
    return rf"(?<![A-Za-z0-9_-]){re.escape(value)}(?![A-Za-z0-9_-])"
