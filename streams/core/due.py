"""When the clock alone will change what is known of a subject, or lets it leave memory."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from schemas import business
from schemas.instants import DAY, MINUTE, QUARTER_HOUR
from schemas.parts import Message, Shift
from schemas.record import SILENCE, ContactRecord, Declaration

#: How long a closed contact or shift stays in memory after its last event, for late facts.
GRACE = 30 * MINUTE
SILENCED = frozenset({"waiting", "in_ivr"})  # the places that silence ends


class Due(Struct, frozen=True, gc=False):
    """The next instant at which a contact or a shift must be looked at again.

    Attributes:
        at: milliseconds of event time.
        closed: nothing but a new fact can change it; at `at` it leaves memory.
    """

    at: int
    closed: bool


def due(folded: ContactRecord | Shift, as_of: int) -> Due:
    """When to look again at what was folded at `as_of`."""
    if isinstance(folded, Shift):
        if folded.open:
            return Due(min(_edge(as_of), folded.last_ms + SILENCE), closed=False)
        return Due(folded.last_ms + GRACE, closed=True)
    changes = list(_changes(folded, as_of))
    if changes:
        return Due(min(changes), closed=False)
    return Due(folded.last_ms + (GRACE if _is_over(folded) else SILENCE), closed=True)


def lingers(folded: ContactRecord | Shift | Declaration, at: Due) -> bool:
    """Whether it is over, and in memory only in case that a late fact comes soon."""
    return at.closed and (isinstance(folded, Declaration) or at.at <= folded.last_ms + GRACE)


def _edge(as_of: int) -> int:
    """The next edge of a quarter-hour: up to the last one, a state that goes on is counted."""
    return as_of - as_of % QUARTER_HOUR + QUARTER_HOUR


def _changes(record: ContactRecord, as_of: int) -> Iterator[int]:
    if record.place in SILENCED:
        yield record.last_ms + SILENCE
    if record.promise_until_ms is not None and _is_promised(record):
        yield record.promise_until_ms + 1  # the millisecond after the window it is broken
    if record.message is not None and record.message.open:
        yield _older(record, record.message, as_of)


def _is_promised(record: ContactRecord) -> bool:
    if record.promise_from_ms is None or record.promise is not None:
        return False
    return record.callback_cancelled_by != "customer"


def _older(record: ContactRecord, message: Message, as_of: int) -> int:
    """When an open message grows older: at every closing, and with every whole day."""
    next_day = message.received_ms + (message.elapsed_whole_days + 1) * DAY
    return min(business.following(record.department, as_of), next_day)


def _is_over(record: ContactRecord) -> bool:
    if record.callback_pending:
        return False
    return record.ended_ms is not None or record.message is not None
