"""The rules an app has to keep: their ids, how serious they are, and where they come from.

Data and the decision what a broken rule leads to, nothing else; which act in which state breaks
which rule is in the transition tables of the exchanges. Sources: ASGI 3.0 (`asgi`), HTTP &
WebSocket 2.5 (`www`), Lifespan 2.0 (`lifespan`), Extensions (`extensions`), RFC 9110.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Literal, TypeAlias

__all__ = ("RULES", "Level", "Rule", "RulePolicy", "Strictness", "Verdict")

Level: TypeAlias = Literal["E", "W", "F"]
Strictness: TypeAlias = bool | Literal["warn"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement on an app.

    Attributes:
        id: `H` HTTP, `W` WebSocket, `L` lifespan; the number never changes.
        level: `"E"` fails the call, `"W"` warns, `"F"` is behaviour that we reproduce.
        text: the requirement, one sentence.
        source: the document and its section.
        uvicorn: what uvicorn's peer sees when the rule is broken; empty where nothing.
    """

    id: str
    level: Level
    text: str
    source: str
    uvicorn: str = ""


class Verdict(Enum):
    """What a broken rule leads to."""

    RAISE = "raise"
    WARN = "warn"
    PASS = "pass"  # noqa: S105 - no password


@dataclass(frozen=True, slots=True)
class RulePolicy:
    """Which rules raise, warn or pass: the parameters `strict` and `ignore_rules`.

    `strict="warn"`: E rules raise, W rules warn. `True`: both raise. `False`: E rules warn and W
    rules pass. An ignored rule always passes.
    """

    strict: Strictness = "warn"
    ignored: frozenset[str] = frozenset()

    def verdict(self, rule: Rule) -> Verdict:
        """Return what breaking `rule` leads to."""
        if rule.id in self.ignored or rule.level == "F":
            return Verdict.PASS
        if rule.level == "E":
            return Verdict.WARN if self.strict is False else Verdict.RAISE
        if self.strict is True:
            return Verdict.RAISE
        return Verdict.WARN if self.strict == "warn" else Verdict.PASS


_START = "www: Response Start"
_BODY = "www: Response Body"
_ERRORS = "asgi: Error Handling"
_500 = "uvicorn answers 500"
_CUT = "uvicorn cuts the response"
_DROP = "uvicorn drops the connection"
_CONNECT = "www: Connect"
_ACCEPT = "www: Accept"
_SEND = "www: Send"
_CLOSE = "www: Close"
_GONE = "www: Disconnected Client"
_DENIAL = "extensions: Websocket Denial Response"
_REFUSED = "uvicorn answers 403"
_LOST = "uvicorn drops the line: the peer sees 1006"

_TABLE: tuple[Rule, ...] = (
    Rule("H01", "E", "`http.response.start` comes before `http.response.body`.", _START, _500),
    Rule("H02", "E", "`http.response.start` is sent once.", _START, _CUT),
    Rule(
        "H03",
        "E",
        "Nothing follows the final body message.",
        _BODY,
        "uvicorn raises out of `send` and closes the connection",
    ),
    Rule("H04", "E", "An app responds before it returns.", _START, _500),
    Rule("H05", "E", "At least one body message follows the start.", _START, _CUT),
    Rule("H06", "E", "A body message with `more_body=True` is followed by another.", _BODY, _CUT),
    Rule(
        "H09",
        "E",
        "Nothing is sent by a task that outlives the app call.",
        "www: HTTP and WebSocket Connection Scope",
        _CUT,
    ),
    Rule("H11", "E", "`body` is bytes.", _BODY, _CUT),
    Rule("H14", "E", "A message has a `type`.", "asgi: Events", _500),
    Rule("H15", "E", "A message's `type` is one that the protocol knows.", _ERRORS, _500),
    Rule(
        "H16",
        "E",
        "A message belongs to the protocol of its scope.",
        "asgi: Protocol Specifications",
        _500,
    ),
    Rule("H18", "E", "A message is a dict.", "asgi: Events", _500),
    Rule("H19", "E", "`status` is present in `http.response.start`.", _START, _DROP),
    Rule("H20", "E", "`status` is an int.", _START, _DROP),
    Rule("H21", "E", "`status` lies in 100-999.", "RFC 9110 section 15", _DROP),
    Rule("H23", "E", "A 1xx status is not a response.", "RFC 9110 section 15.2", _DROP),
    Rule("H24", "E", "Header names are bytes.", _START, _DROP),
    Rule("H25", "E", "Header values are bytes.", _START, _DROP),
    Rule("H28", "E", "Header values hold no CR, LF or NUL.", "RFC 9110 section 5.5", _DROP),
    Rule("H29", "E", "Header names are tokens.", "RFC 9110 section 5.1", _DROP),
    Rule("H30", "E", "Pseudo headers are not sent by the app.", _START, _DROP),
    Rule("H31", "E", "`headers` is an iterable of pairs.", _START, _DROP),
    Rule("H44", "E", "No exception leaves the app before the response starts.", _ERRORS, _500),
    Rule("H45", "E", "No exception leaves the app amid a response.", _ERRORS, _CUT),
    Rule("H46", "E", "No exception leaves the app after its response.", _ERRORS),
    Rule("H47", "E", "`CancelledError` out of the app is a failure of the app.", _ERRORS, _500),
    Rule("H48", "E", "The app does not end the server's process.", _ERRORS, _500),
    Rule("H49", "E", "No other `BaseException` leaves the app.", _ERRORS, _500),
    Rule(
        "H51",
        "E",
        "`http.response.trailers` is declared in the start.",
        "extensions: HTTP Trailers",
        "uvicorn raises out of `send`",
    ),
    Rule(
        "H53",
        "E",
        "An extension's message is sent only where the scope offers the extension.",
        "asgi: Extensions",
        "uvicorn raises out of `send`",
    ),
    Rule(
        "H54",
        "W",
        "`http.response.early_hint` comes before the start, as servers have it.",
        "extensions: Early Hints",
    ),
    Rule("W01", "E", "`websocket.accept` comes before `websocket.send`.", _CONNECT, _500),
    Rule("W02", "E", "`websocket.accept` is sent once.", _ACCEPT, _LOST),
    Rule(
        "W03",
        "E",
        "No `websocket.send` follows `websocket.close`.",
        _GONE,
        "uvicorn raises out of `send`",
    ),
    Rule("W04", "W", "`websocket.close` is sent once.", _GONE, "uvicorn raises out of `send`"),
    Rule(
        "W05",
        "E",
        "No `websocket.accept` follows the rejection of the connection.",
        _CLOSE,
        "uvicorn raises out of `send`",
    ),
    Rule(
        "W06",
        "F",
        "`websocket.close` before `websocket.accept` is HTTP 403, without code and reason.",
        _CLOSE,
        _REFUSED,
    ),
    Rule("W07", "E", "An app answers `websocket.connect` before it returns.", _CONNECT, _500),
    Rule(
        "W08",
        "E",
        "An app sends `websocket.close` before it returns, unless the client is gone.",
        "www: WebSocket Connection Scope",
        _LOST,
    ),
    Rule("W09", "W", "A message holds `bytes` or `text`, not both.", _SEND),
    Rule("W10", "E", "A message holds `bytes` or `text`.", _SEND, "uvicorn sends nothing"),
    Rule("W11", "E", "`bytes` is bytes and `text` is str.", _SEND, _LOST),
    Rule("W12", "W", "`bytes` is no bytearray and no memoryview.", _SEND),
    Rule("W13", "E", "`text` can be encoded as UTF-8.", "RFC 6455 section 5.6", _LOST),
    Rule("W14", "F", "An empty message is a message.", _SEND),
    Rule(
        "W15",
        "E",
        "`subprotocol` is one of those that the client has offered.",
        "www: Accept; RFC 6455 section 4.2.2",
    ),
    Rule("W16", "E", "`headers` of `websocket.accept` are pairs of bytes.", _ACCEPT, _500),
    Rule(
        "W17",
        "E",
        "`headers` of `websocket.accept` hold no `sec-websocket-protocol`.",
        _ACCEPT,
    ),
    Rule("W18", "W", "`headers` of `websocket.accept` are dropped by some servers.", _ACCEPT),
    Rule(
        "W19",
        "E",
        "A close code is 1000-1003, 1007-1014 or 3000-4999.",
        "www: Close; RFC 6455 section 7.4",
        _LOST,
    ),
    Rule("W20", "W", "Close codes but 1000 and 3000-4999 are refused by some servers.", _CLOSE),
    Rule("W21", "E", "A close code is an int.", _CLOSE, _LOST),
    Rule(
        "W22",
        "E",
        "A close reason is a str of at most 123 bytes of UTF-8.",
        "www: Close; RFC 6455 section 5.5",
        _LOST,
    ),
    Rule("W23", "E", "A message is a dict whose `type` the protocol knows.", _ERRORS, _LOST),
    Rule(
        "W24",
        "E",
        "`http.response.*` is not sent on a `websocket` scope.",
        "asgi: Protocol Specifications",
        _500,
    ),
    Rule("W25", "E", "No exception leaves the app before it has answered.", _ERRORS, _500),
    Rule("W26", "E", "No exception leaves the app of an open WebSocket.", _ERRORS, _LOST),
    Rule("W27", "E", "No exception leaves the app after the close.", _ERRORS),
    Rule(
        "W28",
        "E",
        "A denial response is a start and a whole body, and all that the app sends.",
        _DENIAL,
        _DROP,
    ),
    Rule("W29", "E", "A denial response has a status, headers and a body of bytes.", _DENIAL, _500),
    Rule("W30", "W", "A denial response in several messages is refused by some servers.", _DENIAL),
    Rule("W31", "F", "A denial response needs the extension in the scope.", _DENIAL),
    Rule("W32", "F", "`send` raises an OSError once the client has gone.", _GONE),
    Rule("W33", "F", "A close without a code is code 1005 to the app.", "www: Disconnect"),
    Rule("W34", "W", "`websocket.connect` is received before `websocket.accept`.", _CONNECT),
    Rule("W35", "W", "The app returns None.", "asgi: Applications"),
    Rule(
        "L01",
        "F",
        "An exception before the answer to startup means that the app has no lifespan.",
        "lifespan: Scope",
    ),
    Rule(
        "L02",
        "E",
        "`lifespan.startup.failed` ends the server.",
        "lifespan: Startup Failed",
        "uvicorn exits with code 3",
    ),
    Rule(
        "L03",
        "E",
        "Startup is answered.",
        "lifespan: Startup Complete",
        "uvicorn never listens",
    ),
    Rule(
        "L04",
        "W",
        "The app does not return before it has answered startup.",
        "lifespan: Startup Complete",
    ),
    Rule("L05", "E", "Startup is answered once.", "lifespan", "uvicorn raises out of `send`"),
    Rule(
        "L06",
        "E",
        "Shutdown is answered when it was asked for.",
        "lifespan",
        "uvicorn raises out of `send`",
    ),
    Rule(
        "L07",
        "E",
        "A message is a dict whose `type` the lifespan protocol knows.",
        _ERRORS,
        "uvicorn raises out of `send`",
    ),
    Rule("L08", "E", "No exception leaves the app after startup.", _ERRORS, "uvicorn logs it"),
    Rule("L09", "E", "`lifespan.shutdown.failed` is a failure.", "lifespan: Shutdown Failed"),
    Rule(
        "L10",
        "E",
        "Shutdown is answered.",
        "lifespan: Shutdown Complete",
        "uvicorn waits for ever",
    ),
    Rule("L11", "W", "The app does not return without answering shutdown.", "lifespan"),
    Rule("L12", "W", "Shutdown is answered once.", "lifespan", "uvicorn raises out of `send`"),
    Rule("L13", "E", "Startup is not left by `SystemExit` or a cancellation.", _ERRORS),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for rule in _TABLE})
