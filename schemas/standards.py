"""Service standards and commitments as dated data, and the judgement of a figure by them.

A standard holds for whole periods inside its dates; everything else is not applicable, with the
reason. Nothing is judged on missing figures: unknown is neither met nor missed.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

from schemas.measures import MEASURES, Words
from schemas.record import DIMENSIONS
from schemas.tables import Row, packaged, refuse

FILE = "standards.toml"
Better = Literal["higher", "lower"]


class Name(Row, frozen=True, kw_only=True):
    """A name in one language."""

    name: str


class Text(Row, frozen=True, kw_only=True):
    """A name and its words, in one language."""

    name: str
    text: str

    @property
    def words(self) -> Words:
        """The same as the words of a measure."""
        return Words(self.name, self.text)


class Standard(Row, frozen=True, kw_only=True):
    """A promise about a share or a mean, from one day to another.

    Attributes:
        measure, measure_version: whose figure is judged; figures of another version are not
            comparable.
        target: an exact decimal, in the measure's unit; met at the target itself.
        where: dimensions that narrow the population, beside department and channel.
        effective_from, effective_to: first and last local day; without a last, still in force.
    """

    id: str
    version: int
    department: str
    channel: str
    measure: str
    measure_version: int
    target: str
    better: Better = "higher"
    where: dict[str, str] = msgspec.field(default_factory=dict)
    effective_from: date
    effective_to: date | None = None
    source: str
    en: Text
    fr: Text


class Unset(Row, frozen=True, kw_only=True):
    """A channel for which no standard was set."""

    department: str
    channel: str
    source: str
    en: Name
    fr: Name


class Commitment(Row, frozen=True, kw_only=True):
    """A result promised by a day: it is judged over the fiscal year that ends on that day."""

    id: str
    version: int
    department: str
    channel: str
    measure: str
    measure_version: int
    baseline: str
    target: str
    unit: str
    better: Better
    due: date
    source: str
    en: Text
    fr: Text

    @property
    def since(self) -> date:
        """The first day of the year that is judged."""
        return date(self.due.year - 1, self.due.month, self.due.day) + timedelta(days=1)


class Action(Row, frozen=True, kw_only=True):
    """Something promised to be done by a day. Done is not the same as a result reached.

    Attributes:
        program: the line of business; without one, all others.
        done: the day on which a source says that it was; null where none does.
    """

    id: str
    department: str
    program: str | None = None
    kind: Literal["callback", "hours"]
    due: date
    done: date | None = None
    source: str
    en: Name
    fr: Name


class Standards(Row, frozen=True, kw_only=True):
    """The whole table."""

    standard: tuple[Standard, ...] = ()
    unset: tuple[Unset, ...] = ()
    commitment: tuple[Commitment, ...] = ()
    action: tuple[Action, ...] = ()


class Verdict(NamedTuple):
    """What a figure says of a standard: `met`, `not met` or `NA`, and why."""

    result: str
    reason: str


def checked(table: Standards) -> Standards:
    """The same table, once everything in it refers to what exists.

    Raises:
        Malformed: an unknown measure or dimension, a date out of order, an id twice at once.
    """
    seen: dict[str, date | None] = {}
    for number, row in enumerate(table.standard):
        _check_measure("standard", number, row)
        for name in row.where:
            if name not in DIMENSIONS:
                raise refuse(FILE, "standard", number, f"where.{name}", "is no dimension")
        if row.effective_to is not None and row.effective_to < row.effective_from:
            raise refuse(FILE, "standard", number, "effective_to", "is before effective_from")
        before = seen.get(row.id, date.min)
        if before is None or before >= row.effective_from:
            raise refuse(FILE, "standard", number, "effective_from", f"{row.id} is in force then")
        seen[row.id] = row.effective_to
    for number, commitment in enumerate(table.commitment):
        _check_measure("commitment", number, commitment)
    return table


def _check_measure(section: str, number: int, row: Standard | Commitment) -> None:
    if row.measure not in MEASURES:
        raise refuse(FILE, section, number, "measure", f"there is no {row.measure}")


STANDARDS = checked(packaged(FILE, Standards))


def applies(row: Standard, start: date, end: date) -> str:
    """Why a standard does not hold for the whole period [start, end); "" if it does."""
    if start < row.effective_from:
        return f"in force only from {row.effective_from}"
    if row.effective_to is not None and end > row.effective_to + timedelta(days=1):
        return f"in force only until {row.effective_to}"
    return ""


def judge(row: Standard | Commitment, version: int, value: str | None) -> Verdict:
    """What a figure's value (an exact decimal, or unknown) says of a standard or commitment."""
    if version != row.measure_version:
        why = f"not comparable: {row.measure} is at version {version}, not {row.measure_version}"
        return Verdict("NA", why)
    if value is None:
        return Verdict("NA", "unknown: nothing was counted")
    got, target = Decimal(value), Decimal(row.target)
    reached = got >= target if row.better == "higher" else got <= target
    bound = "at least" if row.better == "higher" else "at most"
    return Verdict("met" if reached else "not met", f"{value}, where {bound} {row.target} is asked")
