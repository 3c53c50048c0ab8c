"""One caller who waits on the inline driver: it is woken, and wakes nobody itself."""

from __future__ import annotations

from collections.abc import Callable

from asgi_testkit.drive.parked import Suspect
from asgi_testkit.drive.silence import Patience
from asgi_testkit.drive.threads import make_bell

__all__ = ("InlineCaller",)


class InlineCaller:
    """One waiting caller: it steps the loop, or sleeps while another caller does.

    Whoever has news notes that before it looks whether the caller sleeps, and the caller looks for
    news after it has noted that it does: so no wake-up is lost, and none made in vain.

    Attributes:
        has_news: it is to look again.
        wait: its wait; `None`: it waits no longer.
    """

    __slots__ = ("_bell", "_sleeps", "_stop", "has_news", "wait")

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self._bell = make_bell()
        self._sleeps = False
        self.has_news = False
        self.wait: Patience | None = None

    @property
    def suspect(self) -> Suspect | None:
        """The caller for who looks for a stall; `None`: it waits no longer."""
        wait = self.wait
        return None if wait is None else Suspect(wait, self.ring)

    def ring(self) -> None:
        """Tell of news; called in the thread that steps the loop, or where nobody does."""
        self.has_news = True
        if self._sleeps:
            self._bell.ring()
        self._stop()

    def wake(self) -> None:
        """Let the caller look whether it is its turn."""
        self.has_news = True
        if self._sleeps:
            self._bell.ring()

    def sleep(self, seconds: float | None) -> None:
        """Sleep until it is woken."""
        self._sleeps = True
        if not self.has_news:
            self._bell.wait(None if seconds is None else max(seconds, 0))
        self._sleeps = self.has_news = False
