"""Service standards and commitments as dated data, and the judgement of a figure by them.

A standard holds for whole periods inside its dates; everything else is not applicable, with the
reason. Nothing is judged on missing figures: unknown is neither met nor missed.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, TypeVar

import msgspec

from schemas.measures import MEASURES, Both
from schemas.record import DIMENSIONS
from schemas.tables import Row, packaged, refuse

FILE = "standards.toml"
Better = Literal["higher", "lower"]
Result = Literal["met", "not met", "NA"]
#: What a population can be narrowed by, beside department and channel.
NARROWING = tuple(name for name in DIMENSIONS if name not in {"department", "channel"})
T = TypeVar("T", bound="Promised")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_A_DAY = timedelta(days=1)


class Name(Row, frozen=True, kw_only=True):
    """A name in one language."""

    name: str


class Text(Row, frozen=True, kw_only=True):
    """A name and its words, in one language."""

    name: str
    text: str


class Promised(Row, frozen=True, kw_only=True):
    """Something that was promised, under an id of its own."""

    id: str
    department: str
    source: str


class Standard(Promised, frozen=True, kw_only=True):
    """A promise about a share or a mean, from one day to another.

    Attributes:
        measure, measure_version: whose figure is judged; figures of another version are not
            comparable.
        target: an exact decimal, in the measure's unit; met at the target itself.
        where: dimensions that narrow the population, beside department and channel.
        effective_from, effective_to: first and last local day; without a last, still in force.
    """

    version: int
    channel: str
    measure: str
    measure_version: int
    target: str
    better: Better = "higher"
    where: dict[str, str] = msgspec.field(default_factory=dict)
    effective_from: date
    effective_to: date | None = None
    en: Text
    fr: Text


class Unset(Row, frozen=True, kw_only=True):
    """A channel for which no standard was set."""

    department: str
    channel: str
    source: str
    en: Name
    fr: Name


class Commitment(Promised, frozen=True, kw_only=True):
    """A result promised by a day: it is judged over the fiscal year that ends on that day."""

    version: int
    channel: str
    measure: str
    measure_version: int
    baseline: str
    target: str
    unit: str
    better: Better
    due: date
    en: Text
    fr: Text

    @property
    def since(self) -> date:
        """The first day of the year that is judged."""
        end = self.due + _A_DAY
        if (end.month, end.day) == (2, 29):
            end += _A_DAY
        return end.replace(year=end.year - 1)


class Action(Promised, frozen=True, kw_only=True):
    """Something promised to be done by a day. Done is not the same as a result reached.

    Attributes:
        program: the line of business; without one, all others.
        done: the day on which a source says that it was; null where none does.
    """

    program: str | None = None
    kind: Literal["callback", "hours"]
    due: date
    done: date | None = None
    en: Name
    fr: Name


class Standards(Row, frozen=True, kw_only=True):
    """The whole table."""

    standard: tuple[Standard, ...] = ()
    unset: tuple[Unset, ...] = ()
    commitment: tuple[Commitment, ...] = ()
    action: tuple[Action, ...] = ()


class Verdict(NamedTuple):
    """What a figure says of a standard, and why it says nothing; null where it does."""

    result: Result
    reason: Both | None = None


REASONS = {
    "from": Both("in force only from {day}", "en vigueur à partir du {day} seulement"),
    "until": Both("in force only until {day}", "en vigueur jusqu’au {day} seulement"),
    "version": Both(
        "not comparable: {measure} is at version {version}, not {asked}",
        "non comparable : {measure} en est à la version {version}, et non {asked}",
    ),
    "unknown": Both("unknown: nothing was counted", "inconnu : rien n’a été compté"),
    "not_due": Both("not due until {day}", "pas à échéance avant le {day}"),
}


def reason(name: str, **values: object) -> Both:
    """One of the reasons why nothing is judged, in both languages."""
    words = REASONS[name]
    return Both(words.en.format(**values), words.fr.format(**values))


def checked(table: Standards, name: str = FILE) -> Standards:
    """The same table, once everything in it refers to what exists; `name` is the file.

    Raises:
        Malformed: an unknown measure or dimension, a number that is none, a date out of order,
            an id twice at once.
    """
    for number, row in enumerate(table.standard):
        _check(name, "standard", number, row, {"target": row.target})
        for dimension in row.where:
            if dimension not in NARROWING:
                problem = f"is not one of {', '.join(NARROWING)}"
                raise refuse(name, "standard", number, f"where.{dimension}", problem)
        if row.effective_to is not None and row.effective_to < row.effective_from:
            raise refuse(name, "standard", number, "effective_to", "is before effective_from")
        if any(other.id == row.id and _meet(other, row) for other in table.standard[:number]):
            raise refuse(name, "standard", number, "effective_from", f"{row.id} is in force then")
    for number, commitment in enumerate(table.commitment):
        numbers = {"target": commitment.target, "baseline": commitment.baseline}
        _check(name, "commitment", number, commitment, numbers)
    for section, rows in (("commitment", table.commitment), ("action", table.action)):
        ids = [row.id for row in rows]
        for number, found in enumerate(ids):
            if found in ids[:number]:
                raise refuse(name, section, number, "id", f"{found} is there already")
    return table


def _check(
    name: str, section: str, number: int, row: Standard | Commitment, numbers: dict[str, str]
) -> None:
    if row.measure not in MEASURES:
        raise refuse(name, section, number, "measure", f"there is no {row.measure}")
    for field, value in numbers.items():
        if not _NUMBER.fullmatch(value):
            raise refuse(name, section, number, field, f"{value!r} is no exact decimal")


def _meet(one: Standard, other: Standard) -> bool:
    """Whether two are in force on one day."""
    return one.effective_from <= (other.effective_to or date.max) and other.effective_from <= (
        one.effective_to or date.max
    )


def over(table: Standards, own: Standards) -> Standards:
    """One table laid over another: its rows of an id replace those of the other.

    A standard that it sets for a channel takes the place of the word that none is.
    """
    set_now = {(row.department, row.channel) for row in own.standard}
    set_now |= {(row.department, row.channel) for row in own.unset}
    return Standards(
        standard=_over(table.standard, own.standard),
        unset=(*(r for r in table.unset if (r.department, r.channel) not in set_now), *own.unset),
        commitment=_over(table.commitment, own.commitment),
        action=_over(table.action, own.action),
    )


def _over(rows: tuple[T, ...], own: tuple[T, ...]) -> tuple[T, ...]:
    replaced = {row.id for row in own}
    return (*(row for row in rows if row.id not in replaced), *own)


STANDARDS = checked(packaged(FILE, Standards))


def applies(row: Standard, start: date, end: date) -> Both | None:
    """Why a standard does not hold for the whole period [start, end); None if it does."""
    if start < row.effective_from:
        return reason("from", day=row.effective_from)
    if row.effective_to is not None and end > row.effective_to + _A_DAY:
        return reason("until", day=row.effective_to)
    return None


def judge(row: Standard | Commitment, version: int, value: str | None) -> Verdict:
    """What a figure's value (an exact decimal, or unknown) says of a standard or commitment."""
    if version != row.measure_version:
        words = {"measure": row.measure, "version": version, "asked": row.measure_version}
        return Verdict("NA", reason("version", **words))
    if value is None:
        return Verdict("NA", reason("unknown"))
    got, target = Decimal(value), Decimal(row.target)
    reached = got >= target if row.better == "higher" else got <= target
    return Verdict("met" if reached else "not met")
