"""The state of a partition in one SQLite file; see `streams.runtimes.store`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

import msgspec

from schemas.errors import Retry
from streams.runtimes.store import (
    Change,
    Delta,
    Fenced,
    Reach,
    RegisterKey,
    Saved,
    Spreads,
    Standing,
)
from streams.runtimes.store_registers import Registers, unpack
from streams.runtimes.store_tables import (
    APPLICATION,
    EVENTS,
    KNOWN,
    LAYOUT,
    PROGRESS,
    TABLES,
    THESE,
    events_in,
    write,
)
from streams.sqlite import (
    Damaged,
    application_of,
    connect,
    errors_of,
    transaction,
    write_ahead,
)

_T = TypeVar("_T")


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
        self._registers = Registers()
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
                self._inode = self._path.stat().st_ino
        except BaseException:
            self.close()
            raise

    def _create(self) -> None:
        with transaction(self._connection, "IMMEDIATE") as sql:
            if application_of(sql) == (0, 0):
                for statement in TABLES:
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

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def load(self) -> Saved:
        """See `StateStore`; a damaged file is replaced by an empty one (`rebuilt`)."""
        return self._anew(self._load)

    def _anew(self, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except Damaged:
            if self._read_only:
                raise
            self.rebuilt = True
            self._open()
            return read()

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
        self._require_there()
        try:
            with self._trusting(), transaction(self._connection, "IMMEDIATE") as sql:
                self._advance(sql, change)
                write(sql, change)
                self._registers.add(sql, change.deltas)
        except BaseException:
            self._registers.forget()
            raise
        self._saves += 1

    def _require_there(self) -> None:
        """What is saved to a file that was removed is lost, and nobody else sees it."""
        try:
            there = self._path.stat().st_ino
        except FileNotFoundError:
            there = None
        if there != self._inode:
            msg = f"{self._path} was removed, or replaced, by somebody else"
            raise Fenced(msg)

    def _advance(self, sql: Connection, change: Change) -> None:
        """The position, unless another worker has saved: deltas would then count twice."""
        done = sql.execute(
            "UPDATE progress SET position = ?, now = ?, saves = saves + 1 WHERE saves = ?",
            (change.position, change.now, self._saves),
        )
        if done.rowcount != 1:
            msg = f"{self._path}: another worker has saved to this state"
            raise Fenced(msg)

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

    def copy(self, place: Path) -> None:
        """Write what is read now to a new file: within `snapshot`, what that is of.

        Raises:
            Retry: it cannot be written.
        """
        with errors_of(place), closing(sqlite3.connect(place)) as to:
            self._connection.backup(to)

    def close(self) -> None:
        """See `StateStore`."""
        self._connection.close()

    def _value(self, query: str, name: str) -> bytes | None:
        with self._trusting() as sql:
            found: tuple[bytes] | None = sql.execute(query, (name,)).fetchone()
        return found[0] if found else None


def back_up(state: Path, place: Path) -> int:
    """Write a state file, as it is now, to a new one; its position. Others may be writing.

    Raises:
        Retry: one of the files cannot be opened, or written.
        Stop: it is damaged.
    """
    with (
        errors_of(state),
        closing(_reading(state)) as source,
        closing(sqlite3.connect(place)) as to,
    ):
        source.backup(to)
        to.execute("PRAGMA journal_mode = DELETE")
        (position,) = to.execute("SELECT position FROM progress").fetchone()
        return int(position)


def _reading(state: Path) -> Connection:
    return connect(state, synchronous="NORMAL", wait_ms=5_000, read_only=True)


def _list(names: Collection[str]) -> str:
    return msgspec.json.encode(list(names)).decode()


def _set_aside(path: Path) -> None:
    """Rename the file; first, since SQLite drops a journal that is left beside no file."""
    n = 1
    while (aside := path.with_name(f"{path.name}.broken-{n}")).exists():
        n += 1
    for companion in ("", "-wal", "-shm"):
        part = path.with_name(path.name + companion)
        if part.exists():
            part.rename(f"{aside}{companion}")
