"""W23-W35: foreign messages, failures and denials of a WebSocket, and how its app call may end."""

from __future__ import annotations

from asgi_testkit.protocol.rule import Rule, Servers

__all__ = ("RULES_OF_WEBSOCKET_ENDS",)

_ERRORS = "asgi: Error Handling"
_DENIAL = "extensions: Websocket Denial Response"

RULES_OF_WEBSOCKET_ENDS: tuple[Rule, ...] = (
    Rule(
        "W23",
        "E",
        "A message is a dict whose `type` the protocol knows.",
        _ERRORS,
        Servers(
            uvicorn="drops the line (1006), or answers 500 before the accept",
            hypercorn="closes with 1011, or answers 500 before the accept",
            granian="closes without a code, or answers 403 before the accept",
            daphne="closes with 1011 (no `type` only)",
        ),
        why="It is mostly a slip in the name: the message that was meant is missing, and most"
        " servers end the connection.",
        mend="Correct the `type`: a WebSocket knows `websocket.accept`, `websocket.send`,"
        " `websocket.close` and the denial response.",
    ),
    Rule(
        "W24",
        "E",
        "`http.response.*` is not sent on a `websocket` scope.",
        "asgi: Protocol Specifications",
        Servers("answers 500", "answers 500", "takes it for a denial response", "hangs"),
        why="A middleware that answers requests, as for a failed login, has answered a WebSocket in"
        " the same way: the client sees an error in place of the answer.",
        mend="Send `websocket.close`, or `websocket.http.response.*` where the scope offers it.",
    ),
    Rule(
        "W25",
        "E",
        "No exception leaves the app before it has answered.",
        _ERRORS,
        Servers("answers 500", "answers 500", "answers 403", "answers 500"),
        why="The handshake fails, and the client cannot tell why.",
        mend="Mend the cause, or reject the connection where it is expected.",
    ),
    Rule(
        "W26",
        "E",
        "No exception leaves the app of an open WebSocket.",
        _ERRORS,
        Servers(
            uvicorn="drops the line (1006)",
            hypercorn="closes with 1011",
            granian="closes without a code",
            daphne="closes with 1011 (a cancellation: leaves it open)",
        ),
        why="The client loses its connection without a word of why, and with a code that depends"
        " on the server.",
        mend="Mend the cause, or close with a code of your own where it is expected.",
    ),
    Rule(
        "W27",
        "E",
        "No exception leaves the app after the close.",
        _ERRORS,
        Servers("logs it", "logs it", "logs it", "logs it"),
        why="The client sees nothing of it: cleaning up fails with a line in the log alone.",
        mend="Mend what runs after the close, or handle its errors there.",
    ),
    Rule(
        "W28",
        "E",
        "A denial response is a start and a whole body, and all that the app sends.",
        _DENIAL,
        Servers(
            uvicorn="drops the connection",
            hypercorn="answers 500, or closes with 1011",
            granian="answers 403, or closes without a code",
            daphne="hangs",
        ),
        why="The client gets another answer than the denial, or none: which of them depends on the"
        " server.",
        mend="Send `websocket.http.response.start`, then the body to its end, and return.",
    ),
    Rule(
        "W29",
        "E",
        "A denial response has a status, headers and a body of bytes.",
        _DENIAL,
        Servers(
            uvicorn="drops the connection, or answers 500",
            hypercorn="drops the line (1006), or answers 500",
            granian="drops the line (1006), or answers 403",
            daphne="hangs",
        ),
        why="The client gets another status than the app has chosen, or none.",
        mend="Send a status of 200-599, pairs of bytes as headers, and bytes as the body.",
    ),
    Rule(
        "W30",
        "W",
        "A denial response in several messages is refused by some servers.",
        _DENIAL,
        Servers(
            uvicorn="drops the connection (no `headers` or no `body`)",
            hypercorn="answers 500 (no `headers`)",
            granian="answers 403",
            daphne="hangs",
        ),
        why="It is legal, as is leaving out `headers` or `body`, but the client gets another answer"
        " or none.",
        mend="Send one start with `headers` and one message with the whole `body`.",
    ),
    Rule(
        "W31",
        "F",
        "A denial response needs the extension in the scope.",
        _DENIAL,
        Servers(daphne="hangs"),
        why="Daphne does not offer it: the client would wait for ever.",
        mend='Look for `websocket.http.response` in `scope["extensions"]`, and send'
        " `websocket.close` where it is missing.",
    ),
    Rule(
        "W32",
        "F",
        "`send` raises an OSError once the client has gone.",
        "www: Disconnected Client",
        Servers(uvicorn="raises out of `send`"),
        why="uvicorn raises it and the others return in silence, so that a loop which only sends"
        " runs on there. Left uncaught it is no failure of the app.",
        mend="Expect both: catch the `OSError` to clean up, and watch for `websocket.disconnect`.",
    ),
    Rule(
        "W33",
        "F",
        "A close without a code is code 1005 to the app.",
        "www: Disconnect",
        Servers(hypercorn="gives 1006", daphne="gives None"),
        why="A browser's `close()` without arguments has no code: an app that looks for 1000 takes"
        " it for a failure.",
        mend="Take 1005 for a regular end, like 1000.",
    ),
    Rule(
        "W34",
        "W",
        "`websocket.connect` is received before `websocket.accept`.",
        "www: Connect",
        why="Servers let it pass, but the app's next `receive` gives `websocket.connect` where it"
        " looks for a message of the client.",
        mend="Await `receive` once before the accept.",
    ),
    Rule(
        "W35",
        "W",
        "The app returns None.",
        "asgi: Applications",
        Servers(uvicorn="logs an error"),
        why="A returned value reaches nobody: it is mostly something that should have been sent or"
        " awaited.",
        mend="Await what answers the connection instead of returning it.",
    ),
)
