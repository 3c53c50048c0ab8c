"""Every row of the table ends as it says, in every mode: the error, its whole text, in time."""

from __future__ import annotations

import pytest

from asgi_testkit import StallError
from tests.hangs import (
    blocking_rows,
    framework_rows,
    http_rows,
    lifespan_rows,
    mixed_rows,
    task_rows,
    trio_rows,
    waits_rows,
    websocket_rows,
)
from tests.hangs.running import run
from tests.hangs.table import EVERYWHERE, PARKED, Row, rows_of

MODULES = (
    waits_rows, task_rows, http_rows, websocket_rows, lifespan_rows, framework_rows, blocking_rows,
    trio_rows, mixed_rows,
)  # fmt: skip
ROWS = [row for module in MODULES for row in rows_of(module)]
CASES = [
    (mode, row) for mode in (*EVERYWHERE, "thread on uvloop") for row in ROWS if mode in row.modes
]

AT_ONCE_SECONDS = 5.0  # a proof takes 0.05 s, on a machine that does nothing else


@pytest.mark.parametrize(
    ("mode", "row"), [pytest.param(*case, id=f"{case[0]}-{case[1].name}") for case in CASES]
)
def test_hang_ends_with_its_text(mode: str, row: Row) -> None:
    outcome = run(row, mode)

    assert isinstance(outcome.error, row.error)
    assert str(outcome.error) == row.text(mode)
    if isinstance(outcome.error, StallError):
        assert outcome.error.kind == row.kind
    if mode in PARKED:
        assert outcome.seconds < AT_ONCE_SECONDS


def test_table_is_long() -> None:
    assert len(ROWS) >= 40
    assert len({row.name for row in ROWS}) == len(ROWS)
