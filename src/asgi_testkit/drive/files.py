"""Files that an app wants sent: read in pieces, as a server's system would send them.

Which file, and whether it may be sent, is the exchange's affair.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Final

from asgi_testkit.protocol.extensions import FilePart

__all__ = ("read_file",)

_PIECE_BYTES: Final = 64 * 1024


def read_file(part: FilePart) -> Iterator[bytes]:
    """Open a file, or take over a copy of its descriptor, and return its pieces one by one.

    Raises:
        OSError: it cannot be opened.
    """
    if isinstance(part.file, str):
        file = Path(part.file).open("rb", buffering=0)  # noqa: SIM115 - `_pieces` closes it
    else:
        file = os.fdopen(os.dup(part.file), "rb", buffering=0)
    try:
        if part.offset is not None:
            file.seek(part.offset)
    except OSError:
        file.close()
        raise
    return _pieces(file, part.count)


def _pieces(file: FileIO, count: int | None) -> Iterator[bytes]:
    with file:
        while count is None or count > 0:
            piece = file.read(_PIECE_BYTES if count is None else min(count, _PIECE_BYTES))
            if not piece:
                return
            count = None if count is None else count - len(piece)
            yield piece
