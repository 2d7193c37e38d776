"""The archiver: what is in the log becomes evidence, then the log may forget it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from schemas.rows import Row
from schemas.topics import EVENTS
from streams.logs.port import Log

READ = 50_000


class PartitionSink(Protocol):
    """Where the rows of one partition become durable evidence, exactly once."""

    @property
    def next(self) -> int:
        """The offset of the next row it wants."""
        ...

    def append(self, rows: Sequence[Row]) -> None:
        """Take rows; they are not durable yet."""
        ...

    def due(self, now: int) -> bool:
        """Whether there is enough, or it is old enough, to commit."""
        ...

    def commit(self, now: int) -> object | None:
        """Make a part of what was taken durable, the oldest first; None: nothing waits."""
        ...


class Archiver:
    """Moves rows of every partition from the log to its sink."""

    def __init__(self, log: Log, sinks: Sequence[PartitionSink]) -> None:
        self._log, self._sinks = log, sinks

    def step(self, now: int, *, flush: bool = False) -> int:
        """Take what is new and commit what is due, or everything; how many rows were taken."""
        return sum(
            self._take(number, sink, now, flush=flush) for number, sink in enumerate(self._sinks)
        )

    def _take(self, number: int, sink: PartitionSink, now: int, *, flush: bool) -> int:
        taken = 0
        while rows := self._log.read(EVENTS, number, sink.next, READ):
            sink.append(rows)
            taken += len(rows)
            if sink.due(now):
                sink.commit(now)
        if sink.due(now):
            sink.commit(now)
        while flush and sink.commit(now) is not None:
            pass
        return taken
