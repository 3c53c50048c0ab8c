"""The examples of the README and of the documents run, as they stand there."""

from __future__ import annotations

import ast
import asyncio
import inspect
import itertools
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import httpx2
import pytest
import requests
from httpx_ws import aconnect_ws

import asgi_testkit
from asgi_testkit import AsyncTestClient, TestClient
from tests.documents.shop import fake_rates, get_rates, make_shop
from tests.processes import REPOSITORY

PAGES = (
    "README.md",
    "docs/clients.md",
    "docs/streaming.md",
    "docs/websockets.md",
    "docs/libraries.md",
    "docs/check.md",
    "docs/transcript.md",
    "docs/timeline.md",
)
GIVEN = {
    **{name: getattr(asgi_testkit, name) for name in asgi_testkit.__all__},
    "aconnect_ws": aconnect_ws,
    "fake_rates": fake_rates,
    "get_rates": get_rates,
    "httpx": httpx,
    "httpx2": httpx2,
    "itertools": itertools,
    "job": "a job",
    "pytest": pytest,
    "requests": requests,
    "rows": ["a;1\n", "b;2\n"],
}


class Example(NamedTuple):
    """A block of Python: where it stands, and what it is."""

    page: str
    line: int
    code: str

    @property
    def is_async(self) -> bool:
        return re.search(r"^async with", self.code, re.MULTILINE) is not None


def examples() -> Iterator[Example]:
    for page in PAGES:
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        for match in re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            yield Example(page, text[: match.start()].count("\n") + 1, match[1])


EXAMPLES = tuple(examples())


def compiled(example: Example) -> types.CodeType:
    lines = "\n" * example.line + example.code
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return compile(lines, example.page, "exec", flags=flags, dont_inherit=True)


def run_blocking(example: Example, names: dict[str, Any]) -> None:
    with TestClient(names["app"]) as client:
        names["client"] = client
        exec(compiled(example), names)


async def run_async(example: Example, names: dict[str, Any]) -> None:
    async with AsyncTestClient(names["app"]) as client:
        names["client"] = client
        await eval(compiled(example), names)


def run_tests(names: dict[str, Any]) -> None:
    for name, test in list(names.items()):
        if name.startswith("test_"):
            asyncio.run(test()) if inspect.iscoroutinefunction(test) else test()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.page}:{each.line}")
def test_example_runs(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = {**GIVEN, "app": make_shop()}

    if example.is_async:
        asyncio.run(run_async(example, names))
    else:
        run_blocking(example, names)

    run_tests(names)


def test_every_page_has_examples() -> None:
    assert {example.page for example in EXAMPLES} == set(PAGES)


def test_an_example_that_is_untrue_fails() -> None:
    untrue = Example("page", 1, 'assert client.get("/items/7").json() == {"id": 8}\n')

    with pytest.raises(AssertionError):
        run_blocking(untrue, {**GIVEN, "app": make_shop()})
