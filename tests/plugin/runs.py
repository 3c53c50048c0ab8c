"""Running pytest in a process of its own, with the plugin as an installed one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.processes import WITHOUT_SLOW_PLUGINS
from tests.processes import environment as plain_environment

__all__ = ("Run", "run_pytest")

CASES = Path(__file__).with_name("cases")
METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: asgi-testkit-here\nVersion: 0\n",
    "entry_points.txt": "[pytest11]\nasgi_testkit = asgi_testkit.pytest_plugin\n",
}
# Other plugins would only make a run slower.
_OTHERS = ("asyncio", "anyio", "hypothesispytest", "faker", "cacheprovider")
_WITHOUT = [argument for name in _OTHERS for argument in ("-p", f"no:{name}")]
_SECONDS = 60.0  # far above what any run takes; a hang fails instead of staying


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of pytest gave."""

    status: int
    out: str
    errors: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def summary(self) -> str:
        """The last line, without the time: "2 failed, 1 passed"."""
        return re.sub(r"^=* | in .*$", "", self.lines[-1])

    def failure(self, name: str) -> list[str]:
        """Return the lines of a test's failure section, without its heading."""
        at = next(
            number
            for number, line in enumerate(self.lines)
            if re.fullmatch(rf"_+ (ERROR at setup of )?{re.escape(name)} _+", line)
        )
        is_end = re.compile(r"_{3,} .* _{3,}|={3,} .* ={3,}|-{3,} asgi-testkit: .* -{3,}")
        after = self.lines[at + 1 :]
        return after[: next(n for n, line in enumerate(after) if is_end.fullmatch(line))]


def run_pytest(
    folder: Path,
    *arguments: str,
    test: str = "",
    case: str = "",
    path: tuple[Path, ...] = (),
    seconds: float = _SECONDS,
    **environment: str,
) -> Run:
    """Run pytest in a folder, on a test file of this text or on a copy of one of `cases`.

    `path` is where it may import from beside our package; `-p NAME` brings another plugin back.
    """
    if test:
        (folder / "test_it.py").write_text(test, encoding="utf-8")
    if case:
        shutil.copy(CASES / f"{case}.py", folder / f"test_{case}.py")
        shutil.copy(CASES / "shop.py", folder)
    chosen = () if "-n" in arguments else ("-p", "no:xdist")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *_WITHOUT, *WITHOUT_SLOW_PLUGINS, *chosen, *arguments],
        cwd=folder,
        env=plain_environment(_entry_point(folder), *path, **{"COLUMNS": "100", **environment}),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def _entry_point(folder: Path) -> Path:
    """Make a distribution with the plugin's entry point, whether or not it is installed.

    pytest takes the first entry point of a name and passes over the others.
    """
    distribution = folder / "installed" / "asgi_testkit_here-0.dist-info"
    distribution.mkdir(parents=True, exist_ok=True)
    for name, text in METADATA.items():
        (distribution / name).write_text(text, encoding="utf-8")
    return distribution.parent
