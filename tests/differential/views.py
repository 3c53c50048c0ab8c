"""All ways to look at a response, found in the library itself, and each in a call of its own."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Awaitable, Callable, Iterable
from types import ModuleType
from typing import Any

from tests.differential.portraits import Portraits, public_names

__all__ = ("VIEWS_BESIDE", "view", "view_names", "views")

VIEWS_BESIDE: dict[str, Callable[[Any], Any]] = {
    "repr()": repr,
    "str()": str,
    "bool()": bool,
    "dir()": public_names,
    "vars()": lambda response: sorted(name for name in _made(response) if name[0] != "_"),
    "pickle": lambda response: pickle.loads(pickle.dumps(response)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "isinstance": lambda response: [kind.__name__ for kind in type(response).__mro__[-2:]],
    "iter_bytes(7)": lambda response: response.iter_bytes(7),
    "iter_text(7)": lambda response: response.iter_text(7),
    "aiter_bytes(7)": lambda response: response.aiter_bytes(7),
    "getattr": lambda response: getattr(response, "no_such_name", "none"),
    "misspelt": lambda response: response.no_such_name,
    "request()": lambda response: pickle.loads(pickle.dumps(response.request)),
    "request.read()": lambda response: response.request.read(),
    "url is request.url": lambda response: response.url is response.request.url,
    "request twice": lambda response: response.request is response.request,
    "headers twice": lambda response: response.headers is response.headers,
    "history twice": lambda response: response.history is response.history,
    "cookies twice": lambda response: response.cookies is response.cookies,
}
"""Views that are no attribute of the response."""


def _made(response: Any) -> dict[str, Any]:
    """Return what a response is made of, after all of it has been made."""
    copy.copy(response)
    return vars(response)


def view_names(library: ModuleType) -> list[str]:
    """Return the names of all views of this library's responses."""
    response = library.Response(200, request=library.Request("GET", "http://testserver"))
    return [*public_names(response), *VIEWS_BESIDE]


async def views(response: Any, names: Iterable[str], portrait: Portraits) -> dict[str, Any]:
    """Return what is seen in each of these views, one after the other."""
    return {name: await view(response, name, portrait) for name in names}


async def view(response: Any, name: str, portrait: Portraits) -> Any:
    """Return what is seen in one view: a value, what a method returns, or an error."""
    try:
        look = VIEWS_BESIDE.get(name)
        seen = getattr(response, name) if look is None else look(response)
        if inspect.ismethod(seen):
            seen = seen()
        seen = await _resolved(seen)
    except Exception as error:
        return portrait(error)
    return "itself" if seen is response else portrait(seen)


async def _resolved(value: Any) -> Any:
    """Return what a coroutine returns, and all that an iterator yields."""
    if isinstance(value, Awaitable):
        return await value
    if inspect.isgenerator(value):
        return list(value)
    if inspect.isasyncgen(value):
        return [piece async for piece in value]
    return value
