"""The state of one partition: its contacts, its registers and its position, never apart.

All of it is derived from the log and can be rebuilt, so a file that cannot be used is set aside
and an empty one begun (`rebuilt`). What must never happen is a position beside the state of
another: every `save` is one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import msgspec

from schemas.errors import Stop

#: (kind: "cohort" or "interval", start of the quarter-hour in ms, dimensions as a JSON list).
RegisterKey = tuple[str, int, str]
Spreads = dict[str, dict[int, int]]
#: first <= offset < next.
Reach = tuple[int, int]
_K = TypeVar("_K", str, int)


class Fenced(Stop):
    """Another worker has saved to this state, or it is gone; opened again, it is as it was left."""


class Delta(msgspec.Struct, array_like=True):
    """What a register holds, without zeros; or what is added to it, negative to take away.

    Attributes:
        sums: term -> amount.
        spreads: term -> second -> count.
    """

    sums: dict[str, int] = {}
    spreads: Spreads = {}

    def __bool__(self) -> bool:
        return bool(self.sums or self.spreads)

    def add(self, other: Delta) -> None:
        """Add another in place; what becomes 0 is taken out."""
        _add(self.sums, other.sums)
        for term, spread in other.spreads.items():
            counts = self.spreads.setdefault(term, {})
            _add(counts, spread)
            if not counts:
                del self.spreads[term]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one save writes.

    Attributes:
        position: the next log offset to be read.
        now: event time reached, in milliseconds; None before any.
        touched: contact id -> all its events; replaces what was stored.
        standing: contact id -> how it stands; replaces what was stored of a contact that is
            there, or is among `touched`.
        forgotten: contacts that leave the state; wins over `touched` and `standing`.
        deltas: added to the registers.
        records: (contact id, revision, JSON); replaces the contact's.
        reach: contact id -> (first, next): in what span of offsets its events came; of contacts
            among `records`.
        declarations: subject -> value, None to delete it.
        counts: added to the counters of those names.
        extra: small blobs by name; replaces those named.
    """

    position: int
    now: int | None
    touched: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    standing: Mapping[str, bytes] = field(default_factory=dict)
    forgotten: Collection[str] = ()
    deltas: Mapping[RegisterKey, Delta] = field(default_factory=dict)
    records: Sequence[tuple[str, int, bytes]] = ()
    reach: Mapping[str, Reach] = field(default_factory=dict)
    declarations: Mapping[str, bytes | None] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    extra: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """What a worker starts from; see `Change`."""

    position: int = 0
    now: int | None = None
    contacts: dict[str, list[bytes]] = field(default_factory=dict)
    extra: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """What a worker goes on from.

    `contacts` are as `Change.standing` told; b"" where it did not.
    """

    position: int = 0
    now: int | None = None
    contacts: dict[str, bytes] = field(default_factory=dict)
    extra: dict[str, bytes] = field(default_factory=dict)


class StateStore(Protocol):
    """The state of one partition, as of its last save."""

    @property
    def rebuilt(self) -> bool:
        """Whether what was there could not be used, and an empty state was begun."""
        ...

    def load(self) -> Saved:
        """Everything that is not derived; empty at position 0 when there is nothing."""
        ...

    def standing(self) -> Standing:
        """The same, with how contacts stand in place of their events."""
        ...

    def events(self, names: Collection[str]) -> dict[str, list[bytes]]:
        """All events of those of these contacts that are in the state."""
        ...

    def save(self, change: Change) -> None:
        """All of the change, or none of it.

        Raises:
            Retry: nothing was written (disk full, locked); the same call may succeed later.
            Fenced: another worker has saved to this state, or somebody removed it.
            Stop: it turned out to be damaged.
        """
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Within it all that is read is of one save, whatever another process writes."""
        ...

    def progress(self) -> tuple[int, int | None]:
        """(position, now) of the last save."""
        ...

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        """(quarter, dims, sums, spreads) with start <= quarter < end, in that order."""
        ...

    def register(self, key: RegisterKey) -> Delta:
        """One register, not to be changed; empty where there is none."""
        ...

    def every_register(self) -> Iterator[tuple[RegisterKey, Delta]]:
        """All registers, in order of their keys."""
        ...

    def dims(self, kind: str) -> list[str]:
        """The dimensions of all registers, each once, in order."""
        ...

    def counts(self) -> dict[str, int]:
        """The counters, which only ever grow."""
        ...

    def known(self, names: Collection[str]) -> set[str]:
        """Those of these names that have a record or a declaration."""
        ...

    def reach(self, names: Collection[str]) -> dict[str, Reach]:
        """Of those of these contacts of which it is known, where in the log their events came."""
        ...

    def record(self, contact_id: str) -> bytes | None:
        """The record of a contact, as JSON."""
        ...

    def records(self, after: str = "") -> Iterator[tuple[str, int, bytes]]:
        """(contact id, revision, JSON) in order of contact id, those beyond `after`."""
        ...

    def declarations(self) -> dict[str, bytes]:
        """All of them."""
        ...

    def extra(self, name: str) -> bytes | None:
        """A small blob by its name."""
        ...

    def close(self) -> None:
        """Let go of it; a second call does nothing."""
        ...


def _add(totals: dict[_K, int], amounts: Mapping[_K, int]) -> None:
    for name, amount in amounts.items():
        total = totals.get(name, 0) + amount
        if total:
            totals[name] = total
        else:
            totals.pop(name, None)
