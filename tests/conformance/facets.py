"""What is compared of a sighting, after what may differ on any two servers has been taken out."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from tests.conformance.scenario import Saw, Scenario, Sighting

__all__ = ("NORMALISATIONS", "Normalisation", "facets_of")

_SHOWN_BYTES: Final = 60
_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class Normalisation:
    """One thing that is taken out before sightings are compared."""

    name: str
    reason: str
    change: Callable[[Sighting], None]


def facets_of(scenario: Scenario, sighting: Sighting) -> dict[str, str]:
    """Return what is compared, by name; the sighting is changed."""
    for normalisation in NORMALISATIONS:
        normalisation.change(sighting)
    if sighting.client.end.startswith("rule "):
        return {"client": sighting.client.end}
    if not sighting.app:
        return {"client": sighting.client.end}
    if sighting.app["scope"] is None:
        return {"client": f"{_outcome(sighting.client)}, app not called"}
    return _client_facets(sighting.client) | _app_facets(scenario, sighting.app)


def _client_facets(saw: Saw) -> dict[str, str]:
    facets = {
        "client": _outcome(saw),
        "body": _shown(saw.body),
        "headers": _pairs(saw.headers),
        "hints": " ".join(map(str, saw.hints)),
        "messages": ", ".join(map(_shown, saw.messages)),
        "client notes": ", ".join(saw.notes),
    }
    return {name: shown for name, shown in facets.items() if shown}


def _outcome(saw: Saw) -> str:
    return f"{saw.status} {saw.end}" if saw.status else saw.end


def _app_facets(scenario: Scenario, app: dict[str, Any]) -> dict[str, str]:
    facets = {
        "app": app["ended"] or "runs on",
        "received": ", ".join(map(_shown_message, app["received"])),
        "sent": _shown_sends(app["sent"]),
        "app notes": ", ".join(app["notes"]),
    }
    shown = {name: text for name, text in facets.items() if text}
    return shown | {f"scope {key}": _watched(app["scope"], key) for key in scenario.watches}


def _shown_sends(sent: list[tuple[str, str]]) -> str:
    """Return each with its result; of more than a few that are equal in a row only one."""
    groups = [(text, len(list(rows))) for text, rows in groupby(map(": ".join, sent))]
    shown = ([text] * count if count <= _FEW else [f"many {text}"] for text, count in groups)
    return ", ".join(text for texts in shown for text in texts)


def _watched(scope: dict[str, Any], key: str) -> str:
    if key == "keys":
        return " ".join(sorted(scope))
    if key.startswith("type "):
        return _types(scope.get(key.removeprefix("type ")))
    return repr(scope[key]) if key in scope else "absent"


def _types(value: Any) -> str:  # of any depth
    name = type(value).__name__
    if isinstance(value, tuple | list):
        return f"{name}({', '.join(sorted({_types(item) for item in value}))})"
    return name


def _shown_message(message: dict[str, Any]) -> str:
    kind = message["type"].rpartition(".")[2]
    parts = (
        f"{name}={_shown(value) if isinstance(value, bytes | str) else value}"
        for name, value in sorted(message.items())
        if name != "type"
    )
    return f"{kind}({' '.join(parts)})"


def _shown(value: str | bytes) -> str:
    if len(value) <= _SHOWN_BYTES:
        return repr(value) if value else ""
    data = value.encode() if isinstance(value, str) else value
    return f"{type(value).__name__} of {len(value)}, crc {zlib.crc32(data):08x}"


def _pairs(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return " ".join(repr(name + b": " + value)[2:-1] for name, value in headers)


# -- the table ----------------------------------------------------------------------------------


def _without_response_header(name: bytes) -> Callable[[Sighting], None]:
    def change(sighting: Sighting) -> None:
        saw = sighting.client
        saw.headers = [pair for pair in saw.headers if pair[0] != name]

    return change


def _without_request_headers(*names: bytes) -> Callable[[Sighting], None]:
    def change(sighting: Sighting) -> None:
        scope = sighting.app.get("scope")
        if scope and "headers" in scope:
            scope["headers"] = [tuple(pair) for pair in scope["headers"] if pair[0] not in names]

    return change


def _without_refusals_text(sighting: Sighting) -> None:
    if not _has_answered(sighting.app):
        sighting.client.body = b""
        sighting.client.headers = []


def _has_answered(app: dict[str, Any]) -> bool:
    starts = {"http.response.start", "websocket.accept", "websocket.http.response.start"}
    return any(kind in starts and result == "ok" for kind, result in app.get("sent", ()))


def _without_framing(sighting: Sighting) -> None:
    _without_response_header(b"transfer-encoding")(sighting)
    sighting.client.headers = _with_one_length(sighting.client.headers)
    if b"content-length" not in sighting.app.get("header_names", ()):
        _without_response_header(b"content-length")(sighting)


def _with_one_length(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [
        pair
        for number, pair in enumerate(headers)
        if pair[0] != b"content-length" or pair not in headers[:number]
    ]


def _without_handshake(sighting: Sighting) -> None:
    for name in (b"upgrade", b"sec-websocket-accept"):
        _without_response_header(name)(sighting)


def _in_one_piece(sighting: Sighting) -> None:
    joined: list[dict[str, Any]] = []
    for message in sighting.app.get("received", ()):
        last = joined[-1] if joined else {}
        if message["type"] == last.get("type") == "http.request" and last.get("more_body"):
            joined[-1] = {**message, "body": last.get("body", b"") + message.get("body", b"")}
        else:
            joined.append(message)
    if joined:
        sighting.app["received"] = joined


def _with_defaults(sighting: Sighting) -> None:
    for message in sighting.app.get("received", ()):
        if message["type"] == "http.request":
            message.setdefault("body", b"")
            message.setdefault("more_body", False)
        if message["type"] == "websocket.receive":
            for name in [name for name in ("text", "bytes") if message.get(name, 0) is None]:
                del message[name]
        if message["type"] == "websocket.disconnect" and not message.get("reason"):
            message.pop("reason", None)


NORMALISATIONS: Final = (
    Normalisation("date", "it is the time", _without_response_header(b"date")),
    Normalisation("server", "it is the server's name", _without_response_header(b"server")),
    Normalisation(
        "connection",
        "whether a connection is kept is between client and server; an app has no word in it",
        _without_response_header(b"connection"),
    ),
    Normalisation(
        "transfer-encoding, a content-length that the app has not sent, and one that it repeats",
        "how a body is framed is the server's choice (Granian knows the length of a body that comes"
        " in one message), our engine has no wire, and h11 reads equal lengths as one",
        _without_framing,
    ),
    Normalisation(
        "the handshake's own headers",
        "they are of the wire, and the same for every app",
        _without_handshake,
    ),
    Normalisation(
        "host, x-scenario and those of a handshake in the scope",
        "they are how the tests ask",
        _without_request_headers(
            *(b"host", b"x-scenario", b"connection", b"upgrade", b"sec-websocket-key"),
            *(b"sec-websocket-version", b"sec-websocket-extensions"),
        ),
    ),
    Normalisation(
        "text of a server's own response",
        "where the app has not answered, the server says why in words of its own",
        _without_refusals_text,
    ),
    Normalisation(
        "the cuts of a request body",
        "they come from buffers and the network; where they count, an app notes it",
        _in_one_piece,
    ),
    Normalisation(
        "defaults of messages",
        "a key that is left out means the same as its default",
        _with_defaults,
    ),
)
