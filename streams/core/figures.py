"""From registers to figures: integers until one division, and unknown where nobody knows.

Every engine answers the same `Question` with the same shape, (numerator, denominator) for
each group and measure, so that answers can be compared to the unit; `figures` then words
them. Here the registers answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from msgspec.structs import replace

from schemas.board import Figure, Period
from schemas.measures import Kind, Measure, combination, relation_of
from schemas.measures.kinds import nearest_rank, quotient
from schemas.periods import Span, local
from schemas.record import DIMENSIONS
from streams.core.registers import Dims, Register, merge
from streams.core.standing import NOTHING_KNOWN, Certainty, standing

Counted = Iterable[tuple[int, Dims, Register]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        measures: in the order of the answer.
        spans: sorted and disjoint within a zone; a span counts the contacts of the
            departments of its zone.
        by: the dimensions to split by, of `DIMENSIONS`.
        zones: department -> zone, for those not in the default one.
        default_zone: the zone of every other department.
    """

    measures: Sequence[Measure]
    spans: Sequence[Span]
    by: Sequence[str]
    zones: Mapping[str, str]
    default_zone: str

    def zone_of(self, dims: Dims) -> str:
        """The zone of the department in a full set of dimensions."""
        return self.zones.get(dims[0] or "", self.default_zone)

    def by_zone(self) -> dict[str, list[Span]]:
        """The spans of each zone, in order."""
        zones: dict[str, list[Span]] = {}
        for span in self.spans:
            zones.setdefault(span.zone, []).append(span)
        return zones


def span_at(spans: Sequence[Span], ms: int) -> Span | None:
    """The span that holds an instant, of spans in order; None where none does."""
    found = bisect_right(spans, ms, key=attrgetter("start_ms")) - 1
    return spans[found] if found >= 0 and ms < spans[found].end_ms else None


class Group(NamedTuple):
    """One span, and one choice of the dimensions asked for."""

    span: Span
    dims: Dims


class Ratio(NamedTuple):
    """The integers of a figure; null is unknown, and a count has no denominator."""

    numerator: int | None
    denominator: int | None


Answer = dict[Group, dict[str, Ratio]]


def answer(question: Question, counted: Callable[[str], Counted]) -> Answer:
    """Every measure but remainders.

    `counted` gives the (quarter, dimensions, register) of a relation by its name, all of the
    attribution that is asked for; it is called for the relations of the measures asked about.
    A measure is answered for the groups in which its relation has rows.
    """
    return answer_groups(question, lambda name: collect(question, counted(name)))


def answer_groups(question: Question, of: Callable[[str], Mapping[Group, Register]]) -> Answer:
    """The same from registers that are added up by group already, by the name of a relation."""
    answers: Answer = {}
    for name, measures in _by_relation(question).items():
        for group, register in of(name).items():
            if _has_rows(register):
                found = answers.setdefault(group, {})
                found.update({measure.id: _ratio(measure, register) for measure in measures})
    return answers


def _by_relation(question: Question) -> dict[str, list[Measure]]:
    found: dict[str, list[Measure]] = {}
    for measure in question.measures:
        if measure.kind is not Kind.REMAINDER:
            found.setdefault(relation_of(measure), []).append(measure)
    return found


def collect(question: Question, counted: Counted) -> dict[Group, Register]:
    """Registers of quarters added up by group; those of no span are left out."""
    by_zone = question.by_zone()
    indices = [DIMENSIONS.index(name) for name in question.by]
    groups: dict[Group, Register] = {}
    for quarter, dims, register in counted:
        span = span_at(by_zone.get(question.zone_of(dims), ()), quarter)
        if span is not None:
            group = Group(span, tuple(dims[index] for index in indices))
            merge(groups.setdefault(group, Register()), register)
    return groups


def _has_rows(register: Register) -> bool:
    """Whether anything is left of what was added: rows taken back leave zeros."""
    return any(register.sums.values())


def _ratio(measure: Measure, register: Register) -> Ratio:
    if measure.kind is Kind.PERCENTILE:
        spread = {s: n for s, n in register.spreads.get(measure.numerator, {}).items() if n}
        return Ratio(nearest_rank(spread, measure.rank), sum(spread.values()))
    numerator = _sum(register, measure.numerator)
    return Ratio(numerator, _sum(register, measure.denominator) if measure.denominator else None)


def _sum(register: Register, terms: str) -> int:
    return sum(sign * register.sums.get(term, 0) for sign, term in combination(terms))


def figures(
    question: Question, answers: Answer, as_of: int, certainty: Certainty = NOTHING_KNOWN
) -> list[Figure]:
    """The answers in words, ordered by span, dimensions and measure.

    Without dimensions, a span in which nothing was counted is listed too, as unknown:
    missing is never zero.
    """
    groups = set(answers)
    if not question.by:
        groups |= {Group(span, ()) for span in question.spans}
    nothing: dict[str, Ratio] = {}
    return [
        _figure(
            question, measure, group, answers.get(group, nothing).get(measure.id), as_of, certainty
        )
        for group in sorted(groups, key=_order)
        for measure in question.measures
    ]


def _order(group: Group) -> tuple[object, ...]:
    return (group.span.start_ms, group.span.zone, *((v is not None, v or "") for v in group.dims))


def _figure(
    question: Question,
    measure: Measure,
    group: Group,
    ratio: Ratio | None,
    as_of: int,
    certainty: Certainty,
) -> Figure:
    span, (numerator, denominator) = group.span, ratio or Ratio(None, None)
    figure = Figure(
        measure=measure.id,
        version=measure.version,
        status="",
        as_of=local(span.zone, as_of),
        period=Period(local(span.zone, span.start_ms), local(span.zone, span.end_ms), span.zone),
        dimensions=dict(zip(question.by, group.dims, strict=True)),
        numerator=numerator,
        denominator=denominator,
        value=_value(measure, numerator, denominator),
        unit=measure.unit,
    )
    stands = standing(certainty, figure, group, as_of)
    return replace(figure, status=stands.status, open=stands.open, why=stands.why)


def _value(measure: Measure, numerator: int | None, denominator: int | None) -> int | str | None:
    if measure.kind not in {Kind.RATIO, Kind.MEAN}:
        return numerator
    if numerator is None or denominator is None:
        return None
    return quotient(measure.kind, measure.unit, numerator, denominator)
