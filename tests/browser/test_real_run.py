"""The page of a test that really ran and failed."""

from __future__ import annotations

import re

import pytest

from asgi_testkit.report.html import page_of
from scripts.draw_pictures import failed_test
from tests.browser.watched import Opener

pytestmark = pytest.mark.browser


def test_the_page_of_a_failed_test_names_the_lines_of_test_and_app(opened: Opener) -> None:
    page = opened(page_of(failed_test()))

    [suspect] = page.locator(".suspect").all_inner_texts()

    status, title, error, places = suspect.split("\n")
    assert (status, title) == ("500", "POST /orders?notify=yes")
    assert error == "LookupError('no stock for item 7')"
    assert re.fullmatch(r"teashop\.py:\d+, called from test_teashop\.py:\d+", places)


def test_the_mail_that_goes_on_in_the_background_is_drawn_so(opened: Opener) -> None:
    page = opened(page_of(failed_test()))

    bars = page.locator(".exchange:has(.bar .background) .title").all_inner_texts()

    assert bars == ["POST /mails"]


def test_no_secret_is_in_the_page() -> None:
    page = page_of(failed_test())

    assert "a-secret-that-no-page-shows" not in page
    assert "engine" not in page
