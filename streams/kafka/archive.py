"""The archive role: what is in Kafka becomes evidence, each position once.

Any number of processes share the partitions. The position is where the commit log of a partition
ends; a process whose partition another has taken over meanwhile commits what it took all the same:
a commit can be made once only, so it is either the same that the other would have made, or refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from schemas.errors import Stop
from schemas.rows import Row
from schemas.topics import EVENTS
from streams.clock import now_ms
from streams.kafka.facts import Facts
from streams.kafka.settings import Kafka
from streams.kafka.sharing import Share
from streams.runtimes.archiver import PartitionSink

READ, WAIT_S = 20_000, 0.2
#: Rows in memory. Partitions that are caught up on side by side commit 100,000 each in turns.
MOST_WAITING = 600_000

_log = logging.getLogger(__name__)


class Commit(Protocol):
    """Rows `start` <= offset < `next` of a partition, committed by a writer."""

    @property
    def start(self) -> int:
        """The first position."""
        ...

    @property
    def next(self) -> int:
        """The one after the last."""
        ...

    @property
    def writer(self) -> str:
        """Who made it."""
        ...


class Sink(PartitionSink, Protocol):
    """Where the rows of one partition become evidence, whoever else writes there too."""

    @property
    def finished(self) -> Commit | None:
        """The commit of a killed writer that opening this has finished."""
        ...

    @property
    def committed(self) -> int:
        """The rows below this offset are safe."""
        ...

    @property
    def waiting(self) -> int:
        """How many rows are not."""
        ...

    def overtaken(self) -> Sequence[Commit]:
        """The commits of others found in the place of ours, since this was asked last."""
        ...

    def lose(self, upto: int, now: int) -> None:
        """Record for good that there are no rows below an offset any more; go on from there."""
        ...


class ArchiveRole:
    """One life of the archive role in one thread: steps, until closed.

    Args:
        kafka: the brokers.
        writer: opens the sink of a partition, which says where to go on.
        facts: kept up to date; positions are those below which all is safe, and a gap remains its
            `trouble`: nothing that the role could do would mend it, and a person must hear of it.
        now: the time of commits, UTC milliseconds.
        most_waiting: rows in memory, of all partitions, after a step.

    Raises:
        Retry: Kafka is away, or the disk refused; from every call. What was not committed is read
            again by whoever gets the partition.
        Stop: Kafka refuses us, or it and the archive contradict each other.
    """

    def __init__(
        self,
        kafka: Kafka,
        writer: Callable[[int], Sink],
        facts: Facts,
        now: Callable[[], int] = now_ms,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._most_waiting = most_waiting
        self._writer, self._facts, self._now = writer, facts, now
        self._sinks: dict[int, Sink] = {}
        self._topic = kafka.topic(EVENTS)
        self._share = Share(kafka, self._topic, "archive", given=self._open, taken=self._give_up)

    def step(self) -> bool:
        """Take what came within a moment, and commit what is due."""
        found = self._share.rows(READ, WAIT_S, self._place)
        for number, rows in found:
            self._take(number, rows)
        self._commit_due()
        self._facts.positions = {number: sink.committed for number, sink in self._sinks.items()}
        self._facts.ends = self._share.ends(self._sinks)
        return bool(found)

    def close(self) -> None:
        """Commit what was taken, and let go of the partitions."""
        try:
            self._flush([*self._sinks])
        finally:
            self._share.close()

    def _take(self, number: int, rows: list[Row]) -> None:
        """The sink refuses what it has: a client may hand over again what it had fetched."""
        sink = self._sinks.get(number)
        if sink is not None:
            due = sink.next
            fresh = rows if rows[0].offset >= due else [row for row in rows if row.offset >= due]
            sink.append(fresh)
            self._facts.events += len(fresh)

    def _commit_due(self) -> None:
        now = self._now()
        for number in [number for number, sink in self._sinks.items() if sink.due(now)]:
            self._commit(number, now)
        while sum(sink.waiting for sink in self._sinks.values()) > self._most_waiting:
            self._commit(max(self._sinks, key=lambda number: self._sinks[number].waiting), now)

    def _commit(self, number: int, now: int) -> bool:
        """One commit, whoever made it; False: nothing waits."""
        sink = self._sinks[number]
        made = sink.commit(now)
        for other in sink.overtaken():
            self._facts.fenced += 1
            self._say("fenced", number, other, f"another writer was faster, {other.writer}")
        if made is not None:
            self._facts.committed_ms = now
        self._share.tell({number: sink.committed})
        return made is not None

    def _open(self, numbers: list[int]) -> dict[int, int]:
        """Partitions are ours: where to read each from."""
        self._facts.moves += len(numbers)
        for number in numbers:
            sink = self._sinks[number] = self._writer(number)
            if (left := sink.finished) is not None:
                self._say("rolled forward", number, left, f"committed by {left.writer}")
        return {number: self._place(number) for number in numbers}

    def _place(self, number: int) -> int:
        """The position of a partition, which Kafka must hold."""
        sink, (first, end) = self._sinks[number], self._share.bounds(number)
        if sink.next > end:
            msg = (
                f"{self._topic} partition {number}: {sink.next} is next, and Kafka ends at {end}:"
                " it has lost what it acknowledged"
            )
            raise Stop(msg)
        if sink.next < first:
            self._miss(number, sink, first)
        return sink.next

    def _miss(self, number: int, sink: Sink, first: int) -> None:
        """Kafka let go of rows before they were archived: say so for good, and loudly."""
        start = sink.next
        sink.lose(first, self._now())
        self._facts.gaps += first - start
        self._facts.trouble = (
            f"{self._topic} partition {number}: Kafka let go of offsets {start} to {first - 1}"
            " before they were archived"
        )
        _log.warning("gap: %s/%d %d..%d", self._topic, number, start, first - 1)

    def _give_up(self, numbers: list[int]) -> None:
        """Partitions are another's, perhaps since long: commit what was taken, and let go."""
        self._facts.moves += len(numbers)
        try:
            self._flush(numbers)
        finally:
            for number in numbers:
                self._sinks.pop(number, None)

    def _flush(self, numbers: list[int]) -> None:
        for number in numbers:
            while number in self._sinks and self._commit(number, self._now()):
                pass

    def _say(self, what: str, number: int, commit: Commit, how: str) -> None:
        at = (self._topic, number, commit.start, commit.next - 1)
        _log.warning("%s: %s/%d %d..%d, %s", what, *at, how)
