"""A partition in memory: what a runtime does around the core, in twenty lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from msgspec.json import decode

from schemas.parts import Shift
from schemas.record import ContactRecord, Declaration
from schemas.rows import Row
from streams.core.fold import fold
from streams.core.process import Changes, advance, apply
from streams.core.registers import Key, Register, Registers, add, merge
from streams.core.state import State


class Partition:
    """Applies rows, keeps what the changes say, and remembers every row for look-ups."""

    def __init__(self) -> None:
        self.state = State()
        self.rows: list[Row] = []
        self.registers: Registers = {}
        self.records: dict[str, ContactRecord | Shift] = {}
        self.declarations: dict[str, Declaration] = {}
        self.outcomes: Counter[str] = Counter()
        self.looked_up: set[str] = set()

    def earlier(self, keys: Collection[str]) -> dict[str, list[bytes]]:
        """What a runtime finds in the log and the archive."""
        found: dict[str, list[bytes]] = {}
        for row in self.rows:
            if row.key in keys:
                found.setdefault(row.key, []).append(row.value)
        self.looked_up |= set(found)
        return found

    def apply(self, batch: Sequence[Row]) -> Changes:
        """One batch."""
        changes = apply(self.state, batch, self.earlier)
        self.rows += batch
        return self._keep(changes)

    def advance(self, now: int) -> Changes:
        """The clock."""
        return self._keep(advance(self.state, now))

    def _keep(self, changes: Changes) -> Changes:
        combine(self.registers, changes.registers)
        self.records.update(changes.records)
        declared = {**self.declarations, **changes.declarations}
        self.declarations = {key: d for key, d in declared.items() if d is not None}
        self.outcomes += changes.outcomes
        return changes


def combine(into: Registers, other: Registers) -> Registers:
    """Merge, and forget what came to nothing."""
    for key, register in other.items():
        merge(into.setdefault(key, Register()), register)
    return into


def solid(registers: Registers) -> dict[Key, tuple[dict[str, int], dict[str, dict[int, int]]]]:
    """Registers without the zeros that subtraction leaves behind."""
    clean = {
        key: (
            {term: n for term, n in register.sums.items() if n},
            {
                term: kept
                for term, spread in register.spreads.items()
                if (kept := {second: n for second, n in spread.items() if n})
            },
        )
        for key, register in registers.items()
    }
    return {key: value for key, value in clean.items() if value != ({}, {})}


def from_scratch(raws: Sequence[bytes], as_of: int) -> Registers:
    """The oracle: every subject folded once from all of its bytes, at one `as_of`."""
    by_subject: dict[str, list[bytes]] = {}
    for raw in raws:
        by_subject.setdefault(decode(raw)["subject"], []).append(raw)
    registers: Registers = {}
    for values in by_subject.values():
        folded = fold(values, as_of)
        if isinstance(folded, ContactRecord | Shift):
            add(folded, 1, registers)
    return registers
