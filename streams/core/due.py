"""When the clock alone will change what is known of a contact, or lets it leave memory."""

from __future__ import annotations

from typing import NamedTuple

from schemas.instants import MINUTE
from schemas.record import SILENCE, ContactRecord

#: How long a closed contact stays in memory after its last event, for facts that come late.
GRACE = 30 * MINUTE


class Due(NamedTuple):
    """The next instant at which a contact must be looked at again.

    Attributes:
        at: milliseconds of event time.
        closed: nothing but a new fact can change the contact; at `at` it leaves memory.
    """

    at: int
    closed: bool


def due(record: ContactRecord) -> Due:
    """When to look at a contact again, from its record at some `as_of`."""
    changes = [_silence(record), _promise(record)]
    pending = [at for at in changes if at is not None]
    if pending:
        return Due(min(pending), closed=False)
    stays = GRACE if record.ended_ms is not None and not record.callback_pending else SILENCE
    return Due(record.last_ms + stays, closed=True)


def _silence(record: ContactRecord) -> int | None:
    """Waiting and still in the menu are places that silence ends."""
    return record.last_ms + SILENCE if record.place in {"waiting", "in_ivr"} else None


def _promise(record: ContactRecord) -> int | None:
    """An open promise is broken the millisecond after its window."""
    if record.promise_from_ms is None or record.promise_until_ms is None:
        return None
    if record.promise is not None or record.callback_cancelled_by == "customer":
        return None
    return record.promise_until_ms + 1
