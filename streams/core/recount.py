"""Counting a share of the evidence anew: nothing is revised, every contact is added once."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from schemas.instants import QUARTER_HOUR
from schemas.measures import TERMS, combination
from schemas.parts import Shift
from schemas.record import DIMENSIONS, ContactRecord, Declaration
from schemas.relations import RELATIONS
from streams.core.buckets import Bucket, Shared
from streams.core.figures import Group, span_at
from streams.core.fold import Folded
from streams.core.registers import (
    COHORT,
    PHONE,
    Register,
    Registers,
    add_unattributed,
    attribute,
    dims_of,
    kind,
    rows_of,
)
from streams.core.tally import Tally, Task
from streams.core.terms import AddSums, compile_sums

_TOGETHER = 2_000  # contacts that are added up by quarter before they are by group


class Counter:
    """Counts contacts, each once. `close` ends it.

    `give` is handed what the second fold needs of them, packed, by bucket, some at a time.
    """

    def __init__(self, task: Task, give: Callable[[Bucket, bytes], object]) -> None:
        self._tally, self._task, self._shared = Tally(), task, Shared(task, give)
        self._by_cohort = _ByCohort(self._tally, task) if task.attribution == COHORT else None
        self._remainder = task.remainder
        self._registers: Registers = {}
        self._together = 0

    def add(self, folded: Folded, events: int) -> None:
        """Count a contact, a shift or a declaration, made of so many events."""
        self._tally.events += events
        if isinstance(folded, Declaration):
            self._tally.declarations[folded.subject] = folded
            return
        self._tally.contacts += 1
        if self._by_cohort is not None:
            self._by_cohort.add(folded)
        else:
            add_unattributed(folded, 1, self._registers)
        if isinstance(folded, ContactRecord):
            self._shared.add(folded)
            if self._remainder and folded.channel in PHONE:
                self._arrived(folded)
        self._together += 1
        if self._together >= _TOGETHER:
            self._flush()

    def close(self) -> Tally:
        """All that was counted, but the second fold."""
        self._flush()
        self._shared.close()
        return self._tally

    def _flush(self) -> None:
        self._tally.add({**attribute(self._registers), **self._shared.alone()}, self._task)
        self._registers, self._together = {}, 0

    def _arrived(self, record: ContactRecord) -> None:
        quarter = record.arrived_ms - record.arrived_ms % QUARTER_HOUR
        key = (kind("contacts", COHORT), quarter, dims_of(record, RELATIONS["contacts"], record))
        sums = self._tally.arrivals.setdefault(key, Register()).sums
        sums["arrived"] = sums.get("arrived", 0) + 1


class _ByCohort:
    """Adds rows to their groups at once: by cohort a row belongs to one period, whatever it says.

    By way of registers of quarters, most of a year's registers would hold one row each.
    """

    def __init__(self, tally: Tally, task: Task) -> None:
        self._groups, self._question = tally.groups, task.question
        self._spans = self._question.by_zone()
        self._indices = [DIMENSIONS.index(name) for name in self._question.by]
        self._relations = {
            name: (attrgetter(RELATIONS[name].cohort), _adder(task, name))
            for name in task.relations
        }

    def add(self, folded: ContactRecord | Shift) -> None:
        """Add all rows of a contact or a shift."""
        for relation, dims, row in rows_of(folded):
            if relation not in self._relations:
                continue
            cohort, add = self._relations[relation]
            span = span_at(self._spans.get(self._question.zone_of(dims), ()), cohort(row))
            if span is not None:
                key = (relation, Group(span, tuple([dims[index] for index in self._indices])))
                register = self._groups.get(key)
                if register is None:
                    register = self._groups[key] = Register()
                add(row, register)


def _adder(task: Task, relation: str) -> AddSums:
    """Adds the terms that are asked about, and those that count all rows of the relation."""
    pairs = (f"{measure.numerator} + {measure.denominator}" for measure in task.question.measures)
    asked = {term for pair in pairs for _, term in combination(pair)}
    terms = [term for term in TERMS if term.relation == relation]
    return compile_sums(
        RELATIONS[relation],
        [term for term in terms if term.id in asked or term.population == "True"],
    )
