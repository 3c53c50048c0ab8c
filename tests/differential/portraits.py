"""What a value looks like from outside, as plain data that two sides can be compared by."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Mapping
from http.cookiejar import Cookie
from types import ModuleType
from typing import Any

__all__ = ("Portraits", "public_names")

_TEN_DAYS = 864_000
_PLAIN = (bool, int, float, type(None), complex)


def public_names(value: object) -> list[str]:
    """Return the public names of a value, those of its class and those of its own."""
    return [name for name in dir(value) if not name.startswith("_")]


class Portraits:
    """Portraits of the values of one library, on one side.

    Args:
        is_async: of the side; a stream has to be one for it.
    """

    def __init__(self, library: ModuleType, *, is_async: bool) -> None:
        self._library = library
        self._is_async = is_async

        self._known: dict[type, Callable[[Any], Any]] = {}
        self._all = self._painters()

    def __call__(self, value: Any) -> Any:
        paint = self._known.get(type(value))
        if paint is None:
            paint = self._known[type(value)] = self._painter(value)
        return paint(value)

    def _painter(self, value: Any) -> Callable[[Any], Any]:
        for kind, paint in self._all:
            if isinstance(value, kind):
                return paint
        return lambda value: type(value).__name__

    def _painters(self) -> list[tuple[Any, Callable[[Any], Any]]]:
        library = self._library
        return [
            (_PLAIN, repr),  # a NaN is not equal to itself
            (str, lambda value: repr(_without_chance(value))),
            (bytes, lambda value: "b" + repr(_without_chance(value.decode("latin-1")))),
            ((list, tuple), lambda value: [type(value).__name__, *map(self, value)]),
            (dt.timedelta, lambda value: f"timedelta, positive: {value > dt.timedelta()}"),
            (library.Headers, lambda value: ["Headers", value.encoding, self(value.raw)]),
            (library.Cookies, lambda value: ["Cookies", *map(_cookie, value.jar)]),
            (library.URL, lambda value: ["URL", str(value), self(value.raw_path)]),
            ((library.QueryParams, library.Timeout), repr),
            (Mapping, self._mapping),
            (library.Response, self._parts),
            (library.Request, self._parts),
            (BaseException, self._error),
            ((library.SyncByteStream, library.AsyncByteStream), self._stream),
            (type, lambda value: value.__name__),
        ]

    def _mapping(self, value: Any) -> Any:
        return {name: self(part) for name, part in value.items()}

    def _parts(self, value: Any) -> Any:
        """Return all public parts of a request or a response that are no methods."""
        parts = {name: self.part(value, name) for name in public_names(value)}
        parts = {name: part for name, part in parts.items() if part != "method"}
        return {"repr": self._repr(value), **parts}

    def _repr(self, value: Any) -> Any:
        try:
            return _without_chance(repr(value))
        except Exception as error:
            return self(error)

    def part(self, value: Any, name: str) -> Any:
        """Return the portrait of an attribute, or of the error that reading it raises."""
        try:
            part = getattr(value, name)
        except Exception as error:
            return self(error)
        return "method" if callable(part) else self(part)

    def _error(self, error: BaseException) -> Any:
        kind = type(error)
        bases = [base.__name__ for base in kind.__mro__]
        parts: dict[str, Any] = {"error": bases, "text": _without_chance(str(error))}
        parts["cause"] = type(error.__cause__).__name__
        if isinstance(error, self._library.RequestError | self._library.HTTPStatusError):
            try:
                parts["request"] = self(error.request)
            except RuntimeError:
                parts["request"] = "none"
        return parts

    def _stream(self, stream: Any) -> str:
        library = self._library
        kind = library.AsyncByteStream if self._is_async else library.SyncByteStream
        return f"a stream for this client: {isinstance(stream, kind)}"


def _cookie(cookie: Cookie) -> Any:
    """Return what a cookie holds; when it ends is exact only if that is not counted from now."""
    parts = {name: value for name, value in vars(cookie).items() if name != "_rest"}
    expires = cookie.expires
    if expires is not None and abs(expires - time.time()) < _TEN_DAYS:
        parts["expires"] = "in the next days" if expires > time.time() else "in the last days"
    return [parts, [cookie.get_nonstandard_attr(name) for name in ("HttpOnly", "SameSite")]]


def _without_chance(text: str) -> str:
    """Return a text without boundaries and nonces that are drawn anew each time."""
    if "--" in text or "boundary=" in text:
        text = re.sub(r"(boundary=|--)[0-9a-f]{32}", r"\1BOUNDARY", text)
    if "cnonce=" in text or "MD5-SESS" in text:
        text = re.sub(r'(response|cnonce)="[0-9a-f]+"', r'\1="..."', text)
    return text
