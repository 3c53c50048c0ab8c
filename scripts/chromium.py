"""The system's own Chromium: found, and installed from Debian's package where that is allowed.

`python -m scripts.chromium` prints where it is; where there is none it says what to do and exits 1.
Playwright drives it and downloads nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

__all__ = ("ADVICE", "find_chromium", "install_chromium", "launch", "main")

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PACKAGES: Final = ("chromium", "fonts-dejavu-core")

ADVICE: Final = (
    "There is no Chromium here, and it could not be installed. Install one (on Debian:\n"
    "apt-get install chromium), or name yours: CHROMIUM=/path/to/chromium make test-browser"
)


def main() -> int:
    """Find Chromium, or install it; return the exit status."""
    found = find_chromium() or (install_chromium() and find_chromium())
    print(found or ADVICE)
    return 0 if found else 1


def find_chromium() -> str | None:
    """Return the path that `CHROMIUM` names, or that of the first one in the `PATH`."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else _NAMES
    return next(filter(None, map(shutil.which, candidates)), None)


def install_chromium() -> bool:
    """Install Debian's package, as root or with `sudo` that asks for nothing; return success."""
    if not shutil.which("apt-get"):
        return False
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and not shutil.which("sudo"):
        return False
    print("Installing Debian's Chromium ...", flush=True)
    steps = (["update", "-qq"], ["install", "-y", "-qq", *_PACKAGES])
    return all(_runs([*as_root, "apt-get", *step]) for step in steps)


def _runs(command: list[str]) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return (
        subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode == 0
    )


def launch(playwright: Playwright) -> Browser:
    """Start it without a window.

    Raises:
        FileNotFoundError: there is no Chromium.
    """
    path = find_chromium()
    if path is None:
        raise FileNotFoundError(ADVICE)
    # Chromium has no sandbox for root, and shows nothing here but pages of our own.
    no_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=path, args=no_sandbox)


if __name__ == "__main__":
    sys.exit(main())
