"""Replacing a dependency of the app for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from asgi_testkit.errors import UsageTypeError

__all__ = ("override_dependency",)

_MISSING = object()


@contextmanager
def override_dependency(
    app: object, dependency: Callable[..., Any], replacement: Callable[..., Any]
) -> Iterator[None]:
    """Put `replacement` in the app's `dependency_overrides`, and restore what was there.

    Raises:
        UsageTypeError: the app has no `dependency_overrides`, as FastAPI's apps have.
    """
    overrides = getattr(app, "dependency_overrides", None)
    if not isinstance(overrides, MutableMapping):
        raise UsageTypeError(
            f"override() needs an app with 'dependency_overrides', as FastAPI's; this one is"
            f" {type(app).__name__}.\nPass the FastAPI app itself, not what is wrapped around it."
        )
    before = overrides.get(dependency, _MISSING)
    overrides[dependency] = replacement
    try:
        yield
    finally:
        if before is _MISSING:
            overrides.pop(dependency, None)
        else:
            overrides[dependency] = before
