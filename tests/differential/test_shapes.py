"""Every shape of request on the library's own client and on ours: nothing may differ."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.differential.comparison import differences
from tests.differential.sides import run_side

LIBRARIES = ("httpx2", "httpx")
MODES = {"thread": "stock", "inline": "stock", "async": "stock async"}


def _shapes() -> Iterator[Any]:
    for path in sorted(Path(__file__).parent.glob("shapes_*.py")):
        module = importlib.import_module(f"tests.differential.{path.stem}")
        for name, shape in vars(module).items():
            if inspect.iscoroutinefunction(shape) and not name.startswith("_"):
                yield pytest.param(shape, id=f"{path.stem.removeprefix('shapes_')}-{name}")


SHAPES = list(_shapes())


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> ModuleType:
    """Give the client library."""
    return importlib.import_module(request.param)


@functools.cache
def _measure(library: ModuleType, mode: str, shape: Any) -> Any:
    return run_side(library, mode, shape)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", SHAPES)
def test_our_client_does_as_the_librarys_own(library: ModuleType, shape: Any, mode: str) -> None:
    stock = _measure(library, MODES[mode], shape)
    ours = run_side(library, mode, shape)

    found = differences(stock, ours)

    assert not found, "\n".join([f"{len(found)} differences:", *found[:12]])


def test_there_are_enough_shapes() -> None:
    assert len(SHAPES) >= 90
