"""Run the test-suites of Starlette and FastAPI with their own client and with ours: `make suites`.

The source distributions are downloaded and their tests run as they are, each suite three times in
an environment of its own (`.venv-suites`): without our pytest plugin; with it, where nothing may
change; and with our client, which the plugin drops in. A table says how many tests go through the
client (they send with it, or enter it), and how many of them pass; 99 % have to, of each suite.
Each test that passes with the original client only has to be in `docs/compatibility.md`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import time
import tomllib
import venv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / ".venv-suites"
PYTHON = FOLDER / "bin" / "python"
DOCUMENT = REPOSITORY / "docs" / "compatibility.md"
WANTED_PERCENT = 99.0
SECONDS_PER_RUN = 1200
SECONDS_PER_TEST = 60

# Tools that no test needs, and plugins that change how pytest runs or reports.
NOT_NEEDED = {
    *("codspeed", "coverage", "mypy", "playwright", "prek", "pytest-codspeed", "pytest-cov"),
    *("pytest-sugar", "pytest-xdist", "ty", "types-pyyaml", "twine", "zizmor"),
}


@dataclass(frozen=True, slots=True)
class Suite:
    """A library whose own tests are run.

    Attributes:
        name: the library's, on the package index.
        version: of the library and its tests.
        extra: the optional dependencies that its tests use.
        group: its dependency group for tests.
        arguments: for pytest.
    """

    name: str
    version: str
    extra: str
    group: str
    arguments: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where its source distribution is unpacked."""
        return FOLDER / "sources" / f"{self.name}-{self.version}"

    @property
    def pin(self) -> str:
        """The requirement that installs it."""
        return f"{self.name}[{self.extra}]=={self.version}"


SUITES = (
    Suite("starlette", "1.10.0", "full", "dev"),
    Suite(
        "fastapi",
        "0.165.0",
        "standard",
        "tests",
        ("--ignore=tests/benchmarks", "--ignore=tests/memory_benchmarks"),
    ),
)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a suite gave; see `suite_report.py`."""

    client: str
    seconds: float
    outcomes: dict[str, str]
    failures: dict[str, str]
    through_client: list[str]
    threads: list[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One suite with both clients.

    Attributes:
        suite: whose tests these are.
        original: with its own client, without our plugin.
        beside: with its own client; our plugin is loaded, and nothing of it configured.
        ours: with our client.
        counted: the tests that pass in `original`, and go through the client.
        different: those that pass in `original`, but not in `ours`.
    """

    suite: Suite
    original: Run
    beside: Run
    ours: Run
    counted: set[str] = field(init=False)
    different: list[str] = field(init=False)

    def __post_init__(self) -> None:
        passed = {node for node, outcome in self.original.outcomes.items() if outcome == "passed"}
        object.__setattr__(self, "counted", passed & set(self.original.through_client))
        worse = [node for node in passed if self.ours.outcomes.get(node) != "passed"]
        object.__setattr__(self, "different", sorted(worse))

    @property
    def passed(self) -> int:
        """How many tests that go through the client pass with both."""
        return len(self.counted - set(self.different))

    def more_threads(self) -> Counter[str]:
        """Return the threads that are left with our client and not with the original, by name."""
        before, after = map(_counted_threads, (self.original.threads, self.ours.threads))
        return after - before

    def disturbed(self) -> list[str]:
        """Return the tests whose outcome changes because our plugin is loaded."""
        before, beside = self.original.outcomes, self.beside.outcomes
        return sorted(node for node in {*before, *beside} if before.get(node) != beside.get(node))

    def undocumented(self, document: str) -> list[str]:
        """Return the tests whose names are not in the document."""
        names = {node: f"`{_function(node)}`" for node in self.different}
        return [node for node, name in names.items() if name not in document]


def main() -> int:
    """Set up, run, compare; return 1 where less passes than is promised, or is not explained."""
    set_up()
    comparisons = [compare(suite) for suite in SUITES]
    document = DOCUMENT.read_text(encoding="utf-8")
    print("\n".join(table(comparisons)))
    bad = list(complaints(comparisons, document))
    print("\n".join(bad))
    passed, counted = totals(comparisons)
    print(f"{passed} passed, {counted - passed} failed")
    return 1 if bad else 0


# -- setting up ---------------------------------------------------------------------------


def set_up() -> None:
    """Download the sources and install what the tests need, unless that is done already."""
    ready = FOLDER / ".ready"
    wanted = " ".join(suite.pin for suite in SUITES)
    if ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return
    print(f"Setting up {FOLDER.name} (a few minutes, from the package index) ...", flush=True)
    if not PYTHON.exists():
        venv.create(FOLDER, with_pip=True, symlinks=True)
    for suite in SUITES:
        download(suite)
    pins = [suite.pin for suite in SUITES]
    needs = sorted({need for suite in SUITES for need in requirements(suite)})
    pip("install", "--editable", str(REPOSITORY), *pins, *needs)
    ready.write_text(wanted, encoding="utf-8")


def download(suite: Suite) -> None:
    """Unpack the source distribution of a suite."""
    sources = suite.folder.parent
    if not suite.folder.exists():
        package = f"{suite.name}=={suite.version}"
        pip("download", "--no-deps", "--no-binary", suite.name, "--dest", str(sources), package)
        with tarfile.open(sources / f"{suite.folder.name}.tar.gz") as archive:
            archive.extractall(sources, filter="data")


def requirements(suite: Suite) -> Iterator[str]:
    """Yield what the tests need beside the library, as the suite's own project file says it."""
    project = tomllib.loads((suite.folder / "pyproject.toml").read_text(encoding="utf-8"))
    names = {each.name for each in SUITES}
    for need in _grouped(project["dependency-groups"], suite.group):
        name = re.split(r"[^\w.-]", need, maxsplit=1)[0].lower()
        if name not in NOT_NEEDED | names:
            yield need


def _grouped(groups: dict[str, list[Any]], name: str) -> Iterator[str]:
    for need in groups[name]:
        if isinstance(need, str):
            yield need
        else:
            yield from _grouped(groups, need["include-group"])


def pip(*arguments: str) -> None:
    """Run the environment's pip, quietly."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    subprocess.run(command, check=True)


# -- running ------------------------------------------------------------------------------


def compare(suite: Suite) -> Comparison:
    """Run a suite with both clients, and beside our plugin."""
    original = run(suite, "original client", ("-p", "no:asgi_testkit"))
    beside = run(suite, "original client beside our plugin", ())
    ours = run(suite, "our client", ("--asgi-replace-testclient=starlette",))
    if not ours.client.startswith("asgi_testkit."):
        sys.exit(f"{ours.client} was used instead of our client.")
    return Comparison(suite, original, beside, ours)


def run(suite: Suite, title: str, arguments: tuple[str, ...]) -> Run:
    """Run a suite once, within limits, and show its progress."""
    label = f"{suite.name} {suite.version}, {title}"
    report = suite.folder.parent / f"{suite.name}, {title}.json"
    log = report.with_suffix(".log")
    report.unlink(missing_ok=True)
    reading, writing = os.pipe()
    command = [
        *(str(PYTHON), "-m", "pytest", "-q", "-p", "suite_report", "-p", "no:cacheprovider"),
        *(f"--timeout={SECONDS_PER_TEST}", "-o", f"faulthandler_timeout={SECONDS_PER_TEST // 2}"),
        *("-p", "no:randomly", *arguments, *suite.arguments, "tests"),
    ]
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")},
        "PYTHONPATH": str(REPOSITORY / "scripts"),
        "SUITE_REPORT": str(report),
        "SUITE_PROGRESS": str(writing),
    }
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            cwd=suite.folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(writing,),
        )
        os.close(writing)
        _watch(process, reading, label)
    if not report.exists():
        sys.exit(f"{label}: no report (exit status {process.returncode}); see {log}")
    return Run(**json.loads(report.read_text(encoding="utf-8")))


def _watch(process: subprocess.Popen[bytes], reading: int, label: str) -> None:
    """Show progress until the process has ended; end it where it takes too long."""
    deadline = time.monotonic() + SECONDS_PER_RUN
    step = 0
    with os.fdopen(reading, encoding="ascii") as lines:
        for line in lines:
            done, total, failed = map(int, line.split())
            if done * 10 // total > step:
                step = done * 10 // total
                print(f"{label}: {done} of {total} tests, {failed} failed", flush=True)
            if time.monotonic() > deadline:
                process.kill()
    try:
        process.wait(timeout=SECONDS_PER_TEST)
    except subprocess.TimeoutExpired:
        process.kill()
        sys.exit(f"{label}: the process did not end by itself after its last test")


# -- telling ------------------------------------------------------------------------------


def table(comparisons: list[Comparison]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield ""
    head = f"{'suite':20} {'through client':>14} {'ours pass':>10} {'%':>6}"
    yield f"{head}   {'seconds':>15}  threads"
    for each in comparisons:
        counted = len(each.counted)
        seconds = f"{each.original.seconds:.0f} -> {each.ours.seconds:.0f}"
        yield (
            f"{each.suite.folder.name:20} {counted:14} {each.passed:10}"
            f" {percent(each.passed, counted):6.2f}   {seconds:>15}"
            f"  {len(each.original.threads)} -> {len(each.ours.threads)}"
        )
    passed, counted = totals(comparisons)
    yield f"{'both':20} {counted:14} {passed:10} {percent(passed, counted):6.2f}"
    yield ""
    yield "Counted are the tests that send with the client or enter it, and pass with the original."
    yield "Seconds, and threads that are left (ours after the idle ones of the pool were ended):"
    yield "with the original client -> with ours."
    for each in comparisons:
        for function in sorted({_function(node) for node in each.different}):
            yield f"  differs: {each.suite.name} {function}"


def complaints(comparisons: list[Comparison], document: str) -> Iterator[str]:
    """Yield what is not as it is promised."""
    for each in comparisons:
        if percent(each.passed, len(each.counted)) < WANTED_PERCENT:
            what = f"less than {WANTED_PERCENT:g} % of the tests that go through the client pass."
            yield f"{each.suite.name}: {what}"
        for node in each.undocumented(document):
            failure = each.ours.failures.get(node, "")
            yield f"Not in {DOCUMENT.name}: {each.suite.name} {node}\n{failure}"
        for node in each.disturbed():
            was, is_now = each.original.outcomes.get(node), each.beside.outcomes.get(node)
            yield f"{each.suite.name} {node}: {was}, and {is_now} where our plugin is loaded."
        for name, count in each.more_threads().items():
            yield f"{each.suite.name}: {count} more threads {name!r} are left at the end."


def totals(comparisons: list[Comparison]) -> tuple[int, int]:
    """Return how many tests pass, and of how many."""
    return sum(each.passed for each in comparisons), sum(len(each.counted) for each in comparisons)


def percent(part: int, whole: int) -> float:
    """Return a share of the whole in per cent; none of nothing."""
    return 100.0 * part / whole if whole else 0.0


def _counted_threads(names: list[str]) -> Counter[str]:
    return Counter(re.sub(r"\d+", "N", name) for name in names)


def _function(node: str) -> str:
    """Return a test's id without its parameters."""
    return node.partition("[")[0]


if __name__ == "__main__":
    sys.exit(main())
