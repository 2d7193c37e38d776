"""Did a caller who was served come back, and how often had they tried?

The words are those of `schemas.across.Repeat`. What a row says depends on contacts of the same
department and of the callers linked with its own: those of the same key, and, while keys are
exchanged, those that name one another as the key before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Generic

from schemas.across import REPEAT_WINDOW, Repeat
from streams.core.callers import NO_HISTORY, History, SameCaller, during_callback
from streams.core.glimpse import AnyContact, Contact, by_phone

Caller = tuple[str | None, str]  # department and key


def repeats(records: Iterable[Contact], as_of: int) -> list[tuple[Contact, Repeat]]:
    """A row for every contact that was served.

    The records may come in any order and be of any number of callers, but of those they are of
    they must be complete; what they say must be true `as_of` the same instant (milliseconds).
    Each row comes with the record it belongs to.
    """
    callers = _Callers(records)
    rows = [row for caller in callers.groups for row in callers.rows(caller, as_of)]
    return rows + [(record, _alone(record, as_of)) for record in callers.unknown]


def served(record: AnyContact) -> bool:
    """Whether a contact has a row."""
    answered = record.message is not None and record.message.responded_ms is not None
    return answered or _connected(record)


def _connected(record: AnyContact) -> bool:
    return by_phone(record) and record.connected_ms is not None


def _with_others(record: AnyContact, same: SameCaller, as_of: int) -> Repeat:
    ended_ms = _ended(record)
    repeated = same.repeat_after(ended_ms)
    return Repeat(
        contact_id=record.contact_id,
        arrived_ms=record.arrived_ms,
        ended_ms=ended_ms,
        known=True,
        representative=same.representative(),
        repeated_ms=repeated and repeated[0],
        repeated_contact=repeated and repeated[1],
        window_open=as_of <= ended_ms + REPEAT_WINDOW,
        attempts=same.attempts() if _connected(record) else None,
    )


def _alone(record: AnyContact, as_of: int) -> Repeat:
    """Of a contact that is the only one of its caller, or of nobody's."""
    known, ended_ms = record.caller is not None, _ended(record)
    return Repeat(
        contact_id=record.contact_id,
        arrived_ms=record.arrived_ms,
        ended_ms=ended_ms,
        known=known,
        window_open=as_of <= ended_ms + REPEAT_WINDOW,
        attempts=1 if known and _connected(record) else None,
    )


def _ended(record: AnyContact) -> int:
    """When a contact that was served was over."""
    if _connected(record):
        return record.last_ms if record.finished_ms is None else record.finished_ms
    replied = None if record.message is None else record.message.responded_ms
    return record.last_ms if replied is None else replied


class _Callers(Generic[Contact]):
    """Contacts by caller, and the ways from one key of a caller to the next."""

    def __init__(self, records: Iterable[Contact]) -> None:
        self.groups: dict[Caller, list[Contact]] = {}
        self.unknown: list[Contact] = []
        self._under_later_key: defaultdict[Caller, list[Contact]] = defaultdict(list)
        for record in records:
            self._add(record)
        groups = self.groups.values()
        self._during_callback = {name for group in groups for name in during_callback(group)}
        self._histories_before: dict[Caller, History] = {}

    def _add(self, record: Contact) -> None:
        if record.caller is None:
            if served(record):
                self.unknown.append(record)
            return
        self.groups.setdefault((record.department, record.caller), []).append(record)
        if record.caller_before not in (None, record.caller):
            self._under_later_key[record.department, record.caller_before or ""].append(record)

    def rows(self, caller: Caller, as_of: int) -> Iterator[tuple[Contact, Repeat]]:
        """The rows of one caller."""
        group, renamed = self.groups[caller], self._under_later_key.get(caller, ())
        asked = [record for record in group if served(record)]
        if not asked:
            return
        if len(group) == 1 and not renamed and group[0].caller_before is None:
            yield group[0], _alone(group[0], as_of)
            return
        mine, later = self._history(group), self._history(renamed)
        for record in asked:
            same = SameCaller(record, mine, later, self._earlier(record))
            yield record, _with_others(record, same, as_of)

    def _earlier(self, record: Contact) -> History:
        """The contacts under the key before; made once, since many may come after one key."""
        before = record.caller_before
        caller = (record.department, before or "")
        if before in (None, record.caller) or caller not in self.groups:
            return NO_HISTORY
        history = self._histories_before.get(caller)
        if history is None:
            history = self._histories_before[caller] = self._history(self.groups[caller])
        return history

    def _history(self, group: Iterable[Contact]) -> History:
        return History(group, self._during_callback)
