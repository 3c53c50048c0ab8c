"""The steps of leaving a client: what goes wrong in one is kept, so that the others run too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgi_testkit.drive.caller_warnings import Leak, note_leaks, warn_of_leaks

__all__ = ("collect", "tell")


def tell(leaks: list[Leak], error: BaseException | None) -> None:
    """Note on an error that is raised anyway what the app has left behind, or warn of it."""
    if error is not None:
        note_leaks(error, leaks)
    elif leaks:
        warn_of_leaks(leaks)


async def collect(step: Callable[[], Awaitable[object]], failures: list[BaseException]) -> None:
    """Run a step of leaving; a failure is kept, so that the other steps run too."""
    __tracebackhide__ = True
    try:
        await step()
    except BaseException as error:  # noqa: BLE001 - raised by the caller when all steps are done
        failures.append(error)
