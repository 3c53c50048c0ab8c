"""H51-H57: the extensions of HTTP, and what `receive` gives beside the request."""

from __future__ import annotations

from asgi_testkit.protocol.rule import Rule, Servers

__all__ = ("RULES_OF_HTTP_EXTENSIONS",)

_TRAILERS = "extensions: HTTP Trailers"
_DISCONNECT = "www: Disconnect"

RULES_OF_HTTP_EXTENSIONS: tuple[Rule, ...] = (
    Rule(
        "H51",
        "E",
        "`http.response.trailers` is declared in the start.",
        _TRAILERS,
        Servers(
            uvicorn="raises out of `send` and closes the connection",
            hypercorn="raises out of `send`",
            granian="raises out of `send`",
            daphne="hangs",
        ),
        why="The server has ended the response with its body: the trailers are lost.",
        mend="Set `trailers` to `True` in `http.response.start`.",
    ),
    Rule(
        "H52",
        "E",
        "Trailers that were declared are sent.",
        _TRAILERS,
        Servers(hypercorn="cuts the response"),
        why="Where trailers are supported the response stays open for them: over HTTP/2 it is"
        " broken off, or never ends.",
        mend="Send `http.response.trailers` after the body, or do not declare it.",
    ),
    Rule(
        "H53",
        "E",
        "An extension's message is sent only where the scope offers the extension.",
        "asgi: Extensions",
        Servers(
            uvicorn="answers 500, or cuts a response that has started",
            hypercorn="answers 500, or cuts a response that has started",
            granian="answers 500",
            daphne="answers 500, or hangs once the response has started",
        ),
        why="A server that does not offer it does not know the message: the response fails, though"
        " it worked on another.",
        mend='Look for the name in `scope.get("extensions", {})`, and go without where it is'
        " missing.",
    ),
    Rule(
        "H54",
        "W",
        "`http.response.early_hint` comes before the start, as servers have it.",
        "extensions: Early Hints",
        Servers("cuts the response", "cuts the response", "answers 500", "hangs"),
        why="The specification puts it after the start, where a hint would come too late; the"
        " servers that support it take it only before, and break the response otherwise.",
        mend="Send the hint before `http.response.start`.",
    ),
    Rule(
        "H55",
        "E",
        "`http.response.pathsend` is sent where it is offered, once, with an absolute path, and"
        " beside no body message.",
        "extensions: Path Send",
        Servers(
            uvicorn="cuts the response",
            hypercorn="cuts the response",
            granian="cuts the response (missing file: answers 404)",
            daphne="hangs",
        ),
        why="The client gets a response without its file. Most servers do not offer the extension"
        " at all.",
        mend="Send the path once in place of the body where the scope offers it, and body messages"
        " elsewhere.",
    ),
    Rule(
        "H56",
        "F",
        "`receive` after the request body and before the response waits until the client leaves.",
        _DISCONNECT,
        why="An app that reads on before it has answered stands still, while one that watches for"
        " the client's leaving does so in a task beside.",
        mend="Expect `http.disconnect` as the next message, and read on only beside the work on"
        " the response.",
    ),
    Rule(
        "H57",
        "F",
        "`receive` after the response gives `http.disconnect`.",
        _DISCONNECT,
        Servers("gives it again", "waits for ever", "gives it again", "waits for ever"),
        why="The first call gives it everywhere. Another one gives it again or waits for ever, as"
        " the server has it.",
        mend="Stop calling `receive` after the first `http.disconnect`.",
    ),
)
