"""The comparison itself: what counts as usual, what is a quirk, what is unexplained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import quirks
from tests.conformance.comparing import compared
from tests.conformance.facets import facets_of
from tests.conformance.page import written_page
from tests.conformance.printing import unexplained_text
from tests.conformance.quirks import read_quirks
from tests.conformance.scenario import Saw, Sighting
from tests.conformance.scenarios import SCENARIOS

TABLE = """
[[quirk]]
who = "b"
does = "Says <no>."
why = "It can."
[quirk.seen]
"target-root target-plain" = { client = "no" }
"""


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a table with one quirk, in the place of the real one."""
    path = tmp_path / "quirks.toml"
    path.write_text(TABLE, encoding="utf-8")
    monkeypatch.setattr(quirks, "read_quirks", lambda: read_quirks(path))
    return path


def verdicts(**shown: str) -> dict[str, str]:
    row = compared("target-root", {who: {"client": value} for who, value in shown.items()})
    return {who: cell.verdict for who, cell in row.items()}


def test_what_most_show_is_usual_and_a_named_difference_is_a_quirk(table: Path) -> None:
    assert verdicts(a="yes", b="no", c="yes") == {"a": "agrees", "b": "quirk", "c": "agrees"}


def test_three_that_agree_count_more_than_our_engine_and_another(table: Path) -> None:
    assert verdicts(ours="no", b="no", c="yes", d="yes", e="yes") == {
        "ours": "UNEXPLAINED",
        "b": "quirk",
        **dict.fromkeys("cde", "agrees"),
    }


def test_where_as_many_show_another_the_first_counts(table: Path) -> None:
    assert verdicts(ours="x", a="y")["a"] == "UNEXPLAINED"


def test_a_quirk_that_no_longer_shows_is_unexplained(table: Path) -> None:
    assert verdicts(a="yes", b="yes", c="yes")["b"] == "UNEXPLAINED"


def test_a_quirk_that_shows_otherwise_is_unexplained(table: Path) -> None:
    assert verdicts(a="yes", b="perhaps", c="yes")["b"] == "UNEXPLAINED"


def test_a_missing_facet_is_a_difference() -> None:
    shown = {
        "a": {"client": "200 whole", "body": "x", "app": "returned"},
        "b": {"client": "200 whole", "app": "returned"},
    }

    text = unexplained_text("some", compared("some", shown))

    assert text.splitlines()[0] == 'b: seen."some" = { "body" = "-" }'


def test_of_a_runner_whose_app_was_not_called_only_the_answer_is_compared() -> None:
    refused = {"client": "400 whole, app not called"}
    called = {"client": "200 whole", "app": "returned"}

    row = compared("some", {"a": called, "b": refused, "c": refused})

    assert [d.facet for d in row["a"].differences] == ["client"]
    assert row["b"].verdict == "agrees"


def test_two_quirks_for_one_facet_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "quirks.toml"
    path.write_text(TABLE * 2, encoding="utf-8")

    with pytest.raises(ValueError, match="Two quirks explain"):
        read_quirks(path)


def test_the_page_escapes_what_it_shows(table: Path) -> None:
    shown = {who: {"client": value} for who, value in (("a", "<b>"), ("b", "no"), ("c", "<b>"))}

    page = written_page({"target-root": compared("target-root", shown)})

    assert "&lt;b&gt;" in page
    assert "Says &lt;no&gt;." in page
    assert "<b>no" not in page


def test_a_body_in_pieces_is_compared_whole_and_what_the_server_adds_is_not() -> None:
    saw = Saw(status=200, end="whole", headers=[(b"date", b"now"), (b"x-a", b"1")])
    pieces = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.request", "body": b"b"},
    ]
    seen = {
        "scope": {"headers": []},
        "received": pieces,
        "sent": [("http.response.start", "ok")],
        "notes": [],
        "ended": "returned",
    }

    facets = facets_of(SCENARIOS["target-root"], Sighting(saw, seen))

    assert facets["received"] == "request(body=b'ab' more_body=False)"
    assert facets["headers"] == "x-a: 1"
