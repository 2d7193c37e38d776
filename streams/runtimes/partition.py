"""One partition of the live figures: rows in, state file out, position and state as one.

The state is derived. Without its file (or with one that is behind what the log still holds)
the partition is read again, from the archive up to where the log begins, then the log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.json import Decoder, encode

from schemas.rows import Row
from schemas.topics import EVENTS
from streams.core.process import Changes, State, advance, apply, restore
from streams.core.registers import Registers
from streams.logs.port import Log
from streams.runtimes.store import Change, Delta, StateStore

_OLDER = "older"  # how many files of older logs are applied


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


class _Bounds(Struct):
    """What a stored record says of when its events happened."""

    first_ms: int | None = None
    last_ms: int | None = None
    conflicting: int = 0


_bounds = Decoder(_Bounds).decode


class LivePartition:
    """Applies a partition's rows to its state, and saves what changed with the position."""

    def __init__(self, log: Log, number: int, store: StateStore, past: Past) -> None:
        self._log, self._number, self.store, self._past = log, number, store, past
        saved = store.load()
        self.position = saved.position
        self.state: State = restore(saved.now, saved.contacts)
        self._saved = (saved.position, saved.now)
        self._older = int(saved.extra.get(_OLDER, b"0"))
        self._begun = False

    def catch_up(self, tick: int, applied: Callable[[int], None]) -> int:
        """Apply everything up to the log's tail, `tick` rows at a time; how many rows.

        `applied` hears of every tick.
        """
        total = 0
        if not self._begun:  # what older logs hold changes no more
            self._continue()
            self._begun = True
        for rows in self._missed(tick):
            self._apply(rows)
            applied(len(rows))
            total += len(rows)
        return total

    @property
    def settled(self) -> int:
        """The rows below this offset are both archived and counted: the log may forget them."""
        return min(self._past.next(self._number), self.position)

    def advance(self, now: int) -> None:
        """Bring the clock of this partition to that of all of them."""
        changes = advance(self.state, now)
        if self._saved != (self.position, self.state.now):
            self._save(changes)

    def _continue(self) -> None:
        """Apply what the logs before this one held; the position in this one stays."""
        for rows in self._past.older(self._number, self._older):
            changes = apply(self.state, rows, self._earlier)
            self._older += 1
            self._save(changes)

    def _missed(self, tick: int) -> Iterator[list[Row]]:
        """What was not applied yet: from the archive as far as the log has forgotten it."""
        first, _ = self._log.bounds(EVENTS, self._number)
        if self.position < first:
            for rows in self._past.rows(self._number, self.position):
                yield [row for row in rows if row.offset < first]
        while rows := self._log.read(EVENTS, self._number, self.position, tick):
            yield rows

    def _apply(self, rows: list[Row]) -> None:
        if rows:
            changes = apply(self.state, rows, self._earlier)
            self.position = rows[-1].offset + 1
            self._save(changes)

    def _earlier(self, keys: Collection[str]) -> dict[str, list[bytes]]:
        """What was applied before of contacts that have left memory, in one scan."""
        known = self.store.known(keys)
        if not known:
            return {}
        archived = self._past.next(self._number)
        below, within = min(archived, self.position), self._within(known)
        applied = self._past.lookup(self._number, known, below, self._older, within)
        found = {key: list(values) for key, values in applied.items()}
        for row in self._logged(archived):
            if row.key in known:
                found.setdefault(row.key, []).append(row.value)
        return found

    def _within(self, known: Collection[str]) -> list[tuple[int, int]] | None:
        """When the events of some contacts happened; None where a record does not tell of all.

        An event that came with different bytes may have had another time in those not kept.
        """
        spans = []
        for key in known:
            bounds = _bounds(self.store.record(key) or b"{}")
            if bounds.first_ms is None or bounds.last_ms is None or bounds.conflicting:
                return None
            spans.append((bounds.first_ms, bounds.last_ms))
        return spans

    def _logged(self, archived: int) -> Iterator[Row]:
        """Rows applied before that the archive does not hold yet."""
        start = max(archived, self._log.bounds(EVENTS, self._number)[0])
        while start < self.position:
            rows = self._log.read(EVENTS, self._number, start, min(100_000, self.position - start))
            yield from rows
            start = rows[-1].offset + 1

    def _save(self, changes: Changes) -> None:
        self._saved = (self.position, self.state.now)
        self.store.save(
            Change(
                position=self.position,
                now=self.state.now,
                touched=changes.touched,
                forgotten=changes.forgotten,
                deltas=_deltas(changes.registers),
                records=[
                    (key, record.revision, encode(record))
                    for key, record in changes.records.items()
                ],
                declarations={
                    key: encode(d) if d else None for key, d in changes.declarations.items()
                },
                counts=changes.outcomes,
                extra={_OLDER: b"%d" % self._older},
            )
        )


def _deltas(registers: Registers) -> dict[tuple[str, int, str], Delta]:
    return {
        (kind, quarter, encode(dims).decode()): Delta(sums=r.sums, spreads=r.spreads)
        for (kind, quarter, dims), r in registers.items()
    }
