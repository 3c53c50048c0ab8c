"""H44-H50: how an HTTP app call may end."""

from __future__ import annotations

from asgi_testkit.protocol.rule import Rule, Servers

__all__ = ("RULES_OF_HTTP_ENDS",)

_ERRORS = "asgi: Error Handling"
_ALL_500 = Servers("answers 500", "answers 500", "answers 500", "answers 500")
_ALL_HANG = Servers("hangs", "hangs", "hangs", "hangs")

RULES_OF_HTTP_ENDS: tuple[Rule, ...] = (
    Rule(
        "H44",
        "E",
        "No exception leaves the app before the response starts.",
        _ERRORS,
        _ALL_500,
        why="The client gets the server's bare 500, without the body, the headers and the CORS"
        " permission that the app's own errors have.",
        mend="Mend the cause, or turn the exception into a response of the app.",
    ),
    Rule(
        "H45",
        "E",
        "No exception leaves the app amid a response.",
        _ERRORS,
        Servers(
            uvicorn="cuts the response",
            hypercorn="cuts the response",
            granian="cuts the response (no body yet: answers 500)",
            daphne="hangs",
        ),
        why="The status is already on the wire, so that the client has a success with half a body."
        " On Daphne no later error of the process is answered or logged.",
        mend="Do what can fail before the start, and end a stream in a way that its reader can"
        " recognise.",
    ),
    Rule(
        "H46",
        "E",
        "No exception leaves the app after its response.",
        _ERRORS,
        Servers("logs it and closes the connection", "logs it", "logs it", "logs it"),
        why="The client sees nothing of it: background work and cleaning up fail with a line in"
        " the log alone.",
        mend="Mend what runs after the response, or handle its errors there.",
    ),
    Rule(
        "H47",
        "E",
        "`CancelledError` out of the app is a failure of the app.",
        _ERRORS,
        Servers(
            uvicorn="answers 500, or cuts a response that has started",
            hypercorn="answers 500, or cuts a response that has started",
            granian="answers 500, or cuts a response that has started",
            daphne="hangs",
        ),
        why="Nobody has cancelled the request: a cancellation of the app's own has got out, and"
        " what it was for is not answered.",
        mend="Catch the `CancelledError` of a task that you have cancelled where you await it.",
    ),
    Rule(
        "H48",
        "E",
        "The app does not end the server's process.",
        _ERRORS,
        Servers("answers 500", "exits", "answers 500", "exits"),
        why="On two servers one request ends the process, and all other requests with it.",
        mend="Raise an `Exception` instead, and keep `sys.exit()` to command lines.",
    ),
    Rule(
        "H49",
        "E",
        "No other `BaseException` leaves the app.",
        _ERRORS,
        _ALL_500,
        why="It passes by every `except Exception` of frameworks and middleware: the client gets"
        " the server's bare 500.",
        mend="Derive exceptions of your own from `Exception`.",
    ),
    Rule(
        "H50",
        "E",
        "A request is answered.",
        "www: Response Start (implied)",
        _ALL_HANG,
        why="Servers wait for the app, and the client with them until it gives up; the connection"
        " and what the request holds are taken up as long.",
        mend="Give a limit to what the app waits for, and answer with an error after it.",
    ),
)
