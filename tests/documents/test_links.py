"""Links between documents lead somewhere: to a file that is there, and to a heading in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import REPOSITORY

PAGES = (
    *sorted(REPOSITORY.glob("*.md")),
    *sorted((REPOSITORY / "docs").glob("*.md")),
    REPOSITORY / "examples" / "shop" / "README.md",
)


FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def links(text: str) -> Iterator[str]:
    prose = re.sub(r"`[^`\n]*`", "", FENCED.sub("", text))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" not in target:
            yield target


def anchors(text: str) -> set[str]:
    headings = HEADING.findall(FENCED.sub("", text))
    spelled = {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
    return spelled | set(re.findall(r'<a id="([^"]+)"', text))


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    file = page.parent / path if path else page
    return file.exists() and (not anchor or anchor in anchors(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert [link for link in links(text) if not leads_somewhere(page, link)] == []


def test_a_link_to_a_missing_file_or_heading_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A title\n\n[a](#a-title) [b](#b) [c](c.md) [d](page.md#a-title)\n")

    found = [link for link in links(page.read_text()) if not leads_somewhere(page, link)]

    assert found == ["#b", "c.md"]


def test_the_index_names_every_document() -> None:
    folder = REPOSITORY / "docs"

    named = set(links((folder / "README.md").read_text(encoding="utf-8")))

    assert {file.name for file in folder.glob("*.md")} - {"README.md"} <= named
