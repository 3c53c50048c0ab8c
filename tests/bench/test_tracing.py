"""What is said of the cost of traces, from times and counts that are given here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.traced_suites import SHOP_TESTS, SUITES
from bench.tracing import Pairs, instructions_text, pairs_text, spent


def test_the_median_of_the_differences_counts_not_the_difference_of_the_medians() -> None:
    pairs = Pairs([1.0, 2.0, 9.0], [1.1, 2.1, 3.0])

    assert pairs.median() == pytest.approx(0.1)
    assert "+5.0 % by the median of 3 pairs" in pairs_text(pairs)


def test_minima_are_compared_beside_it() -> None:
    pairs = Pairs([4.0, 2.0], [4.4, 3.0])

    assert pairs.of_minima() == pytest.approx(1.0)
    assert "+50.0 % by the minima" in pairs_text(pairs)


def test_instructions_of_a_test_are_those_that_more_tests_took() -> None:
    counts = {10: [110_000_000, 125_000_000], 20: [120_000_000, 145_000_000]}

    one, whole = instructions_text(counts, 1_000).splitlines()

    assert " ".join(one.split()) == "one test 1.000 million, with a trace 2.000: +100.00 %"
    assert " ".join(whole.split()).endswith("1,100.000 million, with a trace 2,105.000: +91.36 %")


def test_the_shop_is_repeated_as_often_as_comes_closest(tmp_path: Path) -> None:
    assert SUITES["shop"].write(tmp_path / "few", 1) == SHOP_TESTS
    assert SUITES["shop"].write(tmp_path / "many", 2 * SHOP_TESTS + 1) == 2 * SHOP_TESTS


def test_a_run_that_fails_is_not_counted(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no such file"):
        spent([sys.executable, "-c", "exit('no such file')"], tmp_path)
