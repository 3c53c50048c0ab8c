"""The options: a flag, an ini option and an environment variable each, and which of them counts.

The flag stands before the environment, the environment before the ini file.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Collection
from typing import Final, NamedTuple

import pytest

__all__ = ("OPTIONS", "Option", "add_options", "checked_text", "choice", "choices", "sources")


class Option(NamedTuple):
    """What `--help` says of an option.

    Attributes:
        help: what it does.
        metavar: what its value is called.
        bare: what the flag means without a value; empty: it needs one.
        is_list: it may be given several times, or hold several values separated by commas.
    """

    help: str
    metavar: str = "SECONDS"
    bare: str = ""
    is_list: bool = False


OPTIONS: Final = {
    "app": Option(
        "The app of the fixtures, as 'module:attribute'; an attribute that needs no argument is"
        " called for the app",
        "MODULE:ATTRIBUTE",
    ),
    "client-scope": Option(
        "How long the clients of the fixtures live: function, class, module, package or session"
        " (default: function)",
        "SCOPE",
    ),
    "driver": Option(
        "Where the app of a blocking client runs whose 'driver' was left out: 'thread', a"
        " background thread; 'inline', the calling one (default: thread)",
        "DRIVER",
    ),
    "over": Option(
        "Run each test of a client fixture over this real server: uvicorn, hypercorn, granian or"
        " daphne; in-process: over none; may be repeated. The first server is also that of the"
        " fixture live_asgi_server (default: uvicorn there, none else)",
        "SERVER",
        is_list=True,
    ),
    "timeout": Option(
        "Seconds of silence after which a client whose 'timeout' was left out gives up;"
        " 'none': never (default: 30)"
    ),
    "grace": Option(
        "Seconds that an app gets to end in, for a client whose 'grace' was left out;"
        " 'none': the default (default: 1)"
    ),
    "strict": Option(
        "What broken rules of ASGI lead to in a client whose 'strict' was left out: 'warn': errors"
        " and warnings; 'true': errors only; 'false': warnings at most (default: warn)",
        "WHAT",
    ),
    "ignore-rules": Option("Ids of rules of ASGI that no client minds, such as H27,W20", "IDS"),
    "secret-names": Option(
        "Names of headers, fields and parameters whose values no transcript or trace shows, besides"
        " the well-known, separated by commas; with '-' before the name: it is shown",
        "NAMES",
    ),
    "trace": Option(
        "Which tests leave a page with their exchanges: 'off': none; 'retain-on-failure': those"
        " that fail; 'on': all that have exchanges (default: off)",
        "WHICH",
    ),
    "output": Option(
        "The folder of these pages, and of their index (default: test-results/asgi)", "FOLDER"
    ),
    "replace-testclient": Option(
        "Replace the clients of these libraries by ours in the tests, separated by commas:"
        " starlette, starlette_testclient, httpx2, httpx, asgi_lifespan (without a value:"
        " starlette)",
        "NAMES",
        bare="starlette",
    ),
}


def add_options(parser: pytest.Parser) -> None:
    """Add a flag and an ini option for each."""
    group = parser.getgroup("asgi-testkit", "tests of ASGI apps")
    for name, option in OPTIONS.items():
        value: dict[str, str] = {"metavar": option.metavar}
        if option.bare:
            value |= {"nargs": "?", "const": option.bare}
        if option.is_list:
            value |= {"action": "append"}
        group.addoption(f"--asgi-{name}", help=option.help, **value)
        parser.addini(f"asgi_{name.replace('-', '_')}", option.help)


def sources(
    name: str, config: pytest.Config, flags: argparse.Namespace | None = None
) -> dict[str, str | None]:
    """Return what the flag, the environment and the ini file say, in this order.

    `flags`: what was parsed of the command line, while `config` has not got it yet.
    """
    flags = config.option if flags is None else flags
    key = f"asgi_{name.replace('-', '_')}"
    variable = f"ASGI_TESTKIT_{name.replace('-', '_').upper()}"
    ini: str | None = config.getini(key) or None
    flag: str | list[str] | None = getattr(flags, key, None)
    return {
        f"--asgi-{name}": ",".join(flag) if isinstance(flag, list) else flag,
        f"The environment variable {variable}": os.environ.get(variable) or None,
        f"The ini option {key}": ini,
    }


def checked_text(
    name: str,
    config: pytest.Config,
    flags: argparse.Namespace | None = None,
    *,
    check: Callable[[str, str], object] | None = None,
) -> str | None:
    """Return the text that the settings are given; `None`: they read the environment, or none is.

    Raises:
        pytest.UsageError: one of the sources holds what cannot be.
    """
    given = sources(name, config, flags)
    for source, text in given.items():
        try:
            if text is not None and check is not None:
                check(text, source)
        except ValueError as error:
            raise pytest.UsageError(str(error)) from None
    flag, environment, ini = given.values()
    return flag if flag is not None or environment is not None else ini


def choice(name: str, config: pytest.Config, choices: Collection[str]) -> str:
    """Return which of the choices is wanted; the first where none is.

    Raises:
        pytest.UsageError: the source that counts holds none of them.
    """
    for source, text in sources(name, config).items():
        if text is None:
            continue
        if text not in choices:
            raise pytest.UsageError(f"{source} is {text!r}; it may be: {', '.join(choices)}.")
        return text
    return next(iter(choices))


def choices(name: str, config: pytest.Config, known: Collection[str]) -> tuple[str, ...]:
    """Return those that are wanted, each once; none where nothing says so.

    Raises:
        pytest.UsageError: the source that counts holds something else.
    """
    for source, text in sources(name, config).items():
        if text is None:
            continue
        words = tuple(dict.fromkeys(text.replace(",", " ").split()))
        for word in words:
            if word not in known:
                raise pytest.UsageError(f"{source} is {word!r}; it may be: {', '.join(known)}.")
        return words
    return ()
