"""L01-L16: the lifespan. Daphne has none: it never calls an app with that scope."""

from __future__ import annotations

from asgi_testkit.protocol.rule import Rule, Servers

__all__ = ("RULES_OF_LIFESPAN",)

_ERRORS = "asgi: Error Handling"
_ABSENT = "has no lifespan"
_TAKEN = Servers(daphne=_ABSENT)
_UVICORN_AND_GRANIAN_RAISE = Servers(
    uvicorn="raises out of `send`", granian="raises out of `send`", daphne=_ABSENT
)

RULES_OF_LIFESPAN: tuple[Rule, ...] = (
    Rule(
        "L01",
        "F",
        "An exception before the answer to startup means that the app has no lifespan.",
        "lifespan: Scope",
        _TAKEN,
        why="The server goes on as with an app that has no lifespan, so that an error in the"
        " startup itself is easily missed.",
        mend="Send `lifespan.startup.failed` where the startup fails, so that the server stops.",
    ),
    Rule(
        "L02",
        "E",
        "`lifespan.startup.failed` ends the server.",
        "lifespan: Startup Failed",
        Servers("exits with code 3", "exits with code 0", "exits with code 1", _ABSENT),
        why="The app is never served. Hypercorn exits with 0, which a supervisor may take for a"
        " success.",
        mend="Mend the cause that the app gives in `message`.",
    ),
    Rule(
        "L03",
        "E",
        "Startup is answered.",
        "lifespan: Startup Complete",
        Servers("never listens", "never listens", "never listens", _ABSENT),
        why="The server waits for the answer before it takes a connection: the deployment stands"
        " still, without an error.",
        mend="Send `lifespan.startup.complete` once the app is ready, and give a limit to what it"
        " waits for.",
    ),
    Rule(
        "L04",
        "W",
        "The app does not return before it has answered startup.",
        "lifespan: Startup Complete",
        _TAKEN,
        why="Servers carry on as if there were no lifespan: the startup may have been left halfway,"
        " and there will be no shutdown.",
        mend="Answer and wait for shutdown, or raise an exception on scopes that you do not"
        " support.",
    ),
    Rule(
        "L05",
        "E",
        "Startup is answered once.",
        "lifespan",
        Servers(
            uvicorn="raises out of `send`",
            hypercorn="exits with code 0 (`failed` after `complete`)",
            granian="raises out of `send`",
            daphne=_ABSENT,
        ),
        why="Uncaught, the exception ends the lifespan, so that the app never comes to its"
        " shutdown. A failure that is told after the success comes too late on most servers.",
        mend="Send one of `complete` and `failed`, as the last act of the startup.",
    ),
    Rule(
        "L06",
        "E",
        "Shutdown is answered when it was asked for.",
        "lifespan",
        _UVICORN_AND_GRANIAN_RAISE,
        why="The app has shut down, or says so, while requests are still being served.",
        mend="Await `lifespan.shutdown` before you answer it.",
    ),
    Rule(
        "L07",
        "E",
        "A message is a dict whose `type` the lifespan protocol knows.",
        _ERRORS,
        Servers("raises out of `send`", "raises out of `send`", "raises out of `send`", _ABSENT),
        why="The exception ends the lifespan before its answer, which servers take for an app"
        " without one: the app is served without what its startup sets up.",
        mend="Correct the `type`: a lifespan knows `complete` and `failed` of `lifespan.startup`"
        " and `lifespan.shutdown`.",
    ),
    Rule(
        "L08",
        "E",
        "No exception leaves the app after startup.",
        _ERRORS,
        Servers("logs it", "logs it", "logs it", _ABSENT),
        why="The rest of the shutdown is not run, with a line in the log alone: connections stay"
        " open and buffers are not written.",
        mend="Mend the cause, and clean up in a `finally` so that one failure leaves the rest.",
    ),
    Rule(
        "L09",
        "E",
        "`lifespan.shutdown.failed` is a failure.",
        "lifespan: Shutdown Failed",
        Servers("logs it", "raises out of `send`", "logs it", _ABSENT),
        why="The app says that it could not clean up, and in production nobody but the log hears"
        " of it.",
        mend="Mend the cause that the app gives in `message`.",
    ),
    Rule(
        "L10",
        "E",
        "Shutdown is answered.",
        "lifespan: Shutdown Complete",
        Servers("hangs", "hangs", "hangs", _ABSENT),
        why="The server waits for the answer before it ends: every restart takes until the process"
        " is killed.",
        mend="Send `lifespan.shutdown.complete` after cleaning up, and give a limit to what it"
        " waits for.",
    ),
    Rule(
        "L11",
        "W",
        "The app does not return without answering shutdown.",
        "lifespan",
        _TAKEN,
        why="Servers take the return for an answer, so that a shutdown which was left halfway"
        " looks like a whole one.",
        mend="Send `lifespan.shutdown.complete` before you return.",
    ),
    Rule(
        "L12",
        "W",
        "Shutdown is answered once.",
        "lifespan",
        _UVICORN_AND_GRANIAN_RAISE,
        why="The second answer raises on two servers, and what comes after it is not run.",
        mend="Answer once, as the last act of the shutdown.",
    ),
    Rule(
        "L13",
        "E",
        "Startup is not left by `SystemExit` or a cancellation.",
        _ERRORS,
        Servers(
            hypercorn="exits with code 0",
            granian="exits with code 1 (`SystemExit` only)",
            daphne=_ABSENT,
        ),
        why="Hypercorn exits with 0, which a supervisor may take for a success; uvicorn serves the"
        " app without its startup.",
        mend="Send `lifespan.startup.failed` with a `message` where the app cannot start.",
    ),
    Rule(
        "L14",
        "W",
        '`scope["state"]` is changed in place, not replaced.',
        "lifespan: Lifespan State",
        _TAKEN,
        why="The server keeps the dict that it has made: what is in another never reaches a"
        " request.",
        mend='Set keys of `scope["state"]`, as its `update` does.',
    ),
    Rule(
        "L15",
        "W",
        "`lifespan.startup` is received before it is answered.",
        "lifespan: Startup",
        _TAKEN,
        why="Servers let it pass, but the app's next `receive` gives `lifespan.startup` where it"
        " waits for the shutdown.",
        mend="Await `receive` once before the answer.",
    ),
    Rule(
        "L16",
        "W",
        "`message` of `lifespan.startup.failed` is a str.",
        "lifespan: Startup Failed",
        _TAKEN,
        why="It is put into the log as it is, and what was meant to explain the failure may not be"
        " readable there.",
        mend="Send a str, as `str(exception)`.",
    ),
)
