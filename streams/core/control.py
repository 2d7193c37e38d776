"""Whether control totals settle the figures of a group (`docs/definitions.md` section 3).

Those totals of switch and workforce system speak in which rows of the group may be: whose
interval touches the period, and that no dimension tells apart from the group. They settle it
where each of them equals our count, and every row of the group is in one of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from operator import attrgetter

from schemas.instants import QUARTER_HOUR
from schemas.periods import Span
from schemas.record import DIMENSIONS, Declaration
from streams.core.figures import Counted, Group, Question, span_at
from streams.core.reconcile import COUNTED_AS, SAME_VIEW, Line, declared_dims, match, reconcile
from streams.core.registers import COHORT, Dims, kind
from streams.core.standing import Check

#: The relations of which totals are declared, and the term that counts all their rows.
ROWS = {"contacts": "arrived", "messages": "message.received"}


def speaking(declarations: Iterable[Declaration], start: int, end: int) -> list[Declaration]:
    """The totals that can settle anything between two instants."""
    return [
        d
        for d in declarations
        if d.authority in SAME_VIEW and d.of in COUNTED_AS and d.start_ms < end and start < d.end_ms
    ]


def checks(
    question: Question,
    groups: Collection[Group],
    relation: str,
    declarations: Iterable[Declaration],
    counted: Callable[[str], Counted],
) -> dict[tuple[str, Group], Check]:
    """What the totals that are `speaking` say of the rows of a relation in some groups.

    `counted` gives the registers of a kind over all that is declared or asked about.
    """
    own = _speaking_of(groups, question.by, (d for d in declarations if _is_of(d, relation)))
    if not own:
        return {}
    of_spans = _of_spans(question, reconcile(own, counted))
    outside = _outside(question, own, counted(kind(relation, COHORT)), ROWS[relation])
    return {
        (relation, group): _together(of_spans.get(group.span, {}), question.by, group)._replace(
            outside=outside.get(group, 0)
        )
        for group in groups
    }


def _is_of(total: Declaration, relation: str) -> bool:
    return COUNTED_AS[total.of][0] == relation


def _speaking_of(
    groups: Iterable[Group], by: Sequence[str], totals: Iterable[Declaration]
) -> list[Declaration]:
    """The totals that may hold rows of any of some groups. Few dimensions are in many totals."""
    asked = {group.dims for group in groups}
    known: dict[Dims, bool] = {}
    own = []
    for total in totals:
        dims = declared_dims(total)
        if dims not in known:
            known[dims] = any(_could_hold(dims, by, values) for values in asked)
        if known[dims]:
            own.append(total)
    return own


def _of_spans(question: Question, lines: Iterable[Line]) -> dict[Span, dict[Dims, Check]]:
    """By span, and by the dimensions that were declared, the totals that touch it."""
    found: dict[Span, dict[Dims, Check]] = {}
    by_zone = question.by_zone()
    for line in lines:
        dims, apart = declared_dims(line.declaration), abs(line.remainder)
        zones = by_zone if dims[0] is None else (question.zone_of(dims),)
        for span in _touched((by_zone.get(zone, []) for zone in zones), line.declaration):
            checks = found.setdefault(span, {})
            before = checks.get(dims, Check())
            checks[dims] = Check(before.totals + 1, before.apart + apart)
    return found


def _touched(zones: Iterable[Sequence[Span]], total: Declaration) -> Iterator[Span]:
    """The spans that a total has part in."""
    for spans in zones:
        first = bisect_right(spans, total.start_ms, key=attrgetter("end_ms"))
        last = bisect_left(spans, total.end_ms, key=attrgetter("start_ms"))
        yield from spans[first:last]


def _together(found: dict[Dims, Check], by: Sequence[str], group: Group) -> Check:
    """All totals in which rows of a group may be."""
    own = [check for dims, check in found.items() if _could_hold(dims, by, group.dims)]
    return Check(sum(check.totals for check in own), sum(check.apart for check in own))


def _could_hold(declared: Dims, by: Sequence[str], group: Dims) -> bool:
    """Whether no dimension tells a total and a group apart: the others are not known of it."""
    known = dict(zip(by, group, strict=True))
    pairs = zip(DIMENSIONS, declared, strict=True)
    return match(declared, tuple(known.get(name, value) for name, value in pairs))


def _outside(
    question: Question, totals: Iterable[Declaration], counted: Counted, term: str
) -> dict[Group, int]:
    """By group, how many rows are in no total, whatever it counted of them."""
    held: dict[Dims, set[int]] = {}
    for total in totals:
        quarters = range(total.start_ms, total.end_ms, QUARTER_HOUR)
        held.setdefault(declared_dims(total), set()).update(quarters)
    by_zone, indices = question.by_zone(), [DIMENSIONS.index(name) for name in question.by]
    fitting: dict[Dims, list[set[int]]] = {}
    outside: dict[Group, int] = {}
    for quarter, dims, register in counted:
        if dims not in fitting:
            fitting[dims] = [quarters for named, quarters in held.items() if match(named, dims)]
        if any(quarter in quarters for quarters in fitting[dims]):
            continue
        span = span_at(by_zone.get(question.zone_of(dims), ()), quarter)
        if span is not None:
            group = Group(span, tuple(dims[index] for index in indices))
            outside[group] = outside.get(group, 0) + register.sums.get(term, 0)
    return outside
