"""The code of the migration guide runs, that for other clients with these."""

from __future__ import annotations

import asyncio
import gc
import inspect
import re
import sys
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.processes import REPOSITORY

GUIDE = REPOSITORY / "docs" / "migration.md"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of Python in the guide: what it is marked as, and the heading it is under."""

    kind: str
    heading: str
    line: int
    code: str


def blocks() -> Iterator[Block]:
    text = GUIDE.read_text(encoding="utf-8")
    for match in re.finditer(r"^```python (\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        above = text[: match.start()]
        heading = re.findall(r"^#+ (.*)$", above, re.MULTILINE)[-1]
        yield Block(match[1], heading, above.count("\n") + 1, match[2])


APP, *TESTS = blocks()
TITLES = [f"{block.kind} {block.heading}, line {block.line}" for block in TESTS]


def run_block(block: Block, names: dict[str, Any]) -> None:
    lines = "\n" * block.line + block.code
    exec(compile(lines, str(GUIDE), "exec", dont_inherit=True), names)


def run_tests(block: Block, names: dict[str, Any]) -> None:
    run_block(block, names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        asyncio.run(test()) if inspect.iscoroutinefunction(test) else test()


@pytest.fixture
def guide() -> Iterator[dict[str, Any]]:
    """Make a module of the guide's app, in whose names the blocks are run.

    It can be found by its name: there FastAPI looks for what annotations mean.
    """
    module = types.ModuleType("guide")
    sys.modules["guide"] = module
    run_block(APP, vars(module))
    yield vars(module)
    del sys.modules["guide"]


@pytest.mark.parametrize("block", TESTS, ids=TITLES)
def test_block_of_the_guide_passes(block: Block, guide: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        if block.kind == "before":
            warnings.simplefilter("ignore")  # what other clients leave behind is their affair
        run_tests(block, guide)
        gc.collect()


def test_guide_shows_each_client_before_and_after() -> None:
    kinds = [(block.heading, block.kind) for block in TESTS]

    headings = list(dict.fromkeys(heading for heading, _ in kinds))
    assert len(headings) == 6
    assert all({(each, "before"), (each, "after")} <= set(kinds) for each in headings)
