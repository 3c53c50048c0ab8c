"""Shapes: who asks. Basic, digest, netrc, flows of one's own, and none for once."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.differential.app import Answer, Seen, answer
from tests.differential.sides import Side, made_with

__all__ = ()

_WORDS = ("ada", "söcret")
_CHALLENGE = 'Digest realm="r", nonce="abc", algorithm={}, opaque="o"{}'


def _challenged(challenge: str, **more: str) -> Any:
    def tell(seen: Seen) -> Answer:
        names = [name for name, _ in seen["headers"]]
        if b"authorization" in names:
            return answer("in", x_in="yes")
        return answer("out", 401, www_authenticate=challenge, **more)

    return tell


async def basic_by_tuple(s: Side) -> None:
    await s.get("/basic", auth=_WORDS)


async def basic_by_object(s: Side) -> None:
    await s.get("/basic", auth=s.lib.BasicAuth("ada", ""))


async def basic_by_bytes(s: Side) -> None:
    await s.post("/basic", auth=(b"a\xff", b"b"), content=b"x")


@made_with(lambda _: {"auth": _WORDS})
async def basic_of_the_client(s: Side) -> None:
    await s.get("/basic")
    await s.get("/basic", auth=None)
    await s.get("/basic", auth=("other", "word"))
    await s.get("http://elsewhere.test/basic")


async def auth_of_the_client_changed(s: Side) -> None:
    await s.get("/mine")
    s.client.auth = _WORDS
    await s.get("/mine")
    s.client.auth = None
    await s.get("/mine")
    s.client.auth = lambda request: request
    await s.get("/mine")
    s.client.auth = None


async def auth_by_function(s: Side) -> None:
    def sign(request: Any) -> Any:
        request.headers["x-signed"] = request.url.path
        return request

    await s.get("/signed", auth=sign)


@made_with(lambda s: {"auth": lambda request: request})
async def auth_by_function_that_changes_nothing(s: Side) -> None:
    await s.get("/unsigned")


async def userinfo_in_the_url(s: Side) -> None:
    await s.get("http://ada:s%40x@testserver/info")
    await s.get("http://ada@testserver/info")
    await s.get("http://:word@testserver/info")


@made_with(lambda _: {"base_url": "http://ada:word@testserver/v1"})
async def userinfo_in_the_base_url(s: Side) -> None:
    await s.get("/info")
    await s.get("/info", auth=None)


async def digest(s: Side) -> None:
    for algorithm in ("MD5", "MD5-SESS", "SHA-256", "SHA-512"):
        s.answers["/digest"] = _challenged(_CHALLENGE.format(algorithm, ""))
        await s.get("/digest", auth=s.lib.DigestAuth("ada", "word"))
        await s.post("/digest?q=1", auth=s.lib.DigestAuth("ada", "word"), content=b"again")


async def digest_with_a_count(s: Side) -> None:
    s.answers["/counted"] = _challenged(_CHALLENGE.format("MD5", ', qop="auth"'))
    auth = s.lib.DigestAuth("ada", "word")
    await s.get("/counted", auth=auth)
    await s.get("/counted", auth=auth)
    s.client.auth = auth
    await s.get("/counted")
    s.client.auth = None


async def digest_with_cookies(s: Side) -> None:
    challenge = _CHALLENGE.format("MD5", "")
    s.answers["/cookies"] = _challenged(challenge, set_cookie="session=1")
    await s.get("/cookies", auth=s.lib.DigestAuth("ada", "word"))
    s.client.cookies.clear()


async def digest_that_is_malformed(s: Side) -> None:
    for challenge in ("Digest", "Basic realm=x", 'Digest realm="r", nonce="n", qop="auth-int"',
                      'Digest realm="r", nonce="n", algorithm=NONE'):  # fmt: skip
        s.answers["/bad"] = _challenged(challenge)
        await s.get("/bad", auth=s.lib.DigestAuth("ada", "word"))


async def flow_of_two_requests(s: Side) -> None:
    class Token(s.lib.Auth):  # type: ignore[name-defined, misc]
        requires_response_body = True

        def auth_flow(self, request: Any) -> Iterator[Any]:
            fetched = yield s.lib.Request("POST", "http://testserver/token", json={"me": 1})
            request.headers["authorization"] = fetched.text
            second = yield request
            if second.status_code == 401:
                request.headers["authorization"] = "last"
                yield request

    s.answers["/token"] = answer("t0ken")
    s.answers["/guarded"] = answer("no", 401)
    await s.get("/guarded", auth=Token())
    s.answers["/guarded"] = answer("yes")
    await s.get("/guarded", auth=Token())
    await s.post("/guarded", auth=Token(), json=[1])


async def flow_that_needs_the_request_body(s: Side) -> None:
    class Signed(s.lib.Auth):  # type: ignore[name-defined, misc]
        requires_request_body = True

        def auth_flow(self, request: Any) -> Iterator[Any]:
            request.headers["x-length"] = str(len(request.content))
            yield request

    await s.post("/signed", auth=Signed(), content=s.pieces(b"ab", b"cde"))
    await s.post("/signed", auth=Signed(), files={"f": b"file"})


async def flow_that_raises(s: Side) -> None:
    class Broken(s.lib.Auth):  # type: ignore[name-defined, misc]
        def auth_flow(self, request: Any) -> Iterator[Any]:
            yield request
            raise LookupError("after the response")

    await s.get("/broken", auth=Broken())


async def auth_across_redirects(s: Side) -> None:
    s.answers["/same"] = answer("", 302, location="/there")
    s.answers["/other"] = answer("", 302, location="http://elsewhere.test/there")
    s.answers["/upgrade"] = answer("", 302, location="https://testserver/there")
    for url in ("/same", "/other", "/upgrade"):
        await s.get(url, auth=_WORDS)
        await s.get(url, headers={"authorization": "mine"})


@contextlib.contextmanager
def _netrc_file(text: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "netrc"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        yield str(path)


async def netrc(s: Side) -> None:
    with _netrc_file("machine testserver login ada password word\n") as path:
        auth = s.lib.NetRCAuth(path)
        await s.get("/netrc", auth=auth)
        await s.get("http://elsewhere.test/netrc", auth=auth)
        s.client.auth = auth
        await s.get("/netrc")
    s.client.auth = None
