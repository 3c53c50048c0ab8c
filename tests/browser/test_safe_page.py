"""Whatever is in a trace stays text, and a page can reach nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from asgi_testkit.report.html import index_of, page_of
from tests.browser.watched import Opener
from tests.report.sample_traces import answered, document, shop, text, trace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

EVIL = (
    "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
    "<!--<script>\u2028{{script}}"
)


def evil_trace() -> dict[str, object]:
    """Return a trace with it in every place that holds text from outside."""
    one = answered(f"GET /{EVIL}", 0.0, document({EVIL: EVIL}), curl=f"curl '{EVIL}'")
    one["request_headers"] = [[EVIL, EVIL]]
    one["called_from"] = {"file": EVIL, "line": 1, "function": EVIL, "text": EVIL}
    one["raised"] = {"text": EVIL, "rule": EVIL, "place": EVIL}
    one["entries"][1] |= {"headers": [[EVIL, EVIL]], "text": EVIL}
    one["entries"][0] |= {"body": text(EVIL), "act": EVIL}
    return {**trace(one, error=EVIL), "title": EVIL}


def test_nothing_in_a_trace_runs_or_becomes_an_element(opened: Opener) -> None:
    page = opened(evil_trace())
    page.keyboard.press("j")
    for _ in range(4):
        page.keyboard.press("Enter")
        page.keyboard.press("j")
    page.keyboard.press("v")

    assert page.evaluate("window.ran") is None
    assert page.locator("script").count() == 2
    assert page.locator("img").count() == 0
    assert page.title() == EVIL
    coded = EVIL.replace("\u2028", "\\u2028")
    shown = page.get_by_role("region", name="JSON").inner_text()
    assert shown == f'{{\n  "{coded}": "{coded}"\n}}'


def test_nothing_in_an_index_runs_or_becomes_an_element(opened: Opener) -> None:
    entry = {
        "title": EVIL,
        "outcome": "failed",
        "href": "a.html'\"><script>window.ran = 1</script>",
        "exchanges": 1,
        "error": EVIL,
        "duration": 0.1,
    }
    page = opened(index_of([entry]))

    assert page.evaluate("window.ran") is None
    assert (page.locator("script").count(), page.locator("img").count()) == (1, 0)
    assert page.locator(".name").inner_text() == EVIL


@pytest.mark.parametrize(
    "attempt",
    [
        "document.body.append(Object.assign(document.createElement('script'), {text: 'ran = 1'}))",
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')",
        "location.href = 'javascript:window.ran = 1'",
    ],
    ids=["script", "attribute", "address"],
)
def test_the_policy_would_stop_a_script_that_got_in(
    browser: Browser, tmp_path: Path, attempt: str
) -> None:
    file = tmp_path / "page.html"
    file.write_text(page_of(shop()), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())

    with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        page.evaluate(attempt)

    assert page.evaluate("window.ran") is None
    page.close()


def test_the_policy_would_stop_a_request_that_got_in(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page_of(shop()), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())

    outcome, violated = page.evaluate(
        """async () => {
          const event = new Promise(seen => addEventListener("securitypolicyviolation", seen));
          const tried = fetch("http://127.0.0.1:8080/").then(() => "sent", (error) => error.name);
          return [await tried, (await event).effectiveDirective];
        }"""
    )

    assert (outcome, violated) == ("TypeError", "connect-src")
    page.close()


def test_what_a_page_says_on_the_console_is_noticed(browser: Browser, tmp_path: Path) -> None:
    opener = Opener(browser, tmp_path)

    opener(
        "<script>console.error('oh'); nothing.at.all</script><img src='http://127.0.0.1:8080/a'>"
    )
    opener.close()

    assert {"oh", "nothing is not defined"} <= set(opener.complaints)
    assert "http://127.0.0.1:8080/a" in opener.requested
