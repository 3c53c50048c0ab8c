"""Running an app for one command: its client, and what is told when all is over."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from asgi_testkit.cli.app_options import AppChoice
from asgi_testkit.cli.client_options import ClientChoice
from asgi_testkit.cli.failures import app_at_work
from asgi_testkit.cli.traces import write_trace
from asgi_testkit.client.recent import RECENT
from asgi_testkit.httpx2.clients import TestClient
from asgi_testkit.settings import clock

__all__ = ("running",)


@contextmanager
def running(
    app: AppChoice, options: ClientChoice, *, title: str, **more: Any
) -> Generator[TestClient]:
    """Lend a client of the app, started up unless that is not wanted.

    Args:
        app: what is run.
        options: of the client.
        title: of the trace.
        **more: what else `TestClient` takes.
    """
    with ExitStack() as stack:
        stack.enter_context(app_at_work())
        client = TestClient(app.load(), **app.client_options, **options.client_options, **more)
        stack.enter_context(_told_afterwards(client, options, title))
        if options.has_lifespan:
            stack.enter_context(client)
        yield client


@contextmanager
def _told_afterwards(client: TestClient, options: ClientChoice, title: str) -> Generator[None]:
    """Print the transcript and write the trace when all is over, also where it has failed."""
    began, error = clock(), ""
    try:
        yield
    except BaseException as failure:
        error = f"{type(failure).__name__}: {failure}"
        raise
    finally:
        if options.is_verbose:
            is_coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
            click.echo(client.transcript.to_text(colour=is_coloured), err=True)
        if options.trace is not None:
            write_trace(options.trace, RECENT.since(began), title=title, error=error)
