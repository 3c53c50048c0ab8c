"""Running the command line in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.processes import REPOSITORY, environment

__all__ = ("SECONDS", "run_command", "started")

SECONDS = 60.0  # far above what any command takes; a hang fails instead of staying


def run_command(
    *arguments: str,
    stdin: bytes = b"",
    folder: Path = REPOSITORY,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "asgi_testkit", *arguments],
        input=stdin,
        capture_output=True,
        cwd=folder,
        env=environment(**(env or {})),
        timeout=SECONDS,
        check=False,
    )


@contextmanager
def started(
    *arguments: str, env: Mapping[str, str] | None = None, **streams: int
) -> Generator[subprocess.Popen[bytes]]:
    """Lend a command that runs, and end it if the block has not; pipes unless told otherwise."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen(
        [sys.executable, "-m", "asgi_testkit", *arguments],
        cwd=REPOSITORY,
        env=environment(**(env or {})),
        **{**pipes, **streams},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()
