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
        """Append (key, value) pairs; all are durable when it returns.

        The partition of a pair is that of its key (`schemas.topics.partition_of`). `now` is
        recorded as the intake time, in milliseconds, by a log that has no clock of its own.

        Returns:
            (partition, offset) of every pair, in order.

        Raises:
            Retry: nothing is acknowledged (disk full, locked, brokers away); the same call may
                succeed later. The embedded log has then written nothing; Kafka may have written
                any of the pairs, which come again as the repeats that they are.
        """
        ...

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Row]:
        """At most `limit` rows from offset `start` on, in order; [] at the tail.

        Offsets ascend; where another system keeps the log, they may have holes.

        Raises:
            Stop: `start` lies below what the log still holds: rows would be missed.
        """
        ...

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """(first offset still held, next offset to be written); equal when it holds none."""
        ...

    def trim(self, topic: str, partition: int, below: int) -> None:
        """Allow the rows below an offset to be forgotten; `bounds` never goes backwards.

        The embedded log forgets them at once. Kafka does so by itself, by age (the topic's
        retention), whether or not anybody allowed it.
        """
        ...

    def close(self) -> None:
        """Let go of the log; nothing acknowledged depends on it."""
        ...
