"""The battery: what is tried on an app, as data.

Steps that matter most come first, for all targets before the next kind begins: where a bound cuts
the battery short, every target has been tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from asgi_testkit.checking import acts
from asgi_testkit.checking.acts import Step
from asgi_testkit.checking.paths import Target, Upload

__all__ = ("battery",)

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

_PREFLIGHT: Final[Headers] = (
    (b"origin", b"http://elsewhere.example"),
    (b"access-control-request-method", b"POST"),
    (b"access-control-request-headers", b"x-one, x-two"),
)

_LEAVES: Final = (
    (acts.leave_at_once, "client leaves before the start"),
    (acts.leave_after_start, "client leaves after the start"),
    (acts.leave_amid_body, "client leaves amid the body"),
)

_UPLOADS: Final = (
    (acts.upload, "body in pieces"),
    (acts.leave_before_upload, "client leaves before the upload"),
    (acts.leave_amid_upload, "client leaves amid the upload"),
)

_BROKEN_MULTIPART: Final = b'--cut\r\ncontent-disposition: form-data; name="a"\r\n\r\nno end'

# What is said of the upload, its content type (`None`: the target's own), its body, more headers.
_ODD_UPLOADS: Final[tuple[tuple[str, bytes | None, bytes | None, Headers], ...]] = (
    ("chunked and empty", None, b"", ()),
    ("Expect: 100-continue", None, None, ((b"expect", b"100-continue"),)),
    ("unknown content type", b"application/x-unknown; q", b"\x00\xff", ()),
    ("broken JSON", b"application/json", b'{"a": [1, \xff', ()),
    ("broken multipart", b"multipart/form-data; boundary=cut", _BROKEN_MULTIPART, ()),
    ("multipart without a boundary", b"multipart/form-data", b"--\r\n\r\n", ()),
    ("broken form", b"application/x-www-form-urlencoded", b"%zz=%ff&&=;\xff", ()),
)

_ODD_HEADERS: Final[tuple[tuple[str, Headers], ...]] = (
    ("header bytes beyond ASCII", ((b"x-name", b"caf\xe9"), (b"user-agent", b"\xff"))),
    ("repeated headers", ((b"accept", b"text/html"), (b"accept", b"*/*"), (b"accept", b""))),
    ("empty headers", ((b"accept", b""), (b"cookie", b""), (b"content-type", b""))),
    ("100 headers", tuple((f"x-{number}".encode(), b"value") for number in range(100))),
    ("Range: bytes=0-0", ((b"range", b"bytes=0-0"),)),
    ("broken Range", ((b"range", b"bytes=5-1,x"),)),
    ("If-None-Match: *", ((b"if-none-match", b"*"),)),
    ("broken dates", ((b"if-modified-since", b"yesterday"), (b"if-range", b"now"))),
    ("broken cookies", ((b"cookie", b"=; a; ;;b=\xff; c=1; c=2"),)),
    ("broken Authorization", ((b"authorization", b"Basic \xff!"),)),
    ("broken Accept", ((b"accept", b"text/;q=x,,*"), (b"accept-language", b";q=2"))),
)

_ODD_SCOPES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (  # as ASGI types scopes
    ("HTTP/1.0 without headers", {"http_version": "1.0", "headers": []}),
    ("client address unknown", {"client": None}),
    ("server address unknown", {"server": None}),
    ("HTTP/2", {"http_version": "2"}),
)

_ODD_TARGETS: Final = (
    ("GET", b"//double"),
    ("GET", b"/%2e%2e/x"),
    ("GET", b"/a%00b"),
    ("GET", b"/caf%C3%A9"),
    ("GET", b"/%ff"),
    ("GET", b"/?x=%ff&&=;x=1"),
    ("GET", b"/%zz"),
    ("GET", b"http://elsewhere.example/"),
    ("GET", b"/" + b"long" * 2000),
    ("OPTIONS", b"*"),
)

_SOCKETS: Final = (
    (acts.open_socket, ""),
    (acts.open_socket, "two subprotocols"),
    (acts.drop_socket, "the line drops"),
    (acts.talk_to_socket, "a text and a binary message"),
)


def battery(targets: Sequence[Target], sockets: Sequence[str]) -> Iterator[Step]:
    """Yield the steps for these targets, and for these paths of WebSockets."""
    yield from _plain(targets, "GET")
    yield from _uploads(targets, _UPLOADS[:1])
    yield from _handshakes(sockets)
    yield from (_odd_target(method, target) for method, target in _ODD_TARGETS)
    for act, how in _LEAVES:
        yield from (Step(act, "GET", target.path, how) for target in targets)
    yield from _uploads(targets, _UPLOADS[1:])
    yield from _plain(targets, "HEAD", "OPTIONS", "BREW")
    for target in targets:
        yield Step(acts.ask, "OPTIONS", target.path, "CORS preflight", _PREFLIGHT)
    for how, scope in _ODD_SCOPES:
        yield from (Step(acts.ask, "GET", target.path, how, scope=scope) for target in targets)
    for how, headers in _ODD_HEADERS:
        yield from (Step(acts.ask, "GET", target.path, how, headers) for target in targets)
    yield from _odd_uploads(targets)


def _plain(targets: Iterable[Target], *methods: str) -> Iterator[Step]:
    for method in methods:
        yield from (Step(acts.ask, method, target.path) for target in targets)


def _each_upload(targets: Iterable[Target]) -> Iterator[tuple[Target, Upload]]:
    for target in targets:
        yield from ((target, upload) for upload in target.uploads)


def _uploads(targets: Sequence[Target], kinds: Iterable[tuple[acts.Act, str]]) -> Iterator[Step]:
    for act, how in kinds:
        for target, upload in _each_upload(targets):
            headers = ((b"content-type", upload.content_type.encode()),)
            yield Step(act, upload.method, target.path, how, headers, upload.body)


def _odd_uploads(targets: Sequence[Target]) -> Iterator[Step]:
    for how, content_type, body, more in _ODD_UPLOADS:
        for target, upload in _each_upload(targets):
            own = upload.content_type.encode() if content_type is None else content_type
            headers = ((b"content-type", own), *more)
            content = upload.body if body is None else body
            yield Step(acts.upload, upload.method, target.path, how, headers, content)


def _handshakes(sockets: Sequence[str]) -> Iterator[Step]:
    if "/" not in sockets:
        yield Step(acts.open_socket, "WebSocket", "/", is_probe=True)
    for act, how in _SOCKETS:
        yield from (Step(act, "WebSocket", path, how) for path in sockets)


def _odd_target(method: str, target: bytes) -> Step:
    name = target.decode("latin-1")
    return Step(acts.ask, method, name if len(name) < 80 else f"{name[:9]}...", target=target)
