"""The short-cut of the client: what makes a plain GET fast, and nothing else.

Without it every result is the same and only later: set `client.use_shortcuts = False` to turn it
off. What requests has prepared once for a URL is copied, where nothing that it was made of has
changed; whatever is not plain (auth, cookies, hooks, parameters, a body) requests prepares anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from requests import PreparedRequest, Request, Session
from requests.hooks import default_hooks

__all__ = ("PreparedGets",)

_MOST_PLANS: Final = 512


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was prepared, and the default headers of the session that went into it."""

    prepared: PreparedRequest
    headers: list[tuple[str, str | bytes]]


class PreparedGets:
    """The plain GETs that a session has prepared, by their absolute URLs."""

    def __init__(self) -> None:
        self._plans: dict[str, _Plan] = {}

    def find(self, session: Session, request: Request, url: str) -> PreparedRequest | None:
        """Return a request as requests would prepare it, if it is one that is known."""
        plan = self._plans.get(url)
        if plan is None or not _is_plain(session, request):
            return None
        if list(session.headers.items()) != plan.headers:
            return None
        prepared = plan.prepared.copy()
        prepared.hooks = default_hooks()  # a copy shares them, and auth may add to them
        return prepared

    def learn(
        self, session: Session, request: Request, url: str, prepared: PreparedRequest
    ) -> None:
        """Keep what requests has prepared, if it is plain."""
        if not _is_plain(session, request) or "cookie" in prepared.headers:
            return
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        self._plans[url] = _Plan(prepared.copy(), list(session.headers.items()))


def _is_plain(session: Session, request: Request) -> bool:
    """Return whether URL and default headers are all that a request is made of."""
    if request.method != "GET" or request.headers or request.params or request.cookies:
        return False
    if request.data or request.files or request.json is not None or request.auth:
        return False
    if session.auth or session.params or session.trust_env:
        return False
    if any(request.hooks.values()) or any(session.hooks.values()):
        return False
    return next(iter(session.cookies), None) is None
