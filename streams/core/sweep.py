"""Folding a partition in one sweep: a contact is folded once its last event has been read.

Files are read twice: once to learn in which of them each contact is last spoken of, then for
the events. Only contacts with events still to come are in memory, and nothing is revised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from schemas.instants import instant
from streams.core.fold import Folded, conclude, gather


class Files(Protocol):
    """The files of a partition, in any order that is the same each time."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def subjects(self, number: int) -> Iterable[str]:
        """Who has events in a file."""
        ...

    def values(self, number: int) -> Iterable[tuple[list[str], list[bytes]]]:
        """Subjects and raw events of a file's rows, some thousands at a time."""
        ...


def sweep(files: Files, as_of: int) -> Iterator[tuple[int, Iterator[tuple[Folded, int]]]]:
    """For each file, its number and what is folded once it was read, with how many events.

    What is folded must be taken before the next file is asked for. Subjects of which nothing can
    be read up to `as_of` (milliseconds) are left out.
    """
    ending, limit = _ending(files), instant(as_of)
    open_: dict[str, list[bytes]] = {}
    for number in range(len(files)):
        for subjects, values in files.values(number):
            for subject, value in zip(subjects, values, strict=True):
                found = open_.get(subject)
                if found is None:
                    open_[subject] = [value]
                else:
                    found.append(value)
        yield number, _folded((open_.pop(subject) for subject in ending.pop()), as_of, limit)


def _ending(files: Files) -> list[list[str]]:
    """The subjects that no later file speaks of, by file: the last file first."""
    seen: set[str] = set()
    ending = []
    for number in reversed(range(len(files))):
        last = [subject for subject in files.subjects(number) if subject not in seen]
        seen.update(last)
        ending.append(last)
    return ending


def _folded(
    contacts: Iterable[list[bytes]], as_of: int, limit: str
) -> Iterator[tuple[Folded, int]]:
    for values in contacts:
        facts = gather(values, limit)
        if facts is not None:
            yield conclude(facts, as_of), len(values)
