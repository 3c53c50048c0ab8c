"""Printing responses as they come: raw bytes into pipes and files, readable text on terminals."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from typing import Final, Protocol, TextIO

import click

from asgi_testkit.cli.colours import Look, formatted, look_of, paint_json
from asgi_testkit.cli.failures import NobodyReadsError, OutputError

__all__ = ("Output", "Responding", "print_body", "standard_output")

_LINES_OF_JSON: Final = ("application/x-ndjson", "application/jsonl", "application/json-seq")
_NOT_SHOWN: Final = "(binary; not shown on a terminal: redirect it, or give -o FILE)\n"


class Responding(Protocol):
    """What is needed of a client library's response."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by any spelling of their names."""
        ...

    @property
    def encoding(self) -> str | None:
        """Of its text."""
        ...

    def iter_bytes(self) -> Iterator[bytes]:
        """Yield the pieces of the body as they come."""
        ...


class Output:
    """Where a response goes: standard output as it was when the command began, or a file.

    Args:
        stream: standard output.
        file: `None`: none.
    """

    def __init__(self, stream: TextIO, file: FileIO | None = None) -> None:
        self._stream = stream
        self._file = file
        self.size_bytes = 0

    @property
    def is_file(self) -> bool:
        """Whether bodies go to a file."""
        return self._file is not None

    @property
    def is_terminal(self) -> bool:
        """Whether somebody reads bodies as they come."""
        return self._file is None and self._stream.isatty()

    def look(self, pretty: str | None) -> Look:
        """Return how a response is shown; a file gets the bytes as they are."""
        if self._file is not None:
            return Look(is_formatted=False, is_coloured=False)
        return look_of(pretty, is_terminal=self.is_terminal)

    def write(self, text: str) -> None:
        """Write text to standard output, at once."""
        with _while_somebody_reads():
            click.echo(text, file=self._stream, nl=False, color=True)

    def write_body(self, piece: bytes) -> None:
        """Write bytes of the body, at once."""
        self.size_bytes += len(piece)
        with _while_somebody_reads():
            if self._file is not None:
                _write_whole(self._file, piece)
                return
            click.echo(piece, file=self._stream, nl=False)


def standard_output() -> Output:
    """Return standard output as it is now, before the app is at work."""
    return Output(sys.stdout)


@contextmanager
def _while_somebody_reads() -> Generator[None]:
    try:
        yield
    except BrokenPipeError:
        raise NobodyReadsError from None
    except OSError as error:
        raise OutputError(f"The output cannot be written: {error.strerror}.") from None


def _write_whole(file: FileIO, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[file.write(left) :]


def print_body(
    response: Responding, output: Output, look: Look, *, is_buffered: bool = True
) -> Iterator[None]:
    """Print a body piece by piece, and yield after each.

    Only JSON that is to be formatted is printed as a whole.

    Args:
        response: what is read.
        output: where it goes.
        look: nothing of it: raw bytes.
        is_buffered: `False`: JSON is printed as it comes, too.
    """
    if not look.is_formatted and not look.is_coloured:
        for piece in response.iter_bytes():
            output.write_body(piece)
            yield
        return
    yield from _print_text(response, output, look, is_buffered=is_buffered)


def _print_text(
    response: Responding, output: Output, look: Look, *, is_buffered: bool
) -> Iterator[None]:
    last = ""
    for text in _laid_out(response, look, is_buffered=is_buffered):
        output.write(text)
        last = text or last
        yield
    if last and not last.endswith("\n"):
        output.write("\n")


def _laid_out(response: Responding, look: Look, *, is_buffered: bool) -> Iterator[str]:
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    pieces = _texts(response)
    if content_type in _LINES_OF_JSON:
        pieces = _lines(pieces)
    elif not content_type.endswith(("/json", "+json")):
        yield from pieces
        return
    elif is_buffered:
        whole = "".join(pieces)
        pieces = iter([formatted(whole) if look.is_formatted else whole])
    for piece in pieces:
        yield paint_json(piece) if look.is_coloured else piece


def _texts(response: Responding) -> Iterator[str]:
    """Yield a body's text, or a word on why it is not shown."""
    decoder = codecs.getincrementaldecoder(response.encoding or "utf-8")(errors="replace")
    for piece in response.iter_bytes():
        if b"\0" in piece:
            yield _NOT_SHOWN
            return
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    """Yield whole lines: a token of JSON must not be cut."""
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        if whole:
            yield "\n".join([*whole, ""])
    if rest:
        yield rest
