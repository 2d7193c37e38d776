"""Whether the evidence is complete: numbers that never came, totals of others, rows to archive.

Rows that the log forgot before they were archived are the one thing that neither of these would
surely show: a period that they can belong to is never complete.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from schemas.admission import AHEAD
from schemas.instants import instant
from sinks.archive.losses import Lost
from sinks.gaps import Gap
from streams.core.reconcile import SAME_VIEW, Line, declared_dims

_KEPT = 100  # spans, and totals apart, that a report lists


class Source(Struct, frozen=True, kw_only=True):
    """What one source numbered.

    Attributes:
        counts: whether its numbers can be checked: each stands for one event.
        numbers: how many came.
        shared: how many of them stand for several events, and the first five of those.
        missing: how many did not, of which `explained` are those of dead letters, and `elsewhere`
            cannot have been used in the period; null where its numbers cannot be checked.
        spans: the first and the last of numbers of the period that nothing explains; at most 100.
    """

    source: str
    counts: bool
    numbers: int
    shared: int = 0
    first_shared: list[int] = []
    missing: int | None
    explained: int | None
    elsewhere: int | None
    spans: list[tuple[int, int]] = []

    @property
    def unexplained(self) -> int | None:
        """How many numbers of the period came neither as an event nor as a dead letter."""
        if self.missing is None:
            return None
        return self.missing - (self.explained or 0) - (self.elsewhere or 0)

    @property
    def complete(self) -> bool:
        """Whether it says nothing against the evidence: all is there, or it numbers nothing.

        A source that numbers its events, but not each by its own, may lack any of them.
        """
        return self.unexplained == 0 if self.counts else not self.numbers


class Total(Struct, frozen=True, kw_only=True):
    """A declared total that is not what was counted."""

    of: str
    authority: str
    attribution: str
    start: str
    end: str
    dimensions: list[str | None]
    declared: int
    counted: int


class Totals(Struct, frozen=True, kw_only=True):
    """What one authority declared of the period.

    Attributes:
        equal: how many of its totals are what was counted.
        apart: how many are not, and the first hundred of them.
    """

    authority: str
    equal: int
    apart: int
    listed: list[Total] = []


class Completeness(Struct, frozen=True, kw_only=True):
    """All that is known of it.

    Attributes:
        complete: no number of the period is missing without an explanation, no source that
            numbers its events escapes that check, nothing that a switch or a workforce system
            declared differs, and nothing that can be of the period was lost.
        beyond: how many rows are counted and not archived yet.
        lost: what the log forgot before it was archived and can be of the period, in words.
    """

    complete: bool
    sources: list[Source]
    totals: list[Totals]
    beyond: int
    lost: list[str] = []


def completeness(
    gaps: Iterable[Gap],
    here: Collection[Gap],
    refused: Mapping[str, set[int]],
    lines: Iterable[Line],
    beyond: int,
    lost: Sequence[Lost] = (),
) -> Completeness:
    """What gaps (and `here` of them in the period), dead letters and declared totals say.

    `lost` is what can be of the period.
    """
    sources = [
        _source(name, [*found], here, refused.get(name, set()))
        for name, found in groupby(gaps, attrgetter("source"))
    ]
    totals = _totals(lines)
    every = all(source.complete for source in sources)
    apart = any(row.apart for row in totals if row.authority in SAME_VIEW)
    return Completeness(
        complete=every and not apart and not lost,
        sources=sources,
        totals=totals,
        beyond=beyond,
        lost=[str(one) for one in lost],
    )


def of_period(lost: Iterable[Lost], start: int) -> list[Lost]:
    """What of it can be of a period that begins at `start`, in milliseconds.

    An event may be dated ahead of its intake as far as the gateway lets it, and may reach the log
    however late: a year that is imported is of the past.
    """
    return [one for one in lost if start < one.before_ms + AHEAD]


def _source(name: str, gaps: Sequence[Gap], here: Collection[Gap], refused: set[int]) -> Source:
    if not gaps[0].counts:
        return _unchecked(gaps[0])
    missing = [gap for gap in gaps if gap.missing]
    left = [part for gap in missing if gap in here for part in _without(gap, refused)]
    elsewhere = [part for gap in missing if gap not in here for part in _without(gap, refused)]
    total = sum(gap.missing or 0 for gap in missing)
    return Source(
        source=name,
        counts=True,
        numbers=gaps[0].numbers,
        missing=total,
        explained=total - _many(left) - _many(elsewhere),
        elsewhere=_many(elsewhere),
        spans=left[:_KEPT],
    )


def _unchecked(gap: Gap) -> Source:
    """A source of which nobody can say what is missing."""
    return Source(
        source=gap.source,
        counts=False,
        numbers=gap.numbers,
        shared=gap.shared,
        first_shared=[*gap.first_shared],
        missing=None,
        explained=None,
        elsewhere=None,
    )


def _many(spans: Iterable[tuple[int, int]]) -> int:
    return sum(last - first + 1 for first, last in spans)


def _without(gap: Gap, refused: set[int]) -> Iterator[tuple[int, int]]:
    """The parts of a gap between the numbers that were refused."""
    first, last = gap.first or 0, gap.last or 0
    for number in sorted(number for number in refused if first <= number <= last):
        if first < number:
            yield first, number - 1
        first = number + 1
    if first <= last:
        yield first, last


def _totals(lines: Iterable[Line]) -> list[Totals]:
    by_authority: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_authority[line.declaration.authority].append(line)
    return [
        Totals(
            authority=name,
            equal=sum(not line.remainder for line in found),
            apart=sum(bool(line.remainder) for line in found),
            listed=[_total(line) for line in found if line.remainder][:_KEPT],
        )
        for name, found in sorted(by_authority.items())
    ]


def _total(line: Line) -> Total:
    d = line.declaration
    return Total(
        of=d.of,
        authority=d.authority,
        attribution=d.attribution,
        start=instant(d.start_ms),
        end=instant(d.end_ms),
        dimensions=[*declared_dims(d)],
        declared=d.count,
        counted=line.counted,
    )
