"""What pytest says of each kind of failure, without what differs from run to run.

`python -m tests.plugin.golden_runs` writes the files in `golden/` again; look at what has changed.
"""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
from pathlib import Path

import asgi_testkit
from tests.plugin.runs import CASES, run_pytest

__all__ = ("GOLDEN", "KINDS", "terminal_output")

GOLDEN = Path(__file__).with_name("golden")
_TREE = ast.parse((CASES / "failing.py").read_text(encoding="utf-8"))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
KINDS = [
    node.name.removeprefix("test_")
    for node in _TREE.body
    if isinstance(node, _FUNCTIONS) and node.name.startswith("test_")
]
_PACKAGE = f"{Path(asgi_testkit.__file__).parents[1]}/"
_OPTIONS = ("--no-header", "-p", "asyncio", "--asgi-app=kiosk:app")
_CHANGES = [
    (r" +\d+\.\d\d ms", "     0.00 ms"),
    (r"0x[0-9a-f]+", "0x0"),
    (r"in \d+\.\d\ds", "in 0.00s"),
    (r"^\[gw\d+\] .*\n", ""),
    (r"(fixtures\.py):\d+", r"\1:0"),
    (r"[ \t]+$", ""),
    (r"(?<=\n) +\^+\n", ""),  # under a `with` from Python 3.13 on only
]


def terminal_output(kind: str, folder: Path, *arguments: str) -> str:
    """Return what a run of pytest prints of one kind of failure."""
    shutil.copy(CASES / "kiosk.py", folder)
    test = f"test_failing.py::test_{kind}"
    run = run_pytest(folder, *_OPTIONS, *arguments, test, case="failing", path=(folder,))
    text = run.out.replace(str(folder), "FOLDER").replace(_PACKAGE, "")
    for pattern, replacement in _CHANGES:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


def _write() -> None:
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            text = terminal_output(kind, Path(folder))
        (GOLDEN / f"{kind}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write()
