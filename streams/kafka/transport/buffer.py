"""Rows fetched and not yet handed over: filled by the fetching thread, emptied by the loop."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

from schemas.rows import Row


class Limits(NamedTuple):
    """What a partition's buffer holds before the partition is paused; it overshoots by a fetch.

    Attributes:
        rows: number of rows.
        size: bytes of their values.
    """

    rows: int = 20_000
    size: int = 16 << 20


LIMITS = Limits()


class Buffer:
    """Of one partition. Fetching goes on again when half of it is free.

    Attributes:
        paused: whether the fetching thread has stopped fetching this partition.
        broken: Kafka no longer holds what comes next; set by the fetching thread.
    """

    def __init__(self, limits: Limits) -> None:
        self.paused = False
        self.broken = False
        self._limits = limits
        self._rows: list[Row] = []
        self._size = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, rows: list[Row]) -> None:
        """Append rows, in the order of their offsets."""
        size = sum([len(row[3]) for row in rows])
        with self._lock:
            self._rows += rows
            self._size += size

    def take(self) -> list[Row]:
        """All rows there are; they are no longer here."""
        with self._lock:
            rows, self._rows, self._size = self._rows, [], 0
        return rows

    @property
    def full(self) -> bool:
        """Whether no more should be fetched."""
        return len(self._rows) >= self._limits.rows or self._size >= self._limits.size

    @property
    def low(self) -> bool:
        """Whether there is room for more again."""
        half = Limits(self._limits.rows // 2, self._limits.size // 2)
        return len(self._rows) <= half.rows and self._size <= half.size
