"""The limits and rules of clients that were told none: flag, environment, or ini file.

In this order; an argument of the client stands before them all. The environment is read by
`asgi_testkit.settings`, which works without pytest, too; here it is only checked.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Final

import pytest

from asgi_testkit.settings import SETTINGS, read_libraries, read_seconds, read_strict

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

__all__ = ("add_options", "read_limits")

_HELP: Final = {
    "timeout": (
        "Seconds of silence after which a client whose 'timeout' was left out gives up;"
        " 'none': never (default: 30)"
    ),
    "grace": (
        "Seconds that an app gets to end in, for a client whose 'grace' was left out;"
        " 'none': the default (default: 1)"
    ),
    "strict": (
        "What broken rules of ASGI lead to in a client whose 'strict' was left out: 'warn': errors"
        " and warnings; 'true': errors only; 'false': warnings at most (default: warn)"
    ),
    "ignore-rules": "Ids of rules of ASGI that no client minds, such as H27,W20",
    "secret-names": (
        "Names of headers, fields and parameters whose values no transcript or trace shows, besides"
        " the well-known, separated by commas; with '-' before the name: it is shown"
    ),
    "replace-testclient": (
        "Replace the clients of these libraries by ours in the tests, separated by commas:"
        " starlette, starlette_testclient, httpx2, httpx, asgi_lifespan (without a value:"
        " starlette)"
    ),
}
_METAVARS: Final = {
    "strict": "WHAT",
    "ignore-rules": "IDS",
    "secret-names": "NAMES",
    "replace-testclient": "NAMES",
}
_WITHOUT_VALUE: Final = {"replace-testclient": "starlette"}


def add_options(parser: pytest.Parser) -> None:
    """Add a flag and an ini option for each."""
    group = parser.getgroup("asgi-testkit", "tests of ASGI apps")
    for name, text in _HELP.items():
        value: dict[str, str] = {"metavar": _METAVARS.get(name, "SECONDS")}
        if name in _WITHOUT_VALUE:
            value |= {"nargs": "?", "const": _WITHOUT_VALUE[name]}
        group.addoption(f"--asgi-{name}", help=text, **value)
        parser.addini(f"asgi_{name.replace('-', '_')}", text)


def read_limits(config: pytest.Config, flags: argparse.Namespace) -> None:
    """Check what is given, and tell the settings.

    Raises:
        pytest.UsageError: something that is given cannot be.
    """
    SETTINGS.given_timeout = _given("timeout", config, flags, check=read_seconds)
    SETTINGS.given_grace = _given("grace", config, flags, check=read_seconds)
    SETTINGS.given_strict = _given("strict", config, flags, check=read_strict)
    SETTINGS.given_ignore_rules = _given("ignore_rules", config, flags, check=_check_rules)
    SETTINGS.given_secret_names = _given("secret_names", config, flags, check=_check_names)
    SETTINGS.given_replace_testclient = _given(
        "replace_testclient", config, flags, check=_check_libraries
    )


def _given(
    name: str,
    config: pytest.Config,
    flags: argparse.Namespace,
    *,
    check: Callable[[str, str], object],
) -> str | None:
    """Return the text that counts; `None`: none is given, or the environment's counts."""
    variable = f"ASGI_TESTKIT_{name.upper()}"
    flag: str | None = getattr(flags, f"asgi_{name}", None)
    environment = os.environ.get(variable) or None
    ini: str | None = config.getini(f"asgi_{name}") or None
    sources = {
        f"--asgi-{name.replace('_', '-')}": flag,
        f"The environment variable {variable}": environment,
        f"The ini option asgi_{name}": ini,
    }
    for source, text in sources.items():
        try:
            if text is not None:
                check(text, source)
        except ValueError as error:
            raise pytest.UsageError(str(error)) from None
    return flag if flag is not None or environment is not None else ini


def _check_rules(text: str, source: str) -> None:
    # Here, since most runs give none, and nothing of ours is imported at the plugin's top.
    rules = import_module("asgi_testkit.protocol.rules").RULES

    unknown = [rule for rule in text.replace(",", " ").split() if rule not in rules]
    if unknown:
        raise ValueError(f"{source} names {', '.join(unknown)}; rules are: {', '.join(rules)}.")


def _check_names(text: str, source: str) -> None:
    """Any name may be one."""


def _check_libraries(text: str, source: str) -> None:
    names = read_libraries(text)
    if not names:
        return
    libraries = import_module("asgi_testkit.replacing.table").LIBRARIES
    unknown = [name for name in names if name not in libraries]
    if unknown:
        raise ValueError(
            f"{source} names {', '.join(unknown)}; what can be replaced: {', '.join(libraries)}.\n"
            "Before the path of a test write it with a value: --asgi-replace-testclient=starlette."
        )
