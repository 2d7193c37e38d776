"""The state of a partition in memory, for tests: the real interface, nothing kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, field

from schemas.errors import Retry
from streams.runtimes.store import Change, Delta, Reach, RegisterKey, Saved, Spreads, Standing


@dataclass
class MemoryStore:
    """A `StateStore` that lives as long as the object; `close` loses nothing.

    Attributes:
        rebuilt: always false.
        refuses: while true, `save` raises Retry, as on a full disk.
    """

    rebuilt: bool = False
    refuses: bool = False
    _saved: Saved = field(default_factory=Saved)
    _standing: dict[str, bytes] = field(default_factory=dict)
    _reach: dict[str, Reach] = field(default_factory=dict)
    _registers: dict[RegisterKey, Delta] = field(default_factory=dict)
    _records: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    _declarations: dict[str, bytes] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def load(self) -> Saved:
        """See `StateStore`."""
        contacts = {name: list(events) for name, events in self._saved.contacts.items()}
        return Saved(self._saved.position, self._saved.now, contacts, dict(self._saved.extra))

    def standing(self) -> Standing:
        """See `StateStore`."""
        saved = self.load()
        standing = {name: self._standing.get(name, b"") for name in saved.contacts}
        return Standing(saved.position, saved.now, standing, saved.extra)

    def events(self, names: Collection[str]) -> dict[str, list[bytes]]:
        """See `StateStore`."""
        contacts = self._saved.contacts
        return {name: list(contacts[name]) for name in names if name in contacts}

    def save(self, change: Change) -> None:
        """See `StateStore`."""
        if self.refuses:
            msg = "the state in memory refuses, as it was told; nothing was changed"
            raise Retry(msg)
        saved = self.load()
        saved.contacts.update({name: list(events) for name, events in change.touched.items()})
        for name in change.forgotten:
            saved.contacts.pop(name, None)
        extra = {**saved.extra, **change.extra}
        self._saved = Saved(change.position, change.now, saved.contacts, extra)
        standing = {**self._standing, **dict.fromkeys(change.touched, b""), **change.standing}
        self._standing = {k: v for k, v in standing.items() if k in saved.contacts}
        self._reach.update(change.reach)
        for key, delta in change.deltas.items():
            self._merge(key, delta)
        self._records.update({name: (revision, json) for name, revision, json in change.records})
        self._counts.update(change.counts)
        declared = {**self._declarations, **change.declarations}
        self._declarations = {k: v for k, v in declared.items() if v is not None}

    def _merge(self, key: RegisterKey, delta: Delta) -> None:
        register = self._registers.setdefault(key, Delta())
        register.add(delta)
        if not register:
            del self._registers[key]

    def snapshot(self) -> AbstractContextManager[None]:
        """See `StateStore`."""
        return nullcontext()

    def progress(self) -> tuple[int, int | None]:
        """See `StateStore`."""
        return self._saved.position, self._saved.now

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        """See `StateStore`."""
        for key in sorted(self._registers):
            if key[0] == kind and start <= key[1] < end:
                register = deepcopy(self._registers[key])
                yield key[1], key[2], register.sums, register.spreads

    def register(self, key: RegisterKey) -> Delta:
        """See `StateStore`."""
        return deepcopy(self._registers.get(key, Delta()))

    def every_register(self) -> Iterator[tuple[RegisterKey, Delta]]:
        """See `StateStore`."""
        return iter([(key, deepcopy(self._registers[key])) for key in sorted(self._registers)])

    def dims(self, kind: str) -> list[str]:
        """See `StateStore`."""
        return sorted({dims for of, _, dims in self._registers if of == kind})

    def counts(self) -> dict[str, int]:
        """See `StateStore`."""
        return dict(self._counts)

    def known(self, names: Collection[str]) -> set[str]:
        """See `StateStore`."""
        return {name for name in names if name in self._records or name in self._declarations}

    def reach(self, names: Collection[str]) -> dict[str, Reach]:
        """See `StateStore`."""
        return {name: self._reach[name] for name in names if name in self._reach}

    def record(self, contact_id: str) -> bytes | None:
        """See `StateStore`."""
        found = self._records.get(contact_id)
        return found[1] if found else None

    def records(self, after: str = "") -> Iterator[tuple[str, int, bytes]]:
        """See `StateStore`."""
        return iter(
            [(name, *self._records[name]) for name in sorted(self._records) if name > after]
        )

    def declarations(self) -> dict[str, bytes]:
        """See `StateStore`."""
        return dict(self._declarations)

    def extra(self, name: str) -> bytes | None:
        """See `StateStore`."""
        return self._saved.extra.get(name)

    def close(self) -> None:
        """See `StateStore`."""
