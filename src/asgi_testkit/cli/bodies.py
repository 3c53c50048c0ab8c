"""Request bodies: what items and curl's flags send, as httpx2 takes it."""

from __future__ import annotations

import json
import mimetypes
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, TypeAlias
from urllib.parse import urlencode

from asgi_testkit.cli.items import FileItem, ItemError, Items

__all__ = ("Body", "BodyKind", "Part", "body_of", "part_of", "raw_body")

BodyKind: TypeAlias = Literal["", "json", "form"]

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_PIECE_BYTES: Final = 2**16

# A field's name, and what httpx2 takes for it: the file's name, its content, its type.
Part: TypeAlias = tuple[str, tuple[str | None, BinaryIO | bytes, str | None]]


@dataclass(frozen=True, slots=True)
class Body:
    """A request body.

    Attributes:
        content: bytes, or pieces that are read while they are sent; `None`: `parts` hold it.
        content_type: for the header, unless the user gives one; `None`: the client knows.
        parts: of a multipart body.
        accept: for the header, unless the user gives one; `None`: the client's.
    """

    content: bytes | Iterator[bytes] | None = None
    content_type: str | None = None
    parts: tuple[Part, ...] = ()
    accept: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is sent."""
        return self.content is None and not self.parts

    @property
    def request_options(self) -> dict[str, Any]:
        """What `build_request` takes."""
        return {"files": list(self.parts)} if self.parts else {"content": self.content}


def raw_body(
    data: Sequence[str], raw: Sequence[str], binary: Sequence[str], kind: BodyKind
) -> Body:
    """Return the body that curl's `-d`, `--data-raw` and `--data-binary` say.

    Several are joined by `&`. Only `--data-binary @-`, alone, is sent while it is read.

    Raises:
        ItemError: a file cannot be read.
    """
    content_type = _JSON if kind == "json" else _FORM
    if list(binary) == ["@-"] and not data and not raw:
        return Body(_pieces(sys.stdin.buffer), content_type)
    plain = (_given(text, is_text=True) for text in data)
    given = (_given(text, is_text=False) for text in binary)
    return Body(b"&".join([*plain, *(text.encode() for text in raw), *given]), content_type)


def body_of(items: Items, parts: Sequence[Part], kind: BodyKind, files: ExitStack) -> Body:
    """Return the body of items, and of curl's `-F`; JSON unless a form is asked for, or files are.

    Args:
        items: what the items say.
        parts: of `-F`.
        kind: what is asked for.
        files: closes what is opened here.

    Raises:
        ItemError: a file cannot be read, or a form is to hold JSON.
    """
    is_multipart = bool(items.files or parts)
    if (is_multipart or kind == "form") and items.has_json:
        raise ItemError("name:=json is for JSON bodies; a form takes name=value.")
    if is_multipart:
        fields: list[Part] = [(name, (None, text.encode(), None)) for name, text in items.fields]
        uploads = [_opened(one, files) for one in items.files]
        return Body(parts=(*fields, *parts, *uploads))
    if not items.fields:
        return Body(accept=f"{_JSON}, */*;q=0.5" if kind == "json" else None)
    if kind == "form":
        return Body(urlencode(items.fields).encode(), _FORM)
    return Body(_json(dict(items.fields)), _JSON, accept=f"{_JSON}, */*;q=0.5")


def part_of(text: str, files: ExitStack) -> Part:
    """Return what curl's `-F` says: `name=value`, `name=@file`, `name=<file`, with `;type=`.

    Raises:
        ItemError: it cannot be understood, or its file not be read.
    """
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ItemError(f"-F got {text!r}; name=value or name=@file is wanted.")
    value, _, content_type = value.partition(";type=")
    if value.startswith("@"):
        return _opened(FileItem(name, Path(value[1:]), content_type or None), files)
    content = _read_bytes(value[1:]) if value.startswith("<") else value.encode()
    return name, (None, content, content_type or None)


def _opened(item: FileItem, files: ExitStack) -> Part:
    try:
        opened = files.enter_context(item.path.open("rb"))
    except OSError as error:
        raise ItemError(_unreadable(item.path, error)) from None
    content_type = item.content_type or mimetypes.guess_type(item.path.name)[0]
    return item.name, (item.path.name, opened, content_type or "application/octet-stream")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _given(text: str, *, is_text: bool) -> bytes:
    """Return what `-d` says: of files, as curl has it, without their line ends."""
    if not text.startswith("@"):
        return text.encode()
    content = _read_bytes(text[1:])
    return content.replace(b"\r", b"").replace(b"\n", b"") if is_text else content


def _read_bytes(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise ItemError(_unreadable(path, error)) from None


def _unreadable(path: Path | str, error: OSError) -> str:
    return f"The file {str(path)!r} cannot be read: {error.strerror}."


def _pieces(stream: Any) -> Iterator[bytes]:  # a buffered reader, whose `read1` no protocol names
    while piece := stream.read1(_PIECE_BYTES):
        yield piece
