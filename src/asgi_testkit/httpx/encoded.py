# Generated from src/asgi_testkit/httpx2/encoded.py by scripts/write_httpx.py.
"""Bodies as httpx encodes them, without making a request of each.

Which headers it gives them and how it writes JSON is seen in what it makes of samples. A version
that does otherwise than is known here encodes by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx

from asgi_testkit.types import HeaderPairs

__all__ = ("ENCODED", "Encoded")

_SAMPLE: Final[Mapping[str, Any]] = {"\u00e9": [1, None, True, 1.5, "\U0001f600"], "b": {}}


class Encoded:
    """What is known of httpx's bodies; made when the first is asked for."""

    def __init__(self) -> None:
        self._is_known: bool | None = None

    def of(self, content: Mapping[str, Any]) -> tuple[bytes, HeaderPairs] | None:
        """Return a body with the headers that describe it; `None`: httpx has to encode it.

        Raises:
            TypeError, ValueError: as httpx does, where a value is no JSON.
        """
        if self._is_known is None:
            self._is_known = _is_as_known()
        if not self._is_known or len(content) != 1:
            return None
        if "json" in content:
            return _json_body(content["json"])
        body = content.get("content")
        if isinstance(body, str):
            body = body.encode("utf-8")
        return _described(body) if body else None


ENCODED: Final = Encoded()


def _json_body(value: object) -> tuple[bytes, HeaderPairs]:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    body, length = _described(text.encode("utf-8"))
    return body, [*length, (b"Content-Type", b"application/json")]


def _described(body: bytes) -> tuple[bytes, HeaderPairs]:
    return body, [(b"Content-Length", b"%d" % len(body))]


def _is_as_known() -> bool:
    """Return whether this version of httpx makes of samples what is made of them here."""
    made = (_made(json=_SAMPLE), _made(content=b"sample"), _made(content="\u00e9"))
    text = _described("\u00e9".encode())
    return made == (_json_body(_SAMPLE), _described(b"sample"), text) and not _takes_nan()


def _made(**content: Any) -> tuple[bytes, HeaderPairs]:
    request = httpx.Request("POST", "http://testserver", **content)
    return request.read(), request.headers.raw[1:]


def _takes_nan() -> bool:
    try:
        _made(json=float("nan"))
    except ValueError:
        return False
    return True
