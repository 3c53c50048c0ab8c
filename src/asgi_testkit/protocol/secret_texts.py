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

from asgi_testkit.protocol.secrets import HIDDEN, is_secret_name, may_name_secrets, told_names

__all__ = (
    "Span",
    "hide_secrets",
    "hide_spans",
    "may_hold_secrets",
    "merged",
    "secret_spans",
    "thorough_spans",
)


_Search: TypeAlias = Callable[[str, Sequence[str]], Iterator["Span"]]


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
    r"""(?<!\\)(\\{0,15}["'])((?:[^"'\\\r\n]|\\u[0-9a-fA-F]{4}){1,80})\1\s*(?::|=>?)\s*[bru]?"""
)
_ESCAPED_CHAR: Final = re.compile(r"""\\u([0-9a-fA-F]{4})""")
_PLAIN_NAME: Final = re.compile(
    r"""(?<![\w"'.-])([A-Za-z_][\w.-]{1,60})[ \t]*[:=][ \t]*[bru]?(?=(\\{0,15}["']))"""
)
_SETTING: Final = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{1,60})[ \t]*=[ \t]*"""
    r"""([^\s"'(){}\[\]<>;,]+)[ \t]*\r?$""",
    re.MULTILINE,
)
_NAME_AND_VALUE: Final = re.compile(
    r"""(\\{0,15}["'])(?:name|key|field|header)\1\s*:\s*\1([^"'\\\r\n]{1,80})\1"""
    r"""[^{}\[\]]{0,200}?\1(?:value|val|content)\1\s*:\s*""",
    re.IGNORECASE,
)
_TWO_OF_A_LIST: Final = re.compile(
    r"""[\[(]\s*[bru]?(\\{0,15}["'])([^"'\\\r\n]{1,80})\1\s*,\s*[bru]?(?=\1)"""
)
_LIST_ENDS: Final = re.compile(r"""\\{0,15}["']?\s*,?\s*(?:[\])]|\Z)""")
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
    r"""form-data;[^\r\n]{0,300}?[ ;]name="([^"\r\n]{0,200})"[^\r\n]{0,1000}"""
    r"""(?:\r?\n[^\r\n]{1,1000}){0,8}\r?\n\r?\n"""
    r"""(.*?)(?=\r?\n--|\Z)""",
    re.DOTALL | re.IGNORECASE,
)
_ELEMENT: Final = re.compile(r"""<(?:\w+:)?([A-Za-z][\w.-]{0,60})(?:\s[^<>]*)?>([^<]+)""")
_SHOWS_TEXT: Final = re.compile(r"""<(?:textarea|output|code|pre|span|td|p|div)\b""", re.IGNORECASE)
_TEXT: Final = re.compile(r""">\s*([^<\s][^<]*)""")
_TAG: Final = re.compile(r"""<[A-Za-z][^<>]*""")
_TAG_NAME: Final = re.compile(r"""\s(?:name|id)\s*=\s*["']?([^\s"'>]+)""", re.IGNORECASE)
_TAG_VALUE: Final = re.compile(
    r"""\s(?:value|content)\s*=\s*(?:"([^"]*)|'([^']*)|([^\s"'>]+))""", re.IGNORECASE
)
_LOOKS: Final = (
    (("@",), re.compile(r""":(?:\\?/){2}([^/\s@"'<>?#\\]+)@""")),
    (
        ("bearer", "bas"),
        re.compile(r"""\b(?:Bearer|Basic)\s+((?=\S*[^a-z\s])[\w.~+/=-]{6,})""", re.IGNORECASE),
    ),
    (("eyj",), re.compile(r"""(?<![\w-])(eyJ[\w-]{5,}\.[\w.-]*)""")),
    (
        (
            *("ghp", "gho", "ghu", "ghs", "ghr", "github_pat_", "glpat-", "sk-", "sk_", "xox"),
            "akia",
        ),
        re.compile(
            r"""(?<![\w-])((?:gh[pousr]_|github_pat_|glpat-|sk[-_]|xox[abprs]-|AKIA)[\w-]{12,})"""
        ),
    ),
    (
        ("private key",),
        re.compile(r"""-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)(?:-----END|\Z)""", re.DOTALL),
    ),
)
"""What looks like a secret, each with what is in all of its matches, in small letters."""

_LOOKS_MARKS: Final = tuple(mark for marks, _ in _LOOKS for mark in marks)
_SHORT_CHARS: Final = 200
_BARE: Final = re.compile(r"""[^\s,;&}\])"'<>\\]+""")
_LONG_NUMBER: Final = re.compile(r"""\d{6,}""")
_IN_URL: Final = re.compile(r"""%(?:25|22|27|3A|3D|5B|7B)""", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"""%([0-9A-Fa-f]{2})""")
_MOST_ESCAPED: Final = 3
"""How often a text may have been written for a URL, one within the other."""

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
    return thorough_spans(text, names) if may_hold_secrets(text, names) else ()


def thorough_spans(text: str, names: Sequence[str]) -> Sequence[Span]:
    """Return where a text holds secrets, without a look whether it may hold any."""
    found = [span for search in _searches(text) for span in search(text, names)]
    return tuple(s for s in found if text[s.start : s.end].lower() not in _NO_SECRETS)


def may_hold_secrets(text: str, names: Sequence[str]) -> bool:
    """Return whether a text may hold secrets; a no is certain, and fast, for most texts.

    Several texts may be asked for at once, with a line break between them.
    """
    return any(_has_looks(view) or may_name_secrets(view, names) for view in _views_of(text))


def _views_of(text: str) -> Iterator[str]:
    """Yield a text as the searches read it: as it is, and with escapes read, one within another."""
    for _ in range(_MOST_ESCAPED + 2):  # the last reads the name of a pair
        yield text
        if "\\u" in text:
            yield _unescaped(text)
        if "%" not in text:
            return
        text, before = _ESCAPE.sub(_escaped_char, text).replace("+", " "), text
        if text == before:
            return


def _escaped_char(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16))


def _looks_in(text: str) -> Iterator[re.Pattern[str]]:
    """Yield the patterns of what looks like a secret that may match."""
    folded = text.casefold()  # as patterns fold that ignore case
    if any(map(folded.__contains__, _LOOKS_MARKS)):
        for marks, pattern in _LOOKS:
            if any(map(folded.__contains__, marks)):
                yield pattern


def _has_looks(text: str) -> bool:
    return any(pattern.search(text) for pattern in _looks_in(text))


def _searches(text: str) -> Iterator[_Search]:
    """Yield those that can find anything: what each of them needs is looked for first."""
    has_equals = "=" in text
    if '"' in text or "'" in text:
        yield from _searches_of_quotes(text)
    if has_equals:
        yield _pairs
        yield _settings
    if _IN_URL.search(text) is not None:
        yield _in_urls
    if ": " in text or ":\t" in text:
        yield _lines
    if "<" in text:
        yield _elements
    if has_equals and "form-data;" in text.casefold():
        yield _parts
    yield _looks


def _searches_of_quotes(text: str) -> Iterator[_Search]:
    if ":" in text or "=" in text:
        yield _quoted
        yield _assigned
        yield _named
    if "[" in text or "(" in text:
        yield _listed


def _quoted(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield values behind quoted names: of JSON, also of JSON inside JSON, and of dicts."""
    done = 0  # what is in a secret is no other
    for match in _QUOTED_NAME.finditer(text):
        if match.start() >= done and is_secret_name(_unescaped(match[2]), told=names):
            for span in _value(text, match.end(), match[1]):
                yield span
                done = span.end


def _unescaped(name: str) -> str:
    return _ESCAPED_CHAR.sub(lambda escape: chr(int(escape[1], 16)), name)


def _named(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield values beside their names: `{"name": ..., "value": ...}`."""
    for match in _NAME_AND_VALUE.finditer(text):
        if is_secret_name(match[2], told=names):
            yield from _value(text, match.end(), match[1])


def _listed(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield the seconds of pairs, such as those of headers."""
    for match in _TWO_OF_A_LIST.finditer(text):
        if is_secret_name(match[2], told=names):
            for span in _value(text, match.end(), match[1]):
                if _LIST_ENDS.match(text, span.end):  # a list of names has more, as a rule
                    yield span._replace(is_telling=False)


def _assigned(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield quoted values of code and settings: `name: "..."`, `name = "..."`."""
    done = 0
    for match in _PLAIN_NAME.finditer(text):
        if match.start() >= done and is_secret_name(match[1], told=names):
            for span in _value(text, match.end(), match[2]):
                yield span
                done = span.end


def _settings(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield values of lines that are settings: `name = ...`."""
    for match in _SETTING.finditer(text):
        if is_secret_name(match[1], told=names):
            yield Span(match.start(2), match.end(2), is_telling=False)


def _in_urls(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield what is found once percent escapes are read: JSON or a query as a parameter's value."""
    plain, places = text, list(range(len(text) + 1))
    for _ in range(_MOST_ESCAPED):
        if _IN_URL.search(plain) is None:
            return
        plain, inner = _read_escapes(plain)
        places = [places[at] for at in inner]
        for search in _searches(plain):
            for span in () if search is _in_urls else search(plain, names):
                yield Span(places[span.start], places[span.end], is_telling=span.is_telling)


def _read_escapes(text: str) -> tuple[str, Sequence[int]]:
    """Return the text without percent escapes, and from where each character of it is."""
    parts: list[str] = []
    places: list[int] = []
    at = 0
    for escape in _ESCAPE.finditer(text):
        parts += [text[at : escape.start()], chr(int(escape[1], 16))]
        places += range(at, escape.start() + 1)
        at = escape.end()
    plain = "".join([*parts, text[at:]]).replace("+", " ")
    return plain, [*places, *range(at, len(text) + 1)]


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
        is_telling = _LONG_NUMBER.fullmatch(bare[0]) is not None
        yield Span(at, bare.end(), f"{escape}{mark}{HIDDEN}{escape}{mark}", is_telling)


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
    done = 0
    for match in _PAIR.finditer(text):
        name, is_query = unquote_plus(match[2]), match[1] is not None
        if match.start() < done or not is_secret_name(name, in_query=is_query, told=names):
            continue
        at = match.end()
        if (mark := text[at : at + 1]) in ("'", '"'):
            done = _string_end(text, at + 1, mark, 0)
            yield Span(at + 1, done)
        elif (value := _PAIR_VALUE.match(text, at)) is not None and value[0]:
            done = value.end()
            yield Span(at, done)


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
    """Yield values of form fields and `meta` elements in HTML, and texts of named elements."""
    for tag in _TAG.finditer(text):
        name = _TAG_NAME.search(tag[0])
        value = _TAG_VALUE.search(tag[0])
        if name is None or not is_secret_name(name[1], told=names):
            continue
        if value is not None:
            start, end = value.span(value.lastindex or 0)
            yield Span(tag.start() + start, tag.start() + end)
        elif _SHOWS_TEXT.match(tag[0]) and (shown := _TEXT.match(text, tag.end())) is not None:
            yield Span(shown.start(1), shown.end(1), is_telling=False)


def _looks(text: str, _names: Sequence[str]) -> Iterator[Span]:
    """Yield what looks like a secret, whatever stands before it."""
    for pattern in _looks_in(text):
        for match in pattern.finditer(text):
            yield Span(match.start(1), match.end(1))
