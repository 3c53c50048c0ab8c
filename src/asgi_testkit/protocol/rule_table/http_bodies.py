"""H34-H43: the body of an HTTP response and the headers that speak of it."""

from __future__ import annotations

from asgi_testkit.protocol.rule import Rule, Servers

__all__ = ("RULES_OF_HTTP_BODIES",)

_LENGTH = "RFC 9110 section 8.6"

RULES_OF_HTTP_BODIES: tuple[Rule, ...] = (
    Rule(
        "H34",
        "E",
        "The body is no longer than `Content-Length`.",
        _LENGTH,
        Servers(
            uvicorn="cuts the response",
            hypercorn="cuts the response",
            granian="breaks the connection's next request",
            daphne="breaks the connection's next request",
        ),
        why="Surplus bytes are cut off, or read as the next response: another request may get"
        " bytes of this one.",
        mend="Count bytes, not characters, and leave the header to the server where the body may"
        " still change.",
    ),
    Rule(
        "H35",
        "E",
        "The body is no shorter than `Content-Length`.",
        _LENGTH,
        Servers(
            uvicorn="cuts the response",
            hypercorn="cuts the response",
            granian="hangs (a streamed body: cuts the response)",
            daphne="hangs",
        ),
        why="The client waits for the missing bytes until it gives up, or reports a truncated"
        " response.",
        mend="Count the bytes that are sent; a middleware that changes the body sets the header"
        " anew.",
    ),
    Rule(
        "H36",
        "E",
        "`Content-Length` is a decimal number.",
        _LENGTH,
        Servers(
            uvicorn="drops the connection",
            hypercorn="answers 500",
            granian="sends a broken response",
            daphne="sends a broken response",
        ),
        why="Clients cannot tell where the response ends, and a proxy may find its end elsewhere"
        " than the client.",
        mend="Send the length in digits alone, as `str(len(body)).encode()`.",
    ),
    Rule(
        "H37",
        "E",
        "`Content-Length` headers do not contradict each other.",
        "RFC 9112 section 6.3",
        Servers(uvicorn="drops the connection (h11 only)", hypercorn="answers 500"),
        why="Where a proxy believes one and the client the other, they disagree on where the"
        " response ends: that is how responses are smuggled.",
        mend="Replace the header where it is set a second time.",
    ),
    Rule(
        "H38",
        "W",
        "`Content-Length` is sent once.",
        "RFC 9112 section 6.3",
        why="No server complains, but recipients may refuse the repetition, and two places that"
        " set the header drift apart.",
        mend="Set the header in one place, and replace it in a middleware.",
    ),
    Rule(
        "H39",
        "E",
        "A 204 or 304 response has no body.",
        "RFC 9110 sections 15.3.5 and 15.4.5",
        Servers(
            uvicorn="raises out of `send` and closes the connection (with `Content-Length`: breaks"
            " the connection's next request)",
            hypercorn="drops the body",
            granian="drops the body",
            daphne="drops the body",
        ),
        why="Clients stop reading after the headers: the body is lost, or its bytes are taken for"
        " the next response.",
        mend="Send an empty body with 204 and 304, or 200 where there is something to say.",
    ),
    Rule(
        "H40",
        "W",
        "A 204 response has no `Content-Length`.",
        _LENGTH,
        why="No server complains, but a client that goes by the header waits for a body that never"
        " comes.",
        mend="Leave out `Content-Length` with 204, also when it is 0.",
    ),
    Rule(
        "H41",
        "W",
        "A 205 response has no body.",
        "RFC 9110 section 15.3.6",
        why="No server checks it, and a client that goes by the status reads the body as the next"
        " response.",
        mend="Send an empty body with 205, or 200 where there is something to say.",
    ),
    Rule(
        "H42",
        "F",
        "The body of a response to HEAD is dropped, and its headers are kept.",
        "RFC 9110 section 9.3.2",
        why="An app may answer HEAD as GET; a body that disagrees with `Content-Length` is then"
        " noticed by nobody.",
        mend="Expect an empty body, and test the length of the body with GET.",
    ),
    Rule(
        "H43",
        "F",
        "`Transfer-Encoding` from the app is ignored.",
        "www: Response Start",
        Servers(
            uvicorn="drops the connection (h11, other than chunked)",
            hypercorn="answers 500 (other than chunked)",
            granian="drops the connection (with `Content-Length`)",
            daphne="hangs (with `Content-Length`)",
        ),
        why="The framing of the body is the server's. Most servers pass the header on instead of"
        " ignoring it, which breaks the response on some.",
        mend="Leave the header out, also when the response of an upstream is passed on.",
    ),
)
