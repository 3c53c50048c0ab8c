"""The adapter for httpx says what that for httpx2 says."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.write_httpx import ROOT, exported_names, main, translated

BODIES = "src/asgi_testkit/httpx2/bodies.py"
WRITTEN = "src/asgi_testkit/httpx/bodies.py"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a repository with one module of the adapter, and nothing written."""
    for path in ("src/asgi_testkit/httpx2/__init__.py", BODIES, "pyproject.toml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text((ROOT / path).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_the_generated_files_are_current() -> None:
    assert main(["--check"]) == 0


def test_a_stale_file_is_named_until_it_is_written(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statuses = [main(arguments, root=copy) for arguments in (["--check"], [], ["--check"])]

    assert statuses == [1, 0, 0]
    assert f"{WRITTEN} is not current" in capsys.readouterr().out


def test_a_file_whose_source_is_gone_is_named_and_deleted(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([], root=copy)
    (copy / BODIES).unlink()

    statuses = [main(arguments, root=copy) for arguments in (["--check"], [], ["--check"])]

    assert statuses == [1, 0, 0]
    assert not (copy / WRITTEN).exists()


def test_a_generated_file_says_so_in_its_first_line() -> None:
    first = (ROOT / WRITTEN).read_text(encoding="utf-8").partition("\n")[0]

    assert first == f"# Generated from {BODIES} by scripts/write_httpx.py."


def test_an_import_of_a_client_and_an_error_is_split() -> None:
    text = "from asgi_testkit import StallError, TestClient\n"

    assert translated(text, {"TestClient"}) == (
        "from asgi_testkit import StallError\nfrom asgi_testkit.httpx import TestClient\n"
    )


def test_the_adapters_export_the_same_but_for_what_httpx_has_not() -> None:
    ours, httpx2s = (
        exported_names(ROOT / f"src/asgi_testkit/{name}/__init__.py")
        for name in ("httpx", "httpx2")
    )

    assert ours - httpx2s == {"SSEError", "ServerSentEvent"}
    assert httpx2s <= ours


def test_an_unknown_argument_is_refused() -> None:
    assert main(["--all"]) == 2
