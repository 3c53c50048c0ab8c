"""One client answers 200,000 requests and 20,000 WebSockets, and nothing grows."""

from __future__ import annotations

import pytest

from tests.growth import MOST_EXTRA_BYTES, use_for_long
from tests.modes import MODES, OpenClient, run_in_mode

pytestmark = pytest.mark.soak

REQUESTS = {
    "thread": 200_000,
    "inline": 50_000,
    "asyncio": 50_000,
    "uvloop": 20_000,
    "trio": 20_000,
}


@pytest.mark.parametrize("mode", MODES)
def test_nothing_grows_while_one_client_is_used_for_long(
    mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def report(text: str) -> None:
        with capsys.disabled():
            print(f"\n{mode:8}{text}", end="", flush=True)

    async def use() -> None:
        usage = await use_for_long(
            OpenClient(mode),
            goes_on=lambda usage: usage.requests < REQUESTS[mode],
            report=report,
        )
        kept = {kind: usage.after[kind] for kind in ("threads", "files", "tasks")}
        report(f"{usage} in all; {kept}, {usage.after.total()} counted")
        assert usage.grown == {}
        assert usage.extra_bytes < MOST_EXTRA_BYTES

    run_in_mode(mode, use)
