"""Response bodies as requests reads them: urllib3's response over a body that comes in pieces."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

import urllib3
from requests import PreparedRequest, Response

from asgi_testkit.drive.driver import finish
from asgi_testkit.requests.failures import as_requests_error
from asgi_testkit.session.http import HTTPSession
from asgi_testkit.session.leaving import noted_on

__all__ = ("LateRawResponse", "RawResponse", "StreamedBody", "StreamedResponse")

_making: Final = threading.RLock()


class StreamedBody:
    """A response body of which each piece is there when the app has sent it.

    Attributes:
        closed: it was read to its end, closed, or has failed.
        failure: what went wrong, as the test sees it.
    """

    def __init__(
        self,
        session: HTTPSession,
        request: PreparedRequest,
        when_closed: Callable[[HTTPSession], object],
    ) -> None:
        self.closed = False
        self.failure: Exception | None = None
        self._session = session
        self._request = request
        self._when_closed = when_closed
        self._rest = memoryview(b"")

    def read1(self, amt: int | None = None) -> bytes:
        """Return what there is of the next piece, at most `amt` bytes; empty at the end."""
        __tracebackhide__ = True
        piece: bytes | memoryview = self._rest
        if not piece and not self.closed:
            piece = self._next_piece()
        end = len(piece) if amt is None or amt < 0 else amt
        self._rest = memoryview(piece)[end:]
        return piece if isinstance(piece, bytes) and end >= len(piece) else bytes(piece[:end])

    def read(self, amt: int | None = None) -> bytes:
        """Return so many bytes, or all up to the end."""
        __tracebackhide__ = True
        wanted = None if amt is None or amt < 0 else amt
        pieces: list[bytes] = []
        while wanted != 0 and (piece := self.read1(wanted)):
            pieces.append(piece)
            wanted = None if wanted is None else wanted - len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Wait for the app where the response is whole, and leave it where it is not."""
        __tracebackhide__ = True
        if self.closed:
            return
        self.closed = True
        try:
            finish(self._session.close())
        except Exception as error:  # noqa: BLE001 - raised as the test is to see it
            raise self._as_failure(error) from error.__cause__
        finally:
            self._when_closed(self._session)

    def _next_piece(self) -> bytes:
        """Return the next piece that is not empty; close at the end."""
        __tracebackhide__ = True
        try:
            while (piece := finish(self._session.next_piece())) is not None:
                if piece:
                    return piece
        except Exception as error:  # noqa: BLE001 - raised as the test is to see it
            self.closed = True
            self._when_closed(self._session)
            raise self._as_failure(error) from error.__cause__
        self.close()
        return b""

    def _as_failure(self, error: Exception) -> Exception:
        self.failure = as_requests_error(error, self._request, is_amid_body=True)
        return self.failure


class StreamedResponse(Response):
    """A response with such a body. The error that ends its block stays what is seen."""

    def __exit__(self, *exc: object) -> None:
        """Close it; what goes wrong then is a note on the error of the block, if there is one."""
        __tracebackhide__ = True
        error = exc[1] if len(exc) > 1 else None
        with noted_on(error) if isinstance(error, Exception) else nullcontext():
            self.close()


class RawResponse(urllib3.HTTPResponse):
    """`response.raw`: urllib3's response, which decodes, over a body of ours.

    Pieces are handed on as they come, as urllib3 does with chunks. What the app raises is raised
    as the same object: urllib3 would wrap what looks like an error of a socket to it.

    Attributes:
        app_exception: what the app raised, while `raise_server_exceptions=False` shows the wire.
    """

    app_exception: BaseException | None = None

    def __init__(self, body: StreamedBody | io.BytesIO, **parts: Any) -> None:
        # urllib3 judges no lengths here: the exchange has done so, by the rules of ASGI.
        super().__init__(
            body,  # type: ignore[arg-type]  # anything with `read` is one for it
            preload_content=False,
            enforce_content_length=False,
            **parts,
        )
        # Else urllib3 closes the body at its length, before the app has said that it is over.
        self.length_remaining = None
        self._app_body = body

    def read(
        self,
        amt: int | None = None,
        decode_content: bool | None = None,  # noqa: FBT001 - urllib3's signature
        cache_content: bool = False,  # noqa: FBT001, FBT002 - urllib3's signature
    ) -> bytes:
        """Return so many bytes, or all up to the end; see `urllib3.HTTPResponse.read`."""
        __tracebackhide__ = True
        self._raise_failure()
        try:
            return super().read(amt, decode_content, cache_content)
        except Exception:
            self._raise_failure()
            raise

    def read1(
        self,
        amt: int | None = None,
        decode_content: bool | None = None,  # noqa: FBT001 - urllib3's signature
    ) -> bytes:
        """Return what there is, at most `amt` bytes; see `urllib3.HTTPResponse.read1`."""
        __tracebackhide__ = True
        self._raise_failure()
        try:
            return super().read1(amt, decode_content)
        except Exception:
            self._raise_failure()
            raise

    def stream(
        self,
        amt: int | None = 65536,
        decode_content: bool | None = None,  # noqa: FBT001 - urllib3's signature
    ) -> Generator[bytes]:
        """Yield each piece as the app has sent it, cut where it has more than `amt` bytes."""
        __tracebackhide__ = True
        body = self._app_body
        if isinstance(body, io.BytesIO) and "content-encoding" not in self.headers:
            while amt != 0 and not body.closed and (piece := body.read1(amt)):
                yield piece
            body.close()
            return
        while amt != 0 and (piece := self.read1(amt, decode_content)):
            yield piece

    def __del__(self) -> None:
        """Do nothing: to close may wait for the app, in whichever thread collects garbage."""

    def _raise_failure(self) -> None:
        __tracebackhide__ = True
        failure = getattr(self._app_body, "failure", None)
        if failure is not None:
            raise failure from failure.__cause__


class LateRawResponse(RawResponse):
    """urllib3's response of a whole body, made when one of its parts is read.

    A part that is `None` in every new response is so before that, too: requests asks each response
    for one of them.
    """

    def __init__(self, body: bytes, make_parts: Callable[[], Mapping[str, Any]]) -> None:
        self._unmade: tuple[bytes, Callable[[], Mapping[str, Any]]] | None = (body, make_parts)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            unmade = self.__dict__.get("_unmade")
            if unmade is not None and name in _NONE_AT_FIRST:
                return None
            self._make()
            return object.__getattribute__(self, name)

    def _make(self) -> None:
        """Make urllib3's parts, all at once for other threads; what was set before stays."""
        with _making:
            unmade = self.__dict__.get("_unmade")
            if unmade is None:
                return
            body, make_parts = unmade
            self._unmade = None
            made = vars(RawResponse(io.BytesIO(body), **make_parts()))
            vars(self).update({**made, **vars(self)})


_NONE_AT_FIRST: Final = frozenset(
    name for name, value in vars(RawResponse(io.BytesIO(b""))).items() if value is None
)
