"""Was a callback made when the caller would have been answered? By the two neighbouring calls.

The words are those of `schemas.across.Fidelity`. What a row says depends on its own group only:
department, queue, skill, language, priority and opening session.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from schemas.across import NEIGHBOURS, Fidelity
from schemas.hours import session
from streams.core.glimpse import AnyContact, Contact

Line = tuple[str | None, str | None, str | None, str | None, int | None]
_SIDES = {
    (True, True): "both",
    (True, False): "before",
    (False, True): "after",
    (False, False): "none",
}


def fidelity(records: Iterable[Contact], as_of: int) -> list[tuple[Contact, Fidelity]]:
    """A row for every callback that was accepted and that its caller did not cancel.

    The records may come in any order and be of any number of groups; what they say must be true
    `as_of` the same instant (milliseconds). Each row comes with the record it belongs to.
    """
    answered: defaultdict[Line, list[Contact]] = defaultdict(list)
    accepted: defaultdict[Line, list[Contact]] = defaultdict(list)
    for record in records:
        if record.place == "answered":
            answered[line_of(record)].append(record)
        if owed(record):
            accepted[line_of(record)].append(record)
    return [row for line, found in accepted.items() for row in _bracketed(found, answered[line])]


def compared(record: AnyContact) -> bool:
    """Whether a contact has a row, or may be a neighbour of one that has."""
    return record.place == "answered" or owed(record)


def owed(record: AnyContact) -> bool:
    """Whether a contact has a row; only contacts by phone are `queued`."""
    known = record.callback_accepted_ms is not None and record.queued_ms is not None
    return known and record.callback_cancelled_by != "customer"


def line_of(record: AnyContact) -> Line:
    """What calls must share to be comparable, beside the opening session."""
    return record.department, record.queue, record.skill, record.language, record.priority


def _bracketed(
    accepted: Sequence[Contact], answered: list[Contact]
) -> Iterator[tuple[Contact, Fidelity]]:
    """Each contact between the two of its line that entered the queue next to it.

    Sessions tile time, so where the nearest is of another session, no other is of the same.
    """
    answered.sort(key=_entry)
    entries = [_entry(record) for record in answered]
    for record in accepted:
        entry = _entry(record)
        before, after = bisect_left(entries, entry) - 1, bisect_right(entries, entry)
        yield (
            record,
            _judged(
                record,
                _neighbour(record, answered[before] if before >= 0 else None),
                _neighbour(record, answered[after] if after < len(entries) else None),
            ),
        )


def _entry(record: AnyContact) -> tuple[int, str]:
    return record.queued_ms or 0, record.contact_id


def _neighbour(record: Contact, other: Contact | None) -> Contact | None:
    """The nearest on one side, if it is near enough."""
    if other is None:
        return None
    mine, theirs = record.queued_ms or 0, other.queued_ms or 0
    near = abs(theirs - mine) <= NEIGHBOURS
    same = near and session(record.department, mine) == session(record.department, theirs)
    return other if same else None


def _judged(record: AnyContact, before: AnyContact | None, after: AnyContact | None) -> Fidelity:
    before_ms = None if before is None else before.exit_ms
    after_ms = None if after is None else after.exit_ms
    crossed = before_ms is not None and after_ms is not None and before_ms > after_ms
    lower_ms, upper_ms = (after_ms, before_ms) if crossed else (before_ms, after_ms)
    deviation_ms = _deviation(record.callback_attempted_ms, lower_ms, upper_ms)
    connected_deviation_ms = _deviation(record.callback_connected_ms, lower_ms, upper_ms)
    return Fidelity(
        contact_id=record.contact_id,
        arrived_ms=record.arrived_ms,
        accepted_ms=record.callback_accepted_ms or 0,
        entered_ms=record.queued_ms or 0,
        attempted_ms=record.callback_attempted_ms,
        connected_ms=record.callback_connected_ms,
        before_contact=None if before is None else before.contact_id,
        before_ms=before_ms,
        after_contact=None if after is None else after.contact_id,
        after_ms=after_ms,
        bracket=_SIDES[before is not None, after is not None],
        crossed=crossed,
        lower_ms=lower_ms,
        upper_ms=upper_ms,
        deviation_ms=deviation_ms,
        deviation_size_ms=_size(deviation_ms),
        connected_deviation_ms=connected_deviation_ms,
        connected_size_ms=_size(connected_deviation_ms),
    )


def _deviation(ms: int | None, lower_ms: int | None, upper_ms: int | None) -> int | None:
    """How far an instant lies outside its bounds; negative is early. A missing bound is open."""
    if ms is None or (lower_ms is None and upper_ms is None):
        return None
    if lower_ms is not None and ms < lower_ms:
        return ms - lower_ms
    return ms - upper_ms if upper_ms is not None and ms > upper_ms else 0


def _size(ms: int | None) -> int | None:
    return None if ms is None else abs(ms)
