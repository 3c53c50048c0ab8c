"""What `make differential` reads out of pytest's lines, and what it says."""

from __future__ import annotations

from scripts.differential import RELEASES, outcome, table

PRINTED = """
FAILED tests/differential/test_shapes.py::test_same[httpx2-thread-urls-odd] - AssertionError: 3
1 failed, 41 passed in 3.00s
"""


def test_failed_tests_are_named_below_the_table() -> None:
    lines = table([outcome("httpx2 2.10.0", PRINTED, 1, 3.2), outcome("httpx 1", "7 passed", 0, 1)])

    assert lines == [
        "release           the same  different  seconds",
        "httpx2 2.10.0           41          1        3",
        "httpx 1                  7          0        1",
        "httpx2 2.10.0: test_same[httpx2-thread-urls-odd]",
    ]


def test_a_run_without_an_end_has_failed() -> None:
    assert outcome("httpx 1", "", 4, 0.1).failed == ["pytest ended with 4"]


def test_every_release_has_an_environment_of_its_own() -> None:
    assert len({release.folder for release in RELEASES}) == len(RELEASES)
