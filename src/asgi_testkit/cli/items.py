"""Request items: `name=value`, `name:=json`, `name==query`, `Header:value`, and files.

The language is HTTPie's, without its nested names: `a[b]=1` is a field of that very name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from asgi_testkit.cli.headers import HeaderError, sendable_header

__all__ = ("FileItem", "ItemError", "Items", "parse_items")

_SEPARATORS: Final = (":=@", "=@", ":=", "==", "=", "@", ":", ";")
_ESCAPED: Final = re.compile(r"\\([:=@;\\])")
_WANTED: Final = (
    "name=value, name:=json, name==query, Header:value, Header:, Header;, name@file, name=@file"
    " or name:=@file"
)


class ItemError(ValueError):
    """An item cannot be understood, or its file not be read."""


@dataclass(frozen=True, slots=True)
class FileItem:
    """A file to upload as a field; its type follows from its name where none is given."""

    name: str
    path: Path
    content_type: str | None = None


@dataclass(slots=True)
class Items:
    """What some items say.

    Attributes:
        headers: to be sent beside the default ones.
        removed: names of headers that are not to be sent.
        query: to be appended to the URL's.
        fields: of the body, in their order; values are texts, or whatever JSON can say.
        files: of the body.
        has_json: one of the fields was given as JSON.
    """

    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    removed: list[str] = field(default_factory=list[str])
    query: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    fields: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])  # Any: JSON
    files: list[FileItem] = field(default_factory=list[FileItem])
    has_json: bool = False

    @property
    def has_body(self) -> bool:
        """Whether they say anything of a body."""
        return bool(self.fields or self.files)


def parse_items(texts: Iterable[str]) -> Items:
    r"""Return what items say. In a name a backslash keeps a separator: `a\:b=value`.

    Raises:
        ItemError: one cannot be understood; the text says what is wanted.
    """
    items = Items()
    for text in texts:
        name, separator, value = _split(text)
        if not name:
            raise ItemError(f"The item {text!r} has no name. Wanted is {_WANTED}.")
        _take(items, name, separator, value)
    return items


def _split(text: str) -> tuple[str, str, str]:
    """Return name, separator and value; the separator that comes first counts."""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        for separator in _SEPARATORS:
            if text.startswith(separator, at):
                name = _ESCAPED.sub(r"\1", text[:at])
                return name, separator, text[at + len(separator) :]
        at += 1
    raise ItemError(f"The item {text!r} cannot be understood. Wanted is {_WANTED}.")


def _take(items: Items, name: str, separator: str, value: str) -> None:
    match separator:
        case ":":
            _take_header(items, name, value)
        case ";":
            if value:
                raise ItemError(f"The item '{name};{value}': an empty header is just '{name};'.")
            items.headers.append(_header(name, ""))
        case "==":
            items.query.append((name, value))
        case "@":
            items.files.append(_file(name, value))
        case _:
            items.fields.append((name, _field_value(name, separator, value)))
            items.has_json = items.has_json or separator.startswith(":=")


def _take_header(items: Items, name: str, value: str) -> None:
    if value.strip():
        items.headers.append(_header(name, value))
    else:
        items.removed.append(name)


def _header(name: str, value: str) -> tuple[str, str]:
    try:
        return sendable_header(name, value)
    except HeaderError as error:
        raise ItemError(str(error)) from None


def _file(name: str, value: str) -> FileItem:
    path, _, content_type = value.partition(";type=")
    return FileItem(name, Path(path).expanduser(), content_type or None)


def _field_value(name: str, separator: str, value: str) -> Any:  # whatever JSON can say
    text = _read(value) if separator.endswith("@") else value
    if not separator.startswith(":="):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise ItemError(f"The item '{name}{separator}{value}' holds no JSON: {error}.") from None


def _read(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ItemError(f"The file {path!r} cannot be read as text: {error}.") from None
