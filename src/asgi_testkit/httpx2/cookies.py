"""The cookies of a client in a jar that tells whether it was changed, for the short-cuts."""

from __future__ import annotations

from http.cookiejar import Cookie, CookiePolicy
from typing import Any

import httpx2

__all__ = ("VersionedJar", "version_of_cookies", "versioned_cookies")


class VersionedJar(type(httpx2.Cookies().jar)):  # type: ignore[misc]
    """The jar that httpx2 makes, which also tells whether it was changed.

    Attributes:
        version: another object after each change. It is set after the change, so that who reads
            it first, and the cookies then, never holds old cookies for the new ones.
        may_expire: whether a cookie was set that time takes away.
    """

    version: object = None
    may_expire = False

    def set_cookie(self, cookie: Cookie) -> None:
        """Set a cookie."""
        super().set_cookie(cookie)
        self.may_expire = self.may_expire or cookie.expires is not None
        self.version = object()

    def clear(
        self, domain: str | None = None, path: str | None = None, name: str | None = None
    ) -> None:
        """Take cookies away."""
        super().clear(domain, path, name)
        self.version = object()

    def set_policy(self, policy: CookiePolicy) -> None:
        """Set which cookies are taken and sent."""
        super().set_policy(policy)
        self.version = object()


def versioned_cookies(given: Any) -> Any:  # whatever httpx2 takes for cookies
    """Return a client's first cookies in a jar with versions; a user's own jar stays."""
    if given is None:
        return VersionedJar()
    cookies = httpx2.Cookies(given)
    if cookies.jar is given:
        return given
    jar = VersionedJar()
    for cookie in cookies.jar:
        jar.set_cookie(cookie)
    return jar


def version_of_cookies(client: httpx2.Client | httpx2.AsyncClient) -> object:
    """Return the version of a client's cookies, if they have any; see `VersionedJar`."""
    return getattr(client.cookies.jar, "version", None)
