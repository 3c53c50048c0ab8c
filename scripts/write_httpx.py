"""Write the adapter for httpx, and its tests, from those for httpx2.

`write_httpx.py` writes; with `--check` it only names the files that are not current, and exits 1
where there are any. Names are replaced, and what the tables below say; nothing else differs.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = ("main", "outdated", "translated")

ROOT: Final = Path(__file__).resolve().parent.parent

# Folders that are written as a whole, but for what is written by hand there.
FOLDERS: Final = {
    "src/asgi_testkit/httpx2": "src/asgi_testkit/httpx",
    "tests/httpx2": "tests/httpx",
}
HAND_WRITTEN: Final = {
    "src/asgi_testkit/httpx": {"__init__.py", "additions.py"},
    "tests/httpx": {"sessions.py", "test_additions.py", "test_package.py"},
}

# Files from elsewhere whose tests are those of a client.
FILES: Final = (
    "tests/modes.py",
    "tests/conftest.py",
    "tests/client/test_app_exceptions.py",
    "tests/client/test_default_limits.py",
    "tests/client/test_requests.py",
    "tests/client/test_requests_in_the_scope.py",
    "tests/client/test_websocket_errors.py",
    "tests/client/test_websocket_requests.py",
    "tests/session/test_http.py",
    "tests/session/test_websocket.py",
)

# Where the two libraries differ: what httpx has not is in `additions`. The first match counts.
DIFFERENCES: Final[Sequence[tuple[str, str]]] = (
    (r"\[\*inspect\.signature\(httpx2\.Client\.sse\)\.parameters\]\[2:\]", "additions.SSE_OPTIONS"),
    (r"_Conversations, httpx2\.(Async)?Client\b", r"_Conversations, additions.\1Client"),
    (r"httpx2\.(Async)?Client\.(query|sse)\b", r"additions.\1Client.\2"),
    (r"httpx2\.(EventSource|FunctionAuth|SSEError|ServerSentEvent)\b", r"additions.\1"),
    (r"\n *pytest_plugins = .*\n", "\n"),  # pytest takes these in the outermost folder only
    (  # which httpx says is an iterator, and is a generator
        r"aclosing\(self\._response\.aiter_bytes\(\)\)",
        'aclosing(cast("AsyncGenerator[bytes]", self._response.aiter_bytes()))',
    ),
    (r"  # type: ignore\[override\]", ""),  # httpx's clients have no `websocket`
    (r"\btests\.modes\b", "tests.httpx.modes"),
    (r"\basgi_testkit\.(A?[Ss]?[a-zA-Z]*(?:TestClient|Transport|DenialResponse))\b",
     r"asgi_testkit.httpx.\1"),
    (r"httpx2", "httpx"),
)  # fmt: skip

_ADDITIONS: Final = "from asgi_testkit.httpx import additions\n"
_OURS: Final = re.compile(r"^from asgi_testkit import (\([^)]*\)|.*)$", re.MULTILINE)


def main(arguments: Sequence[str], *, root: Path = ROOT) -> int:
    """Write all files, or with `--check` compare them; return the exit status."""
    if unknown := set(arguments) - {"--check"}:
        print(f"Unknown: {', '.join(sorted(unknown))}. Usage: write_httpx.py [--check]")
        return 2
    written = dict(translations(root))
    stale = outdated(written, root)
    if "--check" not in arguments:
        for path in stale:
            write(root / path, written.get(path))
        return 0
    for path in stale:
        print(f"{path} is not current. Run scripts/write_httpx.py.")
    return int(bool(stale))


def outdated(written: Mapping[str, str], root: Path) -> list[str]:
    """Return the paths whose files are missing, differ, or have no source any more."""
    present = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for folder in FOLDERS.values()
        for path in (root / folder).glob("*.py")
        if path.name not in HAND_WRITTEN.get(folder, ())
    }
    return sorted(path for path in {*present, *written} if present.get(path) != written.get(path))


def write(path: Path, text: str | None) -> None:
    """Write a file; `None`: delete it, if it was generated."""
    if text is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    elif path.read_text(encoding="utf-8").startswith("# Generated"):
        path.unlink()


def translations(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file that is to be there."""
    exported = exported_names(root / "src/asgi_testkit/httpx2/__init__.py")
    for source, target in pairs(root):
        text = (root / source).read_text(encoding="utf-8")
        head = f"# Generated from {source} by scripts/write_httpx.py.\n"
        yield target, formatted(head + translated(text, exported), target, root)


def pairs(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the paths of sources and targets."""
    for folder, target in FOLDERS.items():
        for path in sorted((root / folder).glob("*.py")):
            if path.name not in HAND_WRITTEN.get(target, ()):
                yield f"{folder}/{path.name}", f"{target}/{path.name}"
    for source in FILES:
        if (root / source).exists():
            yield source, f"tests/httpx/{Path(source).name}"


def exported_names(path: Path) -> set[str]:
    """Return the names in `__all__` of a module."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    raise ValueError(f"{path} has no __all__.")


def translated(text: str, exported: set[str]) -> str:
    """Return a module for httpx2 as one for httpx.

    Args:
        text: the module.
        exported: the names that each adapter has of its own.
    """
    text = _OURS.sub(lambda found: _split_import(found[1], exported), text)
    for pattern, replacement in DIFFERENCES:
        text = re.sub(pattern, replacement, text)
    if "additions." in text:
        text = text.replace("\nimport httpx\n", f"\nimport httpx\n\n{_ADDITIONS}", 1)
    return text


def _split_import(names: str, exported: set[str]) -> str:
    """Return the imports from the package and from its adapter, for one from the package."""
    all_names = re.findall(r"\w+", names)
    ours = [name for name in all_names if name in exported]
    others = [name for name in all_names if name not in exported]
    lines = [("asgi_testkit", others), ("asgi_testkit.httpx", ours)]
    return "\n".join(f"from {home} import {', '.join(some)}" for home, some in lines if some)


def formatted(text: str, path: str, root: Path) -> str:
    """Return a module with its imports in order and its lines laid out, by ruff."""
    for arguments in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", path, "-"]
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, check=True, cwd=root
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
