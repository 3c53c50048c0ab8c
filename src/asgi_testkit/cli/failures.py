"""Failures: what is said of each kind of them on standard error, and the exit code it leads to."""

from __future__ import annotations

import os
import sys
import warnings
from asyncio import CancelledError
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

import click

from asgi_testkit.cli.exits import Exit
from asgi_testkit.cli.tracebacks import cut_traceback, has_passed_the_app
from asgi_testkit.errors import (
    ASGIRuleError,
    LifespanFailed,
    StallError,
    TestkitWarning,
    UsageError,
)
from asgi_testkit.httpx2.names import (
    HTTPError,
    InvalidURL,
    TooManyRedirects,
    UnsupportedProtocol,
)

__all__ = ("NobodyReadsError", "OutputError", "app_at_work", "run")


class NobodyReadsError(Exception):
    """Who read our standard output has gone, such as `head`."""


class OutputError(Exception):
    """What came cannot be written where it is to go."""


def run(act: Callable[[], int]) -> int:
    """Do something with an app; return its exit code, or that of its failure, which is told."""
    try:
        return act()
    except NobodyReadsError:
        _forget_output()
        return Exit.NOBODY_READS
    except OutputError as error:
        _forget_output()
        _say("failed", str(error))
        return Exit.FAILED
    except KeyboardInterrupt as error:
        if notes := getattr(error, "__notes__", ()):  # what was waited for
            _say("interrupted", "\n".join(notes))
        return Exit.INTERRUPTED
    except (click.ClickException, click.exceptions.Exit):
        raise
    except (Exception, SystemExit, CancelledError, BaseExceptionGroup) as error:  # noqa: BLE001
        return _told(error)  # whatever the app has raised


@contextmanager
def app_at_work() -> Generator[None]:
    """While the app runs what it prints goes to standard error, and so do its warnings."""
    with warnings.catch_warnings(), redirect_stdout(sys.stderr):
        warnings.simplefilter("always", TestkitWarning)
        shown_before = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if isinstance(message, TestkitWarning):
                _say("warning", str(message))
            else:
                shown_before(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield


def _told(error: BaseException) -> Exit:
    match error:
        case UsageError():
            raise click.UsageError(str(error)) from None
        case StallError():
            _say("stalled", _with_notes(error))
            return Exit.STALLED
        case ASGIRuleError() | LifespanFailed():
            _say("failed", _with_notes(error))
        case HTTPError() | InvalidURL() if not has_passed_the_app(error):
            return _told_of_client(error)
        case _:
            _say("the app has raised", cut_traceback(error))
    return Exit.FAILED


def _told_of_client(error: BaseException) -> Exit:
    """Tell of what the client library has raised, and not the app by its own use of it."""
    if isinstance(error, InvalidURL | UnsupportedProtocol):
        raise click.UsageError(str(error)) from None
    _say("failed", _with_notes(error))
    is_turning = isinstance(error, TooManyRedirects)
    return Exit.TOO_MANY_REDIRECTS if is_turning else Exit.FAILED


def _say(what: str, text: str) -> None:
    click.echo(f"asgi-testkit: {what}: {text.rstrip()}", err=True)


def _with_notes(error: BaseException) -> str:
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


def _forget_output() -> None:
    """Let Python's last flush of standard output go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
