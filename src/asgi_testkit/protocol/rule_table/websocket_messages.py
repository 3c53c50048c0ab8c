"""W01-W14: the order of a WebSocket's messages, and what one may hold."""

from __future__ import annotations

from asgi_testkit.protocol.rule import Rule, Servers

__all__ = ("RULES_OF_WEBSOCKET_MESSAGES",)

_CONNECT = "www: Connect"
_GONE = "www: Disconnected Client"
_CLOSE = "www: Close"
_SEND = "www: Send"
_ALL_403 = Servers("answers 403", "answers 403", "answers 403", "answers 403")

RULES_OF_WEBSOCKET_MESSAGES: tuple[Rule, ...] = (
    Rule(
        "W01",
        "E",
        "`websocket.accept` comes before `websocket.send`.",
        _CONNECT,
        Servers("answers 500", "answers 500", daphne="answers 500"),
        why="There is no connection yet that could carry the message: the client's handshake"
        " fails.",
        mend="Send `websocket.accept` first.",
    ),
    Rule(
        "W02",
        "E",
        "`websocket.accept` is sent once.",
        "www: Accept",
        Servers(
            uvicorn="drops the line (1006)",
            hypercorn="closes with 1011",
            granian="closes without a code",
            daphne="closes with 1011",
        ),
        why="An open connection is lost. It happens where a middleware and the endpoint both"
        " accept.",
        mend="Accept in one place.",
    ),
    Rule(
        "W03",
        "E",
        "No `websocket.send` follows `websocket.close`.",
        _GONE,
        Servers("raises out of `send`", "raises out of `send`", daphne="raises out of `send`"),
        why="The message is lost, and what comes after that `send` in the app is not run.",
        mend="Close last, and stop the tasks that send before.",
    ),
    Rule(
        "W04",
        "W",
        "`websocket.close` is sent once.",
        _GONE,
        Servers(uvicorn="raises out of `send`", daphne="raises out of `send`"),
        why="Half of the servers raise, which ends cleaning up early and fills the log with"
        " errors.",
        mend="Close in one place, such as one `finally`.",
    ),
    Rule(
        "W05",
        "E",
        "No `websocket.accept` follows the rejection of the connection.",
        _CLOSE,
        Servers("raises out of `send`", "raises out of `send`", "closes without a code"),
        why="The client has its rejection, and the app goes on as if it were connected. On Granian"
        " the client is let in for a moment.",
        mend="Return after a `websocket.close` that rejects.",
    ),
    Rule(
        "W06",
        "F",
        "`websocket.close` before `websocket.accept` is HTTP 403, without code and reason.",
        _CLOSE,
        _ALL_403,
        why="On a server the client sees a failed handshake, which browsers report as code 1006.",
        mend="Accept before closing where the client is to know the code, or send a denial"
        " response.",
    ),
    Rule(
        "W07",
        "E",
        "An app answers `websocket.connect` before it returns.",
        _CONNECT,
        Servers("answers 500", "answers 500", "answers 403", "hangs"),
        why="The handshake fails with an error of the server's, or the client waits for ever.",
        mend="Send `websocket.accept` or `websocket.close` on every path.",
    ),
    Rule(
        "W08",
        "E",
        "An app sends `websocket.close` before it returns, unless the client is gone.",
        "www: WebSocket Connection Scope",
        Servers(
            uvicorn="drops the line (1006)",
            hypercorn="closes with 1011",
            granian="closes without a code",
            daphne="leaves it open",
        ),
        why="Clients take it for a failure and connect again, or hold a dead connection open.",
        mend=(
            "Send `websocket.close` at the end of the app, in Starlette by"
            " `await websocket.close()`, or make the client with `ignore_rules={'W08'}`."
        ),
    ),
    Rule(
        "W09",
        "W",
        "A message holds `bytes` or `text`, not both.",
        _SEND,
        Servers(granian="closes without a code", daphne="closes with 1011"),
        why="One of the two is lost, or the connection ends.",
        mend="Send two messages, or leave out one of the two keys.",
    ),
    Rule(
        "W10",
        "E",
        "A message holds `bytes` or `text`.",
        _SEND,
        Servers(
            uvicorn="drops the line (1006, wsproto only)",
            hypercorn="closes with 1011",
            granian="closes without a code",
        ),
        why="Nothing reaches the client, or the connection ends.",
        mend='Send one of `bytes` and `text`, `""` or `b""` for an empty message.',
    ),
    Rule(
        "W11",
        "E",
        "`bytes` is bytes and `text` is str.",
        _SEND,
        Servers("drops the line (1006)", "closes with 1011", daphne="closes with 1011"),
        why="On most servers the connection ends at that message.",
        mend="Encode or decode the data for the key that it is sent under.",
    ),
    Rule(
        "W12",
        "W",
        "`bytes` is no bytearray and no memoryview.",
        _SEND,
        Servers(daphne="closes with 1011"),
        why="It works on most servers, and on Daphne it ends the connection.",
        mend="Wrap what is sent in `bytes(...)`.",
    ),
    Rule(
        "W13",
        "E",
        "`text` can be encoded as UTF-8.",
        "RFC 6455 section 5.6",
        Servers("drops the line (1006)", "closes with 1011", daphne="closes with 1011"),
        why="A lone surrogate, as in file names or broken JSON, ends the connection at some later"
        " message.",
        mend='Replace what cannot be encoded: `text.encode("utf-8", "replace").decode()`.',
    ),
    Rule(
        "W14",
        "F",
        "An empty message is a message.",
        _SEND,
        Servers(daphne="drops it"),
        why="The client receives it as it does any other, but not from Daphne.",
        mend="Expect an empty message in the test, and put no meaning into one that has to arrive.",
    ),
)
