"""From a contact to the figures that it is part of, and what it contributes to each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from schemas.board import Period
from schemas.definitions import Definitions, Edition
from schemas.departments import HEADQUARTERS, zone_of
from schemas.errors import DeadLetter
from schemas.instants import canonical, millis
from schemas.measures import MEASURES, Kind, relation_of
from schemas.parts import Shift
from schemas.periods import Span, day_of, spans
from schemas.record import ContactRecord
from schemas.relations import RELATIONS
from streams.core.across import FOLDS
from streams.core.comparing import fiscal_year_start
from streams.core.figures import Answer, Group, Question, Ratio, answer
from streams.core.registers import COHORT, Registers, add, add_row, dims_of, kind
from streams.core.sampling import counted
from streams.tracing.naming import named

#: Periods that tile fiscal years; weeks do not.
GRAINS = ("day", "month", "quarter", "fiscal_year")
_BY = ("department",)
Subject = ContactRecord | Shift


class Part(Struct, frozen=True, kw_only=True):
    """A figure that a contact is part of.

    Attributes:
        reference: its name.
        numerator, denominator: what the contact contributes; of a percentile, its own value and
            how many values it has.
    """

    reference: str
    numerator: int | None
    denominator: int | None


def registers_of(
    subject: Subject, as_of: int, everyone: Sequence[ContactRecord] | None
) -> Registers:
    """What a contact or shift adds up to.

    Args:
        subject: as it stands at `as_of`.
        as_of: in milliseconds.
        everyone: all contacts, itself among them, for the measures that rest on others; None
            leaves those out.
    """
    registers: Registers = {}
    add(subject, 1, registers)
    for name, fold in FOLDS.items() if everyone is not None else ():
        for record, row in fold(everyone or (), as_of):
            if isinstance(subject, ContactRecord) and record.contact_id == subject.contact_id:
                add_row(name, dims_of(record, RELATIONS[name], row), row, 1, registers)
    return registers


def parts(
    subject: Subject, registers: Registers, definitions: Definitions, grain: str
) -> list[Part]:
    """Every figure by period and department that a contact is part of, by the versions in force.

    Args:
        subject: the contact or shift.
        registers: what it adds up to.
        definitions: the versions that there are.
        grain: of `GRAINS`.
    """
    start, end = _around(subject)
    found = spans(_zone(subject), start, end, grain)
    question = _question(subject, found, _BY, definitions)
    return [
        Part(reference=named(edition, group, _BY), **ratio._asdict())
        for group, ratios in sorted(_answer(question, registers, COHORT).items(), key=_first)
        for edition in _in_force(definitions, group.span)
        if (ratio := ratios.get(edition.name)) is not None and counted(ratio)
    ]


class Held:
    """What a contact contributes to figures that are named one by one."""

    def __init__(self, subject: Subject, registers: Registers, definitions: Definitions) -> None:
        self._subject, self._registers, self._definitions = subject, registers, definitions
        self._quarters = {quarter for _, quarter, _ in registers}
        self._answers: dict[tuple[Span, tuple[str, ...], str], Answer] = {}

    def part(
        self,
        measure: str,
        version: int,
        period: Period,
        dims: Mapping[str, str | None],
        attribution: str = COHORT,
    ) -> Part | None:
        """What it contributes to a figure; None where it is no part of it, or nobody knows."""
        edition = _edition(self._definitions, measure, version)
        span = Span(millis(canonical(period.start)), millis(canonical(period.end)), period.zone)
        if edition is None or not any(span.start_ms <= q < span.end_ms for q in self._quarters):
            return None
        by, group = tuple(dims), Group(span, tuple(dims.values()))
        key = (span, by, attribution)
        if key not in self._answers:
            question = _question(self._subject, [span], by, self._definitions)
            self._answers[key] = _answer(question, self._registers, attribution)
        ratio = self._answers[key].get(group, {}).get(edition.name)
        if ratio is None or not counted(ratio):
            return None
        return Part(reference=named(edition, group, by), **ratio._asdict())


def days(subject: Subject) -> tuple[date, date]:
    """The local days, both included, on which anything happened to it."""
    zone = _zone(subject)
    return day_of(zone, subject.first_ms), day_of(zone, subject.last_ms)


def left_out() -> list[str]:
    """The measures that rest on other contacts."""
    return [
        name
        for name, measure in MEASURES.items()
        if measure.kind is not Kind.REMAINDER and RELATIONS[relation_of(measure)].across
    ]


def _around(subject: Subject) -> tuple[date, date]:
    """Whole fiscal years in which all of it happened."""
    first, last = map(fiscal_year_start, days(subject))
    return first, last.replace(year=last.year + 1)


def _zone(subject: Subject) -> str:
    return zone_of(subject.department)


def _question(
    subject: Subject, found: Sequence[Span], by: Sequence[str], definitions: Definitions
) -> Question:
    """Every version of every measure, of the periods of the department of a contact."""
    measures = [
        edition.asked
        for name, measure in MEASURES.items()
        if measure.kind is not Kind.REMAINDER
        for edition in definitions.history(name)
    ]
    department = subject.department
    zones = {department: zone_of(department)} if department else {}
    return Question(measures, found, by, zones, HEADQUARTERS)


def _answer(question: Question, registers: Registers, attribution: str) -> Answer:
    return answer(
        question,
        lambda relation: (
            (at, dims, row)
            for (of, at, dims), row in registers.items()
            if of == kind(relation, attribution)
        ),
    )


def _in_force(definitions: Definitions, span: Span) -> Iterator[Edition]:
    day = day_of(span.zone, span.start_ms)
    for name in MEASURES:
        yield from definitions.at(name, day)


def _edition(definitions: Definitions, measure: str, number: int) -> Edition | None:
    try:
        return definitions.edition(measure, number)
    except DeadLetter:  # a version that was taken out of the folder's table
        return None


def _first(found: tuple[Group, dict[str, Ratio]]) -> int:
    return found[0].span.start_ms
