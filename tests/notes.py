"""The notes that an exception of the app has come by."""

from __future__ import annotations

__all__ = ("notes_of", "other_notes", "rules_noted")


def notes_of(exception: BaseException) -> list[str]:
    """Return all notes; none where it never got one."""
    return list(getattr(exception, "__notes__", ()))


def rules_noted(exception: BaseException) -> list[str]:
    """Return the ids of the rules that it breaks by being raised, as noted."""
    rules = [note for note in notes_of(exception) if note.startswith("Rule ")]
    return [note.split()[1] for note in rules]


def other_notes(exception: BaseException) -> list[str]:
    """Return the notes that name no such rule."""
    return [note for note in notes_of(exception) if not note.startswith("Rule ")]
