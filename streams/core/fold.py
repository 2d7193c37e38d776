"""`record(events) = fold(sort(dedupe(decode(bytes))))`: idempotent, and blind to arrival order."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.event import Event
from schemas.instants import instant, millis
from schemas.parts import Shift
from schemas.record import ContactRecord, Declaration
from streams.core.gather import Facts, gather
from streams.core.settle import settle
from streams.core.shifts import STATE, shift

DECLARATION = "control.total_declared"
_NO_CONTACT = frozenset({DECLARATION, STATE})  # unless there is something else

Folded = ContactRecord | Shift | Declaration


def fold(values: Sequence[bytes], as_of: int) -> Folded | None:
    """What the events of one subject say at `as_of` (milliseconds).

    The values may come in any order, with repeats. Values that cannot be read say nothing,
    and neither do events after `as_of`.

    Returns:
        The contact record; a declaration, for a subject that only declares totals; a shift, for
        one that only tells the states of an agent; None if there is no readable event up to
        `as_of`.
    """
    limit = instant(as_of)
    facts = gather(values, limit)
    return None if facts is None else conclude(facts, as_of)


def conclude(facts: Facts, as_of: int) -> Folded:
    """What gathered facts add up to at `as_of`, which no event may come after."""
    events = facts.events
    kind = events[0].type
    if kind in _NO_CONTACT and all(event.type == kind for event in events):
        return _declaration(events[-1]) if kind == DECLARATION else shift(facts, as_of)
    return settle(facts, as_of)


def _declaration(event: Event) -> Declaration:
    data = event.data
    return Declaration(
        subject=event.subject,
        of=data.of or "",
        count=data.count or 0,
        start_ms=millis(data.period_start or ""),
        end_ms=millis(data.period_end or ""),
        attribution=data.attribution or "",
        authority=data.authority or "",
        department=data.department,
        program=data.program,
        queue=data.queue,
        channel=data.channel,
        language=data.language,
        line=data.line,
        origin=data.origin,
    )


__all__ = ["Facts", "Folded", "conclude", "fold", "gather"]
