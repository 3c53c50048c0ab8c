"""What holds for clients that were told nothing: limits, rules, the driver, what is replaced.

An argument of the client stands before all that is given here. The environment is read by
`asgi_testkit.settings`, which works without pytest, too; here it is only checked.
"""

from __future__ import annotations

import argparse
from functools import partial
from importlib import import_module

import pytest

from asgi_testkit.pytest_plugin.options import checked_text
from asgi_testkit.settings import (
    SETTINGS,
    read_driver,
    read_libraries,
    read_seconds,
    read_strict,
)

__all__ = ("read_limits",)


def read_limits(config: pytest.Config, flags: argparse.Namespace) -> None:
    """Check what is given, and tell the settings.

    Raises:
        pytest.UsageError: something that is given cannot be.
    """
    given = partial(checked_text, config=config, flags=flags)
    SETTINGS.given_timeout = given("timeout", check=read_seconds)
    SETTINGS.given_grace = given("grace", check=read_seconds)
    SETTINGS.given_strict = given("strict", check=read_strict)
    SETTINGS.given_driver = given("driver", check=read_driver)
    SETTINGS.given_ignore_rules = given("ignore-rules", check=_check_rules)
    SETTINGS.given_secret_names = given("secret-names")
    SETTINGS.given_replace_testclient = given("replace-testclient", check=_check_libraries)


def _check_rules(text: str, source: str) -> None:
    # Here, since most runs give none, and nothing of ours is imported at the plugin's top.
    rules = import_module("asgi_testkit.protocol.rules").RULES

    unknown = [rule for rule in text.replace(",", " ").split() if rule not in rules]
    if unknown:
        raise ValueError(f"{source} names {', '.join(unknown)}; rules are: {', '.join(rules)}.")


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
