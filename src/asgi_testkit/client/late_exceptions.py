"""What is logged of an exception that no test can get any more; secrets are hidden in it."""

from __future__ import annotations

import logging
import traceback
from typing import Final

from asgi_testkit.protocol.record import Raised, Record

__all__ = ("log_late_exception",)

_LOG: Final = logging.getLogger("asgi_testkit")


def log_late_exception(exception: BaseException, title: str, record: Record) -> None:
    """Log an exception of an app whose client had left.

    Whoever reads the log's records finds the exception itself in `exc_info`.

    Args:
        exception: of the app.
        title: of its call.
        record: of its call: secrets that crossed in it are hidden.
    """
    if not _LOG.isEnabledFor(logging.WARNING):
        return
    # Imported when it is wanted: most runs log none.
    from asgi_testkit.report.pieces import read  # noqa: PLC0415
    from asgi_testkit.report.redaction import Redaction  # noqa: PLC0415

    redaction = Redaction([read(record)])
    text = f"The app raised after the client had left {title}: {Raised.of(exception).text}"
    exc_info = (type(exception), exception, exception.__traceback__)
    line = _LOG.makeRecord(
        _LOG.name, logging.WARNING, __file__, 0, redaction.text(text), (), exc_info
    )
    line.exc_text = redaction.text("".join(traceback.format_exception(exception)).rstrip("\n"))
    _LOG.handle(line)
