"""Plans: requests that httpx2 has built, to be sent again as they were or as others of their kind.

A plan holds values only; which of them is still good is `shortcuts.Plans`' affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import httpx2

from asgi_testkit.httpx2.cookies import VersionedJar
from asgi_testkit.httpx2.encoded import ENCODED
from asgi_testkit.protocol.scope import HTTPRequest
from asgi_testkit.session.http import Limits
from asgi_testkit.types import HeaderPairs

__all__ = ("Plan", "as_request", "plain_content")

_ANY: Final = (object,)
_DEFAULT: Final = httpx2.USE_CLIENT_DEFAULT
_NOTHING: Final[Mapping[str, tuple[object, ...]]] = {
    "auth": (None, _DEFAULT),
    "cookies": (None,),
    "extensions": (None,),
    "files": (None,),
    "follow_redirects": (_DEFAULT,),
    "params": (None,),
    "timeout": (_DEFAULT,),
}
"""What is as if it was not given, of options that are not plain."""

_PLAIN: Final = {"content": (bytes, str), "data": (dict,), "headers": (dict,), "json": _ANY}
_ANYWHERE: Final = httpx2.URL("http://testserver")


class Plan(NamedTuple):
    """What httpx2 has built once for a URL, good while the client's settings last.

    Attributes:
        request: its head, as scopes have it.
        url: where it is sent.
        origin: what plain targets are put behind, where they differ in nothing else; or empty.
        headers: the client's own, as they were when it was made.
        sent_headers: those that are sent, as httpx2 has put them in order.
        names: of the headers that are sent, in lower case.
        has_own_host: the `Host` that is sent is the client's own, which has its own place.
        cookies_version: that of the jar, as it was then.
        body: what is sent.
    """

    request: HTTPRequest
    url: httpx2.URL | str
    origin: str
    base_url: httpx2.URL
    headers: HeaderPairs
    sent_headers: HeaderPairs
    names: frozenset[bytes]
    has_own_host: bool
    timeout: httpx2.Timeout
    limits: Limits
    http_version: bytes
    cookies: VersionedJar
    cookies_version: object
    body: bytes = b""

    def as_request(self) -> httpx2.Request:
        """Return the request as httpx2 would have built it."""
        return httpx2.Request(
            self.request.method,
            self.url,
            headers=self.sent_headers,
            content=self.body,
            extensions={"timeout": self.timeout.as_dict()},
        )

    def at(self, target: str) -> Plan:
        """Return the plan for another plain target."""
        request = self.request.at(target.encode())
        return self._replace(request=request, url=self.origin + target)

    def with_headers(self, headers: Mapping[Any, Any]) -> Plan | None:
        """Return the plan with one call's own headers; `None`: httpx2 has to merge them."""
        if b"cookie" in self.names:  # which comes last
            return None
        own: HeaderPairs = []
        for name, value in headers.items():
            if type(name) is not str or type(value) is not str:
                return None
            if not (name.isascii() and value.isascii()):
                return None
            own.append((name.encode(), value.encode()))
            if own[-1][0].lower() in self.names:
                return None
        return self._replace(
            request=self.request.with_headers(own),
            sent_headers=[*self.sent_headers, *own],
            names=self.names.union(name.lower() for name, _ in own),
        )

    def with_content(self, method: str, content: Mapping[str, Any]) -> Plan | None:
        """Return the plan with a method and a body; `None`: httpx2 has to merge their headers.

        Args:
            method: in any case.
            content: what httpx2 makes a body of, by the names of its options.
        """
        if self.has_own_host or not self._lets_httpx2_describe(content):
            return None
        method = method.upper()
        body, own = ENCODED.of(content) or _made_by_httpx2(method, content)
        # The length of no body at all comes first, all that describes one last.
        at = 1 if len(own) == 1 and not body else len(self.sent_headers)
        return self._replace(
            request=self.request.with_method(method, own, at=at),
            sent_headers=[*self.sent_headers[:at], *own, *self.sent_headers[at:]],
            body=body,
        )

    def _lets_httpx2_describe(self, content: Mapping[str, Any]) -> bool:
        """Return whether no header describes the body already; else httpx2 has to choose."""
        is_typed = "json" in content or "data" in content
        return not (
            b"content-length" in self.names
            or b"transfer-encoding" in self.names
            or (is_typed and b"content-type" in self.names)
        )


def _made_by_httpx2(method: str, content: Mapping[str, Any]) -> tuple[bytes, HeaderPairs]:
    made = httpx2.Request(method, _ANYWHERE, **content)
    _, *own = made.headers.raw  # behind the host
    return made.read(), own


def as_request(asked: Plan | httpx2.Request) -> httpx2.Request:
    """Return the request as httpx2 has built it, or would have."""
    return asked.as_request() if isinstance(asked, Plan) else asked


def plain_content(options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what of a call's options is given, if that is a plain body or plain headers at most.

    `None`: there are others, or a body that is read piece by piece.
    """
    content: dict[str, Any] = {}
    for name, value in options.items():
        kinds = _PLAIN.get(name)
        if kinds is None:
            if not any(value is nothing for nothing in _NOTHING.get(name, ())):
                return None
        elif value is not None:
            if kinds is not _ANY and type(value) not in kinds:
                return None
            content[name] = value
    return content
