"""A shift: the spells of an agent's work, cut at the edges of quarter-hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from schemas.event import Event
from schemas.instants import QUARTER_HOUR, millis
from schemas.parts import Shift, Spell
from schemas.record import SILENCE
from streams.core.carried import first_of

STATE = "agent.state_changed"
OFFLINE = "offline"


def shift(events: Sequence[Event], as_of: int, *, revision: int, conflicting: int) -> Shift:
    """The shift that events of this one type tell, in event order, at `as_of`."""
    last = events[-1]
    first_ms, last_ms = millis(events[0].time), millis(last.time)
    on, silent = last.data.state != OFFLINE, as_of - last_ms >= SILENCE
    return Shift(
        shift_id=last.subject,
        revision=revision,
        conflicting=conflicting,
        first_ms=first_ms,
        last_ms=last_ms,
        department=first_of(events, "department"),
        program=first_of(events, "program"),
        queue=first_of(events, "queue"),
        channel=first_of(events, "channel"),
        language=first_of(events, "language"),
        line=first_of(events, "line"),
        origin=first_of(events, "origin"),
        agent=events[0].data.agent or "",
        spells=tuple(_spells(events, None if silent else as_of - as_of % QUARTER_HOUR)),
        open=on and not silent,
        unended=on and silent,
    )


def _spells(events: Sequence[Event], until: int | None) -> Iterator[Spell]:
    """Every state until the next; the last one goes on `until` then, or nobody knows."""
    changes = [(event.data.state or "", millis(event.time)) for event in events]
    if until is not None:
        changes.append((OFFLINE, until))
    for (state, start), (_, end) in pairwise(changes):
        if state != OFFLINE:
            yield from _cut(state, start, end)


def _cut(state: str, start: int, end: int) -> Iterator[Spell]:
    while start < end:
        edge = min(end, start - start % QUARTER_HOUR + QUARTER_HOUR)
        yield Spell(state=state, from_ms=start, spent_ms=edge - start)
        start = edge
