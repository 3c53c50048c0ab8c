"""What the machine does to the numbers: the processors we may run on, and a thread's hand-off.

Where a sleeping processor is slow to wake (many virtual machines), the hand-off between two
threads costs more than all that a client does, and every client that has a thread of its own is
measured by it. On one processor nothing has to be woken; the numbers are then the clients' own.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread

from bench.peer import now

__all__ = ("Machine", "look_at_machine", "stay_on_processor")

PING_PONGS = 2_000
CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Machine:
    """The processor's name, how many this run may use, and a hand-off's seconds there and back."""

    processor: str
    processors: int
    ping_pong: float


def look_at_machine() -> Machine:
    """Count and measure, without any client: two threads pass the turn by two locks."""
    return Machine(processor_name(), processors_in_reach(), seconds_of_ping_pong())


def processor_name() -> str:
    """Return what the processor calls itself, or the kind it is of."""
    if CPUINFO.exists():
        for line in CPUINFO.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def stay_on_processor(number: int) -> None:
    """Let this process and its threads run on one processor only; raise where none can."""
    if not hasattr(os, "sched_setaffinity"):
        raise OSError("this system gives no public way to choose a process's processor")
    os.sched_setaffinity(0, {number})


def processors_in_reach() -> int:
    """Return how many processors the system lets this process run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def seconds_of_ping_pong() -> float:
    """Return the mean time until the turn is back."""
    there, back = Lock(), Lock()
    there.acquire()
    back.acquire()

    def answer() -> None:
        for _ in range(PING_PONGS):
            there.acquire()
            back.release()

    other = Thread(target=answer)
    other.start()
    start = now()
    for _ in range(PING_PONGS):
        there.release()
        back.acquire()
    seconds = now() - start
    other.join()
    return seconds / PING_PONGS
