"""H19-H33: the status and the headers of an HTTP response."""

from __future__ import annotations

from asgi_testkit.protocol.rule import Rule, Servers

__all__ = ("RULES_OF_HTTP_FIELDS",)

_DROP_OR_500 = Servers("drops the connection", "answers 500", "answers 500", "answers 500")
_DROP_500_OR_HANG = Servers("drops the connection", "answers 500", "answers 500", "hangs")

RULES_OF_HTTP_FIELDS: tuple[Rule, ...] = (
    Rule(
        "H19",
        "E",
        "`status` is present in `http.response.start`.",
        "www: Response Start",
        _DROP_500_OR_HANG,
        why="No server has a default for it: the client gets an error, a lost connection or"
        " nothing.",
        mend="Give the start its `status`.",
    ),
    Rule(
        "H20",
        "E",
        "`status` is an int.",
        "www: Response Start",
        Servers(
            uvicorn="drops the connection",
            hypercorn="answers 500 (takes a str or a float)",
            granian="answers 500 (`True`: the worker dies)",
            daphne="hangs (`True`: answers 1)",
        ),
        why="uvicorn fails too late to answer 500, so that the client gets nothing. `True` counts"
        " as 1, which ends a worker of Granian.",
        mend="Convert the status with `int(...)` before it is sent.",
    ),
    Rule(
        "H21",
        "E",
        "`status` lies in 100-999.",
        "RFC 9110 section 15",
        Servers("drops the connection", "answers 500", "the worker dies", "sends it as it is"),
        why="One such response takes down a worker of Granian with all of its other requests, and"
        " Daphne passes on a status that HTTP does not have.",
        mend="Send a status of three digits, and look where a 0 or a code of something else"
        " comes from.",
    ),
    Rule(
        "H22",
        "W",
        "`status` lies in 100-599.",
        "RFC 9110 section 15",
        Servers(uvicorn="drops the connection"),
        why="No class of status codes begins with 6 to 9: uvicorn has no line for them and gives"
        " the client nothing.",
        mend="Use a status of 200-599, and tell the rest in a header or in the body.",
    ),
    Rule(
        "H23",
        "E",
        "A 1xx status is not a response.",
        "RFC 9110 section 15.2",
        Servers(
            uvicorn="sends a broken response (h11: drops the connection)",
            hypercorn="drops the connection",
            granian="answers 500 for 103, takes 101",
            daphne="sends a broken response",
        ),
        why="Clients read a 1xx and go on waiting for the response, or read what follows as part"
        " of another.",
        mend="Send the final status; early hints have a message of their own, and 101 is the"
        " server's.",
    ),
    Rule(
        "H24",
        "E",
        "Header names are bytes.",
        "www: Response Start",
        Servers(
            "drops the connection (h11: takes it)", "answers 500", "answers 500", "answers 500"
        ),
        why="Every response with such a header fails, but for uvicorn with h11.",
        mend='Encode the name: `name.lower().encode("ascii")`.',
    ),
    Rule(
        "H25",
        "E",
        "Header values are bytes.",
        "www: Response Start",
        Servers(
            "drops the connection (h11: takes a str)", "answers 500", "answers 500", "answers 500"
        ),
        why="The response fails wherever the header is set; an int as `Content-Length` and a None"
        " from an absent setting are the usual cases.",
        mend='Encode the value, as in `str(value).encode("latin-1")`, and leave out what is None.',
    ),
    Rule(
        "H26",
        "W",
        "Header names are no bytearrays.",
        "www: Response Start",
        Servers(daphne="answers 500"),
        why="It works until the app runs on Daphne, where every such response is an error.",
        mend="Wrap the name in `bytes(...)`.",
    ),
    Rule(
        "H27",
        "W",
        "Header names are lower-case.",
        "www: Response Start",
        why="No server complains, but middleware that compares names misses such a header or adds"
        " it a second time, and HTTP/2 forbids capitals.",
        mend='Write header names in lower case: `b"content-type"`.',
    ),
    Rule(
        "H28",
        "E",
        "Header values hold no CR, LF or NUL.",
        "RFC 9110 section 5.5",
        Servers(
            "drops the connection",
            "answers 500",
            "answers 500",
            "replaces CR and LF by a space",
        ),
        why="Whoever gets a line break into a value can write headers and a response of their own."
        " Servers refuse it, so that such input breaks the request.",
        mend="Reject or encode line breaks in what comes from outside, as `urllib.parse.quote`"
        " does for URLs.",
    ),
    Rule(
        "H29",
        "E",
        "Header names are tokens.",
        "RFC 9110 section 5.1",
        _DROP_500_OR_HANG,
        why="A space, a colon or a line break in a name lets clients and proxies read the header"
        " in different ways; servers refuse the response.",
        mend="Use letters, digits and hyphens in header names, and check those that come from"
        " outside.",
    ),
    Rule(
        "H30",
        "E",
        "Pseudo headers are not sent by the app.",
        "www: Response Start",
        _DROP_500_OR_HANG,
        why="`:status` and its kin are the server's in HTTP/2 and illegal in HTTP/1.1: the response"
        " fails. They come along where the headers of an upstream are passed on.",
        mend="Leave out names that begin with a colon.",
    ),
    Rule(
        "H31",
        "E",
        "`headers` is an iterable of pairs.",
        "www: Response Start",
        _DROP_OR_500,
        why="Iterating over a dict gives its names alone, and None cannot be iterated over: the"
        " client gets an error or a lost connection.",
        mend="Send a list of `(name, value)` pairs, as `list(headers.items())` makes of a dict.",
    ),
    Rule(
        "H32",
        "W",
        "Header values have no white space around them.",
        "RFC 9110 section 5.5",
        Servers(uvicorn="drops the connection (h11 only)"),
        why="One server refuses it; with the others it is lost on the way, for it is no part of the"
        " value.",
        mend="Strip the value before it is sent.",
    ),
    Rule(
        "H33",
        "W",
        "`headers` is present in `http.response.start`.",
        "www: Response Start",
        Servers(granian="answers 500"),
        why="The specification lets it be left out; Granian does not, and there the app answers"
        " nothing but errors.",
        mend="Send `headers`, as an empty list where there are none.",
    ),
)
