"""Definitions with a history: the versions of every measure, as dated data.

The packaged row of `schemas.measures` is one version of a measure; the others are rows of
`definitions.toml`. A version is never changed once it was published: a change is a new version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache

from schemas.definition_rows import Problem, Remark, Table, Version, wrong
from schemas.errors import DeadLetter
from schemas.measures import MEASURES, Both, Measure
from schemas.tables import packaged, refuse

__all__ = ["DEFINITIONS", "FILE", "Definitions", "Edition", "Table", "Version", "over"]
FILE = "definitions.toml"
_SECTION = "version"


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a measure, whole.

    Attributes:
        measure: as it is published: its own id, and the version's number and formula.
        effective_from: its first local day.
        breaks, parallel_until, changed, reason: as of `Version`.
        sql: its SQL; "" for the packaged version, which has a file.
    """

    measure: Measure
    effective_from: date
    breaks: bool = False
    parallel_until: date | None = None
    changed: Both | None = None
    reason: Both | None = None
    sql: str = ""

    @property
    def number(self) -> int:
        """1 is the first."""
        return self.measure.version

    @property
    def name(self) -> str:
        """Its name for engines: the measure's id, with the number unless it is packaged."""
        return f"{self.measure.id}@{self.number}" if self.sql else self.measure.id

    @property
    def asked(self) -> Measure:
        """The measure as engines are asked for it."""
        return replace(self.measure, id=self.name)


@dataclass(frozen=True)
class Definitions:
    """The versions of all measures; to be made by `over` and `DEFINITIONS`, which check them."""

    rows: tuple[Version, ...] = ()

    @cached_property
    def _known(self) -> dict[str, tuple[Edition, ...]]:
        return {name: tuple(_editions(name, self.rows)) for name in {r.measure for r in self.rows}}

    def history(self, measure: str) -> tuple[Edition, ...]:
        """Every version of a measure, oldest first."""
        return self._known.get(measure) or (_packaged(measure),)

    def edition(self, measure: str, number: int) -> Edition:
        """One version.

        Raises:
            DeadLetter: there is no such version.
        """
        for found in self.history(measure):
            if found.number == number:
                return found
        known = ", ".join(str(found.number) for found in self.history(measure))
        msg = f"{measure} has no version {number}; it has {known}"
        raise DeadLetter(msg)

    def at(self, measure: str, day: date) -> tuple[Edition, ...]:
        """What a period that starts on a day is given by: the highest version in force.

        While it is computed in parallel, the version before it comes second.
        """
        history = self.history(measure)
        place = max((n for n, row in enumerate(history) if row.effective_from <= day), default=0)
        current = history[place]
        if place and current.parallel_until is not None and day < current.parallel_until:
            return current, history[place - 1]
        return (current,)

    def days(self, start: date, end: date) -> list[date]:
        """The days of [start, end) from which on `at` may say something else, `start` being one."""
        turns = {row.effective_from for row in self.rows} | {
            row.parallel_until for row in self.rows if row.parallel_until is not None
        }
        return sorted({start, *(day for day in turns if start < day < end)})

    @cached_property
    def versioned(self) -> frozenset[str]:
        """The measures that have more than one version."""
        return frozenset(name for name, history in self._known.items() if len(history) > 1)

    @cached_property
    def breaking(self) -> frozenset[tuple[str, int]]:
        """The (measure, number) of the versions that break a series."""
        return frozenset((row.measure, row.number) for row in self.rows if row.breaks)

    @cached_property
    def texts(self) -> dict[str, str]:
        """The SQL of every version that is not packaged, by its name for engines."""
        return {
            edition.name: edition.sql
            for history in self._known.values()
            for edition in history
            if edition.sql
        }


@lru_cache(maxsize=1_024)
def _packaged(measure: str) -> Edition:
    row = MEASURES[measure]
    return Edition(row, date.fromisoformat(row.effective_from))


def _editions(measure: str, rows: tuple[Version, ...]) -> Iterator[Edition]:
    own = {row.number: row for row in rows if row.measure == measure}
    base = MEASURES[measure]
    for number in sorted({*own, base.version}):
        row = own.get(number)
        if row is None:
            yield _packaged(measure)
        elif number == base.version:
            yield _worded(base, row)
        else:
            yield _worded(_version(base, row), row)


def _version(base: Measure, row: Version) -> Measure:
    return replace(
        base,
        numerator=row.numerator,
        denominator=row.denominator,
        rank=row.rank,
        version=row.number,
        effective_from=row.effective_from.isoformat(),
    )


def _worded(measure: Measure, row: Version) -> Edition:
    return Edition(
        measure,
        row.effective_from,
        row.breaks,
        row.parallel_until,
        _both(row.changed),
        _both(row.reason),
        row.sql.strip() + "\n" if row.sql else "",
    )


def _both(remark: Remark | None) -> Both | None:
    return Both(remark.en, remark.fr) if remark else None


def over(definitions: Definitions, own: Table, name: str = FILE) -> Definitions:
    """A table laid over others: its rows replace those of the same measure and number.

    Raises:
        Malformed: an unknown measure or term, a term of another relation, a formula that its kind
            of measure cannot have, numbers that leave one out, dates out of order, words missing.
            `field` names the file, the row and its field.
    """
    for number, row in enumerate(own.version):
        if problem := wrong(row) or _twice(row, own.version[:number]):
            raise refuse(name, _SECTION, number, *problem)
    replaced = {(row.measure, row.number) for row in own.version}
    kept = (row for row in definitions.rows if (row.measure, row.number) not in replaced)
    whole = Definitions((*kept, *own.version))
    for number, row in enumerate(own.version):
        if problem := _misplaced(row, whole.history(row.measure), own):
            raise refuse(name, _SECTION, number, *problem)
    return whole


def _twice(row: Version, before: tuple[Version, ...]) -> Problem:
    if any((other.measure, other.number) == (row.measure, row.number) for other in before):
        return "number", f"{row.measure} has a version {row.number} already"
    return None


def _misplaced(row: Version, history: Sequence[Edition], own: Table) -> Problem:
    """What is wrong about a row's place among the versions of its measure.

    Of two rows of one table that contradict each other, the later version is at fault.
    """
    known = {edition.number: edition for edition in history}
    before, after = known.get(row.number - 1), known.get(row.number + 1)
    if row.number > 1 and before is None:
        return "number", f"{row.measure} has no version {row.number - 1}"
    if before and row.effective_from <= before.effective_from:
        return "effective_from", f"is not after that of version {before.number}"
    if before and before.parallel_until and row.effective_from < before.parallel_until:
        until = before.parallel_until
        return "effective_from", f"version {before.number} runs in parallel until {until}"
    told = {(other.measure, other.number) for other in own.version}
    return _before(row, after) if after and (row.measure, after.number) not in told else None


def _before(row: Version, after: Edition) -> Problem:
    if row.effective_from >= after.effective_from:
        return "effective_from", f"is not before that of version {after.number}"
    if row.parallel_until and row.parallel_until > after.effective_from:
        return "parallel_until", f"version {after.number} is in force before that"
    return None


DEFINITIONS = over(Definitions(), packaged(FILE, Table))
