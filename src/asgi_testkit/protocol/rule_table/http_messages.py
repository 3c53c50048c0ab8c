"""H01-H18: the order and the shape of the messages of an HTTP response."""

from __future__ import annotations

from asgi_testkit.protocol.rule import Rule, Servers

__all__ = ("RULES_OF_HTTP_MESSAGES",)

_ALL_500 = Servers("answers 500", "answers 500", "answers 500", "answers 500")

RULES_OF_HTTP_MESSAGES: tuple[Rule, ...] = (
    Rule(
        "H01",
        "E",
        "`http.response.start` comes before `http.response.body`.",
        "www: Response Start",
        _ALL_500,
        why="Without a status and headers there is nothing to put before the body: the client gets"
        " a 500 instead of it.",
        mend="Send `http.response.start` first, on every path through the app.",
    ),
    Rule(
        "H02",
        "E",
        "`http.response.start` is sent once.",
        "www: Response Start",
        Servers("cuts the response", "cuts the response", "cuts the response", "hangs"),
        why="The first start may be on the wire already, so that the client gets a broken"
        " response. It happens where an error handler answers although a response has begun.",
        mend="Answer once, and let an exception pass once the response has started.",
    ),
    Rule(
        "H03",
        "E",
        "Nothing follows the final body message.",
        "www: Response Body",
        Servers(
            uvicorn="raises out of `send` and closes the connection",
            hypercorn="raises out of `send`",
            granian="raises out of `send`",
        ),
        why="What is sent is lost, and what comes after that `send` in the app is not run.",
        mend="Set `more_body=True` in every body message but the last, and return after that one.",
    ),
    Rule(
        "H04",
        "E",
        "An app responds before it returns.",
        "www: Response Start",
        Servers("answers 500", "answers 500", "answers 500", "hangs"),
        why="The client gets an error that the app knows nothing of, or waits for ever.",
        mend="Send a response on every path, or pass the request on to an app that does.",
    ),
    Rule(
        "H05",
        "E",
        "At least one body message follows the start.",
        "www: Response Start",
        Servers("cuts the response", "cuts the response", "answers 500", "hangs"),
        why="Servers may hold back the start until the first body message: the client gets a part"
        " of the head or nothing.",
        mend="Send one `http.response.body` also for an empty body.",
    ),
    Rule(
        "H06",
        "E",
        "A body message with `more_body=True` is followed by another.",
        "www: Response Body",
        Servers("cuts the response", "cuts the response", "cuts the response", "hangs"),
        why="The end of the body is never written: the client takes the response for truncated,"
        " though it has all of the data.",
        mend="End a streamed body with a message without `more_body`, empty if need be.",
    ),
    Rule(
        "H07",
        "W",
        "A body message with `more_body=True` is followed by another, also where `Content-Length`"
        " is reached.",
        "www: Response Body",
        Servers(
            uvicorn="logs an error and closes the connection",
            daphne="breaks the connection's next request",
        ),
        why="The client has the whole response, but uvicorn gives up the connection after it, and"
        " on Daphne the next request on the connection fails.",
        mend="End the body with a message without `more_body`, empty if need be.",
    ),
    Rule(
        "H08",
        "W",
        "The app returns None.",
        "asgi: Applications",
        Servers(uvicorn="logs an error and closes the connection"),
        why="A returned value reaches nobody: it is mostly a response that was never sent. uvicorn"
        " counts it as an error, which costs clients their connection.",
        mend="Await what sends the response instead of returning it.",
    ),
    Rule(
        "H09",
        "E",
        "Nothing is sent by a task that outlives the app call.",
        "www: HTTP Connection Scope",
        Servers("cuts the response", "cuts the response", "answers 500"),
        why="The server ends the response when the app returns: what the task sends is lost, and"
        " what arrives depends on the timing.",
        mend="Await every task that sends before the app returns, as a task group does.",
    ),
    Rule(
        "H10",
        "W",
        "What `send` raises is not swallowed.",
        "asgi: Error Handling",
        Servers(uvicorn="drops the connection", daphne="hangs"),
        why="After a refused message some servers take no other, so that what the app sends in its"
        " place does not arrive, and the cause is seen nowhere.",
        mend="Let an exception out of `send` leave the app, or log it and return.",
    ),
    Rule(
        "H11",
        "E",
        "`body` is bytes.",
        "www: Response Body",
        Servers("cuts the response", "cuts the response", daphne="hangs"),
        why="The head is on its way when the server fails at the body: the client gets a response"
        " that breaks off.",
        mend='Encode text before it is sent, and send `b""` where there is nothing.',
    ),
    Rule(
        "H12",
        "W",
        "`body` is no bytearray and no memoryview.",
        "www: Response Body",
        Servers(daphne="hangs"),
        why="It works on most servers, and on Daphne the client waits for a response that never"
        " comes.",
        mend="Wrap what is sent in `bytes(...)`.",
    ),
    Rule(
        "H13",
        "W",
        "`more_body` is a bool.",
        "www: Response Body",
        Servers(granian="raises out of `send` for a str"),
        why="Servers differ in what they take for true: one waits for more where another has ended"
        " the response.",
        mend="Send `True` or `False`, with `bool(...)` around anything else.",
    ),
    Rule(
        "H14",
        "E",
        "A message has a `type`.",
        "asgi: Events",
        _ALL_500,
        why="No server can tell what the message is for: the client gets an error in place of the"
        " response.",
        mend="Give the message its `type`, such as `http.response.body`.",
    ),
    Rule(
        "H15",
        "E",
        "A message's `type` is one that the protocol knows.",
        "asgi: Error Handling",
        Servers(
            uvicorn="answers 500, or cuts a response that has started",
            hypercorn="answers 500, or cuts a response that has started",
            granian="answers 500",
            daphne="answers 500, or hangs once the response has started",
        ),
        why="It is mostly a slip in the name: the message that was meant is missing, and the"
        " response with it.",
        mend="Correct the `type`: HTTP knows `http.response.start` and `http.response.body`, and"
        " those of the extensions.",
    ),
    Rule(
        "H16",
        "E",
        "A message belongs to the protocol of its scope.",
        "asgi: Protocol Specifications",
        _ALL_500,
        why="An app or a middleware has taken a request for a WebSocket or the lifespan: the client"
        " gets an error in place of the response.",
        mend='Look at `scope["type"]` before the first message, and pass on what is not yours.',
    ),
    Rule(
        "H17",
        "W",
        "A message is a real dict, not another mapping.",
        "asgi: Events",
        Servers(granian="answers 500"),
        why="Granian takes nothing but a dict: there the app answers errors alone.",
        mend="Wrap the mapping in `dict(...)` before it is sent.",
    ),
    Rule(
        "H18",
        "E",
        "A message is a dict.",
        "asgi: Events",
        _ALL_500,
        why="No server can read it: the client gets an error in place of the response.",
        mend="Send a dict with a `type`.",
    ),
)
