"""httpx2's own names, for those above the adapters, who import no client library."""

from __future__ import annotations

from httpx2 import (
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
