"""Which recorded figures come out otherwise now, what they were, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from schemas.board import Figure, Period
from schemas.definitions import Definitions
from streams.core.basis import Basis, changed, place_of
from streams.core.registers import COHORT
from streams.core.standing import key_of
from streams.finals.ledger import Record, latest, unrecorded
from streams.runtimes.asking import Request

_A_DAY = timedelta(days=1)
_GRAINS = {
    timedelta(minutes=15): "quarter_hour",
    timedelta(minutes=30): "half_hour",
    timedelta(hours=1): "hour",
}


class Moved(Struct, frozen=True, kw_only=True):
    """A recorded figure that comes out otherwise.

    Attributes:
        was: as it was recorded.
        now: as it is; of another version where that was made to hold.
        changes: which of `streams.core.basis.CHANGES` there were; null where it was not kept what
            it rested on.
        basis: what it was recorded to rest on, and what it rests on now.
    """

    was: Figure
    now: Figure
    changes: list[str] | None
    basis: tuple[Basis | None, Basis]


def within(records: Iterable[Record], start: date | None, end: date | None) -> list[Record]:
    """The records of figures of periods that lie in [start, end), local days; null: unbounded."""
    since, until = str(start or date.min), str(end or date.max)
    return [
        record
        for record in records
        if record.attribution == COHORT
        and since <= record.figure.period.start[:10]
        and record.figure.period.end[:10] <= until
    ]


def requests(records: Iterable[Record], definitions: Definitions) -> list[Request]:
    """What to ask so that every recorded figure is among the answers, as its period is given now.

    Days and parts of days are asked for together, from the first to the last.
    """
    asked: dict[tuple[object, ...], Request] = {}
    for figure in (record.figure for record in records):
        start, end, grain = _days(figure.period)
        by = tuple(figure.dimensions)
        place = (grain, by) if grain else (start, end, by)
        one = asked.get(place, Request(start, end, grain, by, (), COHORT, definitions))
        asked[place] = Request(
            min(start, one.start),
            max(end, one.end),
            grain,
            by,
            tuple(dict.fromkeys((*one.measures, figure.measure))),
            COHORT,
            definitions,
        )
    return [*asked.values()]


def _days(period: Period) -> tuple[date, date, str | None]:
    """The local days of a period, and the grain of one that is a day or less."""
    start, end = (datetime.fromisoformat(text) for text in (period.start, period.end))
    grain = _GRAINS.get(end - start)
    if grain:
        return start.date(), start.date() + _A_DAY, grain
    one = end.date() - start.date() == _A_DAY
    return start.date(), end.date(), "day" if one else None


def moved(figures: Sequence[tuple[Figure, Basis]], records: Sequence[Record]) -> Iterator[Moved]:
    """Those of some figures, each with what it rests on, that a record says otherwise of.

    A figure of a version that was not recorded is beside the one in force that was.
    """
    last = {key_of(r.figure, r.attribution): r for r in records}
    in_force = {place_of(key): record for key, record in last.items() if record.figure.in_force}
    bases = {key_of(figure, COHORT): basis for figure, basis in figures}
    for figure in unrecorded((figure for figure, _ in figures), COHORT, latest(records)):
        key = key_of(figure, COHORT)
        before = last.get(key) or in_force.get(place_of(key))
        if before is not None:
            then, now = before.basis, bases[key]
            yield Moved(
                was=before.figure,
                now=figure,
                changes=changed(then, now) if then else None,
                basis=(then, now),
            )
