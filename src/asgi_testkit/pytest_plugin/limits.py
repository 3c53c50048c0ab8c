"""The limits of clients that were told none: a flag, the environment, or the ini file.

In this order; an argument of the client stands before them all. The environment is read by
`asgi_testkit.settings`, which works without pytest, too; here it is only checked.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest

from asgi_testkit.settings import SETTINGS, read_seconds

if TYPE_CHECKING:
    import argparse

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
}


def add_options(parser: pytest.Parser) -> None:
    """Add a flag and an ini option for each limit."""
    group = parser.getgroup("asgi-testkit", "tests of ASGI apps")
    for name, text in _HELP.items():
        group.addoption(f"--asgi-{name}", metavar="SECONDS", help=text)
        parser.addini(f"asgi_{name}", text)


def read_limits(config: pytest.Config, flags: argparse.Namespace) -> None:
    """Check what is given for the limits, and tell the settings.

    Raises:
        pytest.UsageError: something that is given is no number of seconds.
    """
    SETTINGS.given_timeout = _given("timeout", config, flags)
    SETTINGS.given_grace = _given("grace", config, flags)


def _given(name: str, config: pytest.Config, flags: argparse.Namespace) -> str | None:
    """Return the text that counts; `None`: none is given, or the environment's counts."""
    variable = f"ASGI_TESTKIT_{name.upper()}"
    flag: str | None = getattr(flags, f"asgi_{name}", None)
    environment = os.environ.get(variable) or None
    ini: str | None = config.getini(f"asgi_{name}") or None
    _check(flag, f"--asgi-{name}")
    _check(environment, f"The environment variable {variable}")
    _check(ini, f"The ini option asgi_{name}")
    if flag is not None or environment is not None:
        return flag
    return ini


def _check(text: str | None, source: str) -> None:
    try:
        if text is not None:
            read_seconds(text, source)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
