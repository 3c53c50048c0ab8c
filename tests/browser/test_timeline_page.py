"""The timeline in a real browser: what it shows, and what clicks and keys do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.watched import Opener
from tests.report.sample_traces import (
    answered,
    binary,
    document,
    exchange,
    message,
    shop,
    startup,
    text,
    trace,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser


def shown(page: Page) -> list[str]:
    """Return the titles of the requests in the list."""
    return page.locator(".exchange .title").all_inner_texts()


def acts(page: Page) -> list[str]:
    return page.locator(".row.message .act").all_inner_texts()


def selected(page: Page) -> Locator:
    return page.locator("[aria-selected=true]")


def unfolded(page: Page) -> Locator:
    return page.locator(".row.more").last


# -- the first look -----------------------------------------------------------------------


def test_a_page_opens_from_a_file_and_asks_for_nothing_else(opened: Opener) -> None:
    page = opened(shop())

    assert page.title() == "tests/test_orders.py::test_an_order_is_taken"
    assert opened.requested == [page.url]
    assert page.url.startswith("file://")


def test_the_head_says_what_failed_and_where(opened: Opener) -> None:
    page = opened(shop())

    assert page.locator("#outcome").inner_text().lower() == "failed"
    assert page.locator("#facts").inner_text() == (
        "6 requests · 1 WebSocket · 1 lifespan · 32 messages · 1.11 s"
    )
    assert page.locator("#verdict pre").inner_text() == "LookupError: no stock for item 7"
    [suspect] = page.locator("#verdict .suspect").all_inner_texts()
    assert suspect.split("\n") == [
        "raised",
        "POST /orders?notify=yes",
        "LookupError('no stock for item 7')",
        "shop/orders.py:48, called from tests/test_orders.py:31",
    ]


def test_the_request_that_failed_is_unfolded_with_the_lines_of_test_and_app(
    opened: Opener,
) -> None:
    page = opened(shop())

    summary = unfolded(page).inner_text()

    assert selected(page).locator(".title").inner_text() == "POST /orders?notify=yes"
    assert "tests/test_orders.py:31 in test_an_order_is_taken" in summary
    assert "shop/orders.py:48" in summary
    assert "content-type\tapplication/json" in summary
    assert "curl -X POST 'http://testserver/orders?notify=yes'" in summary
    assert acts(page) == ["http.request", "raised"]
    assert page.get_by_text("611 ms until the app raised").is_visible()


def test_every_request_has_a_badge_a_length_and_a_bar(opened: Opener) -> None:
    page = opened(shop())

    badges = page.locator(".exchange .badge").all_inner_texts()
    bars = [bar.get_attribute("title") for bar in page.locator(".bar").all()]

    assert badges == ["open", "200", "200", "4001", "202", "404", "raised", "200"]
    assert bars[4] == (
        "38.0 ms until the response began\n1.0 ms until it was complete\n301 ms of background work"
    )
    assert page.locator(".exchange .took").all_inner_texts()[:2] == ["1.11 s …", "40.0 ms"]


def test_a_test_without_requests_has_a_page_that_says_so(opened: Opener) -> None:
    page = opened(trace(error="AssertionError"))

    assert page.locator("#nothing").inner_text() == "Nothing has crossed: no request was made."


# -- unfolding ----------------------------------------------------------------------------


def unfold(page: Page, request: str, act: str) -> str:
    """Unfold a request and its first message of this kind; return what that shows."""
    page.locator(".exchange", has_text=request).click()
    page.locator(".row.message", has_text=act).first.click()
    return unfolded(page).inner_text()


def test_a_start_unfolds_to_its_headers(opened: Opener) -> None:
    page = opened(trace(startup(), answered("GET /a", 0.2, text("hello"))))

    content = unfold(page, "GET /a", "http.response.start")

    assert "content-type\tapplication/json\ncontent-length\t5" in content


def test_json_is_laid_out_and_its_numbers_stay_as_they_were_sent(opened: Opener) -> None:
    value = {"big": 12345678901234567890, "none": [], "list": [1.50, {"a": 'q"\\'}]}
    page = opened(trace(startup(), answered("GET /a", 0.2, document(value))))

    unfold(page, "GET /a", "http.response.body")

    assert page.get_by_role("region", name="JSON").inner_text().splitlines() == [
        "{",
        '  "big": 12345678901234567890,',
        '  "none": [],',
        '  "list": [',
        "    1.5,",
        "    {",
        '      "a": "q\\"\\\\"',
        "    }",
        "  ]",
        "}",
    ]


def test_json_that_was_cut_is_laid_out_as_far_as_it_goes(opened: Opener) -> None:
    cut = {"kind": "json", "text": '{"a": [1, {"b": "x', "base64": "", "cut": True}
    page = opened(trace(startup(), answered("GET /a", 0.2, cut)))

    content = unfold(page, "GET /a", "http.response.body")

    assert '{\n  "a": [\n    1,\n    {\n      "b": "x\n' in content
    assert "Cut: the rest was not kept." in content


def test_bytes_are_shown_in_hexadecimal(opened: Opener) -> None:
    page = opened(trace(startup(), answered("GET /a", 0.2, binary(b"\x00\xffPNG" + b"z" * 14))))

    unfold(page, "GET /a", "http.response.body")

    assert page.get_by_role("region", name="bytes").inner_text().splitlines() == [
        "000000  00 ff 50 4e 47 7a 7a 7a 7a 7a 7a 7a 7a 7a 7a 7a  ··PNGzzzzzzzzzzz",
        "000010  7a 7a 7a                                         zzz",
    ]


def test_a_body_that_cannot_be_read_is_said_to_be_compressed(opened: Opener) -> None:
    lost = answered("GET /a", 0.2, binary(b""))
    lost["entries"][2]["size"] = 20
    page = opened(trace(startup(), lost))

    content = unfold(page, "GET /a", "http.response.body")

    assert "The body is compressed in a way that is not known here." in content


def test_where_messages_were_not_kept_a_line_says_how_many(opened: Opener) -> None:
    gone = answered("GET /a", 0.0, text("x"), dropped=1234, gap=2)
    page = opened(trace(gone))

    rows = page.locator(".row.message").all_inner_texts()

    assert [row.split()[-1] for row in rows[:2]] == ["B", "application/json"]
    assert rows[2].strip() == "1,234 messages in between not kept"


def test_folding_takes_the_rows_away_again(opened: Opener) -> None:
    page = opened(shop())

    page.locator(".exchange", has_text="POST /orders").click()

    assert acts(page) == []
    assert page.locator(".row.more").count() == 0


# -- the filter ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("/items", ["GET /items?page=1", "GET /items/99"]),
        ("404", ["GET /items/99"]),
        ("QUEUED", ["POST /mails"]),
        ("test_an_order_is_taken", ["POST /orders?notify=yes"]),
        ("websocket.close", ["WebSocket /stock"]),
        ("get health", ["GET /health"]),
        ("nothing like it", []),
    ],
)
def test_the_filter_looks_at_titles_statuses_acts_and_bodies(
    opened: Opener, typed: str, titles: list[str]
) -> None:
    page = opened(shop())

    page.keyboard.press("/")
    page.keyboard.type(typed)

    assert shown(page) == titles
    assert page.locator("#count").inner_text().startswith(f"{len(titles)} of 8, ")
    assert page.locator("#nothing").is_visible() == (not titles)


def test_a_message_that_matches_is_shown_alone_under_its_request(opened: Opener) -> None:
    page = opened(shop())

    page.locator("#filter").fill("heard")

    assert acts(page) == ["websocket.send"]
    assert page.locator("mark").all_inner_texts() == ["heard"]


def test_escape_empties_the_filter_and_leaves_it(opened: Opener) -> None:
    page = opened(shop())
    page.locator("#filter").fill("health")

    page.keyboard.press("Escape")

    assert len(shown(page)) == 8
    assert page.evaluate("document.activeElement.id") != "filter"


def test_chips_take_kinds_away_and_leave_failures(opened: Opener) -> None:
    page = opened(shop())

    page.get_by_role("button", name="HTTP").click()
    without_http = shown(page)
    page.get_by_role("button", name="HTTP").click()
    page.get_by_role("button", name="Failures only").click()

    assert without_http == ["lifespan", "WebSocket /stock"]
    assert shown(page) == ["POST /orders?notify=yes"]


# -- keys ---------------------------------------------------------------------------------


def test_keys_move_unfold_and_fold(opened: Opener) -> None:
    page = opened(trace(startup(), answered("GET /a", 0.2, text("hello")), outcome="passed"))

    titles = []
    for key in ("j", "ArrowDown", "k", "End"):
        page.keyboard.press(key)
        titles.append(selected(page).locator(".title").inner_text())
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    message_row = selected(page).inner_text()
    opened_rows = page.locator(".row.more").count()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    assert titles == ["lifespan", "GET /a", "lifespan", "GET /a"]
    assert "http.request" in message_row
    assert opened_rows == 2
    assert page.locator(".row.more").count() == 0
    assert selected(page).locator(".title").inner_text() == "GET /a"


def test_the_selected_row_has_the_focus_and_is_in_sight(opened: Opener) -> None:
    page = opened(shop())

    page.keyboard.press("e")
    page.keyboard.press("End")

    assert page.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
    assert selected(page).bounding_box()["y"] + 28 <= 800


def test_what_a_key_unfolds_at_the_lower_edge_comes_into_sight(opened: Opener) -> None:
    page = opened(shop())
    page.keyboard.press("Escape")
    page.keyboard.press("End")

    page.keyboard.press("Enter")

    box = page.locator(".row.more").bounding_box()
    assert box["y"] + box["height"] <= 800


def test_the_tabulator_reaches_the_first_row_and_selects_it(opened: Opener) -> None:
    page = opened(trace(startup(), outcome="passed"), width=1280)
    page.locator("#by-time").focus()

    page.keyboard.press("Tab")

    assert selected(page).locator(".title").inner_text() == "lifespan"
    assert page.locator(":focus").get_attribute("role") == "row"


def test_n_and_p_go_round_the_failures(opened: Opener) -> None:
    failing = [
        answered(f"GET /{at}", at / 10, text("x"), status=status)
        for at, status in enumerate([500, 200, 503, 404])
    ]
    page = opened(trace(*failing))

    titles = []
    for key in ("n", "n", "p", "p"):
        page.keyboard.press(key)
        titles.append(selected(page).locator(".title").inner_text())

    assert titles == ["GET /2", "GET /0", "GET /2", "GET /0"]


def test_the_list_of_keys_opens_and_closes(opened: Opener) -> None:
    page = opened(shop())

    page.keyboard.press("?")
    is_open = page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")

    assert is_open
    assert not page.get_by_role("dialog").is_visible()


def test_keys_with_modifiers_stay_the_browsers(opened: Opener) -> None:
    page = opened(shop())

    page.keyboard.press("Control+e")

    assert page.locator(".row.more").count() == 1


# -- the sequence -------------------------------------------------------------------------


def test_the_sequence_has_all_messages_in_the_order_of_time(opened: Opener) -> None:
    page = opened(trace(answered("GET /a", 0, text("x")), answered("GET /b", 0.0005, text("y"))))

    page.keyboard.press("v")

    numbers = [re.sub(r"\D", "", number) for number in page.locator(".number").all_inner_texts()]
    assert numbers == ["1", "2", "1", "2", "1", "2", "1", "2", "1", "2"]


def test_the_lanes_are_those_who_took_part(opened: Opener) -> None:
    page = opened(shop())

    page.get_by_role("button", name="Sequence").click()

    lanes = page.locator("#columns .lane-names span").all_inner_texts()
    assert lanes == ["client 1", "client 2", "app", "WebSocket", "background"]


def test_a_late_act_stands_in_the_lane_of_the_background(opened: Opener) -> None:
    late = message(0.5, "app", "raised", text="ValueError('late')", background=True)
    start = message(0.1, "app", "http.response.start", status=200, headers=[])
    body = message(0.2, "app", "http.response.body", size=0)
    page = opened(trace(exchange("GET /a", start, body, late)))

    middle = page.locator(".row.message path.raised").evaluate(
        "path => path.getBBox().x + path.getBBox().width / 2"
    )

    assert page.locator(".heads .lane-names span").all_inner_texts()[2] == "background"
    assert middle == pytest.approx(2.5 * 76)
