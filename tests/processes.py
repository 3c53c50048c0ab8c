"""Running a Python script in a process of its own, for what one process can show only once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asgi_testkit

__all__ = ("REPOSITORY", "WITHOUT_SLOW_PLUGINS", "environment", "python_path", "run_script")

REPOSITORY = Path(__file__).resolve().parents[1]

# For pytest: plugins of tools that we are tested beside. Importing them takes more than a second.
WITHOUT_SLOW_PLUGINS = tuple(
    argument
    for name in ("schemathesis", "respx", "pytest_httpx", "pytest_httpx2")
    for argument in ("-p", f"no:{name}")
)

# What else stands in an environment may change what a process prints: CI, FORCE_COLOR, COLUMNS.
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH")
_SECONDS = 60.0  # far above what any script takes; a hang fails instead of staying


def python_path(*first: Path) -> str:
    """Return a `PYTHONPATH` with these folders, our package and the tests."""
    package = Path(asgi_testkit.__file__).parents[1]
    return os.pathsep.join(map(str, (*first, package, REPOSITORY)))


def environment(*path: Path, **changes: str) -> dict[str, str]:
    """Return an environment that is the same wherever the tests run, with these changes.

    Our package and the tests can be imported in it, and first of all what stands in `path`.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": python_path(*path), **changes}


def run_script(script: Path | str, *arguments: str, path: tuple[Path, ...] = ()) -> Any:
    """Run a script, given as a file or as text, and return the JSON in its last printed line.

    Warnings are errors in it. It fails here if it exits with anything but 0, writes to stderr, or
    does not end.
    """
    start = [str(script)] if isinstance(script, Path) else ["-c", script]
    done = subprocess.run(
        [sys.executable, "-W", "error", *start, *arguments],
        env=environment(*path),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])
