"""The extensions of HTTP responses: what their messages have to hold.

Functions that read a message and find what is wrong, as a rule's id and a sentence; they neither
raise nor warn, and open no file. Source: ASGI extensions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final, TypeAlias

from asgi_testkit.protocol.fields import Fault, header_pairs, read_links
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.types import HeaderPairs, Message

__all__ = (
    "TLS",
    "FileOnItsWay",
    "FilePart",
    "Push",
    "ReadFile",
    "files_elsewhere",
    "read_early_hint",
    "read_file_part",
    "read_push",
)

TLS: Final[Mapping[str, Any]] = {
    "server_cert": None,
    "client_cert_chain": (),
    "client_cert_name": None,
    "client_cert_error": None,
    "tls_version": None,
    "cipher_suite": None,
}
"""What the `tls` extension holds where nothing is known."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """What of which file is to be sent.

    Attributes:
        file: a path, or the descriptor of an open file.
        offset: where to begin; `None`: where the file stands.
        count: how many bytes; `None`: to the end.
    """

    file: str | int
    offset: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """A resource that the app wants pushed, with the headers of the request for it."""

    path: str
    headers: HeaderPairs


@dataclass(frozen=True, slots=True)
class FileOnItsWay:
    """A file that is being sent.

    Attributes:
        pieces: what of it was not taken.
        message: the app's, that began it.
        more: whether more of the body follows it.
    """

    pieces: Iterator[bytes]
    message: Message
    more: bool


ReadFile: TypeAlias = Callable[[FilePart], Iterator[bytes]]
"""Opens a file at once, which may raise `OSError`, and gives its pieces one after the other."""


def files_elsewhere(part: FilePart) -> Iterator[bytes]:
    """Refuse: nobody has said how to read files."""
    raise OSError(f"this exchange reads no files: {part.file!r}")


def read_push(message: Message) -> tuple[Push, list[Fault]]:
    """Return what is to be pushed, and what is wrong with it."""
    headers, faults = header_pairs(message.get("headers", ()))
    path: object = message.get("path")
    if not isinstance(path, str):
        faults.append(("H53", f"The app sent a push whose 'path' is no str: {cut(path)}."))
    return Push(str(path), headers), faults


def read_early_hint(message: Message) -> tuple[list[bytes], list[Fault]]:
    """Return the links of early hints, which become header values, and what is wrong with them."""
    links: object = message.get("links", ())
    if (read := read_links(links)) is None:
        return [], [("H25", f"The app sent early hints whose 'links' are no bytes: {cut(links)}.")]
    _, faults = header_pairs([(b"link", link) for link in read])
    return read, faults


def read_file_part(message: Message) -> tuple[FilePart, Fault | None]:
    """Return which file a `pathsend` or `zerocopysend` wants sent, and what is wrong with it."""
    if message["type"] == "http.response.pathsend":
        path: object = message.get("path")
        return FilePart(str(path)), _path_fault(path)
    file: object = message.get("file")
    descriptor = _descriptor(file)
    if descriptor is None:
        what = f"The app sent a 'file' that has no descriptor: {cut(file)}."
        return FilePart(-1), ("H53", what)
    offset, count = message.get("offset"), message.get("count")
    for name, number in (("offset", offset), ("count", count)):
        if number is not None and (not isinstance(number, int) or number < 0):
            what = f"The app sent {name!r} {cut(number)}; a number of bytes is wanted."
            return FilePart(descriptor), ("H53", what)
    return FilePart(descriptor, offset, count), None


def _path_fault(path: object) -> Fault | None:
    if not isinstance(path, str):
        return "H55", f"The app sent a 'path' that is no str: {cut(path)}."
    if not PurePath(path).is_absolute():
        return "H55", f"The app sent a path that is not absolute: {cut(path)}."
    return None


def _descriptor(file: object) -> int | None:
    if isinstance(file, int) and not isinstance(file, bool):
        return file
    fileno: object = getattr(file, "fileno", None)
    try:
        number: object = fileno() if callable(fileno) else None
    except (OSError, ValueError):  # such as of io.BytesIO, or of a closed file
        return None
    return number if isinstance(number, int) else None
