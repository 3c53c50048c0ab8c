# Generated from src/asgi_testkit/httpx2/names.py by scripts/write_httpx.py.
"""httpx's own names, for those above the adapters, who import no client library."""

from __future__ import annotations

from httpx import (
    HTTPError,
    InvalidURL,
    Request,
    Response,
    TooManyRedirects,
    UnsupportedProtocol,
)

__all__ = (
    "HTTPError",
    "InvalidURL",
    "Request",
    "Response",
    "TooManyRedirects",
    "UnsupportedProtocol",
)
