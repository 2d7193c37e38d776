"""What a partition of the live figures is given: the past of its log, and who is told of saves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from schemas.rows import Row
from streams.runtimes.store import Change


class Past(Protocol):
    """What has left the log: the archive of one log, as the live worker needs it."""

    def next(self, partition: int) -> int:
        """The first offset that is not archived yet."""
        ...

    def rows(self, partition: int, start: int) -> Iterator[list[Row]]:
        """Archived rows from an offset on, in order, a file at a time."""
        ...

    def older(self, partition: int, done: int) -> Iterator[list[Row]]:
        """Rows of the logs that this one continues: a file at a time, after the first `done`."""
        ...

    def lookup(
        self,
        partition: int,
        keys: Collection[str],
        below: int,
        older: int,
        within: Sequence[tuple[int, int]] | None = None,
    ) -> Mapping[str, Sequence[bytes]]:
        """Archived values of some contacts below an offset, in one scan.

        Those in the first `older` files of older logs come with them. `within` are spans of
        event time, [first, last] in milliseconds, in which all events of these contacts lie that
        can be read; None where that is not known.
        """
        ...


class Aside(NamedTuple):
    """An event that the figures do without, and why."""

    row: Row
    problem: str


class Outlet(Protocol):
    """Who is told of every save."""

    def saving(self, change: Change, asides: Sequence[Aside]) -> None:
        """What is about to be saved; and what must be kept elsewhere before it is.

        Raises:
            Retry: that could not be done; nothing is saved then.
        """
        ...

    def saved(self, change: Change) -> None:
        """It was saved."""
        ...
