"""What every engine's own contacts contribute to figures that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from schemas.measures import Kind, Measure, relation_of
from schemas.record import ContactRecord
from schemas.relations import RELATIONS
from sinks.recount import Ask, recount
from streams.core.behind import Part, behind
from streams.core.figures import Group, Ratio
from streams.core.fold import Folded
from streams.core.gating import LIVE, RECOUNT, SQL, Compared, Contributions
from streams.gate.known import live_folded, recount_folded
from streams.gate.moment import Grouping, Shape
from streams.gate.narrowing import each_behind
from streams.recounting.evidence import Evidence
from streams.runtimes.store import StateStore

MOST = 50_000  # contacts behind one figure that are compared
_TOGETHER = 5_000  # contacts that are in memory at a time
_T = TypeVar("_T")


class Disputed(NamedTuple):
    """A figure on which engines differ."""

    grouping: Grouping
    figure: Compared

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.grouping.shape, self.figure.measure.id, self.figure.group


Key = tuple[Shape, str, Group]
Found = dict[Key, Contributions]


def contributions(
    disputed: Sequence[Disputed],
    stores: Sequence[StateStore],
    evidence: Evidence,
    as_of: int,
    most: int = MOST,
) -> Mapping[str, Found]:
    """By engine, what its own contacts contribute to some figures.

    Of a figure with more than `most` of them, one more than that is told.
    """
    figures = [one for one in disputed if one.figure.measure.kind is not Kind.REMAINDER]
    return {
        LIVE: _of_core(figures, live_folded(stores, as_of), as_of, most),
        RECOUNT: _of_core(figures, recount_folded(evidence, as_of), as_of, most),
        SQL: _of_sql(figures, evidence, as_of, most),
    }


def _of_core(
    disputed: Sequence[Disputed], folded: Iterable[Folded], as_of: int, most: int
) -> Found:
    found: Found = {one.key: {} for one in disputed}
    asked = _asked(disputed)
    across = any(is_across(measure) for _, measure in asked)
    kept: list[Folded] = []
    for some in _batches(folded, _TOGETHER):
        if across:
            kept += [one for one in some if isinstance(one, ContactRecord)]
        for grouping, measure in asked:
            if not is_across(measure):
                _add(found, grouping, measure, _behind(grouping, measure, some, as_of), most)
    for grouping, measure in asked:
        if is_across(measure):
            _add(found, grouping, measure, _behind(grouping, measure, kept, as_of), most)
    return found


def _asked(disputed: Sequence[Disputed]) -> list[tuple[Grouping, Measure]]:
    """Each measure of each grouping once."""
    pairs = {(one.key[0], one.key[1]): (one.grouping, one.figure.measure) for one in disputed}
    return [*pairs.values()]


def is_across(measure: Measure) -> bool:
    """Whether what a contact contributes may rest on other contacts."""
    return RELATIONS[relation_of(measure)].across


def _behind(
    grouping: Grouping, measure: Measure, folded: Iterable[Folded], as_of: int
) -> Iterator[Part]:
    return behind(grouping.question, measure, folded, as_of, grouping.asked.attribution)


def _add(
    found: Found, grouping: Grouping, measure: Measure, parts: Iterable[Part], most: int
) -> None:
    for part in parts:
        into = found.get((grouping.shape, measure.id, part.group))
        if into is not None and len(into) <= most and any(part.ratio):
            into[part.subject] = part.ratio


def _of_sql(disputed: Sequence[Disputed], evidence: Evidence, as_of: int, most: int) -> Found:
    found: Found = {one.key: {} for one in disputed}
    asked: dict[Shape, list[Disputed]] = {}
    for one in disputed:
        asked.setdefault(one.grouping.shape, []).append(one)
    asks = [_each(some, most) for some in asked.values()]
    if not asks:
        return found
    counted = recount(evidence.files, as_of, asks, spill=evidence.scratch)
    for shape, rows in zip(asked, counted, strict=True):
        spans = {(s.start_ms, s.zone): s for s in asked[shape][0].grouping.question.spans}
        for row in rows:
            group = Group(spans[row.period_start_ms, row.zone], row.dims[:-1])
            if (into := found.get((shape, row.measure, group))) is not None:
                into[str(row.dims[-1])] = Ratio(row.numerator, row.denominator)
    return found


def _each(some: Sequence[Disputed], most: int) -> Ask:
    wanted = [(one.figure.measure, one.figure.group) for one in some]
    return each_behind(some[0].grouping.asked, wanted, most)


def _batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    left = iter(items)
    while some := list(islice(left, size)):
        yield some
