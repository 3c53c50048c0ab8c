"""The headers that a client begins with, and those that it gets later, as httpx2 merges them."""

from __future__ import annotations

from typing import Any, Final

import httpx2

__all__ = ("first_headers", "with_defaults")


def first_headers(given: Any) -> httpx2.Headers:
    """Return a new client's headers: httpx2's, our user agent, and those given."""
    merged = httpx2.Headers(_FIRST_HEADERS)
    if given is not None:
        merged.update(given)
    return merged


def with_defaults(given: Any) -> httpx2.Headers:
    """Return what a client sends that was given these headers, as httpx2 merges them."""
    merged = httpx2.Headers(_DEFAULT_HEADERS)
    merged.update(given)
    return merged


def _default_headers() -> httpx2.Headers:
    """Return what httpx2's clients send that were given no headers."""
    return httpx2.Client(transport=httpx2.BaseTransport()).headers


_DEFAULT_HEADERS: Final = _default_headers()
_FIRST_HEADERS: Final = with_defaults({"user-agent": "testclient"})
