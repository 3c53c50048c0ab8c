"""A page opened from a file, and everything it asks for or complains of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from asgi_testkit.report.html import page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Opener:
    """Opens pages, each in a context of its own.

    Attributes:
        requested: the addresses that pages asked for.
        complaints: errors and lines of the console.
    """

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.requested: list[str] = []
        self.complaints: list[str] = []
        self._browser = browser
        self._folder = folder
        self._pages: list[Page] = []

    def __call__(self, content: str | dict[str, Any], *, width: int = 1280, **more: Any) -> Page:
        """Open a page, given as HTML or as the trace it is made of."""
        text = content if isinstance(content, str) else page_of(content)
        file = self._folder / f"page-{len(self._pages)}.html"
        file.write_text(text, encoding="utf-8")
        context = self._browser.new_context(viewport={"width": width, "height": 800}, **more)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(file.as_uri())
        self._pages.append(page)
        return page

    def close(self) -> None:
        for page in self._pages:
            page.context.close()
