"""Run the tests on every other interpreter from 3.12 up that this machine has.

Looked for: `python3.12` and so on in the PATH, and the folders beside the running interpreter's,
where version managers keep them. Each gets an environment `.venv-3.N`, made anew when
`pyproject.toml` is newer.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

FIRST_MINOR = 12
LAST_MINOR = 15


def main() -> int:
    """Run the tests on each; return the number of interpreters they failed on."""
    failed = 0
    for minor, python in sorted(find_interpreters().items()):
        print(f"== Python 3.{minor}: {python}", flush=True)
        failed += run_tests(python, Path(f".venv-3.{minor}"))
    return failed


def find_interpreters() -> dict[int, str]:
    """Return a working interpreter for each minor version but the running one."""
    found: dict[int, str] = {}
    for minor in range(FIRST_MINOR, LAST_MINOR + 1):
        if minor == sys.version_info.minor:
            continue
        for candidate in candidates(minor):
            if minor_of(candidate) == minor:
                found[minor] = candidate
                break
    return found


def candidates(minor: int) -> list[str]:
    """Return where an interpreter of this version may be."""
    name = f"python3.{minor}"
    in_path = shutil.which(name)
    siblings = Path(sys.base_prefix).resolve().parent.glob(f"*3.{minor}*/bin/{name}")
    return [*([in_path] if in_path else []), *map(str, sorted(siblings))]


def minor_of(python: str) -> int | None:
    """Return the minor version that an interpreter says it has; `None`: it does not run."""
    answer = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"Python 3\.(\d+)\.\d+$", answer.stdout.strip())
    return int(match[1]) if match and answer.returncode == 0 else None


def run_tests(python: str, folder: Path) -> bool:
    """Set the environment up and run the tests in it; return whether they failed."""
    ready = folder / ".ready"
    if not ready.exists() or ready.stat().st_mtime < Path("pyproject.toml").stat().st_mtime:
        subprocess.run([python, "scripts/set_up.py", str(folder), "dev"], check=True)
        ready.touch()
    # What type checkers say does not depend on the interpreter that runs them.
    options = ["-q", "-n", "2", "--ignore", "tests/typing"]
    command = [str(folder / "bin" / "python"), "-m", "pytest", *options]
    return subprocess.run(command, check=False).returncode != 0


if __name__ == "__main__":
    sys.exit(main())
