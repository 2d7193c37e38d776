"""The partitions of events that this process has now, all of them in one thread.

One thread, since the fold holds the interpreter anyway: what could be done side by side (fetching,
compressing, sending, copying) is done elsewhere, and nothing here needs a lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic, perf_counter
from typing import Protocol

from schemas.errors import Retry
from schemas.rows import Row
from schemas.topics import EVENTS
from streams.kafka.clock import EventClock
from streams.kafka.copies import Copies
from streams.kafka.facts import Facts
from streams.kafka.held import Copy, Held
from streams.kafka.outlet import Outlet
from streams.kafka.reader import Reader
from streams.kafka.records import Membership, Records
from streams.kafka.results import Results
from streams.kafka.settings import Kafka
from streams.kafka.spent import Spent
from streams.logs.port import Log
from streams.runtimes.partition import LivePartition, Past
from streams.runtimes.store import Fenced
from streams.runtimes.store_sqlite import SqliteStore

_log = logging.getLogger(__name__)
_TAIL_S = 2.0  # for the brokers to say where a partition ends; all others wait meanwhile


class Place(Protocol):
    """Where a live worker keeps its state, and finds what has left Kafka: a data folder."""

    def log(self) -> Log:
        """Kafka, as a log."""
        ...

    def past(self, log: Log) -> Past:
        """The archive."""
        ...

    def store(self, log: Log, number: int) -> SqliteStore:
        """The state file of a partition."""
        ...

    def copies(self, log: Log) -> Copies:
        """The copies of all machines' state files."""
        ...


class Owned:
    """Opens, feeds, shows and closes partitions. For one thread, which also makes it.

    Args:
        kafka: the brokers.
        membership: as which member of the group these partitions are ours.
        place: the data folder.
        rules: by which state is made.
        facts, spent: what is counted here.
        now: the wall clock, in milliseconds.
    """

    def __init__(
        self,
        kafka: Kafka,
        membership: Membership,
        place: Place,
        rules: str,
        facts: Facts,
        spent: Spent,
        now: Callable[[], int],
    ) -> None:
        self._place, self._now = place, now
        self.facts, self._spent = facts, spent
        self._log = place.log()
        self._events, self._tails = kafka.topic(EVENTS), Reader(kafka, _TAIL_S)
        self._past = place.past(self._log)
        self._records, self._results = Records(kafka, membership), Results(kafka)
        self._name = f"{self._log.log_id}-{rules}"
        self.copies = place.copies(self._log)
        self.clock = EventClock(kafka, self._results)
        self.clock.start()
        self._ours: set[int] = set()
        self._held: dict[int, Held] = {}  # of ours, those that could be opened

    def open(self, number: int, interrupted: Callable[[], bool]) -> int:
        """Make a partition ours; the offset from which it is to be read.

        Raises:
            Retry: not now, or not all of it before it was interrupted.
        """
        began = perf_counter()
        self._ours.add(number)
        held = self._opened(number)
        was = held.partition.position
        try:
            start = held.partition.recover(interrupted)
        except Fenced as error:  # its last owner has not ended yet
            self._let_go(number, error)
            raise Retry(str(error)) from error
        if start > was:
            _log.warning("rebuilt: partition %d from the archive, %d to %d", number, was, start)
        self._note(number, held)
        self._spent.open += perf_counter() - began
        return start

    def take(self, number: int, rows: Sequence[Row]) -> None:
        """Apply and save a batch; nothing, if the partition is not ours any more.

        Raises:
            Retry: not all of it was applied; give it again.
        """
        while number in self._ours:
            held = self._opened(number)
            try:
                with self._spent.folding():
                    self._spent.events += held.partition.take(rows)
            except Fenced as error:  # once more, on what the other has left
                self._let_go(number, error)
            else:
                self._note(number, held)
                return

    def show(self) -> None:
        """Send what changed, and tell the clock.

        Raises:
            Retry: not all of it; what was not sent is sent the next time.
        """
        began = perf_counter()
        for number, held in [*self._held.items()]:
            try:
                held.send()
            except Fenced as error:
                self._let_go(number, error)
        self.clock.tell()
        self._results.flush()
        self.clock.told()
        for held in self._held.values():
            held.outlet.sent()
        self._spent.outlet += perf_counter() - began

    def advance(self) -> None:
        """Bring to the clock of all those partitions that have caught up with the log.

        One that is behind would lose contacts from memory whose events are still to come.

        Raises:
            Retry: not all of them.
        """
        now, left, began = self.clock.now, None, monotonic()
        for number in sorted(self._ours):
            try:
                self._advance(number, now)
            except Retry as error:  # the others go on: at once, or in the next round
                left = error
                if monotonic() - began > _TAIL_S:
                    break
        known = ((number, held.tail) for number, held in self._held.items())
        self.facts.ends = {number: tail for number, tail in known if tail >= 0}
        if left is not None:
            raise left

    def _advance(self, number: int, now: int | None) -> None:
        held = self._opened(number)
        caught_up = held.partition.position >= held.tail >= 0
        held.look(partial(self._tails.bounds, self._events, number))
        if now is not None and caught_up:
            try:
                held.partition.advance(now)
            except Fenced as error:
                self._let_go(number, error)
            else:
                self._note(number, held)

    def moved(self) -> list[Copy]:
        """What is to be copied, of the partitions that moved since this was asked last."""
        return [self._copy(held) for held in self._held.values() if held.moved]

    def close(self, number: int) -> Copy | None:
        """Let go of a partition; what is to be copied for its next owner, if it moved."""
        self._ours.discard(number)
        held = self._held.pop(number, None)
        if held is None:
            return None
        held.store.close()
        self.facts.positions = {n: at for n, at in self.facts.positions.items() if n != number}
        return self._copy(held) if held.moved else None

    def end(self) -> None:
        """Let go of everything."""
        for number in list(self._ours):
            self.close(number)
        self.clock.stop()
        self._records.close()
        self._results.close()
        self._tails.close()
        self._log.close()

    def _copy(self, held: Held) -> Copy:
        held.copied = held.partition.position
        return Copy(held.partition.number, held.store.path, held.copied)

    def _opened(self, number: int) -> Held:
        """One of ours. What could not be opened (again) is tried each time, never passed over."""
        if number not in self._held:
            self._held[number] = self._open(number)
        return self._held[number]

    def _open(self, number: int) -> Held:
        store = self._furthest(number)
        try:
            outlet = self._outlet(number)
            partition = LivePartition(self._log, number, store, self._past, outlet)
        except BaseException:
            store.close()
            raise
        copy = self.copies.newest(number)
        return Held(partition, outlet, store, copy[1] if copy else -1)

    def _outlet(self, number: int) -> Outlet:
        ways = self._records, self._results
        return Outlet(number, self._name, *ways, self._now, self.facts, self._spent)

    def _furthest(self, number: int) -> SqliteStore:
        """The state file, after a copy that goes further than it took its place."""
        store = self._place.store(self._log, number)
        here, copy = store.progress()[0], self.copies.newest(number)
        if copy is not None and copy[1] > here:
            store.close()
            self.copies.fetch(copy[0], store.path)
            store = self._place.store(self._log, number)
            _log.warning("rebuilt: partition %d from a copy, %d to %d", number, here, copy[1])
        return store

    def _let_go(self, number: int, why: Fenced) -> None:
        """So that it is opened as another worker left it; one of us will hear that it is over."""
        held = self._held.pop(number)
        _log.warning("fenced: partition %d at %d: %s", number, held.partition.position, why)
        self.facts.fenced += 1
        held.store.close()

    def _note(self, number: int, held: Held) -> None:
        position, now = held.partition.saved
        self.facts.positions = {**self.facts.positions, number: position}
        self.facts.committed_ms = self._now()
        self.facts.events, self.facts.seconds = self._spent.events, self._spent.seconds()
        if now is not None:
            self.clock.see(number, now)
