"""Make a virtual environment with this package and one of its extras: `set_up.py FOLDER EXTRA`.

Runs on any Python from 3.11 up, with the standard library alone. Beside the environment's packages
it unpacks Starlette 0.8.8, which the tests of the double-callable form run in a process of its own;
the demo needs none.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

OLD_STARLETTE = "starlette==0.8.8"


def main(folder: str, extra: str) -> None:
    """Make the environment, or bring it up to date."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells the user
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    target = Path(folder)
    python = target / "bin" / "python"
    print(f"Setting up {target} for {extra}, from the package index ...", flush=True)
    if not python.exists():
        venv.create(target, with_pip=True, symlinks=True)
    pip(python, "install", "--editable", f".[{extra}]")
    old = target / "starlette-0.8.8"
    if extra != "demo" and not old.exists():
        pip(python, "install", "--no-deps", "--target", str(old), OLD_STARLETTE)


def pip(python: Path, *arguments: str) -> None:
    """Run the environment's pip, quietly."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments, "--quiet"]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
