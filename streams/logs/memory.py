"""A log in memory, for tests: the real interface, nothing kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.errors import Retry, Stop
from schemas.rows import Row
from schemas.topics import PARTITIONS, partition_of


@dataclass
class _Slot:
    """A partition of a topic: the first offset held, and the rows from there on."""

    held: int = 0
    rows: list[Row] = field(default_factory=list)

    @property
    def next(self) -> int:
        return self.held + len(self.rows)


@dataclass
class MemoryLog:
    """A `streams.logs.port.Log` that lives as long as the object; `close` loses nothing.

    Attributes:
        log_id: as given.
        partitions: of every topic.
        refuses: while true, `append` and `trim` raise Retry, as on a full disk.
    """

    log_id: str = "memory"
    partitions: int = PARTITIONS
    refuses: bool = False
    _slots: dict[tuple[str, int], _Slot] = field(default_factory=dict)

    def append(
        self, topic: str, entries: Sequence[tuple[str, bytes]], now: int
    ) -> list[tuple[int, int]]:
        """See the port."""
        self._willing()
        places = []
        for key, value in entries:
            partition = partition_of(key, self.partitions)
            slot = self._slot(topic, partition)
            places.append((partition, slot.next))
            slot.rows.append(Row(slot.next, now, key, value))
        return places

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Row]:
        """See the port; Stop also beyond the tail."""
        slot = self._slot(topic, partition)
        if not slot.held <= start <= slot.next:
            msg = f"{topic}/{partition} holds {slot.held} to {slot.next}, {start} was asked for"
            raise Stop(msg)
        skipped = start - slot.held
        return slot.rows[skipped : skipped + max(0, limit)]

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """See the port."""
        slot = self._slot(topic, partition)
        return slot.held, slot.next

    def trim(self, topic: str, partition: int, below: int) -> None:
        """See the port."""
        self._willing()
        slot = self._slot(topic, partition)
        gone = max(0, min(below, slot.next) - slot.held)
        del slot.rows[:gone]
        slot.held += gone

    def close(self) -> None:
        """See the port."""

    def _willing(self) -> None:
        if self.refuses:
            msg = "the log in memory refuses, as it was told; nothing was changed"
            raise Retry(msg)

    def _slot(self, topic: str, partition: int) -> _Slot:
        if not 0 <= partition < self.partitions:
            msg = f"{topic} has partitions 0 to {self.partitions - 1}, not {partition}"
            raise Stop(msg)
        return self._slots.setdefault((topic, partition), _Slot())
