# Generated from src/asgi_testkit/httpx2/first_headers.py by scripts/write_httpx.py.
"""The headers that a client begins with, and those that it gets later, as httpx merges them."""

from __future__ import annotations

from typing import Any, Final

import httpx

__all__ = ("first_headers", "with_defaults")


def first_headers(given: Any) -> httpx.Headers:
    """Return a new client's headers: httpx's, our user agent, and those given."""
    merged = httpx.Headers(_FIRST_HEADERS)
    if given is not None:
        merged.update(given)
    return merged


def with_defaults(given: Any) -> httpx.Headers:
    """Return what a client sends that was given these headers, as httpx merges them."""
    merged = httpx.Headers(_DEFAULT_HEADERS)
    merged.update(given)
    return merged


def _default_headers() -> httpx.Headers:
    """Return what httpx's clients send that were given no headers."""
    return httpx.Client(transport=httpx.BaseTransport()).headers


_DEFAULT_HEADERS: Final = _default_headers()
_FIRST_HEADERS: Final = with_defaults({"user-agent": "testclient"})
