"""Extensions of HTTP that are offered when asked for: push, files by path or descriptor."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.extensions import FilePart, Push, files_elsewhere
from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.http_states import HTTPState
from tests.protocol.exchanges import body, break_by, http_exchange, send_all, start, trailers

PUSH = "http.response.push"
PATHSEND = "http.response.pathsend"
ZEROCOPY = "http.response.zerocopysend"
PATH = {"type": PATHSEND, "path": str(Path("/files/a.txt").absolute())}
PIECES = (b"one", b"two")


def extended(**options: Any) -> HTTPExchange:
    names = (PUSH, PATHSEND, ZEROCOPY, "http.response.trailers", "http.response.early_hint")
    options.setdefault("read_file", lambda part: iter(PIECES))
    return http_exchange(extensions=names, **options)


def send_file(exchange: HTTPExchange) -> None:
    while exchange.sends_on:
        exchange.app_send_on()


def test_push_is_kept_and_shown_by_its_extension() -> None:
    exchange = extended()
    send_all(exchange, start(), {"type": PUSH, "path": "/a.css", "headers": [(b"accept", b"*/*")]})
    push = Push("/a.css", [(b"accept", b"*/*")])
    assert exchange.extension_values() == {PUSH: [push]}


@pytest.mark.parametrize("before", [(), (start(),), (start(), body(b"a", more=True))])
def test_push_may_come_until_the_last_of_the_body(before: tuple[dict[str, Any], ...]) -> None:
    exchange = extended()
    send_all(exchange, *before, {"type": PUSH, "path": "/a.css", "headers": []})
    assert [push.path for push in exchange.pushes] == ["/a.css"]


def test_push_after_the_body_breaks_the_rule_of_what_follows_it() -> None:
    exchange = extended()
    send_all(exchange, start(), body())
    assert break_by(exchange, {"type": PUSH, "path": "/", "headers": []}).rule == "H03"


def test_headers_of_a_push_keep_the_rules_of_headers() -> None:
    message = {"type": PUSH, "path": "/", "headers": [("accept", b"*/*")]}
    assert break_by(extended(), message).rule == "H24"


def test_file_sent_by_its_path_is_the_whole_body() -> None:
    exchange = extended()
    send_all(exchange, start(), PATH)
    send_file(exchange)
    assert (exchange.state, exchange.client_take_body()) == (HTTPState.COMPLETE, b"onetwo")
    assert exchange.extension_values() == {PATHSEND: PATH["path"]}


def test_file_is_taken_piece_by_piece() -> None:
    exchange = extended()
    send_all(exchange, start(), PATH)
    exchange.app_send_on()
    assert (exchange.sends_on, exchange.client_take_body()) == (True, b"one")
    assert exchange.state is HTTPState.STREAMING


def test_declared_trailers_follow_a_file() -> None:
    exchange = extended()
    send_all(exchange, start(trailers=True), PATH)
    send_file(exchange)
    send_all(exchange, trailers((b"x-sum", b"1")))
    assert (exchange.state, exchange.trailers) == (HTTPState.COMPLETE, [(b"x-sum", b"1")])


@pytest.mark.parametrize("path", ["a.txt", "./a.txt", b"/a.txt", None])
def test_path_that_is_no_absolute_one_breaks_its_rule(path: object) -> None:
    exchange = extended()
    send_all(exchange, start())
    assert break_by(exchange, {"type": PATHSEND, "path": path}).rule == "H55"


def test_file_that_cannot_be_opened_breaks_the_rule_of_paths() -> None:
    def refuse(part: FilePart) -> Iterator[bytes]:
        raise FileNotFoundError(2, "No such file", part.file)

    exchange = extended(read_file=refuse)
    send_all(exchange, start())
    error = break_by(exchange, PATH)
    assert (error.rule, "No such file" in str(error)) == ("H55", True)


def test_exchange_that_was_not_told_how_reads_no_file() -> None:
    exchange = http_exchange(extensions=(PATHSEND,), read_file=files_elsewhere)
    send_all(exchange, start())
    assert break_by(exchange, PATH).rule == "H55"


def test_body_beside_a_path_breaks_its_rule_before_and_after() -> None:
    before, after = extended(), extended()
    send_all(before, start(), body(b"a", more=True))
    send_all(after, start(), PATH)
    send_file(after)
    assert [break_by(before, PATH).rule, break_by(after, body(b"a")).rule] == ["H55", "H55"]


def test_path_before_the_start_breaks_the_rule_of_the_start() -> None:
    assert break_by(extended(), PATH).rule == "H01"


def test_second_path_breaks_its_rule() -> None:
    exchange = extended()
    send_all(exchange, start(), PATH)
    send_file(exchange)
    assert break_by(exchange, PATH).rule == "H55"


@pytest.mark.parametrize(("declared", "rule"), [(b"5", "H34"), (b"7", "H35")])
def test_file_of_another_length_than_declared_breaks_its_rule(declared: bytes, rule: str) -> None:
    exchange = extended()
    send_all(exchange, start(headers=[(b"content-length", declared)]), PATH)
    with pytest.raises(ASGIRuleError, match=f"Rule {rule} "):
        send_file(exchange)
    assert exchange.file is None


def test_descriptor_is_sent_among_other_pieces_of_the_body() -> None:
    exchange = extended()
    message = {"type": ZEROCOPY, "file": 7, "more_body": True}
    send_all(exchange, start(), body(b"a;", more=True), message)
    send_file(exchange)
    send_all(exchange, body(b";z"))
    assert (exchange.state, exchange.client_take_body()) == (HTTPState.COMPLETE, b"a;onetwo;z")


def test_offset_and_count_say_which_part_of_a_descriptor() -> None:
    seen: list[FilePart] = []
    exchange = extended(read_file=lambda part: iter([seen.append(part) or b""]))
    send_all(exchange, start(), {"type": ZEROCOPY, "file": 7, "offset": 3, "count": 2})
    assert seen == [FilePart(7, 3, 2)]


@pytest.mark.parametrize("file", [None, "a.txt", True, io.BytesIO(b"a")])
def test_file_without_a_descriptor_breaks_the_rule_of_extensions(file: object) -> None:
    exchange = extended()
    send_all(exchange, start())
    assert break_by(exchange, {"type": ZEROCOPY, "file": file}).rule == "H53"


@pytest.mark.parametrize("part", [{"offset": "1"}, {"offset": -1}, {"count": 1.5}, {"count": -1}])
def test_part_that_is_no_number_of_bytes_breaks_the_rule_of_extensions(part: Any) -> None:
    exchange = extended()
    send_all(exchange, start())
    assert break_by(exchange, {"type": ZEROCOPY, "file": 0, **part}).rule == "H53"


@pytest.mark.parametrize("file", [io.BytesIO(b"secret"), None])
def test_file_that_is_none_is_empty_where_its_rule_is_passed_over(file: object) -> None:
    exchange = extended(ignored=("H53",))
    send_all(exchange, start(), {"type": ZEROCOPY, "file": file})
    send_file(exchange)
    assert (exchange.state, exchange.client_take_body()) == (HTTPState.COMPLETE, b"")


def test_trailers_after_the_last_ones_follow_what_is_whole() -> None:
    exchange = extended()
    send_all(exchange, start(trailers=True), body(), trailers())
    assert break_by(exchange, trailers()).rule == "H03"


@pytest.mark.parametrize("kind", [PUSH, PATHSEND, ZEROCOPY])
def test_extension_that_is_not_offered_breaks_its_rule(kind: str) -> None:
    exchange = http_exchange()
    send_all(exchange, start())
    assert break_by(exchange, {"type": kind, "path": "/a", "file": 0}).rule == "H53"


def test_nothing_of_a_file_is_read_once_the_client_is_gone() -> None:
    exchange = extended()
    send_all(exchange, start(), PATH)
    exchange.client_disconnect()
    exchange.app_send_on()
    assert (exchange.sends_on, exchange.file) == (False, None)


@pytest.mark.parametrize(
    ("links", "rule"), [("</a>", "H25"), ([1], "H25"), ([b"</a>\r\nx: y"], "H28")]
)
def test_links_of_early_hints_keep_the_rules_of_header_values(links: object, rule: str) -> None:
    message = {"type": "http.response.early_hint", "links": links}
    assert break_by(extended(), message).rule == rule
