"""SQLite as this project uses it: what the log and the state files share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import msgspec

from schemas.errors import Retry, Stop

PAGE = 16_384  # bytes
CACHE = 4_096  # kibibytes for each open file


class Damaged(Stop):
    """The file is not what its writer left, or was never its writer's."""


def connect(
    path: Path, *, synchronous: Literal["FULL", "NORMAL"], wait_ms: int, read_only: bool = False
) -> sqlite3.Connection:
    """A connection whose transactions are begun by hand (`transaction`).

    Raises:
        Retry: the file cannot be opened at present.
        Damaged: it is not a database.
    """
    place = path.absolute().as_uri() + ("?mode=ro" if read_only else "?mode=rwc")
    with errors_of(path):
        connection = sqlite3.connect(place, timeout=wait_ms / 1_000, isolation_level=None, uri=True)
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA cache_size = -{CACHE}")
        connection.execute("PRAGMA secure_delete = OFF")  # as everywhere but on Debian
        connection.execute(f"PRAGMA journal_size_limit = {64 * 2**20}")
        return connection


def write_ahead(connection: sqlite3.Connection) -> None:
    """Write-ahead logging, so that readers and a writer do not wait for each other.

    Raises:
        Stop: this file system cannot (a network share without shared memory, say).
    """
    try:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.OperationalError:  # another process is creating the file; this does not wait
        with transaction(connection, "IMMEDIATE"):  # and this does
            pass
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        msg = f"the file system keeps SQLite in journal mode {mode}; WAL is needed"
        raise Stop(msg)


def application_of(connection: sqlite3.Connection) -> tuple[int, int]:
    """(application id, layout version) in the file's header; (0, 0) for an empty file.

    A file of somebody else that names no application gives (-1, 0).
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return (-1 if tables and not application else application), version


@contextmanager
def transaction(
    connection: sqlite3.Connection, kind: Literal["IMMEDIATE", "DEFERRED"]
) -> Iterator[sqlite3.Connection]:
    """All or none: IMMEDIATE to write, DEFERRED to read as of one moment."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.ProgrammingError):  # closed meanwhile: nothing is left to undo
            if connection.in_transaction:  # SQLite itself ends it when the disk is full
                connection.execute("ROLLBACK")
        raise


_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def errors_of(path: Path) -> Iterator[None]:
    """SQLite's errors in this project's words: Retry where it may pass, else Stop."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if _code(error) in _PASSING:
            msg = f"{path}: {error}; nothing was changed"
            raise Retry(msg) from error
        msg = f"{path} does not answer as it should: {error}"
        raise Stop(msg) from error
    except sqlite3.DatabaseError as error:
        if _code(error) not in _DAMAGE:
            raise
        msg = f"{path} is damaged: {error}"
        raise Damaged(msg) from error
    except msgspec.DecodeError as error:
        msg = f"{path} is damaged: {error}"
        raise Damaged(msg) from error


@contextmanager
def snapshot(path: Path, connection: sqlite3.Connection) -> Iterator[None]:
    """All that is read within is of one moment; may be nested.

    Raises:
        Retry, Stop: as `errors_of` says.
    """
    if connection.in_transaction:
        yield
        return
    with errors_of(path), transaction(connection, "DEFERRED"):
        yield


def _code(error: sqlite3.Error) -> int:
    """The primary code, without the extended part; 0 for an error of the Python module."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
