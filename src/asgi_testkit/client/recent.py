"""The newest records of all clients of this process, for whoever has no client in hand.

Records only: they keep no client, app or event loop alive.
"""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import Final

from asgi_testkit.protocol.record import Record

__all__ = ("RECENT", "Recent")

_KEPT_RECORDS: Final = 200


class Recent:
    """The newest 200 records, in the order in which they began.

    Threads may add and ask at once: adding is one step of a deque.
    """

    def __init__(self) -> None:
        self._records: deque[Record] = deque(maxlen=_KEPT_RECORDS)
        self._owners = count(1)
        self.add = self._records.append

    def new_owner(self) -> int:
        """Return a number for a client and its siblings."""
        return next(self._owners)

    def since(self, moment: float) -> list[Record]:
        """Return the records that began at `moment` or later, on the clock of all records.

        Args:
            moment: as `time.perf_counter()` tells it.
        """
        return [record for record in self._records.copy() if record.began_at >= moment]


RECENT: Final = Recent()
