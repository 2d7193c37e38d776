"""The state of a partition in one SQLite file; see `streams.runtimes.store`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from streams.runtimes.store import Change, Delta, Reach, RegisterKey, Saved, Spreads, Standing
from streams.runtimes.store_file import StateFile
from streams.runtimes.store_registers import Registers, unpack
from streams.runtimes.store_tables import EVENTS, KNOWN, PROGRESS, THESE, events_in, write


class SqliteStore(StateFile):
    """A `StateStore` in one file, for one thread; other processes may open it `read_only`.

    `synchronous=NORMAL`: a power cut may lose the last saves but keeps those before whole,
    position and state together; the log, which loses nothing, is then read again from there.
    """

    def _open(self) -> None:
        self._registers = Registers()
        super()._open()

    def load(self) -> Saved:
        """See `StateStore`; a damaged file is replaced by an empty one (`rebuilt`)."""
        return self._anew(self._load)

    def _load(self) -> Saved:
        with self._trusting() as sql, self.snapshot():
            position, now = sql.execute(PROGRESS).fetchone()
            return Saved(
                position,
                now,
                {contact_id: events_in(packed) for contact_id, packed in sql.execute(EVENTS)},
                dict(sql.execute("SELECT name, value FROM extra")),
            )

    def standing(self) -> Standing:
        """See `StateStore`; a damaged file is replaced by an empty one (`rebuilt`)."""
        return self._anew(self._standing)

    def _standing(self) -> Standing:
        with self._trusting() as sql, self.snapshot():
            position, now = sql.execute(PROGRESS).fetchone()
            return Standing(
                position,
                now,
                dict(sql.execute("SELECT contact_id, standing FROM contacts")),
                dict(sql.execute("SELECT name, value FROM extra")),
            )

    def events(self, names: Collection[str]) -> dict[str, list[bytes]]:
        """See `StateStore`."""
        with self._trusting() as sql:
            found = sql.execute(f"{EVENTS} WHERE {THESE}", (_list(names),))
            return {contact_id: events_in(packed) for contact_id, packed in found}

    def save(self, change: Change) -> None:
        """See `StateStore`."""
        try:
            with self._saving(change) as sql:
                write(sql, change)
                self._registers.add(sql, change.deltas)
        except BaseException:
            self._registers.forget()
            raise

    def progress(self) -> tuple[int, int | None]:
        """See `StateStore`."""
        with self._trusting() as sql:
            position, now = sql.execute(PROGRESS).fetchone()
        return position, now

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        """See `StateStore`; exhaust or close it before the next save."""
        query = """SELECT quarter, dims, packed FROM registers
            WHERE kind = ? AND quarter >= ? AND quarter < ? ORDER BY quarter, dims"""
        with self._trusting() as sql:
            for quarter, dims, packed in sql.execute(query, (kind, start, end)):
                register = unpack(packed)
                yield quarter, dims, register.sums, register.spreads

    def register(self, key: RegisterKey) -> Delta:
        """See `StateStore`."""
        with self._trusting() as sql:
            return self._registers.get(sql, key)

    def every_register(self) -> Iterator[tuple[RegisterKey, Delta]]:
        """See `StateStore`; exhaust or close it before the next save."""
        query = "SELECT kind, quarter, dims, packed FROM registers ORDER BY kind, quarter, dims"
        with self._trusting() as sql:
            for kind, quarter, dims, packed in sql.execute(query):
                yield (kind, quarter, dims), unpack(packed)

    def dims(self, kind: str) -> list[str]:
        """See `StateStore`."""
        query = "SELECT DISTINCT dims FROM registers WHERE kind = ? ORDER BY dims"
        with self._trusting() as sql:
            return [dims for (dims,) in sql.execute(query, (kind,))]

    def counts(self) -> dict[str, int]:
        """See `StateStore`."""
        with self._trusting() as sql:
            return dict(sql.execute("SELECT name, value FROM counts"))

    def known(self, names: Collection[str]) -> set[str]:
        """See `StateStore`."""
        with self._trusting() as sql:
            return {name for (name,) in sql.execute(KNOWN, (_list(names),))}

    def reach(self, names: Collection[str]) -> dict[str, Reach]:
        """See `StateStore`."""
        query = f"SELECT contact_id, first, next FROM records WHERE first NOTNULL AND {THESE}"
        with self._trusting() as sql:
            found = sql.execute(query, (_list(names),))
            return {contact_id: (first, next_) for contact_id, first, next_ in found}

    def record(self, contact_id: str) -> bytes | None:
        """See `StateStore`."""
        return self._value("SELECT json FROM records WHERE contact_id = ?", contact_id)

    def records(self, after: str = "") -> Iterator[tuple[str, int, bytes]]:
        """See `StateStore`; exhaust or close it before the next save."""
        query = """SELECT contact_id, revision, json FROM records
            WHERE contact_id > ? ORDER BY contact_id"""
        with self._trusting() as sql:
            yield from sql.execute(query, (after,))

    def declarations(self) -> dict[str, bytes]:
        """See `StateStore`."""
        with self._trusting() as sql:
            return dict(sql.execute("SELECT name, value FROM declarations"))

    def extra(self, name: str) -> bytes | None:
        """See `StateStore`."""
        return self._value("SELECT value FROM extra WHERE name = ?", name)

    def _value(self, query: str, name: str) -> bytes | None:
        with self._trusting() as sql:
            found: tuple[bytes] | None = sql.execute(query, (name,)).fetchone()
        return found[0] if found else None


def _list(names: Collection[str]) -> str:
    return msgspec.json.encode(list(names)).decode()
