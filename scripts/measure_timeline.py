"""Measure the timeline of 10,000 messages in a real Chromium: `python -m scripts.measure_timeline`.

Milliseconds are processor time of the page's main thread, which other work on the machine hardly
changes; a frame at 60 Hz has 16.7.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import CDPSession, Page, sync_playwright

from asgi_testkit.report.html import page_of
from scripts.chromium import launch
from tests.report.sample_traces import many

MESSAGES: Final = 10_000
FRAMES: Final = 200
# A fast turn of the wheel in each frame: pixels.
STEP: Final = 400

SCROLL = """async ([frames, step]) => {
  for (let at = 0; at < frames; at += 1) {
    scrollBy(0, step);
    await new Promise(requestAnimationFrame);
  }
}"""


def main() -> None:
    """Print what loading, scrolling and filtering take."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "page.html"
        file.write_text(page_of(many(MESSAGES)), encoding="utf-8")
        page = launch(playwright).new_page(viewport={"width": 1280, "height": 860})
        clock = page.context.new_cdp_session(page)
        clock.send("Performance.enable", {"timeDomain": "threadTicks"})
        print(f"{MESSAGES} messages, {file.stat().st_size / 1e6:.1f} MB")
        print(f"load until it answers: {taken(clock, lambda: page.goto(file.as_uri())):.0f} ms")
        for key, view in (("e", "requests, all unfolded"), ("v", "sequence")):
            measure_view(page, clock, key, view)
        fill = taken(clock, lambda: page.locator("#filter").fill("line 17"))
        print(f"first filter: {fill:.0f} ms")
        page.context.browser.close()


def measure_view(page: Page, clock: CDPSession, key: str, view: str) -> None:
    """Turn to a view and scroll through it."""
    turn = taken(clock, lambda: page.keyboard.press(key))
    scroll = taken(clock, lambda: page.evaluate(SCROLL, [FRAMES, STEP]))
    rows = page.locator(".row").count()
    print(f"{view}: {turn:.0f} ms to turn to, {scroll / FRAMES:.1f} ms a frame, {rows} rows drawn")


def taken(clock: CDPSession, act: Any) -> float:
    """Return the main thread's processor time of an act, in milliseconds."""
    before = thread_time(clock)
    act()
    return (thread_time(clock) - before) * 1000


def thread_time(clock: CDPSession) -> float:
    """Return the main thread's processor time so far, in seconds."""
    metrics = clock.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")


if __name__ == "__main__":
    main()
