"""The performance page and the verdicts on growth, written from results that are given here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench import page
from bench.curves import CURVES, Point
from bench.curves import main as measure_curve
from bench.growth import Line, verdicts
from bench.machine import Machine
from bench.results import Measurement, ScenarioResult
from bench.rounds import Pace
from bench.scenarios import SCENARIOS
from bench.table import Report, as_json
from bench.targets import judge

MACHINE = Machine("a processor", 2, 10e-6)


def bench_found() -> dict[str, Any]:
    """Return what `python -m bench --json` writes of one scenario and three clients."""
    get = next(each for each in SCENARIOS if each.key == "get")
    seconds = {"floor": 2e-6, "ours-thread": 20e-6, "httpx2": 80e-6, "starlette": 640e-6}
    outcomes = {key: Measurement((each,), 1) for key, each in seconds.items()}
    results = {"get": ScenarioResult(get, outcomes)}
    report = Report(results, {}, judge(results, (3, 11)), Pace(3, 0.02), MACHINE)
    found: dict[str, Any] = json.loads(json.dumps(as_json(report)))
    return found


def line_of(first: float, last: float) -> Line:
    points = (Point(1_000, first, 2**20), Point(10_000, first, 2**21), Point(100_000, last, 2**22))
    return Line("requests", "ours-thread", points)


def test_the_page_of_the_documents_has_all_markers() -> None:
    text = page.DOCUMENT.read_text(encoding="utf-8")
    names = ("machine", "targets", "scenarios", "peers", "growth", "instructions")

    assert page.with_parts(text, dict.fromkeys(names, "new")).count("\nnew\n") == len(names)


def test_a_page_without_a_marker_is_refused() -> None:
    with pytest.raises(ValueError, match="no <!-- measured:targets -->"):
        page.with_parts("# Performance", {"targets": "new"})


def test_a_part_that_was_not_measured_stays_as_it_is() -> None:
    text = "<!-- measured:growth -->old<!-- /measured:growth --> prose"

    assert page.with_parts(text, {}) == text


def test_targets_and_scenarios_come_from_the_results(tmp_path: Path) -> None:
    parts = page.parts_of([bench_found()], tmp_path)

    assert (
        "| small GET: TestClient, thread | at least 25x as fast as Starlette TestClient |"
        in (parts["targets"])
    )
    assert "| 32.00x | met |" in parts["targets"]
    assert "not measured" not in parts["targets"]
    row = next(line for line in parts["scenarios"].splitlines() if line.startswith("| small GET"))
    assert "80.0 (httpx2 ASGITransport)" in row
    assert "| 32.0 / - / - | 4.00 / - / - | 10.0 / - / - |" in row


def test_a_run_on_one_processor_says_so(tmp_path: Path) -> None:
    two, one = bench_found(), bench_found() | {"processors": 1}

    titles = page.parts_of([two, one], tmp_path)["targets"]

    assert titles.count(", all threads on one processor: ") == 1


def test_the_first_results_are_those_of_the_oldest_interpreter(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.json" for name in ("a", "b")]
    for file, python in zip(files, ("3.14.0rc2", "3.11.7"), strict=True):
        file.write_text(json.dumps(bench_found() | {"python": python}), encoding="utf-8")
    written = tmp_path / "performance.md"
    written.write_text(page.DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")

    page.main([*map(str, files), "--page", str(written)])

    text = written.read_text(encoding="utf-8")
    assert text.index("Python 3.11.7: ") < text.index("Python 3.14.0rc2: ")


def test_a_missed_target_stands_out(tmp_path: Path) -> None:
    found = bench_found()
    found["targets"][0] |= {"measured_text": "3.00x", "verdict": "MISSED"}

    assert "| 3.00x | **MISSED** |" in page.parts_of([found], tmp_path)["targets"]


@pytest.mark.parametrize(("last", "word"), [(1.09e-6, "met"), (1.11e-6, "MISSED")])
def test_growth_of_more_than_a_tenth_is_a_miss(last: float, word: str) -> None:
    [row] = verdicts([line_of(1e-6, last)])

    assert (row[5], row[6]) == (word, "+3.0 MiB")


@pytest.mark.parametrize("client", ["ours-thread", "ours-inline", "ours-async"])
@pytest.mark.parametrize("key", ["downloads", "uploads"])
def test_a_body_of_every_size_is_moved(
    key: str, client: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    curve = CURVES[key]
    monkeypatch.setitem(
        CURVES, key, type(curve)(key, curve.about, curve.unit, (1, 2, 4), 1, curve.measure)
    )

    assert measure_curve([key, client, "--quick"]) == 0

    points = [Point(**each) for each in json.loads(capsys.readouterr().out)]
    assert [point.size for point in points] == [1, 2]
    assert all(point.seconds > 0 for point in points)
