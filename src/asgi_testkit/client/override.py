"""Replacing a dependency of the app for a while."""

from __future__ import annotations

from collections.abc import Callable, Generator, MutableMapping
from contextlib import contextmanager
from typing import Any

from asgi_testkit.errors import UsageTypeError

__all__ = ("override_dependency",)


@contextmanager
def override_dependency(
    app: object, dependency: Callable[..., Any], replacement: Callable[..., Any]
) -> Generator[None]:
    """Put `replacement` in the app's `dependency_overrides`, and restore what was there.

    Raises:
        UsageTypeError: the app has no `dependency_overrides`, as FastAPI's apps have.
    """
    overrides: MutableMapping[Callable[..., Any], Callable[..., Any]] | None
    overrides = getattr(app, "dependency_overrides", None)
    if overrides is None:
        raise UsageTypeError(
            f"override() needs an app with 'dependency_overrides', as FastAPI's; this one is"
            f" {type(app).__name__}.\nPass the FastAPI app itself, not what is wrapped around it."
        )
    before = overrides.get(dependency)
    overrides[dependency] = replacement
    try:
        yield
    finally:
        if before is None:
            overrides.pop(dependency, None)
        else:
            overrides[dependency] = before
