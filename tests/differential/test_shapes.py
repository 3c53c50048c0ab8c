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

from tests.differential.comparison import assert_same
from tests.differential.sides import MODES, run_side


def _name(shape: Any) -> str:
    topic = shape.__module__.rpartition("shapes_")[2]
    return f"{topic}-{shape.__name__}"


def _shapes() -> Iterator[Any]:
    for path in sorted(Path(__file__).parent.glob("shapes_*.py")):
        module = importlib.import_module(f"tests.differential.{path.stem}")
        for name, shape in vars(module).items():
            if inspect.iscoroutinefunction(shape) and not name.startswith("_"):
                yield pytest.param(shape, id=_name(shape))


SHAPES = list(_shapes())


@functools.cache
def _measure(library: ModuleType, mode: str, shape: Any) -> Any:
    return run_side(library, mode, shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_our_client_does_as_the_librarys_own(library: ModuleType, shape: Any, mode: str) -> None:
    stock = _measure(library, MODES[mode], shape)
    ours = run_side(library, mode, shape)

    assert_same(stock, ours, _name(shape))


def test_there_are_enough_shapes() -> None:
    assert len(SHAPES) >= 90
