"""Responses that are legal, though a careless check would reject them."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import is_legal

X_A = ((b"x-a", b"1"),)
HINTS = {"http.response.early_hint": {}}
PATHS = {"http.response.pathsend": {}}


@is_legal()
async def extra_keys(scope: Scope, receive: Receive, send: Send) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [], "x-extra": 1}
    await send(start)
    await send({"type": "http.response.body", "body": b"hello", "x-extra": object()})


@is_legal(shows=(200, b""))
async def body_key_missing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body"})


@is_legal(shows=(200, b"hello"))
async def body_key_missing_with_more(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "more_body": True})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=X_A)
async def headers_list_of_lists(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [[b"x-a", b"1"]]})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=X_A)
async def headers_tuple(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": ((b"x-a", b"1"),)})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=X_A)
async def headers_iterator(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": iter([(b"x-a", b"1")])})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=X_A)
async def headers_generator(scope: Scope, receive: Receive, send: Send) -> None:
    headers = ((name, b"1") for name in [b"x-a"])
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=X_A)
async def headers_dict_items(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": {b"x-a": b"1"}.items()})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(shows=(404, b"hello"))
async def status_int_enum(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": HTTPStatus.NOT_FOUND, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(shows=(299, b"hello"))
async def status_299(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal()
async def empty_chunks(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    await send({"type": "http.response.body", "body": b"lo", "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@is_legal(headers=((b"x-a", b""),))
async def header_value_empty(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"")]})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=((b"x-a", b"a\tb"),))
async def header_value_tab(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"a\tb")]})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=((b"x-a", b"caf\xe9"),))
async def header_value_latin1(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"x-a", "café".encode("latin-1"))],
        }
    )
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=((b"x-a", b"caf\xc3\xa9"),))
async def header_value_utf8(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"x-a", "café".encode())]}
    )
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=((b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")))
async def set_cookie_twice(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")],
        }
    )
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(method="HEAD", shows=(200, b""))
async def head_with_body(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]}
    )
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(method="HEAD", shows=(200, b""))
async def head_without_body(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]}
    )
    await send({"type": "http.response.body", "body": b""})


@is_legal(shows=(304, b""))
async def content_length_304(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 304, "headers": [(b"content-length", b"5")]}
    )
    await send({"type": "http.response.body", "body": b""})


@is_legal(shows=(204, b""))
async def status_204(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@is_legal()
async def content_length_right(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]}
    )
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    await send({"type": "http.response.body", "body": b"lo"})


@is_legal()
async def receive_never_called(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(shows=(200, b"hehehehe"))
async def concurrent_send(scope: Scope, receive: Receive, send: Send) -> None:
    import anyio

    await send({"type": "http.response.start", "status": 200, "headers": []})
    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            body = {"type": "http.response.body", "body": b"he", "more_body": True}
            tasks.start_soon(send, body)
    await send({"type": "http.response.body", "body": b""})


@is_legal()
async def background_work_after_completion(scope: Scope, receive: Receive, send: Send) -> None:
    import anyio

    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
    await anyio.lowlevel.checkpoint()


@is_legal()
async def receive_after_completion(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
    await receive()
    await receive()
    await receive()


@is_legal(headers=tuple((b"x-%d" % n, b"1") for n in range(300)))
async def headers_300(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"x-%d" % n, b"1") for n in range(300)],
        }
    )
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=((b"x-a", b"v" * 200_000),))
async def header_value_200_kb(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"v" * 200_000)]}
    )
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(warns="H33")
async def headers_key_missing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal()
async def trailers(scope: Scope, receive: Receive, send: Send) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [], "trailers": True}
    await send(start)
    await send({"type": "http.response.body", "body": b"hello"})
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})


@is_legal()
async def trailers_without_headers(scope: Scope, receive: Receive, send: Send) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [], "trailers": True}
    await send(start)
    await send({"type": "http.response.body", "body": b"hello"})
    await send({"type": "http.response.trailers"})


@is_legal(scope_extensions=HINTS)
async def early_hint_before_start(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload"]})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal()
async def debug_before_start(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.debug", "info": {"template": "home.html"}})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(scope_extensions=PATHS, shows=(200, Path(__file__).read_bytes()))
async def pathsend(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.pathsend", "path": __file__})


@is_legal(scope_extensions={"http.response.push": {}})
async def push(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.push", "path": "/style.css", "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(
    scope_extensions={"http.response.zerocopysend": {}}, shows=(200, Path(__file__).read_bytes())
)
async def zerocopysend(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    with Path(__file__).open("rb") as file:
        await send({"type": "http.response.zerocopysend", "file": file.fileno()})


@is_legal()
async def message_dict_subclass(scope: Scope, receive: Receive, send: Send) -> None:
    from collections import OrderedDict, defaultdict

    await send(OrderedDict(type="http.response.start", status=200, headers=[]))
    await send(defaultdict(str, type="http.response.body", body=b"hello"))


@is_legal()
async def body_bytes_subclass(scope: Scope, receive: Receive, send: Send) -> None:
    class Piece(bytes):
        pass

    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": Piece(b"hello")})


@is_legal(shows=(599, b"hello"))
async def status_599(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 599, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal()
async def content_length_leading_zeros(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0005")]}
    )
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(shows=(200, b""))
async def content_length_0(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


@is_legal(method="HEAD", shows=(200, b""))
async def head_in_pieces(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"500")]}
    )
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    await send({"type": "http.response.body", "body": b"lo"})


@is_legal(method="HEAD", shows=(204, b""))
async def head_204(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@is_legal(shows=(204, b""))
async def empty_chunks_204(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@is_legal(shows=(304, b""))
async def status_304(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", b'"1"')]})
    await send({"type": "http.response.body", "body": b""})


@is_legal(shows=(205, b""))
async def status_205(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 205, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


@is_legal(headers=((b"x-a", b"a b"),))
async def header_value_inner_space(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"a b")]})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(headers=((b"x-!#$%&'*+.^_`|~9", b"1"),))
async def header_name_odd_token(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"x-!#$%&'*+.^_`|~9", b"1")]}
    )
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal()
async def trailers_in_pieces(scope: Scope, receive: Receive, send: Send) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [], "trailers": True}
    await send(start)
    await send({"type": "http.response.body", "body": b"hello"})
    await send(
        {"type": "http.response.trailers", "headers": [(b"x-a", b"1")], "more_trailers": True}
    )
    await send({"type": "http.response.trailers", "headers": [(b"x-b", b"2")]})


@is_legal()
async def trailers_false(scope: Scope, receive: Receive, send: Send) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [], "trailers": False}
    await send(start)
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal()
async def debug_with_none(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.debug", "info": None})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal(scope_extensions=HINTS)
async def early_hints_several(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]})
    await send(
        {"type": "http.response.early_hint", "links": [b"</b.css>; rel=preload", b"</c.css>"]}
    )
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@is_legal()
async def send_is_tried_again_with_other_data(scope: Scope, receive: Receive, send: Send) -> None:
    body = {"type": "http.response.body", "body": b"hello"}
    start = {"type": "http.response.start", "status": 200, "headers": []}
    await send(dict(start))
    await send(dict(body))
    body.clear()
    start.clear()


@is_legal(scope_extensions=PATHS, shows=(200, Path(__file__).read_bytes()))
async def pathsend_with_content_length(scope: Scope, receive: Receive, send: Send) -> None:
    size = Path(__file__).stat().st_size
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"%d" % size)],
        }
    )
    await send({"type": "http.response.pathsend", "path": __file__})


@is_legal(scope_extensions=PATHS, method="HEAD", shows=(200, b""))
async def pathsend_to_head(scope: Scope, receive: Receive, send: Send) -> None:
    size = Path(__file__).stat().st_size
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"%d" % size)],
        }
    )
    await send({"type": "http.response.pathsend", "path": __file__})


@is_legal(scope_extensions={"http.response.zerocopysend": {}}, shows=(200, b'hello"""Resp bye'))
async def zerocopysend_amid_bodies(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"16")]}
    )
    await send({"type": "http.response.body", "body": b"hello", "more_body": True})
    with Path(__file__).open("rb") as file:
        piece = {"file": file.fileno(), "offset": 0, "count": 7, "more_body": True}
        await send({"type": "http.response.zerocopysend", **piece})
    await send({"type": "http.response.body", "body": b" bye"})
