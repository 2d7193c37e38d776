"""When the clock alone will change what is known of a subject, or lets it leave memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from schemas import business
from schemas.instants import DAY, MINUTE, QUARTER_HOUR
from schemas.parts import Shift
from schemas.record import SILENCE, ContactRecord

#: How long a closed contact or shift stays in memory after its last event, for late facts.
GRACE = 30 * MINUTE


class Due(NamedTuple):
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
        changes, over = list(_edge(folded, as_of)), not folded.unended
    else:
        changes, over = list(_changes(folded, as_of)), _is_over(folded)
    if changes:
        return Due(min(changes), closed=False)
    return Due(folded.last_ms + (GRACE if over else SILENCE), closed=True)


def _edge(shift: Shift, as_of: int) -> Iterator[int]:
    """A state that goes on is counted until the last edge of a quarter, or until silence."""
    if shift.open:
        yield as_of - as_of % QUARTER_HOUR + QUARTER_HOUR
        yield shift.last_ms + SILENCE


def _changes(record: ContactRecord, as_of: int) -> Iterator[int]:
    if record.place in {"waiting", "in_ivr"}:  # places that silence ends
        yield record.last_ms + SILENCE
    if _promised(record):
        yield (record.promise_until_ms or 0) + 1
    message = record.message
    if message is not None and message.open:  # its age grows by business days, and by whole days
        yield business.following(record.department, as_of)
        yield message.received_ms + (message.elapsed_whole_days + 1) * DAY


def _promised(record: ContactRecord) -> bool:
    """An open promise is broken the millisecond after its window."""
    if record.promise_from_ms is None or record.promise_until_ms is None:
        return False
    return record.promise is None and record.callback_cancelled_by != "customer"


def _is_over(record: ContactRecord) -> bool:
    if record.callback_pending:
        return False
    return record.ended_ms is not None or record.message is not None
