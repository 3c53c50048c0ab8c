"""Pages in a real browser; collected only where that is asked for: `make test-browser`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.watched import Opener

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out unless the marker expression names it: it needs Playwright."""
    return None if "browser" in (config.getoption("-m") or "") else True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium once."""
    from playwright.sync_api import sync_playwright

    from scripts.chromium import launch

    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Open pages from files; what they say on the console, or ask of a network, fails the test."""
    opener = Opener(browser, tmp_path)
    yield opener
    opener.close()
    assert opener.complaints == []
    assert [url for url in opener.requested if not url.startswith("file://")] == []
