"""The archiver: rows of every partition to their sink, committed when due and at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.rows import Row
from schemas.topics import EVENTS
from streams.logs.memory import MemoryLog
from streams.runtimes.archiver import READ, Archiver

NEVER = 10**9


@dataclass
class ListSink:
    """A sink in memory.

    Attributes:
        enough: it is due when so many rows wait.
        most: how many one commit takes.
        waiting, durable: what was taken and what was committed.
        peak: the most that ever waited.
    """

    enough: int = NEVER
    most: int = NEVER
    waiting: list[Row] = field(default_factory=list)
    durable: list[Row] = field(default_factory=list)
    peak: int = 0

    @property
    def next(self) -> int:
        return len(self.durable) + len(self.waiting)

    def append(self, rows: Sequence[Row]) -> None:
        self.waiting += rows
        self.peak = max(self.peak, len(self.waiting))

    def due(self, now: int) -> bool:
        return bool(self.waiting) and (len(self.waiting) >= self.enough or now >= NEVER)

    def commit(self, now: int) -> object | None:
        part = self.waiting[: self.most]
        del self.waiting[: self.most]
        self.durable += part
        return part or None


def filled(*counts: int) -> MemoryLog:
    """A log of so many rows in each partition."""
    log = MemoryLog(partitions=len(counts))
    names: dict[int, str] = {}
    for n in range(1_000):
        [(partition, _)] = MemoryLog(partitions=len(counts)).append(EVENTS, [(f"c{n}", b"")], 0)
        names.setdefault(partition, f"c{n}")
    for partition, count in enumerate(counts):
        log.append(EVENTS, [(names[partition], b"%d" % n) for n in range(count)], 0)
    return log


def test_every_partition_goes_to_its_own_sink_and_is_taken_once() -> None:
    log, sinks = filled(3, 0, 5), [ListSink() for _ in range(3)]
    archiver = Archiver(log, sinks)
    assert archiver.step(0) == 8
    assert archiver.step(0) == 0
    assert [sink.waiting for sink in sinks] == [log.read(EVENTS, n, 0, 9) for n in range(3)]
    assert [sink.durable for sink in sinks] == [[], [], []]


def test_what_is_due_is_committed_and_nothing_else() -> None:
    log, sinks = filled(3, 5), [ListSink(enough=5) for _ in range(2)]
    Archiver(log, sinks).step(0)
    assert [len(sink.durable) for sink in sinks] == [0, 5]


def test_what_has_waited_long_enough_is_committed_though_nothing_comes() -> None:
    log, sink = filled(3), ListSink()
    archiver = Archiver(log, [sink])
    archiver.step(0)
    assert archiver.step(NEVER) == 0
    assert len(sink.durable) == 3


def test_a_flush_commits_everything_though_a_commit_takes_but_a_part() -> None:
    log, sinks = filled(3, 5), [ListSink(most=2) for _ in range(2)]
    assert Archiver(log, sinks).step(0, flush=True) == 8
    assert [sink.durable for sink in sinks] == [log.read(EVENTS, n, 0, 9) for n in range(2)]


def test_a_sink_that_catches_up_commits_as_it_goes() -> None:
    """So that what waits in memory is bounded, whatever the log holds."""
    log, sink = filled(2 * READ + 1), ListSink(enough=READ)
    assert Archiver(log, [sink]).step(0) == 2 * READ + 1
    assert sink.peak == READ
    assert len(sink.waiting) == 1
