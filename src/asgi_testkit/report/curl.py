"""A `curl` line that sends the same request again, as far as its parts may be shown."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from asgi_testkit.report.exchanges import ExchangeTrace

__all__ = ("curl_of", "is_telling_header")

_CURLS_OWN: Final = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "transfer-encoding"}
)
_ESCAPES: Final = {
    **{code: f"\\x{code:02x}" for code in (*range(32), 127)},
    **{ord(char): f"\\{name}" for char, name in zip("\n\r\t\\'", "nrt\\'", strict=True)},
}
_DEFAULTS: Final = re.compile(
    r"accept: \*/\*|user-agent: (testclient|python-(httpx2?|requests)/[\w.]+)"
)
_HANDSHAKES: Final = re.compile(r"upgrade: websocket|sec-websocket-(key|version): .*")
"""What every client of WebSockets sends; the subprotocols that it offers are the test's own."""


def curl_of(trace: ExchangeTrace, host: str) -> str:
    """Return the command; a body that was cut or is no text is read from a file `body`.

    Args:
        trace: the request's.
        host: where it went, if no header tells.
    """
    parts = ["curl", *_method(trace), _url(trace, host)]
    for name, value in trace["request_headers"]:
        if is_telling_header(name, value, kind=trace["kind"]):
            parts += ["-H", f"{name}: {value}"]
    return " ".join(map(_quoted, [*parts, *_data(trace)]))


def _quoted(text: str) -> str:
    """Return a word for a shell; control characters are escaped as bash and zsh read them."""
    if text.isprintable():
        return shlex.quote(text)
    return f"$'{text.translate(_ESCAPES)}'"


def is_telling_header(name: str, value: str, *, kind: str) -> bool:
    """Return whether a header of an exchange of this kind is none that clients send unasked."""
    header = f"{name}: {value}"
    is_handshakes = kind == "websocket" and _HANDSHAKES.fullmatch(header) is not None
    return name not in _CURLS_OWN and not is_handshakes and _DEFAULTS.fullmatch(header) is None


def _method(trace: ExchangeTrace) -> list[str]:
    method, has_body = trace["method"], bool(_sizes(trace))
    if method == "HEAD":
        return ["--head"]
    return [] if method == ("POST" if has_body else "GET") else ["-X", method]


def _url(trace: ExchangeTrace, host: str) -> str:
    told = (value for name, value in trace["request_headers"] if name == "host")
    shown = next(told, "") or host or "testserver"
    return f"{trace['scheme'] or 'http'}://{shown}{trace['target']}"


def _sizes(trace: ExchangeTrace) -> list[int]:
    entries = (entry for entry in trace["entries"] if entry["act"] == "http.request")
    return [entry["size"] for entry in entries if entry["size"]]


def _data(trace: ExchangeTrace) -> list[str]:
    if not _sizes(trace):
        return []
    entries = [entry for entry in trace["entries"] if entry["act"] == "http.request"]
    kept = [entry["body"] for entry in entries if entry["body"] is not None]
    is_part = trace["dropped"] or entries[-1]["more"]
    if is_part or any(body["cut"] or body["kind"] == "bytes" for body in kept):
        return ["--data-binary", "@body"]
    return ["--data-raw", "".join(body["text"] for body in kept)]
