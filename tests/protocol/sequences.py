"""Many random sequences of acts, and the shortest part of one that fails.

A sequence is a list of values that say what to do; playing it makes everything anew, so that any
part of it is a sequence too.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ("SEQUENCES", "Acts", "check_sequences", "shortest")

Acts: TypeAlias = list[tuple[Any, ...]]

SEQUENCES = 20_000


def check_sequences(
    make: Callable[[random.Random], Acts], play: Callable[[Acts], object], count: int = SEQUENCES
) -> None:
    """Play `count` sequences; of the first that fails name the seed and the shortest part."""
    for seed in range(count):
        acts = make(random.Random(seed))
        if (error := _failure(acts, play)) is not None:
            acts = shortest(acts, lambda part: _failure(part, play) is not None)
            raise AssertionError(f"seed {seed}, shortest: {acts}") from (
                _failure(acts, play) or error
            )


def shortest(acts: Acts, fails: Callable[[Acts], bool]) -> Acts:
    """Return what is left of `acts` when nothing more can go without the failure going, too."""
    at = 0
    while at < len(acts):
        part = acts[:at] + acts[at + 1 :]
        if fails(part):
            acts, at = part, 0
        else:
            at += 1
    return acts


def _failure(acts: Acts, play: Callable[[Acts], object]) -> Exception | None:
    try:
        play(acts)
    except Exception as error:
        return error
    return None
