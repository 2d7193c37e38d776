"""The state of a partition in one SQLite file; see `streams.runtimes.store`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

import msgspec

from schemas.errors import Retry, Stop
from streams.runtimes.store import Change, Delta, RegisterKey, Saved, Spreads
from streams.sqlite import (
    Damaged,
    application_of,
    connect,
    errors_of,
    transaction,
    write_ahead,
)

APPLICATION = 0x564F5354  # "VOST", in the header of the file
LAYOUT = 1

_TABLES = (
    """CREATE TABLE progress (
        identity TEXT NOT NULL, position INTEGER NOT NULL, now INTEGER, saves INTEGER NOT NULL)""",
    # With a row number, new contacts land at the edge: a third of the cost of a tree by id.
    "CREATE TABLE contacts (contact_id TEXT NOT NULL UNIQUE, events BLOB NOT NULL)",
    """CREATE TABLE records (
        contact_id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, json BLOB NOT NULL)""",
    """CREATE TABLE registers (
        kind TEXT, quarter INTEGER, dims TEXT, packed BLOB NOT NULL,
        PRIMARY KEY (kind, quarter, dims)) WITHOUT ROWID""",
    "CREATE TABLE declarations (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE extra (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {LAYOUT}",
)
_PROGRESS = "SELECT position, now FROM progress"
_THIS_REGISTER = "kind = ? AND quarter = ? AND dims = ?"
_NEWER_CONTACT = """INSERT INTO contacts VALUES (?, ?)
    ON CONFLICT (contact_id) DO UPDATE SET events = excluded.events"""
_NEWER_RECORD = """INSERT INTO records VALUES (?, ?, ?)
    ON CONFLICT (contact_id) DO UPDATE SET revision = excluded.revision, json = excluded.json"""
_COUNT = """INSERT INTO counts VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"""
_KNOWN = """SELECT contact_id FROM records WHERE contact_id IN (SELECT value FROM json_each(?1))
    UNION ALL
    SELECT name FROM declarations WHERE name IN (SELECT value FROM json_each(?1))"""

_pack = msgspec.msgpack.Encoder().encode
_events = msgspec.msgpack.Decoder(list[bytes]).decode
_register = msgspec.msgpack.Decoder(Delta).decode


class SqliteStore:
    """A `StateStore` in one file, for one thread; other processes may open it `read_only`.

    `synchronous=NORMAL`: a power cut may lose the last saves but keeps those before whole,
    position and state together; the log, which loses nothing, is then read again from there.
    """

    def __init__(
        self, path: Path, *, identity: str, read_only: bool = False, wait_ms: int = 5_000
    ) -> None:
        """Open the state at `path`, or begin an empty one.

        Args:
            path: the file; one that cannot be used is renamed to `.broken-N` beside it.
            identity: of the log and partition whose state this is.
            read_only: for a second process; sets nothing aside and creates nothing.
            wait_ms: how long to wait for another process.

        Raises:
            Retry: the file cannot be opened at present; for a reader also: there is none yet,
                or its writer would set it aside.
        """
        self.rebuilt = False
        self._path = path
        self._identity = identity
        self._read_only = read_only
        self._wait_ms = wait_ms
        try:
            self._open()
        except Damaged as why:
            if read_only:
                msg = f"{why}; its writer will begin another"
                raise Retry(msg) from why
            self._begin_again()

    def _open(self) -> None:
        self._connection = connect(
            self._path, synchronous="NORMAL", wait_ms=self._wait_ms, read_only=self._read_only
        )
        try:
            with errors_of(self._path):
                if not self._read_only:
                    self._create()
                with self.snapshot():
                    self._check()
                if not self._read_only:
                    write_ahead(self._connection)
        except BaseException:
            self.close()
            raise

    def _create(self) -> None:
        with transaction(self._connection, "IMMEDIATE") as sql:
            if application_of(sql) == (0, 0):
                for statement in _TABLES:
                    sql.execute(statement)
                sql.execute("INSERT INTO progress VALUES (?, 0, NULL, 0)", (self._identity,))

    def _check(self) -> None:
        if application_of(self._connection) != (APPLICATION, LAYOUT):
            msg = f"{self._path} is not a state file of this version"
            raise Damaged(msg)
        query = "SELECT identity, saves FROM progress"
        identity, self._saves = self._connection.execute(query).fetchone()
        if identity != self._identity:
            msg = f"{self._path} is the state of {identity}, not of {self._identity}"
            raise Damaged(msg)

    def _begin_again(self) -> None:
        _set_aside(self._path)
        self.rebuilt = True
        self._open()

    @contextmanager
    def _trusting(self) -> Iterator[Connection]:
        """Damage found late: the file is set aside at once, so that a restart rebuilds it."""
        try:
            with errors_of(self._path):
                yield self._connection
        except Damaged:
            self.close()
            if not self._read_only:
                _set_aside(self._path)
            raise

    def load(self) -> Saved:
        """See `StateStore`; a damaged file is replaced by an empty one (`rebuilt`)."""
        try:
            return self._load()
        except Damaged:
            if self._read_only:
                raise
            self.rebuilt = True
            self._open()
            return self._load()

    def _load(self) -> Saved:
        with self._trusting() as sql, self.snapshot():
            position, now = sql.execute(_PROGRESS).fetchone()
            contacts = sql.execute("SELECT contact_id, events FROM contacts")
            return Saved(
                position,
                now,
                {contact_id: _events(packed) for contact_id, packed in contacts},
                dict(sql.execute("SELECT name, value FROM extra")),
            )

    def save(self, change: Change) -> None:
        """See `StateStore`."""
        with self._trusting(), transaction(self._connection, "IMMEDIATE") as sql:
            self._advance(sql, change)
            contacts = ((name, _pack(events)) for name, events in change.touched.items())
            sql.executemany(_NEWER_CONTACT, contacts)
            gone = ((name,) for name in change.forgotten)
            sql.executemany("DELETE FROM contacts WHERE contact_id = ?", gone)
            for key, delta in change.deltas.items():
                _merge(sql, key, delta)
            sql.executemany(_NEWER_RECORD, change.records)
            sql.executemany(_COUNT, change.counts.items())
            _replace(sql, "declarations", change.declarations)
            _replace(sql, "extra", change.extra)
        self._saves += 1

    def _advance(self, sql: Connection, change: Change) -> None:
        """The position, unless another worker has saved: deltas would then count twice."""
        done = sql.execute(
            "UPDATE progress SET position = ?, now = ?, saves = saves + 1 WHERE saves = ?",
            (change.position, change.now, self._saves),
        )
        if done.rowcount != 1:
            msg = f"{self._path}: another worker has saved to this state"
            raise Stop(msg)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See `StateStore`."""
        if self._connection.in_transaction:
            yield
            return
        with errors_of(self._path), transaction(self._connection, "DEFERRED"):
            yield

    def progress(self) -> tuple[int, int | None]:
        """See `StateStore`."""
        with self._trusting() as sql:
            position, now = sql.execute(_PROGRESS).fetchone()
        return position, now

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        """See `StateStore`; exhaust or close it before the next save."""
        query = """SELECT quarter, dims, packed FROM registers
            WHERE kind = ? AND quarter >= ? AND quarter < ? ORDER BY quarter, dims"""
        with self._trusting() as sql:
            for quarter, dims, packed in sql.execute(query, (kind, start, end)):
                register = _register(packed)
                yield quarter, dims, register.sums, register.spreads

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
        asked = msgspec.json.encode(list(names)).decode()
        with self._trusting() as sql:
            return {name for (name,) in sql.execute(_KNOWN, (asked,))}

    def record(self, contact_id: str) -> bytes | None:
        """See `StateStore`."""
        return self._value("SELECT json FROM records WHERE contact_id = ?", contact_id)

    def records(self, after: str = "") -> Iterator[tuple[str, int, bytes]]:
        """See `StateStore`; exhaust or close it before the next save."""
        query = "SELECT * FROM records WHERE contact_id > ? ORDER BY contact_id"
        with self._trusting() as sql:
            yield from sql.execute(query, (after,))

    def declarations(self) -> dict[str, bytes]:
        """See `StateStore`."""
        with self._trusting() as sql:
            return dict(sql.execute("SELECT name, value FROM declarations"))

    def extra(self, name: str) -> bytes | None:
        """See `StateStore`."""
        return self._value("SELECT value FROM extra WHERE name = ?", name)

    def close(self) -> None:
        """See `StateStore`."""
        self._connection.close()

    def _value(self, query: str, name: str) -> bytes | None:
        with self._trusting() as sql:
            found: tuple[bytes] | None = sql.execute(query, (name,)).fetchone()
        return found[0] if found else None


def _merge(sql: Connection, key: RegisterKey, delta: Delta) -> None:
    found = sql.execute(f"SELECT packed FROM registers WHERE {_THIS_REGISTER}", key).fetchone()
    register = _register(found[0]) if found else Delta()
    register.add(delta)
    if register:
        sql.execute("REPLACE INTO registers VALUES (?, ?, ?, ?)", (*key, _pack(register)))
    elif found:
        sql.execute(f"DELETE FROM registers WHERE {_THIS_REGISTER}", key)


def _replace(sql: Connection, table: str, values: Mapping[str, bytes | None]) -> None:
    for name, value in values.items():
        if value is None:
            sql.execute(f"DELETE FROM {table} WHERE name = ?", (name,))
        else:
            sql.execute(f"REPLACE INTO {table} VALUES (?, ?)", (name, value))


def _set_aside(path: Path) -> None:
    """Rename the file; first, since SQLite drops a journal that is left beside no file."""
    n = 1
    while (aside := path.with_name(f"{path.name}.broken-{n}")).exists():
        n += 1
    for companion in ("", "-wal", "-shm"):
        part = path.with_name(path.name + companion)
        if part.exists():
            part.rename(f"{aside}{companion}")
