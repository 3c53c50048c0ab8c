"""Secrets in texts: where they stand, whatever the text is, whole or cut.

Known by the names before them: in JSON, in what Python shows of its objects, in queries and forms,
in multipart bodies, HTML and XML, in lines such as `password: ...`. Some are known by what they
look like: tokens of JWT and of well-known services, private keys, credentials in URLs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote_plus

from asgi_testkit.protocol.secrets import HIDDEN, is_secret_name, told_names

__all__ = ("Span", "hide_secrets", "hide_spans", "merged", "secret_spans")


class Span(NamedTuple):
    """A part of a text that is a secret.

    Attributes:
        start, end: where.
        shown: what stands there instead.
        is_telling: its value is a secret wherever else it stands.
    """

    start: int
    end: int
    shown: str = HIDDEN
    is_telling: bool = True


_QUOTED_NAME: Final = re.compile(
    r"""(?<!\\)(\\{0,15}["'])([^"'\\\r\n]{1,80})\1\s*(?::|=>?)\s*[bru]?"""
)
_PAIR: Final = re.compile(
    r"""(?:([?&]|^)|(?<![\w.\-%\[\]]))((?:[\w.\-\[\]]|%[0-9A-Fa-f]{2}){1,120})=[bru]?(?![=\s])""",
    re.MULTILINE,
)
_PAIR_VALUE: Final = re.compile(r"""(?:[^\s&"'<>,;)\]}\\]|[,;)\]}\\](?=[^\s&"'<>,;)\]}\\]))*""")
_LINE: Final = re.compile(
    r"""^(?:data:)?[ \t-]*([A-Za-z][\w.-]{1,60})[ \t]*:[ \t]+([^\s"'{\[][^\r\n]*)""", re.MULTILINE
)
_PROSE: Final = re.compile(
    r"""(?<![\w"'])([A-Za-z][\w-]{1,60}):[ \t]+(?=((?:(?:Bearer|Basic|Token)[ \t]+)?"""
    r"""[^\s"'{\[][^\s"']*))"""
)
_MULTIPART: Final = re.compile(
    r"""form-data;[^\r\n]*?[ ;]name="([^"\r\n]*)"[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n"""
    r"""(.*?)(?=\r?\n--|\Z)""",
    re.DOTALL | re.IGNORECASE,
)
_ELEMENT: Final = re.compile(r"""<(?:\w+:)?([A-Za-z][\w.-]{0,60})(?:\s[^<>]*)?>([^<]+)""")
_TAG: Final = re.compile(r"""<[A-Za-z][^<>]*""")
_TAG_NAME: Final = re.compile(r"""\s(?:name|id)\s*=\s*["']?([^\s"'>]+)""", re.IGNORECASE)
_TAG_VALUE: Final = re.compile(
    r"""\s(?:value|content)\s*=\s*(?:"([^"]*)|'([^']*)|([^\s"'>]+))""", re.IGNORECASE
)
_LOOKS: Final = (
    re.compile(r"""(?<=:)(?:\\?/){2}([^/\s@"'<>?#\\]+)@"""),
    re.compile(r"""\b(?:Bearer|Basic)\s+((?=\S*[^a-z\s])[\w.~+/=-]{6,})""", re.IGNORECASE),
    re.compile(r"""(?<![\w-])(eyJ[\w-]{5,}\.[\w.-]*)"""),
    re.compile(
        r"""(?<![\w-])((?:gh[pousr]_|github_pat_|glpat-|sk[-_]|xox[abprs]-|AKIA)[\w-]{12,})"""
    ),
    re.compile(r"""-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)(?:-----END|\Z)""", re.DOTALL),
)
_MARKS: Final = (
    *("bearer", "bas", "eyj", "akia", "private key"),
    *("ghp", "gho", "ghu", "ghs", "ghr", "github_pat_", "glpat-", "sk-", "sk_", "xox"),
)
"""What is in each of those that have no `@`, in small letters."""

_SHORT_CHARS: Final = 200
_BARE: Final = re.compile(r"""[^\s,;&}\])"'<>\\]+""")
_NO_SECRETS: Final = frozenset({"", "true", "false", "null", "none", HIDDEN.lower()})


def hide_secrets(text: str) -> str:
    """Return a text without what is known for a secret."""
    return hide_spans(text, secret_spans(text))


def hide_spans(text: str, spans: Iterable[Span]) -> str:
    """Return a text with something else where the spans are."""
    if not (in_order := merged(spans)):
        return text
    parts: list[str] = []
    at = 0
    for span in in_order:
        parts += [text[at : span.start], span.shown]
        at = span.end
    return "".join([*parts, text[at:]])


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that overlap as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if found and span.start < found[-1].end:
            if span.end > found[-1].end:
                found[-1] = found[-1]._replace(end=span.end, shown=HIDDEN)
        else:
            found.append(span)
    return found


def secret_spans(text: str, told: Sequence[str] | None = None) -> Sequence[Span]:
    """Return where a text holds secrets; spans may overlap.

    Args:
        text: any.
        told: what the user has said of names, where the caller has it: `told_names()`.
    """
    names = tuple(told_names() if told is None else told)
    return _short_spans(text, names) if len(text) <= _SHORT_CHARS else _spans(text, names)


@lru_cache(maxsize=2048)
def _short_spans(text: str, names: Sequence[str]) -> Sequence[Span]:
    """Return the same for texts that come again and again, such as values of headers."""
    return _spans(text, names)


def _spans(text: str, names: Sequence[str]) -> Sequence[Span]:
    found = [span for search in _searches(text) for span in search(text, names)]
    return tuple(s for s in found if text[s.start : s.end].lower() not in _NO_SECRETS)


_Search: TypeAlias = Callable[[str, Sequence[str]], Iterator[Span]]


def _searches(text: str) -> Iterator[_Search]:
    """Yield those that can find anything: what each of them needs is looked for first."""
    has_colon, has_equals = ":" in text, "=" in text
    if (has_colon or has_equals) and ('"' in text or "'" in text):
        yield _quoted
    if has_equals:
        yield _pairs
    if ": " in text or ":\t" in text:
        yield _lines
    if "<" in text:
        yield _elements
    folded = text.casefold()  # as patterns fold that ignore case
    if has_equals and "form-data;" in folded:
        yield _parts
    if "@" in text or any(mark in folded for mark in _MARKS):
        yield _looks


def _quoted(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield values behind quoted names: of JSON, also of JSON inside JSON, and of dicts."""
    for match in _QUOTED_NAME.finditer(text):
        if is_secret_name(match[2], told=names):
            yield from _value(text, match.end(), match[1])


def _value(text: str, at: int, quote: str) -> Iterator[Span]:
    """Yield the value that begins at an index; `quote` stands around strings there."""
    mark = quote[-1]
    escape = quote[:-1]
    opening = re.compile(rf"({re.escape(escape)})([\"'])").match(text, at)
    if opening is not None:
        yield Span(opening.end(), _string_end(text, opening.end(), opening[2], len(escape)))
    elif text[at : at + 1] in ("{", "[", "("):
        end = _container_end(text, at)
        yield Span(at, end, f"{escape}{mark}{HIDDEN}{escape}{mark}")
    elif (bare := _BARE.match(text, at)) is not None:
        yield Span(at, bare.end(), f"{escape}{mark}{HIDDEN}{escape}{mark}", is_telling=False)


def _string_end(text: str, at: int, mark: str, depth: int) -> int:
    """Return where a string ends, or the text where it is cut; `depth` backslashes are its own."""
    while (end := text.find(mark, at)) >= 0:
        backslashes = _backslashes_before(text, end)
        if backslashes == depth or (depth == 0 and backslashes % 2 == 0):
            return end - depth
        at = end + 1
    return len(text)


def _backslashes_before(text: str, at: int) -> int:
    count = 0
    while count < at and text[at - count - 1] == "\\":
        count += 1
    return count


_BRACKETS: Final = re.compile(r"""[\[\]{}()"']""")


def _container_end(text: str, at: int) -> int:
    depth = 0
    while (bracket := _BRACKETS.search(text, at)) is not None:
        at = bracket.end()
        if bracket[0] in "\"'":
            backslashes = _backslashes_before(text, bracket.start())
            at = _string_end(text, at, bracket[0], backslashes) + backslashes + 1
        else:
            depth += 1 if bracket[0] in "[{(" else -1
        if depth == 0:
            return min(at, len(text))
    return len(text)


def _pairs(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield values of `name=value`: of queries, forms, cookies, and of what Python shows."""
    for match in _PAIR.finditer(text):
        name = unquote_plus(match[2])
        if not is_secret_name(name, in_query=match[1] is not None, told=names):
            continue
        at = match.end()
        if (mark := text[at : at + 1]) in ("'", '"'):
            yield Span(at + 1, _string_end(text, at + 1, mark, 0))
        elif (value := _PAIR_VALUE.match(text, at)) is not None and value[0]:
            yield Span(at, value.end())


def _lines(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield what stands behind `name:`: of a line of its own all, amid a sentence a word."""
    for match in (*_LINE.finditer(text), *_PROSE.finditer(text)):
        if is_secret_name(match[1], told=names):
            yield Span(match.start(2), match.end(2), is_telling=False)


def _parts(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield what the parts of a multipart body hold."""
    for match in _MULTIPART.finditer(text):
        if is_secret_name(match[1], told=names):
            yield Span(match.start(2), match.end(2))


def _elements(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield what elements of XML hold, and fields of HTML."""
    for match in _ELEMENT.finditer(text):
        if is_secret_name(match[1], told=names):
            yield Span(match.start(2), match.end(2))
    yield from _tags(text, names)


def _tags(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield values of form fields and `meta` elements in HTML."""
    for tag in _TAG.finditer(text):
        name = _TAG_NAME.search(tag[0])
        value = _TAG_VALUE.search(tag[0])
        if name is not None and value is not None and is_secret_name(name[1], told=names):
            start, end = value.span(value.lastindex or 0)
            yield Span(tag.start() + start, tag.start() + end)


def _looks(text: str, _names: Sequence[str]) -> Iterator[Span]:
    """Yield what looks like a secret, whatever stands before it."""
    for pattern in _LOOKS:
        for match in pattern.finditer(text):
            yield Span(match.start(1), match.end(1))
