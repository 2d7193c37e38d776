"""The same figures by several computations, side by side: integers, tolerance zero.

A figure that one of them has and another has not differs: missing is not zero, and a group without
rows has no figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from schemas.measures import Kind, Measure
from streams.core.figures import Answer, Group, Question, Ratio, span_at
from streams.core.registers import Register, merge
from streams.core.tally import Tally

LIVE, RECOUNT, SQL = ENGINES = ("live", "recount", "sql")
Readings = tuple[Ratio | None, ...]


class Compared(NamedTuple):
    """One figure: a measure as engines are asked for it, a group, what each of `ENGINES` says.

    A reading is None where an engine has no such figure.
    """

    measure: Measure
    group: Group
    readings: Readings

    @property
    def agrees(self) -> bool:
        """Whether all say the same."""
        return len(set(self.readings)) == 1


def compare(question: Question, answers: Mapping[str, Answer]) -> list[Compared]:
    """Every figure that any of `ENGINES` gives, in the order of period, dimensions and measure."""
    found = []
    for group in sorted({group for answer in answers.values() for group in answer}, key=_order):
        by_engine = [answers[engine].get(group, {}) for engine in ENGINES]
        for measure in question.measures:
            readings = tuple(given.get(measure.id) for given in by_engine)
            if any(reading is not None for reading in readings):
                found.append(Compared(measure, group, readings))
    return found


def _order(group: Group) -> tuple[object, ...]:
    return (group.span.start_ms, group.span.zone, *((v is not None, v or "") for v in group.dims))


def regroup(tally: Tally, fine: Question, coarse: Question) -> Tally:
    """What was counted for one question, as if it had been for another of fewer dimensions.

    The spans of `fine` lie within those of `coarse`, and its dimensions hold the other's.
    """
    at = [fine.by.index(name) for name in coarse.by]
    spans = coarse.by_zone()
    found = Tally(arrivals=tally.arrivals, declarations=tally.declarations)
    for (relation, group), register in tally.groups.items():
        span = span_at(spans.get(group.span.zone, ()), group.span.start_ms)
        if span is not None:
            wide = Group(span, tuple(group.dims[index] for index in at))
            merge(found.groups.setdefault((relation, wide), Register()), register)
    return found


Contributions = dict[str, Ratio]


def apart(contributions: Iterable[Contributions]) -> Iterator[str]:
    """The contacts that do not contribute the same by every engine, in order."""
    known = list(contributions)
    for subject in sorted({name for found in known for name in found}):
        if len({found.get(subject) for found in known}) > 1:
            yield subject


def total(measure: Measure, contributions: Contributions) -> Ratio | None:
    """What contacts add up to; None where that cannot be said: a percentile is no sum."""
    if measure.kind is Kind.PERCENTILE:
        return None
    ratios = contributions.values()
    denominator = sum(ratio.denominator or 0 for ratio in ratios)
    return Ratio(
        sum(ratio.numerator or 0 for ratio in ratios), denominator if measure.denominator else None
    )


def is_total(measure: Measure, reading: Ratio | None, contributions: Contributions) -> bool:
    """Whether a figure is what the same engine's own contacts add up to, as far as that is said."""
    added_up = total(measure, contributions)
    return added_up in (None, reading) or (reading is None and not contributions)


def lost(
    measure: Measure,
    reading: Ratio | None,
    contributions: Contributions,
    partition: Callable[[str], int],
) -> list[int]:
    """Partitions of contacts without whom the sum would be the figure: as if they had been lost."""
    if is_total(measure, reading, contributions):
        return []
    by_partition: dict[int, set[str]] = {}
    for name in contributions:
        by_partition.setdefault(partition(name), set()).add(name)
    said = reading or total(measure, {})
    return sorted(
        number
        for number, names in by_partition.items()
        if total(measure, {n: r for n, r in contributions.items() if n not in names}) == said
    )
