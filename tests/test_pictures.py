"""The pictures of the documents: which there are, and terminals drawn as SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from bench.curves import CURVES
from scripts import chromium
from scripts.draw_pictures import FOLDER, PICTURES, failed_test, main
from scripts.terminal_svg import Piece, pieces_of, svg_of


def test_every_picture_is_there_and_none_else() -> None:
    # Those of growth are drawn from measurements, by `make performance`.
    files = {file.name for file in FOLDER.iterdir()} - {f"growth-{key}.svg" for key in CURVES}

    assert files == {picture.name for picture in PICTURES}


def test_a_picture_that_is_not_listed_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing.png"]) == 2
    assert "Unknown: nothing.png" in capsys.readouterr().out


def test_the_pictured_test_fails_as_the_pictures_show() -> None:
    trace = failed_test()

    assert trace["error"] == "LookupError: no stock for item 7"
    assert [(one["title"], one["status"]) for one in trace["exchanges"]] == [
        ("lifespan", None),
        ("WebSocket /stock", None),
        ("POST /login", 200),
        ("GET /items?page=1", 200),
        ("POST /mails", 202),
        ("GET /items/99", 404),
        ("POST /orders?notify=yes", 500),
    ]


# -- terminals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("plain", [Piece("plain", "")]),
        ("\x1b[1mbold\x1b[0m then", [Piece("bold", "bold"), Piece(" then", "")]),
        ("\x1b[1;31mred\x1b[39m bold", [Piece("red", "bold red"), Piece(" bold", "bold")]),
        ("\x1b[92mgreen\x1b[m", [Piece("green", "green")]),
        ("\x1b[2mdim\x1b[22m not", [Piece("dim", "dim"), Piece(" not", "")]),
        ("\x1b[K\x1b]0;title\x07a\r", [Piece("a", "")]),
    ],
)
def test_a_line_is_cut_where_its_style_changes(line: str, pieces: list[Piece]) -> None:
    assert list(pieces_of(line)) == pieces


def test_a_style_goes_on_in_the_next_line_until_it_is_reset() -> None:
    drawn = ET.fromstring(svg_of("\x1b[31mone\ntwo\x1b[0m\nthree"))

    spans = [(span.text, span.get("class")) for span in drawn.iter() if span.tag.endswith("tspan")]
    assert spans == [("one", "red"), ("two", "red"), ("three", None)]


def test_what_is_written_stays_text_and_asks_for_nothing() -> None:
    text = "<script>alert(1)</script> & 'quotes'"
    svg = svg_of(text)

    assert [span.text for span in ET.fromstring(svg).iter() if span.tag.endswith("tspan")] == [text]
    assert svg.count("http") == 1  # the name of SVG
    assert "url(" not in svg


def test_columns_stay_in_line() -> None:
    drawn = ET.fromstring(svg_of("ab\x1b[1mcd\x1b[0m\n\x1b[1mwide line\x1b[0m"))

    [first, second, wide] = [span for span in drawn.iter() if span.tag.endswith("tspan")]
    assert [first.get("x"), second.get("x"), wide.get("x")] == ["16", "32", "16"]
    assert (second.get("textLength"), wide.get("textLength")) == ("16", "72")
    assert drawn.get("width") == "104"


# -- the browser --------------------------------------------------------------------------


def test_a_browser_that_is_named_is_the_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "python3")

    assert (chromium.find_chromium() or "").endswith("python3")


def test_where_there_is_no_browser_and_none_can_be_installed_the_advice_is_clear(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CHROMIUM", raising=False)

    assert chromium.main() == 1
    assert "apt-get install chromium" in capsys.readouterr().out
