"""The contacts of one caller: in the order of arrival, under the present key and its neighbours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set

from schemas.across import DAY_LONG, REPEAT_WINDOW, REPRESENTATIVE
from streams.core.glimpse import AnyContact, by_phone

Key = tuple[int, str]  # arrival and contact: the order of contacts of one caller
_NEVER = 2**62


def key_of(record: AnyContact) -> Key:
    """Where a contact stands among those of its caller."""
    return record.arrived_ms, record.contact_id


def during_callback(group: Sequence[AnyContact]) -> Iterator[str]:
    """The contacts that arrived while a callback of another contact of the caller was open."""
    spells = [spell for record in group if (spell := _open(record))]
    if not spells:
        return
    starts, ends = sorted(start for start, _ in spells), sorted(end for _, end in spells)
    for record in group:
        at, own = record.arrived_ms, _open(record) or (_NEVER, _NEVER)
        others = bisect_right(starts, at) - bisect_right(ends, at) - (own[0] <= at < own[1])
        if others:
            yield record.contact_id


def _open(record: AnyContact) -> tuple[int, int] | None:
    """From when until, not including, when a callback was open; None if it never was."""
    start = record.callback_accepted_ms
    if start is None:
        return None
    ends = (
        record.callback_connected_ms,
        record.callback_cancelled_ms,
        record.callback_expired_ms,
    )
    end = min((end for end in ends if end is not None), default=_NEVER)
    return (start, end) if start < end else None


class Linked:
    """Keys that stand for one caller, as far as contacts name one key beside another."""

    def __init__(self) -> None:
        self._before: dict[str, str] = {}

    def link(self, one: str, other: str) -> None:
        """Two keys are of the same caller."""
        first, second = sorted((self.first(one), self.first(other)))
        if first != second:
            self._before[second] = first

    def first(self, key: str) -> str:
        """The one that stands for all keys of a caller."""
        while key in self._before:
            key = self._before[key]
        return key


class History:
    """Contacts in the order of arrival, as far as they are looked for."""

    __slots__ = ("arrivals", "by_topic", "may_repeat", "phone", "served")

    def __init__(self, group: Iterable[AnyContact], during_callback: Set[str]) -> None:
        self.arrivals: list[int] = []
        self.phone: list[Key] = []
        self.served: list[Key] = []  # of those by phone
        self.may_repeat: list[Key] = []  # an earlier contact
        self.by_topic: dict[str | None, list[Key]] = {}  # the same
        for record in sorted(group, key=key_of):
            key = key_of(record)
            self.arrivals.append(record.arrived_ms)
            if phone := by_phone(record):
                self.phone.append(key)
                if record.connected_ms is not None:
                    self.served.append(key)
            if (phone or record.message is not None) and record.contact_id not in during_callback:
                self.may_repeat.append(key)
                self.by_topic.setdefault(record.topic, []).append(key)

    def first(self, topic: str | None, low: Key, high: Key, own: Key) -> Iterator[Key]:
        """Those from `low` until, not including, `high` that may come first; never `own`."""
        topics = (self.by_topic.get(topic, ()), self.by_topic.get(None, ()))
        for keys in (self.may_repeat,) if topic is None else topics:
            at = bisect_left(keys, low)
            at += at < len(keys) and keys[at] == own
            if at < len(keys) and keys[at] < high:
                yield keys[at]

    def calls(self, after: Key, high: Key) -> int:
        """How many by phone come after one and before another."""
        return max(bisect_left(self.phone, high) - bisect_right(self.phone, after), 0)

    def served_before(self, key: Key) -> Iterator[Key]:
        """The last by phone that was served, of those before."""
        at = bisect_left(self.served, key)
        if at:
            yield self.served[at - 1]


NO_HISTORY = History((), frozenset())


class SameCaller:
    """The contacts of one caller with a contact: of the two, the later names the earlier.

    Under the same key they may be on either side, under a later key only after, and under the key
    before only before the contact.
    """

    def __init__(self, record: AnyContact, mine: History, later: History, earlier: History) -> None:
        self._key = key_of(record)
        self._topic = record.topic
        self._mine, self._later, self._earlier = mine, later, earlier

    def representative(self) -> bool:
        """Whether the key stands for more than one person would."""
        arrivals, now = self._mine.arrivals, self._key[0]
        recent = bisect_right(arrivals, now) - bisect_right(arrivals, now - DAY_LONG)
        return recent > REPRESENTATIVE

    def repeat_after(self, ended_ms: int) -> Key | None:
        """The first contact in the window after an instant."""
        key, topic = self._key, self._topic
        low, high = (ended_ms + 1, ""), (ended_ms + REPEAT_WINDOW + 1, "")
        found = [
            *self._mine.first(topic, low, high, key),
            *self._later.first(topic, max(low, key), high, key),
            *self._earlier.first(topic, low, min(high, key), key),
        ]
        return min(found, default=None)

    def attempts(self) -> int:
        """Calls up to this one, in the window and since the caller was last served."""
        key = self._key
        served = [*self._mine.served_before(key), *self._earlier.served_before(key)]
        after = max([(key[0] - REPEAT_WINDOW + 1, ""), *served])
        high = (key[0] + 1, "")
        return (
            self._mine.calls(after, high)
            + self._later.calls(max(after, key), high)
            + self._earlier.calls(after, key)
        )
