"""W15-W22: what a WebSocket's accept and its close may hold."""

from __future__ import annotations

from asgi_testkit.protocol.rule import Rule, Servers

__all__ = ("RULES_OF_WEBSOCKET_FIELDS",)

_ACCEPT = "www: Accept"
_CLOSE = "www: Close"

RULES_OF_WEBSOCKET_FIELDS: tuple[Rule, ...] = (
    Rule(
        "W15",
        "E",
        "`subprotocol` is one of those that the client has offered.",
        "www: Accept; RFC 6455 section 4.2.2",
        Servers(
            uvicorn="drops the connection (wsproto only)",
            hypercorn="drops the connection",
            daphne="hangs",
        ),
        why="Browsers fail a handshake that names a subprotocol which they have not offered.",
        mend='Choose from `scope["subprotocols"]`, and leave the key out where none fits.',
    ),
    Rule(
        "W16",
        "E",
        "`headers` of `websocket.accept` are pairs of bytes.",
        _ACCEPT,
        Servers(
            uvicorn="answers 500 (wsproto: drops the connection)",
            hypercorn="drops the connection",
        ),
        why="The handshake fails, or the header does not arrive.",
        mend="Send a list of `(name, value)` pairs of bytes without line breaks, or leave out the"
        " key.",
    ),
    Rule(
        "W17",
        "E",
        "`headers` of `websocket.accept` hold no `sec-websocket-protocol`.",
        _ACCEPT,
        Servers(hypercorn="drops the connection"),
        why="The header is the server's: with it there may be two that differ, at which clients"
        " fail the handshake.",
        mend="Give the name as `subprotocol` of `websocket.accept`.",
    ),
    Rule(
        "W18",
        "W",
        "`headers` of `websocket.accept` are dropped by some servers.",
        _ACCEPT,
        Servers(granian="drops the headers", daphne="drops the headers"),
        why="A cookie or a token that is set in the handshake never reaches the client there.",
        mend="Send what the client needs in a message, or run on a server that passes headers on.",
    ),
    Rule(
        "W19",
        "E",
        "A close code is 1000-1003, 1007-1014 or 3000-4999.",
        "www: Close; RFC 6455 section 7.4",
        Servers(
            uvicorn="drops the line (1006)",
            hypercorn="sends it as it is (70000: drops the line)",
            granian="sends it as it is",
            daphne="closes with 1011",
        ),
        why="The client gets 1006 or 1011 instead of the code, or a code that the protocol"
        " forbids.",
        mend="Use 1000, or a code of your own in 4000-4999.",
    ),
    Rule(
        "W20",
        "W",
        "Close codes but 1000 and 3000-4999 are refused by some servers.",
        _CLOSE,
        Servers(daphne="closes with 1011"),
        why="On Daphne the client sees 1011, an error of the server, in place of the code.",
        mend="Use 1000, or a code of your own in 4000-4999.",
    ),
    Rule(
        "W21",
        "E",
        "A close code is an int.",
        _CLOSE,
        Servers(
            "closes without a code (a str: drops the line)",
            "drops the line (None only)",
            daphne="closes with 1011 (a str only)",
        ),
        why="The close fails, and the client takes it for a lost connection.",
        mend="Send an int, or leave out `code` for 1000.",
    ),
    Rule(
        "W22",
        "E",
        "A close reason is a str of at most 123 bytes of UTF-8.",
        "www: Close; RFC 6455 section 5.5",
        Servers(uvicorn="drops the line (1006)", hypercorn="drops the line (1006, bytes only)"),
        why="A close frame has no room for more: the code is lost together with the reason.",
        mend="Shorten the reason, and send what is longer in a message before the close.",
    ),
)
