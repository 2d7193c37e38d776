"""The file that a state is kept in: opened, found damaged and set aside, fenced, copied."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

from schemas.errors import Retry
from streams.runtimes.store import Change, Fenced
from streams.runtimes.store_tables import APPLICATION, LAYOUT, TABLES
from streams.sqlite import (
    Damaged,
    application_of,
    connect,
    errors_of,
    snapshot,
    transaction,
    write_ahead,
)

_T = TypeVar("_T")


class StateFile:
    """A SQLite file with the tables of a state, for one thread.

    Attributes:
        rebuilt: see `StateStore`.
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
        found = application_of(self._connection)
        if found == (0, 0):  # a writer would have made the tables
            msg = f"{self._path} is only being begun; ask later"
            raise Retry(msg)
        if found != (APPLICATION, LAYOUT):
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

    def _anew(self, read: Callable[[], _T]) -> _T:
        """Read all; of an empty file, if this one turns out to be damaged."""
        try:
            return read()
        except Damaged:
            if self._read_only:
                raise
            self.rebuilt = True
            self._open()
            return read()

    @contextmanager
    def _saving(self, change: Change) -> Iterator[Connection]:
        """A transaction that takes the position of a change, and all that is written within."""
        self._require_there()
        with self._trusting() as sql, transaction(sql, "IMMEDIATE"):
            self._advance(sql, change)
            yield sql
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

    def snapshot(self) -> AbstractContextManager[None]:
        """See `StateStore`."""
        return snapshot(self._path, self._connection)

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


def _set_aside(path: Path) -> None:
    """Rename the file; first, since SQLite drops a journal that is left beside no file."""
    n = 1
    while (aside := path.with_name(f"{path.name}.broken-{n}")).exists():
        n += 1
    for companion in ("", "-wal", "-shm"):
        part = path.with_name(path.name + companion)
        if part.exists():
            part.rename(f"{aside}{companion}")
