"""A past over a list of rows, and the registers of state stores in the oracle's words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from msgspec.json import decode

from schemas.relations import RELATIONS
from schemas.rows import Row
from schemas.topics import EVENTS
from streams.core.registers import COHORT, INTERVAL, Key
from streams.core.terms import kind
from streams.logs.port import Log
from streams.runtimes.store import Spreads, StateStore

FAR = 2**60
KINDS = [kind(name, attribution) for name in RELATIONS for attribution in (COHORT, INTERVAL)]


@dataclass
class ListedPast:
    """A `streams.runtimes.partition.Past` of partition 0: the rows archived so far, in files.

    Attributes:
        archived: the rows, from offset 0 on.
        file: how many of them a file holds.
        asked: every look-up, as (contacts, below).
        within: the spans of every look-up.
        before: the files of older logs.
        lost: how many rows after those archived are on record as lost.
    """

    archived: list[Row] = field(default_factory=list)
    file: int = 2
    asked: list[tuple[set[str], int]] = field(default_factory=list)
    before: list[list[Row]] = field(default_factory=list)
    within: list[Sequence[tuple[int, int]] | None] = field(default_factory=list)
    lost: int = 0

    def next(self, partition: int) -> int:
        """See the port."""
        return len(self.archived) + self.lost if partition == 0 else 0

    def rows(self, partition: int, start: int) -> Iterator[list[Row]]:
        """See the port."""
        found = [row for row in self.archived if row.offset >= start] if partition == 0 else []
        for at in range(0, len(found), self.file):
            yield found[at : at + self.file]

    def older(self, partition: int, done: int) -> Iterator[list[Row]]:
        """See the port."""
        return iter(self.before[done:] if partition == 0 else [])

    def lookup(
        self,
        partition: int,
        keys: Collection[str],
        below: int,
        older: int = 0,
        within: Sequence[tuple[int, int]] | None = None,
    ) -> dict[str, list[bytes]]:
        """See the port."""
        self.asked.append((set(keys), below))
        self.within.append(within)
        found: dict[str, list[bytes]] = {}
        here = [row for row in self.archived if row.offset < below]
        for row in [*chain.from_iterable(self.before[:older]), *here]:
            if row.key in keys:
                found.setdefault(row.key, []).append(row.value)
        return found


def bring(log: Log, values: Iterable[bytes]) -> None:
    """Append events, each under its contact."""
    log.append(EVENTS, [(decode(value)["subject"], value) for value in values], 0)


def registers(stores: Iterable[StateStore]) -> dict[Key, tuple[dict[str, int], Spreads]]:
    """What is counted in stores that share no contact, as `tests.core.harness.solid` has it."""
    found: dict[Key, tuple[dict[str, int], Spreads]] = {}
    for store in stores:
        for name in KINDS:
            for quarter, dims, sums, spreads in store.registers(0, FAR, name):
                key = (name, quarter, tuple(decode(dims)))
                assert key not in found, "give contacts of different partitions different dims"
                found[key] = (sums, spreads)
    return found
