"""All partitions of the mirror as one: what changed is added up again, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from schemas.instants import QUARTER_HOUR
from schemas.intervals import BY
from schemas.record import DIMENSIONS
from streams.core.registers import COHORT, Register, kind, merge
from streams.kafka.marks import Place, place_of
from streams.kafka.view import View
from streams.runtimes.store import Spreads

_Added = list[tuple[str, Register]]

#: Declared totals are compared with contacts in any dimension; all else is asked for by `BY`.
_WHOLE = kind("contacts", COHORT)
#: Quarters of kinds that are kept: about a week of all of them.
_MOST = 10_000
_KEPT = [name in BY for name in DIMENSIONS]
_dims = msgspec.json.Decoder(tuple[str | None, ...]).decode


class Merged:
    """The part of a `streams.runtimes.store.StateStore` that the board and intervals are made of.

    Registers are those of cohorts, and but for contacts have no dimensions other than `BY`.
    """

    def __init__(self, views: Sequence[View]) -> None:
        self._views = views
        self._added: dict[tuple[str, int], _Added] = {}

    def changed(self, quarters: Iterable[int]) -> None:
        """What is known of these quarters of an hour is true no more."""
        gone = set(quarters)
        kept = {key: found for key, found in self._added.items() if key[1] not in gone}
        self._added = kept if len(kept) <= _MOST else {}

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        """See `StateStore`; `start` begins a quarter of an hour."""
        for quarter in range(start, end, QUARTER_HOUR):
            found = self._added.get((kind, quarter))
            if found is None:
                found = self._added[kind, quarter] = self._add(kind, quarter)
            for dims, register in found:
                yield quarter, dims, register.sums, register.spreads

    def among(self, places: Collection[Place]) -> Part:
        """The same, of some groups only."""
        return Part(self, places)

    def _add(self, kind: str, quarter: int) -> _Added:
        added: dict[str, Register] = {}
        for view in self._views:
            for _, dims, sums, spreads in view.registers(quarter, quarter + QUARTER_HOUR, kind):
                of = dims if kind == _WHOLE else _coarse(dims)
                merge(added.setdefault(of, Register()), Register(sums, spreads))
        return list(added.items())

    def counts(self) -> dict[str, int]:
        """See `StateStore`."""
        total: Counter[str] = Counter()
        for view in self._views:
            total.update(view.counts())
        return dict(total)

    def declarations(self) -> dict[str, bytes]:
        """See `StateStore`."""
        return {name: value for view in self._views for name, value in view.declarations().items()}


class Part:
    """As `Merged`, but registers are those of some groups."""

    def __init__(self, merged: Merged, places: Collection[Place]) -> None:
        self._merged, self._places = merged, places
        self.declarations = merged.declarations

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        """See `StateStore`."""
        found = self._merged.registers(start, end, kind)
        return (row for row in found if place_of(row[1]) in self._places)


def _coarse(dims: str) -> str:
    parts = [part if kept else None for part, kept in zip(_dims(dims), _KEPT, strict=True)]
    return msgspec.json.encode(parts).decode()
