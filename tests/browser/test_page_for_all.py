"""Light and dark, small windows, long traces, the clipboard, and the index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from asgi_testkit.report.html import index_of
from tests.browser.watched import Opener
from tests.report.sample_traces import many, shop

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

each_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])

# Every element with text of its own that is in sight: its contrast with what is behind it.
CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], back) => [r, g, b].map((part, at) => part * a + back[at] * (1 - a));
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    return over(rgba(getComputedStyle(element).backgroundColor), behind(element.parentElement));
  };
  const light = (rgb) => rgb
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const contrast = (element) => {
    const back = behind(element);
    const [one, other] = [light(over(rgba(getComputedStyle(element).color), back)), light(back)];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };
  const ownText = (element) => [...element.childNodes].filter((node) => node.nodeType === 3);
  return [...document.body.querySelectorAll("*")]
    .filter((element) => ownText(element).some((node) => node.data.trim()))
    .filter((element) => element.checkVisibility() && !element.closest("script"))
    .map((element) => [element.textContent.slice(0, 40), contrast(element)]);
}"""


def low_contrasts(page: Page) -> list[Any]:
    found = page.evaluate(CONTRASTS)
    assert len(found) > 20
    return [one for one in found if one[1] < 4.5]


@each_scheme
def test_all_text_has_the_contrast_that_wcag_asks_for(opened: Opener, scheme: str) -> None:
    page = opened(shop(), color_scheme=scheme)
    page.locator("#filter").fill("o")
    page.keyboard.press("Escape")
    page.keyboard.press("e")

    by_request = low_contrasts(page)
    page.keyboard.press("n")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    unfolded = low_contrasts(page)
    page.keyboard.press("v")
    by_time = low_contrasts(page)
    page.keyboard.press("?")

    assert [by_request, unfolded, by_time, low_contrasts(page)] == [[], [], [], []]


@each_scheme
def test_the_page_follows_the_system_until_the_button_turns_it(opened: Opener, scheme: str) -> None:
    page = opened(shop(), color_scheme=scheme)
    background = "getComputedStyle(document.body).backgroundColor"

    first = page.evaluate(background)
    page.get_by_role("button", name="Light or dark").click()
    turned = page.evaluate(background)
    page.reload()

    colours = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 22, 26)"}
    assert first == colours.pop(scheme)
    assert [turned, page.evaluate(background)] == [*colours.values()] * 2


@pytest.mark.parametrize("key", ["e", "v"])
def test_nothing_is_wider_than_a_window_of_400_pixels(opened: Opener, key: str) -> None:
    page = opened(shop(), width=400)

    page.keyboard.press(key)
    page.keyboard.press("j")

    assert page.evaluate("document.documentElement.scrollWidth") == 400
    assert page.locator(".row .label, .row .what").first.bounding_box()["width"] > 150


def test_rows_are_announced_with_their_level_and_state(opened: Opener) -> None:
    page = opened(shop())

    grid = page.get_by_role("treegrid", name="Requests and their messages")
    row = grid.get_by_role("row", expanded=True)

    assert int(grid.get_attribute("aria-rowcount") or 0) == 13
    assert row.get_attribute("aria-level") == "1"
    assert "POST /orders" in row.inner_text()
    assert grid.locator("> :not([role=row])").count() == 0


# -- ten thousand messages ----------------------------------------------------------------

MOST_ROWS = 100


def test_of_ten_thousand_messages_few_are_in_the_document(opened: Opener) -> None:
    page = opened(many(10_000))

    page.keyboard.press("e")
    counts = []
    for part in range(11):
        page.evaluate(f"scrollTo(0, document.documentElement.scrollHeight * {part / 10})")
        page.evaluate("new Promise(requestAnimationFrame)")
        counts.append(page.locator(".row").count())

    assert all(5 < count < MOST_ROWS for count in counts)
    assert int(page.locator("#list").get_attribute("aria-rowcount") or 0) > 10_000


def test_the_last_of_ten_thousand_messages_is_a_key_and_a_filter_away(opened: Opener) -> None:
    page = opened(many(10_000))

    page.keyboard.press("v")
    page.keyboard.press("End")
    last = page.locator("[aria-selected=true]")
    is_in_sight = last.bounding_box()["y"] + 28 <= 800
    label = last.inner_text()
    page.locator("#filter").fill('"line": 96, "of": 99')

    assert is_in_sight
    assert "returned" in label
    assert page.locator(".row.message .number").all_inner_texts() == ["#100"]


# -- the clipboard ------------------------------------------------------------------------


def curl_command() -> str:
    return next(one["curl"] for one in shop()["exchanges"] if one["curl"])


def test_the_curl_command_is_copied(opened: Opener) -> None:
    page = opened(shop(), permissions=["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="Copy").last.click()
    page.get_by_role("button", name="Copied").wait_for()

    assert page.evaluate("navigator.clipboard.readText()") == curl_command()


def test_where_the_clipboard_is_forbidden_the_command_is_selected(opened: Opener) -> None:
    page = opened(shop())
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")

    page.get_by_role("button", name="Copy").last.click()
    page.get_by_role("button", name="Selected").wait_for()

    assert page.evaluate("getSelection().toString()") == curl_command()


# -- the index ----------------------------------------------------------------------------


def index() -> str:
    failed = {
        "title": "tests/test_a.py::test_one",
        "outcome": "failed",
        "href": "page-0.html",
        "exchanges": 8,
        "error": "LookupError: no stock\nand more",
        "duration": 1.111,
    }
    passed = {**failed, "title": "tests/test_b.py::test_two", "outcome": "passed", "error": ""}
    return index_of([failed, {**passed, "exchanges": 1, "href": "page-2.html"}])


def test_the_index_has_a_line_for_each_test(opened: Opener) -> None:
    page = opened(index())

    assert page.locator("#facts, .facts").inner_text() == "2 tests, 1 failed"
    assert [line.split("\n") for line in page.locator("li a").all_inner_texts()] == [
        ["FAILED", "tests/test_a.py::test_one", "8 exchanges, 1.11 s", "LookupError: no stock"],
        ["PASSED", "tests/test_b.py::test_two", "1 exchange, 1.11 s"],
    ]


def test_the_index_is_filtered_walked_and_left_by_keys(opened: Opener) -> None:
    opened(shop())
    page = opened(index())

    page.keyboard.press("/")
    page.keyboard.type("no stock")
    names = page.locator("li:visible .name").all_inner_texts()
    count = page.locator("#count").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#list").wait_for()

    assert (names, count) == (["tests/test_a.py::test_one"], "1 of 2 tests")
    assert page.title() == "tests/test_orders.py::test_an_order_is_taken"


@each_scheme
def test_all_text_of_the_index_has_contrast(opened: Opener, scheme: str) -> None:
    page = opened(index(), color_scheme=scheme)

    found = page.evaluate(CONTRASTS)

    assert len(found) >= 8
    assert [one for one in found if one[1] < 4.5] == []
