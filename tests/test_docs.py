"""The documents say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import write_quirks, write_rules
from scripts.draw_states import DOCUMENT, main, with_diagrams
from tests.rules.broken import http_order

EMPTY = "".join(
    f"<!-- states:{name} -->\n<!-- /states:{name} -->\n"
    for name in ("http", "websocket", "lifespan")
)


def test_the_state_diagrams_are_current() -> None:
    assert main(["--check"]) == 0


def test_a_stale_diagram_fails_the_check_until_it_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "architecture.md"
    document.write_text(EMPTY, encoding="utf-8")

    statuses = [main(arguments, document=document) for arguments in (["--check"], [], ["--check"])]

    assert statuses == [1, 0, 0]
    assert "architecture.md are not current" in capsys.readouterr().out


def test_drawing_twice_changes_nothing_and_text_around_the_diagrams_stays() -> None:
    once = with_diagrams(f"before\n{EMPTY}after\n")

    assert with_diagrams(once) == once
    assert (once.startswith("before\n"), once.endswith("-->\nafter\n")) == (True, True)


def test_a_document_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no <!-- states:http --> followed by"):
        with_diagrams("no markers")


def test_the_document_shows_a_diagram_of_each_exchange() -> None:
    assert DOCUMENT.read_text(encoding="utf-8").count("stateDiagram-v2") == 3


def test_the_document_of_the_rules_is_current() -> None:
    assert write_rules.main(["--check"]) == 0


def test_a_stale_document_of_the_rules_fails_the_check_until_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "rules.md"

    statuses = [
        write_rules.main(arguments, document=document)
        for arguments in (["--check"], [], ["--check"])
    ]

    assert statuses == [1, 0, 0]
    assert "rules.md is not current" in capsys.readouterr().out


def test_an_app_in_the_document_of_the_rules_stands_there_without_decorator_and_types() -> None:
    assert write_rules.shown_source(http_order.body_only) == (
        "async def app(scope, receive, send):\n"
        '    await send({"type": "http.response.body", "body": b"hello"})'
    )


def test_the_section_of_the_quirks_is_current() -> None:
    assert write_quirks.main(["--check"]) == 0


def test_a_stale_section_of_the_quirks_fails_the_check_until_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "servers.md"
    text = write_quirks.DOCUMENT.read_text(encoding="utf-8")
    document.write_text(write_quirks.with_section(text, "stale"), encoding="utf-8")

    statuses = [
        write_quirks.main(arguments, document=document)
        for arguments in (["--check"], [], ["--check"])
    ]

    assert statuses == [1, 0, 0]
    assert document.read_text(encoding="utf-8") == text
    assert "servers.md is not current" in capsys.readouterr().out


def test_a_document_without_a_place_for_the_quirks_is_refused() -> None:
    with pytest.raises(ValueError, match="has no"):
        write_quirks.with_section("nothing", "section")
