"""Enumerations that are cheap as keys: states and acts are looked up with every message."""

from __future__ import annotations

from enum import Enum

__all__ = ("FastEnum",)


class FastEnum(Enum):
    """An enumeration whose members are told apart by what they are, not by their names."""

    __hash__ = object.__hash__
