"""Compare our clients with those of several releases of httpx2 and httpx: `make differential`.

Each release gets an environment below `.venv-differential`, made anew when `pyproject.toml` is
newer, and runs `tests/differential` there. The table names what differs; the exit status is the
number of releases with a difference.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

__all__ = ("RELEASES", "Outcome", "Release", "main", "outcome", "table")

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / ".venv-differential"
SECONDS_PER_RELEASE = 1200
TESTED_WITH = ("pytest>=9", "pytest-asyncio>=1.3")


@dataclass(frozen=True, slots=True)
class Release:
    """A release of a client library; `wanted` is what pip is asked for."""

    library: str
    wanted: str

    @property
    def folder(self) -> Path:
        """Its environment."""
        return FOLDER / re.sub(r"[^\w.]+", "-", self.wanted).strip("-.")

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return self.folder / "bin" / "python"


RELEASES = (
    Release("httpx2", "httpx2==2.10.*"),
    Release("httpx2", "httpx2==2.13.*"),
    Release("httpx2", "httpx2==2.16.*"),
    Release("httpx2", "httpx2<3"),
    Release("httpx", "httpx==0.28.1"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one release."""

    version: str
    passed: int
    failed: list[str]
    seconds: float


def main() -> int:
    """Compare with every release; return with how many there are differences."""
    outcomes = []
    for number, release in enumerate(RELEASES, 1):
        print(f"[{number}/{len(RELEASES)}] {release.wanted}: setting up ...", flush=True)
        set_up(release)
        print(f"[{number}/{len(RELEASES)}] {release.wanted}: comparing ...", flush=True)
        outcomes.append(compare(release))
    print("\n".join(table(outcomes)))
    return sum(bool(one.failed) for one in outcomes)


def set_up(release: Release) -> None:
    """Make the environment of a release, unless it is there and not too old."""
    ready = release.folder / ".ready"
    if ready.exists() and ready.stat().st_mtime > (REPOSITORY / "pyproject.toml").stat().st_mtime:
        return
    venv.create(release.folder, with_pip=True, symlinks=True, clear=True)
    ours = f"{REPOSITORY}[trio,uvloop,httpx]"
    pip = [str(release.python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--editable", ours, release.wanted, *TESTED_WITH], check=True)
    ready.touch()


def compare(release: Release) -> Outcome:
    """Run the tests with one release."""
    began = time.monotonic()
    options = ["-q", "-p", "no:cacheprovider", "--tb=no", "-rfE", "tests/differential"]
    done = subprocess.run(
        [str(release.python), "-m", "pytest", *options],
        cwd=REPOSITORY,
        env={**os.environ, "DIFFERENTIAL_LIBRARIES": release.library},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=SECONDS_PER_RELEASE,
    )
    return outcome(version(release), done.stdout, done.returncode, time.monotonic() - began)


def version(release: Release) -> str:
    """Return the library and its version, as it is installed."""
    code = f"import {release.library} as library; print(library.__version__)"
    done = subprocess.run(
        [str(release.python), "-c", code], capture_output=True, text=True, check=True
    )
    return f"{release.library} {done.stdout.strip()}"


def outcome(version: str, printed: str, status: int, seconds: float) -> Outcome:
    """Return what pytest's last lines say; a run that has not come to its end has failed."""
    failed = re.findall(r"^(?:FAILED|ERROR) \S+?::(\S+)", printed, re.MULTILINE)
    passed = re.search(r"(\d+) passed", printed)
    if status and not failed:
        failed = [f"pytest ended with {status}"]
    return Outcome(version, int(passed[1]) if passed else 0, failed, seconds)


def table(outcomes: list[Outcome]) -> list[str]:
    """Return the lines of a table, with the tests that failed below it."""
    lines = [f"{'release':<16} {'the same':>9} {'different':>10} {'seconds':>8}"]
    for one in outcomes:
        counts = f"{one.passed:>9} {len(one.failed):>10} {one.seconds:>8.0f}"
        lines.append(f"{one.version:<16} {counts}")
    return lines + [f"{one.version}: {name}" for one in outcomes for name in one.failed]


if __name__ == "__main__":
    sys.exit(main())
