"""What a log is. The embedded one is a SQLite file; Kafka takes its place behind this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from schemas.rows import Row


class Log(Protocol):
    """Topics with a fixed number of partitions; a value's offset never changes."""

    @property
    def log_id(self) -> str:
        """The identity of this log for life; a new log has a new one."""
        ...

    @property
    def partitions(self) -> int:
        """How many partitions every topic has, for life."""
        ...

    def append(
        self, topic: str, entries: Sequence[tuple[str, bytes]], now: int
    ) -> list[tuple[int, int]]:
        """Append (key, value) pairs; durable, all or none, when it returns.

        The partition of a pair is that of its key (`schemas.topics.partition_of`). `now` is
        recorded as the intake time, in milliseconds.

        Returns:
            (partition, offset) of every pair, in order.

        Raises:
            Retry: nothing was written (disk full, locked); the same call may succeed later.
        """
        ...

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Row]:
        """At most `limit` rows from offset `start` on, in order; [] at the tail.

        Raises:
            Stop: `start` lies below what the log still holds: rows would be missed.
        """
        ...

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """(first offset still held, next offset to be written); equal when it holds none."""
        ...

    def trim(self, topic: str, partition: int, below: int) -> None:
        """Forget the rows below an offset; `bounds` never goes backwards."""
        ...

    def close(self) -> None:
        """Let go of the log; nothing acknowledged depends on it."""
        ...
