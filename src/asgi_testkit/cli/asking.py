"""Asking: one request of a client, its response printed as it comes."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from asgi_testkit.cli.app_options import AppChoice
from asgi_testkit.cli.bodies import Body
from asgi_testkit.cli.client_options import ClientChoice
from asgi_testkit.cli.colours import show_head
from asgi_testkit.cli.exits import Exit, exit_of_status
from asgi_testkit.cli.printing import Output, print_body
from asgi_testkit.cli.progress import Progress
from asgi_testkit.cli.running import running
from asgi_testkit.httpx2.clients import TestClient
from asgi_testkit.httpx2.names import Request, Response

__all__ = ("Shown", "Wanted", "ask")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a response, and where.

    Attributes:
        parts: the letters of `--print`; `None`: on a terminal head and body, else the body.
        pretty: see `look_of`.
        file: where the body goes; `None`: standard output.
        is_silent: no progress.
        is_buffered: JSON is formatted, which takes all of it.
        checks_status: the status counts for the exit code.
    """

    parts: str | None
    pretty: str | None
    file: Path | None
    is_silent: bool
    is_buffered: bool
    checks_status: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request, and what is to be made of its response.

    Attributes:
        method: of the request.
        url: a path, or a whole URL.
        extensions: httpx2's, of the request.
        headers: beside the client's.
        removed: headers that are not sent.
        body: of the request.
        auth: name and password.
        follow: redirects are followed.
        max_redirects: no more of them.
        shown: see there.
    """

    method: str
    url: str
    extensions: dict[str, Any]
    headers: Sequence[tuple[str, str]]
    removed: Sequence[str]
    body: Body
    auth: tuple[str, str] | None
    follow: bool
    max_redirects: int
    shown: Shown

    @property
    def title(self) -> str:
        """What it is, for traces."""
        return f"{self.method} {self.url}"


def ask(app: AppChoice, options: ClientChoice, wanted: Wanted) -> int:
    """Send the request and print what comes; return the exit code.

    Raises:
        BaseException: what the client raises, and the app.
    """
    more: dict[str, Any] = {"max_redirects": wanted.max_redirects}
    with ExitStack() as stack:
        output = _output(wanted.shown, stack)
        client = stack.enter_context(running(app, options, title=wanted.title, **more))
        status = _exchange(client, wanted, output, http_version=options.http_version)
    return exit_of_status(status) if wanted.shown.checks_status else Exit.OK


def _output(shown: Shown, stack: ExitStack) -> Output:
    try:
        file = (
            None if shown.file is None else stack.enter_context(shown.file.open("wb", buffering=0))
        )
    except OSError as error:
        raise click.UsageError(f"-o {shown.file}: {error.strerror}.") from None
    return Output(sys.stdout, file)


def _exchange(client: TestClient, wanted: Wanted, output: Output, *, http_version: str) -> int:
    """Send the request, print the response, return its status."""
    look = output.look(wanted.shown.pretty)
    parts = wanted.shown.parts
    if parts is None:
        parts = "hb" if output.is_terminal else "b"
    request = _request(client, wanted)
    if "H" in parts:
        first = f"{request.method} {request.url.raw_path.decode()} HTTP/{http_version}"
        output.write(show_head(first, request.headers.raw, look))
    if "B" in parts:
        output.write(request.read().decode(errors="replace") + "\n\n")
    with _sent(client, request, wanted) as response:
        first = f"HTTP/{http_version} {response.status_code} {response.reason_phrase}"
        if "h" in parts:
            output.write(show_head(first.rstrip(), response.headers.raw, look))
        if "b" in parts:
            _print_body(response, output, wanted.shown)
        return response.status_code


def _request(client: TestClient, wanted: Wanted) -> Request:
    headers = [*_defaults(wanted), *wanted.headers]
    body = wanted.body.request_options
    options: dict[str, Any] = {"headers": headers, "extensions": wanted.extensions, **body}
    request = client.build_request(wanted.method, _whole(client, wanted.url), **options)
    for name in wanted.removed:
        request.headers.pop(name, None)
    return request


def _whole(client: TestClient, url: str) -> str:
    """Return a URL in which a path with two slashes in front is not taken for a host."""
    return f"{str(client.base_url).rstrip('/')}{url}" if url.startswith("//") else url


def _defaults(wanted: Wanted) -> list[tuple[str, str]]:
    """Return the headers of the body, but for those that are given or removed."""
    settled = {name.lower() for name, _ in wanted.headers} | {*map(str.lower, wanted.removed)}
    ours = (("Accept", wanted.body.accept), ("Content-Type", wanted.body.content_type))
    return [(name, value) for name, value in ours if value and name.lower() not in settled]


@contextmanager
def _sent(client: TestClient, request: Request, wanted: Wanted) -> Generator[Response]:
    options: dict[str, Any] = {} if wanted.auth is None else {"auth": wanted.auth}
    response = client.send(request, stream=True, follow_redirects=wanted.follow, **options)
    try:
        yield response
    finally:
        response.close()


def _print_body(response: Response, output: Output, shown: Shown) -> None:
    look = output.look(shown.pretty)
    with Progress(is_wanted=output.is_file and not shown.is_silent) as progress:
        try:
            for _ in print_body(response, output, look, is_buffered=shown.is_buffered):
                progress.show(output.size_bytes)
        except KeyboardInterrupt:  # the usual way to end what has no end: nothing to explain
            raise KeyboardInterrupt from None
