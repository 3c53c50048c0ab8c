"""A server of a few pages, on loopback only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

__all__ = ("PageServer",)


class PageServer(ThreadingHTTPServer):
    """Serves pages, to who calls it by its own address.

    Another name in the `Host` header is refused: a website could have given it our address, to read
    the page.

    Args:
        pages: what makes their HTML, by their paths; asked each time.
        port: 0: a free one.

    Raises:
        OSError: the port cannot be used.
    """

    daemon_threads = True

    def __init__(self, pages: Mapping[str, Callable[[], str]], port: int) -> None:
        super().__init__(("127.0.0.1", port), _Answering)
        self.pages = pages

    @property
    def url(self) -> str:
        """Where the first page is."""
        return f"http://127.0.0.1:{self.server_port}/"

    @property
    def hosts(self) -> tuple[str, str]:
        """What the `Host` header may say."""
        return f"127.0.0.1:{self.server_port}", f"localhost:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """Answer with a page."""
        server = cast("PageServer", self.server)
        if self.headers.get("host") not in server.hosts:
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        make = server.pages.get(self.path)
        if make is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        page = make().encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(page)))
        self.send_header("cache-control", "no-store")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing of requests."""
