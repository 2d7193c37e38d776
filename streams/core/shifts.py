"""A shift: the spells of an agent's work, cut at the edges of quarter-hours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from schemas.instants import QUARTER_HOUR
from schemas.parts import Shift, Spell
from schemas.record import SILENCE
from streams.core.carried import first_of
from streams.core.gather import Facts

STATE = "agent.state_changed"
OFFLINE = "offline"


def shift(facts: Facts, as_of: int) -> Shift:
    """The shift that events of this one type tell, in event order, at `as_of`."""
    events, times = facts.events, facts.times
    last, last_ms = events[-1], times[-1]
    on, silent = last.data.state != OFFLINE, as_of - last_ms >= SILENCE
    return Shift(
        shift_id=last.subject,
        revision=len(events),
        conflicting=facts.conflicting,
        first_ms=times[0],
        last_ms=last_ms,
        department=first_of(events, "department"),
        program=first_of(events, "program"),
        queue=first_of(events, "queue"),
        channel=first_of(events, "channel"),
        language=first_of(events, "language"),
        line=first_of(events, "line"),
        origin=first_of(events, "origin"),
        agent=events[0].data.agent or "",
        spells=tuple(_spells(facts, None if silent else as_of - as_of % QUARTER_HOUR)),
        open=on and not silent,
        unended=on and silent,
    )


def _spells(facts: Facts, until: int | None) -> Iterator[Spell]:
    """Every state until the next; the last one goes on `until` then, or nobody knows."""
    states = (event.data.state or "" for event in facts.events)
    changes = list(zip(states, facts.times, strict=True))
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
