"""The timeline as a file: small, the same each time, and closed to what a trace holds."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from typing import Any

import pytest

from asgi_testkit.report.html import IndexEntry, index_of, page_of
from tests.report.sample_traces import answered, exchange, message, shop, text, trace

LIMIT_BYTES = 150_000
EVIL = "</script><script>alert(1)</script><!--<script>\u2028\u2029&lt;{{script}}"


def embedded(page: str) -> Any:
    """Return what the page's script reads."""
    found = re.search(r'<script type="application/json" id="trace">([^<]*)</script>', page)
    assert found
    return json.loads(found[1])


def test_a_page_without_messages_is_small() -> None:
    assert len(page_of(trace()).encode()) < LIMIT_BYTES


def test_the_same_trace_gives_the_same_page() -> None:
    assert page_of(shop()) == page_of(shop())


def test_a_page_holds_the_trace_as_it_is() -> None:
    assert embedded(page_of(shop())) == shop()


@pytest.mark.parametrize("evil", [EVIL, "\ud800", "é ü 漢 🙂", "\x00\x1b"])
def test_what_a_body_holds_cannot_end_its_element_and_comes_out_whole(evil: str) -> None:
    page = page_of(trace(answered("GET /a", 0, text(evil)), error=evil))

    assert page.count("<script") == page_of(trace()).count("<script") == 2
    assert page.count("</script") == 2
    assert embedded(page)["error"] == evil
    assert page.encode()


def test_a_title_is_text_and_fills_no_hole() -> None:
    page = page_of({**trace(), "title": EVIL})

    assert f"<title>{html.escape(EVIL)}</title>" in page
    assert page.count("<script") == 2


@pytest.mark.parametrize("page", [page_of(trace()), index_of([])], ids=["page", "index"])
def test_a_page_names_no_address(page: str) -> None:
    assert re.findall(r"https?://|//\w+\.|@import|\burl\(|\bsrc=", page) == []
    assert set(re.findall(r'href="([^"]*)"', page)) == {"data:,"}


@pytest.mark.parametrize("page", [page_of(shop()), index_of([])], ids=["page", "index"])
def test_the_policy_admits_the_pages_own_script_and_style_alone(page: str) -> None:
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert script
    assert style

    assert policy_of(page) == {
        "default-src": "'none'",
        "connect-src": "'none'",
        "script-src": digest(script[1]),
        "style-src": digest(style[1]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def policy_of(page: str) -> dict[str, str]:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found
    return dict(part.strip().split(" ", 1) for part in found[1].split(";"))


def digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@pytest.mark.parametrize(
    "way", ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
)
def test_the_script_knows_no_way_from_text_to_elements(way: str) -> None:
    script = page_of(trace()).rpartition("<script>")[2]

    assert way not in script


def test_a_number_that_json_has_not_is_refused() -> None:
    endless = exchange("GET /a", message(float("inf"), "app", "returned"))

    with pytest.raises(ValueError, match="not JSON compliant"):
        page_of(trace(endless))


# -- the index ----------------------------------------------------------------------------


def entry(**more: Any) -> IndexEntry:
    given: IndexEntry = {
        "title": "tests/test_a.py::test_one",
        "outcome": "failed",
        "href": "one.html",
        "exchanges": 3,
        "error": "AssertionError: assert 1 == 2\n  where 1 = f()",
        "duration": 0.25,
    }
    return {**given, **more}


def lines(page: str) -> list[list[str]]:
    """Return the link and the texts of each line."""
    found = re.findall(r'<li><a href="([^"]*)">(.*)</a></li>', page)
    return [[href, *re.findall(r"<span[^>]*>([^<]*)</span>", inner)] for href, inner in found]


def test_an_index_has_a_line_for_each_page() -> None:
    passed = entry(title="test_two", outcome="passed", href="two.html", exchanges=1, error="")
    page = index_of([entry(), passed])

    assert "2 tests, 1 failed" in page
    assert lines(page) == [
        [
            *("one.html", "failed", "tests/test_a.py::test_one", "3 exchanges, 0.25 s"),
            "AssertionError: assert 1 == 2",
        ],
        ["two.html", "passed", "test_two", "1 exchange, 0.25 s", ""],
    ]


def test_an_index_of_one_says_so() -> None:
    assert "1 test, 1 failed" in index_of([entry()])


def test_texts_of_an_index_are_text() -> None:
    quote = """"'><script>"""
    page = index_of([entry(title=quote, error=quote, href=quote, outcome=quote)])

    escaped = html.escape(quote)
    assert lines(page) == [[escaped, escaped, escaped, "3 exchanges, 0.25 s", escaped]]
    assert page.count("<script>") == 1
