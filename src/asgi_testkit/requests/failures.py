"""Our inner errors as those of requests."""

from __future__ import annotations

from requests import PreparedRequest
from requests.exceptions import ChunkedEncodingError, ConnectionError, ReadTimeout, Timeout  # noqa: A004

from asgi_testkit.errors import StallError
from asgi_testkit.protocol.http_events import ResponseCutError

__all__ = (
    "StallBodyTimeoutError",
    "StallReadTimeoutError",
    "StallWriteTimeoutError",
    "as_requests_error",
)


class StallReadTimeoutError(StallError, ReadTimeout):
    """A stall that users of requests catch as `ReadTimeout`."""


class StallBodyTimeoutError(StallError, ReadTimeout, ConnectionError):
    """A stall amid a response body, where requests raises a `ConnectionError`."""


class StallWriteTimeoutError(StallError, ConnectionError, Timeout):
    """A stall amid a request body, where requests raises a `ConnectionError`."""


def as_requests_error(
    error: Exception, request: PreparedRequest, *, is_amid_body: bool
) -> Exception:
    """Return requests' error for one of ours; an error that has none is returned itself."""
    translated: ChunkedEncodingError | StallError
    if isinstance(error, ResponseCutError):
        translated = ChunkedEncodingError(str(error), request=request)
    elif isinstance(error, StallError) and error.kind in ("read", "write"):
        made = _stall_class(error.kind, is_amid_body=is_amid_body)(
            str(error), report=error.report, kind=error.kind
        )
        made.request = request
        translated = made
    else:
        return error
    for note in getattr(error, "__notes__", ()):
        translated.add_note(note)
    return translated


def _stall_class(
    kind: str, *, is_amid_body: bool
) -> type[StallReadTimeoutError | StallWriteTimeoutError | StallBodyTimeoutError]:
    if kind == "write":
        return StallWriteTimeoutError
    return StallBodyTimeoutError if is_amid_body else StallReadTimeoutError
