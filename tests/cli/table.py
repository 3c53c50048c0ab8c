"""Commands, with what they print and how they exit: the table that the command line is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from textwrap import dedent

__all__ = ("FILES", "TABLE", "Case")


@dataclass(frozen=True, slots=True)
class Case:
    """One command.

    Attributes:
        command: the words after `asgi-testkit`, as a shell takes them; APP is `tests.cli.apps:app`.
        out: all of standard output.
        code: the exit code.
        err: what standard error must say.
        stdin: standard input.
        env: the environment's changes.
    """

    command: str
    out: str = ""
    code: int = 0
    err: tuple[str, ...] = ()
    stdin: str = ""
    env: Mapping[str, str] = field(default_factory=dict[str, str])


FILES = {
    "note.txt": "a note\nin two lines\n",
    "value.json": '{"deep": [1, 2]}',
    "old.json": '{"format": "asgi-testkit trace", "version": 99}',
    "platform.py": "app = print",
    "other.json": '{"format": "something else"}',
}
"""Files in the folder that the commands name as FOLDER."""

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"

DOCUMENT = dedent("""\
    {
        "name": "lamp",
        "price": 12.5,
        "sold": null
    }
    """)
COLOURED = dedent("""\
    {
        \x1b[34m"name"\x1b[0m: \x1b[32m"lamp"\x1b[0m,
        \x1b[34m"price"\x1b[0m: \x1b[36m12.5\x1b[0m,
        \x1b[34m"sold"\x1b[0m: \x1b[35mnull\x1b[0m
    }
    """)

ITEMS = [
    Case("request APP /mirror", "GET [] - "),
    Case("request APP mirror", "GET [] - "),
    Case("request APP http://testserver/mirror", "GET [] - "),
    Case("request APP PUT /mirror", "PUT [] - "),
    Case("request APP put /mirror", "PUT [] - "),
    Case("request APP /mirror name=cup", f'POST [] {JSON_TYPE} {{"name": "cup"}}'),
    Case("request APP PUT /mirror name=cup", f'PUT [] {JSON_TYPE} {{"name": "cup"}}'),
    Case(
        """request APP /mirror n:=-3 list:='[1, "x"]' word=ä""",
        f'POST [] {JSON_TYPE} {{"n": -3, "list": [1, "x"], "word": "ä"}}',
    ),
    Case("request APP /mirror a[b]=1", f'POST [] {JSON_TYPE} {{"a[b]": "1"}}'),
    Case(r"request APP /mirror 'a\:b\=c=d=e'", f'POST [] {JSON_TYPE} {{"a:b=c": "d=e"}}'),
    Case("request APP /mirror limit==3 word=='a b&c'", "GET [limit=3&word=a b&c] - "),
    Case("request APP /mirror?first=1 second==2", "GET [first=1&second=2] - "),
    Case("request APP GET /mirror body=1 -j", f'GET [] {JSON_TYPE} {{"body": "1"}}'),
    Case("request APP /mirror a=1 a=2 -f", f"POST [] {FORM_TYPE} a=1&a=2"),
    Case(
        "request APP /mirror text=@FOLDER/note.txt deep:=@FOLDER/value.json",
        f'POST [] {JSON_TYPE} {{"text": "a note\\nin two lines\\n", "deep": {{"deep": [1, 2]}}}}',
    ),
    Case(
        "request APP /form title=T file@FOLDER/note.txt",
        '[["title","T"],["file","note.txt","text/plain","a note\\nin two lines\\n"]]',
    ),
    Case(
        "request APP /form 'file@FOLDER/note.txt;type=text/markdown'",
        '[["file","note.txt","text/markdown","a note\\nin two lines\\n"]]',
    ),
    Case("request APP /header/x-token X-Token:abc", "['abc']"),
    Case("request APP /header/x-token X-Token:a X-Token:b", "['a', 'b']"),
    Case("request APP /header/x-empty 'X-Empty;'", "['']"),
    Case("request APP /header/user-agent User-Agent:", "[]"),
    Case("request APP /header/accept", "['*/*']"),
    Case("request APP GET /header/accept a=1", "['application/json, */*;q=0.5']"),
    Case("request APP /header/x 'X-ü:a'", code=2, err=("name 'X-ü' may hold letters",)),
    Case("request APP /header/x X:ü", code=2, err=("its value must be in ASCII",)),
    Case(
        "request APP //mirror --print H Accept: Accept-Encoding: Connection: User-Agent:",
        "GET //mirror HTTP/1.1\nHost: testserver\n\n",
    ),
    Case("request APP /mirror nothing", code=2, err=("'nothing' cannot be understood",)),
    Case("request APP /mirror =x", code=2, err=("has no name",)),
    Case("request APP /mirror 'x;y'", code=2, err=("an empty header is just 'x;'",)),
    Case("request APP /mirror x:=[", code=2, err=("holds no JSON",)),
    Case("request APP /mirror x=@FOLDER/none", code=2, err=("cannot be read as text",)),
    Case("request APP /mirror x@FOLDER/none", code=2, err=("cannot be read: No such file",)),
    Case("request APP /mirror -f x:=1", code=2, err=("a form takes name=value",)),
]

CURL = [
    Case("request APP -X PATCH /mirror", "PATCH [] - "),
    Case("request APP /mirror -X DELETE a=1", f'DELETE [] {JSON_TYPE} {{"a": "1"}}'),
    Case("request APP /header/x-token -H 'X-Token: abc'", "['abc']"),
    Case("request APP /header/x -H 'X: a\nY: b'", code=2, err=("its value must be in ASCII",)),
    Case("request APP /mirror -A ü", code=2, err=("'User-Agent' is 'ü'",)),
    Case("request APP /mirror -H nonsense", code=2, err=("'Name: value' is wanted",)),
    Case("request APP /mirror -d a=1 -d b=2", f"POST [] {FORM_TYPE} a=1&b=2"),
    Case("request APP /mirror -d @FOLDER/note.txt", f"POST [] {FORM_TYPE} a notein two lines"),
    Case(
        "request APP /mirror --data-binary @FOLDER/note.txt",
        f"POST [] {FORM_TYPE} a note\nin two lines\n",
    ),
    Case("request APP /mirror --data-raw @note", f"POST [] {FORM_TYPE} @note"),
    Case("request APP /mirror -d @-", f"POST [] {FORM_TYPE} from stdin", stdin="from stdin\n"),
    Case("request APP /mirror --data-binary @-", f"POST [] {FORM_TYPE} from\n", stdin="from\n"),
    Case("request APP /mirror -j -d '[1]'", f"POST [] {JSON_TYPE} [1]"),
    Case("request APP /mirror -d x -H 'Content-Type: text/plain'", "POST [] text/plain x"),
    Case("request APP /mirror -d x a=1", code=2, err=("The body is given twice",)),
    Case("request APP /mirror -d @FOLDER/none", code=2, err=("cannot be read: No such file",)),
    Case(
        "request APP /form -F title=T -F 'file=@FOLDER/note.txt;type=text/x'",
        '[["title","T"],["file","note.txt","text/x","a note\\nin two lines\\n"]]',
    ),
    Case("request APP /form -F 'text=<FOLDER/note.txt'", '[["text","a note\\nin two lines\\n"]]'),
    Case("request APP /form -F nothing", code=2, err=("name=@file is wanted",)),
    Case("request APP /header/authorization -u ada:pw", "['Basic YWRhOnB3']"),
    Case("request APP /header/cookie -b 'a=1; b=2'", "['a=1; b=2']"),
    Case("request APP /header/user-agent -A tester", "['tester']"),
    Case("request APP -i /status/204", "HTTP/1.1 204 No Content\n\n"),
    Case("request APP -N /ticks", "data: 0\n\ndata: 1\n\ndata: 2\n\n"),
    Case("request APP -s -o FOLDER/out /document"),
    Case("request APP -o FOLDER/none/out /document", code=2, err=("No such file",)),
    Case("request APP -o /dev/full /document", code=1, err=("failed: The output cannot be",)),
    Case("request APP -o - /loud", "answer", err=("printed by the app",)),
    Case("request APP /redirect/1 --check-status", code=3),
    Case("request APP -L /redirect/3", "there"),
    Case("request APP -L --max-redirects 2 /redirect/3", code=6, err=("maximum allowed",)),
]

SHOWN = [
    Case("request APP /document", '{"name":"lamp","price":12.5,"sold":null}'),
    Case("request APP /document --pretty all", COLOURED),
    Case("request APP /document --pretty format", DOCUMENT),
    Case("request APP /document --pretty format -N", '{"name":"lamp","price":12.5,"sold":null}\n'),
    Case("request APP /mirror --pretty format -d x", f"POST [] {FORM_TYPE} x\n"),
    Case(
        "request APP /binary --pretty format",
        "(binary; not shown on a terminal: redirect it, or give -o FILE)\n",
    ),
    Case(
        "request APP /status/200 --print Hh Accept: Accept-Encoding: Connection: User-Agent:",
        "GET /status/200 HTTP/1.1\nHost: testserver\n\nHTTP/1.1 200 OK\ncontent-length: 0\n\n",
    ),
    Case(
        "request APP /status/200 --print h --pretty colors",
        "\x1b[1mHTTP/1.1 200 OK\x1b[0m\n\x1b[36mcontent-length\x1b[0m: 0\n\n",
    ),
    Case("request APP POST /mirror a=1 --print B", '{"a": "1"}\n\n'),
    Case("request APP /mirror --print ''"),
    Case("request APP /mirror --print x", code=2, err=("the letters H, h, B, b",)),
    Case("request APP /mirror -v", "GET [] - ", err=("GET /mirror", "http.response.start")),
]

RUNNING = [
    Case("request APP /state", "opened"),
    Case("request APP /state --no-lifespan", "never opened"),
    Case("request APP /facts", "1.1 http testserver"),
    Case("request APP /facts --http-version 2 --base-url https://shop.test", "2 https shop.test"),
    Case("request APP /facts --base-url nonsense", code=2, err=("an absolute http or https URL",)),
    Case("request APP /facts --driver inline", "1.1 http testserver"),
    Case("request APP /facts --backend trio", "1.1 http testserver"),
    Case("request APP /facts --backend uvloop", "1.1 http testserver"),
    Case("request APP /facts --backend trio --driver inline", code=2, err=("inline",)),
    Case("request tests.cli.apps:create_app /state", "opened"),
    Case("request tests.cli.apps:create_app --factory /state", "opened"),
    Case("request apps:app --app-dir tests/cli /state", "opened"),
    Case("request tests.cli.apps:nothing /", code=2, err=("create_app",)),
    Case("request tests.cli.nothing:app /", code=2, err=("no module 'tests.cli.nothing'",)),
    Case("request tests.cli.apps /", code=2, err=("names no attribute of a module",)),
    Case(
        "request platform:app --app-dir FOLDER /", code=2, err=("platform.py has that name, too",)
    ),
    Case("request tests.cli.apps:not_an_app /", code=2, err=("cannot be called",)),
    Case(
        "request tests.cli.broken_import:app /",
        code=1,
        err=("No module named 'a_module_that_nobody_has'", "broken_import.py"),
    ),
    Case("request tests.cli.apps:cannot_start /", code=1, err=("no database",)),
    Case(
        "request APP /boom",
        "Internal Server Error",
        code=1,
        err=("the app has raised: Traceback", "in boom", "in divide", "ZeroDivisionError"),
    ),
    Case("request APP /cut", "first\n", code=1, err=("in pieces", "no second")),
    Case(
        "request APP /unruly/",
        "Internal Server Error",
        1,
        ("Rule H01", "Servers: uvicorn", "apps.py"),
    ),
    Case("request APP /odd/", "odd", err=("warning: ", "Rule H27", "apps.py")),
    Case("request APP /odd/ --strict", code=1, err=("failed: ", "Rule H27")),
    Case("request APP /odd/ --ignore-rules H27,W20", "odd"),
    Case("request APP /odd/ --ignore-rules H00", code=2, err=("'H00', which is no rule",)),
    Case(
        "request APP /odd/",
        code=1,
        err=("failed: ", "Rule H27"),
        env={"ASGI_TESTKIT_STRICT": "true"},
    ),
    Case("request APP /silent", code=124, err=("stalled: GET /silent", "in silent")),
    Case("request APP /silent --timeout 0.1 --backend trio", code=124, err=("stalled: ",)),
    Case("request APP /mirror --timeout soon", code=2, err=("a number of seconds is wanted",)),
    Case("request APP /status/404"),
    Case("request APP /status/302 --check-status", code=3),
    Case("request APP /status/404 --check-status", code=4),
    Case("request APP /status/503 --check-status", code=5),
    Case("request APP /status/200 --check-status"),
    Case("request APP", code=2, err=("Missing argument 'PATH'",)),
    Case("request", code=2, err=("Missing argument 'APP'",)),
    Case("request APP /mirror --trace FOLDER/no/t.html", code=2, err=("there is no folder",)),
    Case("request APP /mirror a=\udcff", code=2, err=("is no UTF-8",)),
    Case("request APP /mirror --trace FOLDER/trace.txt", code=2, err=("must end in .html",)),
    Case("nothing", code=2, err=("No such command 'nothing'",)),
]

WEBSOCKETS = [
    Case("websocket APP /echo", "text: a\ntext: b\n", stdin="a\nb\nbye\n"),
    Case("websocket APP echo", "text: a\n", stdin="a\r\nbye"),
    Case("websocket APP /echo --binary", "bytes: None\n", stdin="a\nbye\n"),
    Case("websocket APP /echo --json --wait 0", code=2, err=("Line 1 is no JSON",), stdin="a\n"),
    Case("websocket APP /echo --wait none --driver inline", "text: a\n", stdin="a\nbye\n"),
    Case("websocket APP /echo --wait none --backend trio", "text: a\n", stdin="a\nbye\n"),
    Case("websocket APP /echo --wait 0"),
    Case("websocket APP /echo --wait 0.2"),
    Case("websocket APP /echo --wait 0 -v --subprotocol v1", err=("websocket.accept", "v1")),
    Case("websocket APP /echo --wait soon", code=2, err=("a number of seconds is wanted",)),
    Case("websocket APP /echo-json --json", '{"a": 1}\n', stdin='{"a": 1}\n'),
    Case("websocket APP /farewell/1000 --wait none", "hello\n"),
    Case("websocket APP /farewell/4001", "hello\n", code=1, err=("closed with code 4001: enough",)),
    Case("websocket APP /refuse", code=1, err=("closed with code 1008",)),
    Case("websocket APP /deny", "log in first", code=1, err=("denied: 401 Unauthorized",)),
    Case("websocket APP /deny --check-status", "log in first", code=4, err=("denied: 401",)),
    Case("websocket APP /break-down", code=1, err=("in break_down", "lost"), stdin="a\n"),
]
WEBSOCKETS = [
    case if "--wait" in case.command else replace(case, command=f"{case.command} --wait none")
    for case in WEBSOCKETS
]

OTHERS = [
    Case("check tests.cli.apps:well -s", "Nothing found.\n"),
    Case("check tests.cli.apps:well -s --json --path /", "[]\n"),
    Case("check tests.cli.apps:unwell -s --path / --ignore-rules H27", "Nothing found.\n"),
    Case("check tests.cli.apps:unwell -s --path / --no-strict", "Nothing found.\n"),
    Case("check tests.cli.apps:nothing", code=2, err=("create_app",)),
    Case("show-trace FOLDER/none.json", code=2, err=("does not exist",)),
    Case("show-trace FOLDER/note.txt", code=2, err=("note.txt is no JSON",)),
    Case("show-trace FOLDER/other.json", code=2, err=("is no trace of asgi-testkit",)),
    Case("show-trace FOLDER/old.json", code=2, err=("is a trace of version 99",)),
]

TABLE = [*ITEMS, *CURL, *SHOWN, *RUNNING, *WEBSOCKETS, *OTHERS]
