"""URLs of clients, made once: base URLs, and what relative URLs are joined to them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

import httpx2

from asgi_testkit.client.build import no_base_url

__all__ = ("AbsoluteURLs", "absolute_base", "is_plain_target", "plain_origin")

_MOST_URLS: Final = 4096
is_plain_target: Final = re.compile(
    r"/(?![/.])[\w~\-]*(?:[/.][\w~\-]+)*/?(?:\?[\w~.\-=&]+)?", re.ASCII
).fullmatch


@lru_cache(maxsize=64)
def absolute_base(base_url: str | httpx2.URL) -> httpx2.URL:
    """Return the URL, parsed once: most clients have the same, and URLs never change."""
    url = httpx2.URL(base_url)
    if url.scheme in ("http", "https") and url.host:
        return url
    raise no_base_url(base_url)


class AbsoluteURLs:
    """What httpx2 makes of relative URLs, which it parses and joins at each call."""

    def __init__(self) -> None:
        self._joined: _Joined | None = None

    def find(self, base_url: httpx2.URL, url: object) -> httpx2.URL | None:
        """Return the absolute URL; `None`: it is not plain, so that httpx2 has to join it."""
        if type(url) is not str:
            return None
        joined = self._joined
        if joined is None or joined.base_url is not base_url:
            origin = plain_origin(base_url)
            joined = self._joined = _Joined(base_url, origin, _known_at(origin))
        known = joined.known.get(url)
        return joined.join(url) if known is None else known


class _Joined(NamedTuple):
    """What was joined to one base URL; another thread may have another one's."""

    base_url: httpx2.URL
    origin: str
    known: dict[str, httpx2.URL]

    def join(self, url: str) -> httpx2.URL | None:
        if not self.origin or is_plain_target(url) is None:
            return None
        if len(self.known) >= _MOST_URLS:
            self.known.clear()
        absolute = self.known[url] = httpx2.URL(self.origin + url)
        return absolute


@lru_cache(maxsize=16)
def _known_at(origin: str) -> dict[str, httpx2.URL]:
    """Return what was joined to an origin, by whichever client: most have the same."""
    del origin
    return {}


def plain_origin(base_url: httpx2.URL) -> str:
    """Return what plain targets are put behind; empty: the base URL has more than an origin."""
    is_plain = base_url.raw_path == b"/" and not base_url.userinfo and not base_url.fragment
    return str(base_url).rstrip("/") if is_plain else ""
