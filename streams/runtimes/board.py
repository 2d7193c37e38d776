"""The board: what the live page and the gauges show, made from the worker's own state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, cast

from schemas.board import Board, Figure, Gated, QueueNow
from schemas.departments import DEPARTMENTS, HEADQUARTERS, zone_of
from schemas.instants import QUARTER_HOUR
from schemas.measures import MEASURES, relation_of
from schemas.periods import Span, day_of, spans
from schemas.record import ContactRecord, Declaration
from schemas.relations import RELATIONS
from streams.core.figures import Question, figures
from streams.core.unexplained import PHONE
from streams.runtimes.asking import declarations, inquire
from streams.runtimes.live import LiveWorker
from streams.runtimes.store import Spreads, StateStore

#: Those that can be told every second: the others rest on all contacts.
MEASURED = [row for row in MEASURES.values() if not RELATIONS[relation_of(row)].across]


class Counts(Protocol):
    """The part of a `StateStore` that figures are made of, but for those across contacts."""

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        """See `StateStore`."""
        ...

    def counts(self) -> dict[str, int]:
        """See `StateStore`."""
        ...

    def declarations(self) -> dict[str, bytes]:
        """See `StateStore`."""
        ...


def board(worker: LiveWorker, gated: Sequence[Gated] = ()) -> Board:
    """The newest live figures, empty before the first event, and what the gate said of old ones."""
    as_of = worker.now
    return board_of(
        [part.store for part in worker.partitions],
        as_of,
        {number: part.position for number, part in enumerate(worker.partitions)},
        [] if as_of is None else queues(_records(worker), as_of),
        gated,
    )


def board_of(
    parts: Sequence[Counts],
    as_of: int | None,
    positions: Mapping[int, int],
    waiting: Sequence[QueueNow],
    gated: Sequence[Gated] = (),
) -> Board:
    """The board of what some partitions counted, up to `positions`, at the clock `as_of`."""
    if as_of is None:
        return Board(positions={**positions}, gated=[*gated])
    counters: Counter[str] = Counter()
    for part in parts:
        counters.update(part.counts())
    stores = cast(Sequence[StateStore], parts)  # no contact is asked about
    return Board(
        as_of_ms=as_of,
        queues=[*waiting],
        today=_figures(stores, as_of, _today),
        last_interval=_figures(stores, as_of, _last_interval),
        carriers=carriers(declarations(stores), as_of),
        positions={**positions},
        counters=dict(counters),
        gated=[*gated],
    )


def _records(worker: LiveWorker) -> Iterable[ContactRecord]:
    for part in worker.partitions:
        for contact in part.state.contacts.values():
            if isinstance(contact.folded, ContactRecord):
                yield contact.folded


_Place = tuple[str | None, str | None, str | None]


@dataclass(slots=True)
class _Tally:
    waiting: int = 0
    longest_ms: int | None = None
    connected: int = 0


def queues(records: Iterable[ContactRecord], as_of: int) -> list[QueueNow]:
    """Who waits and who talks at this moment, by department, queue and language."""
    tallies: dict[_Place, _Tally] = {}
    for record in records:
        place = (record.department, record.queue, record.language)
        if record.place == "waiting":
            tally = tallies.setdefault(place, _Tally())
            tally.waiting += 1
            waited = as_of - (record.queued_ms or as_of)
            tally.longest_ms = max(waited, tally.longest_ms or 0)
        elif _talking(record):
            tallies.setdefault(place, _Tally()).connected += 1
    return _told(tallies)


def together(parts: Iterable[QueueNow]) -> list[QueueNow]:
    """The same of several partitions, added up."""
    tallies: dict[_Place, _Tally] = {}
    for row in parts:
        tally = tallies.setdefault((row.department, row.queue, row.language), _Tally())
        tally.waiting += row.waiting
        tally.connected += row.connected
        if row.longest_wait_ms is not None:
            tally.longest_ms = max(row.longest_wait_ms, tally.longest_ms or 0)
    return _told(tallies)


def _told(tallies: Mapping[_Place, _Tally]) -> list[QueueNow]:
    return [
        QueueNow(
            department=department,
            queue=queue,
            language=language,
            waiting=tally.waiting,
            longest_wait_ms=tally.longest_ms,
            connected=tally.connected,
        )
        for (department, queue, language), tally in sorted(
            tallies.items(), key=lambda item: tuple(part or "" for part in item[0])
        )
    ]


def _talking(record: ContactRecord) -> bool:
    """Whether a conversation has begun, live or by callback, and its end is not known yet."""
    ended_before = record.ended_ms is not None and record.ended_ms >= (record.connected_ms or 0)
    return record.connected_ms is not None and record.talk_ms is None and not ended_before


def _figures(
    stores: Sequence[StateStore], as_of: int, span: Callable[[str, int], Span]
) -> list[Figure]:
    """Figures of every department there can be: only what lies within the spans is read."""
    zones = {row.id: row.zone for row in DEPARTMENTS}
    question = Question(
        measures=MEASURED,
        spans=[span(zone, as_of) for zone in sorted({HEADQUARTERS, *zones.values()})],
        by=("department",),
        zones=zones,
        default_zone=HEADQUARTERS,
    )
    return figures(question, inquire(stores, question, as_of, across={}), as_of)


def carriers(declared: Iterable[Declaration], as_of: int) -> list[str]:
    """Departments of which a carrier declared how many contacts arrived on their day so far."""
    found = {
        row.department
        for row in declared
        if row.authority == "carrier" and row.of == "arrived" and row.channel in PHONE
        if _touches(row, _today(zone_of(row.department), as_of))
    }
    return sorted(name for name in found if name is not None)


def _touches(row: Declaration, day: Span) -> bool:
    return row.start_ms < day.end_ms and day.start_ms < row.end_ms


def _today(zone: str, as_of: int) -> Span:
    day = day_of(zone, as_of)
    return spans(zone, day, day + timedelta(days=1), "day")[0]


def _last_interval(zone: str, as_of: int) -> Span:
    end = as_of - as_of % QUARTER_HOUR
    return Span(end - QUARTER_HOUR, end, zone)
