"""The embedded log: one SQLite file, durable at every append.

Layout. Every partition of a topic has a *slot*: a row of heads and a table of its own, so an
append lands at the right-hand edge of a tree and a read is one range. A row of that table is a
*block*: the entries of one append that belong there, up to 1,000, packed as (keys, values). A
row per entry was measured first: little more than half the speed in both directions.

Heads stay when their rows are trimmed, so an offset is never given twice.
"""

from __future__ import annotations

import secrets
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import msgspec

from schemas.errors import Stop
from schemas.rows import Row
from schemas.topics import PARTITIONS, partition_of
from streams.sqlite import (
    Damaged,
    application_of,
    connect,
    errors_of,
    transaction,
    write_ahead,
)

APPLICATION = 0x564F4C47  # "VOLG", in the header of the file
LAYOUT = 1
BLOCK = 1_000  # entries; what a read of few rows may unpack in vain
_TRIMMED_AT_ONCE = 64  # blocks; a writer waits for no more than that

_SCHEMA = (
    "CREATE TABLE log (log_id TEXT NOT NULL, partitions INTEGER NOT NULL)",
    """CREATE TABLE slots (
        slot INTEGER PRIMARY KEY,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        held INTEGER NOT NULL DEFAULT 0,
        next INTEGER NOT NULL DEFAULT 0,
        UNIQUE (topic, partition))""",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {LAYOUT}",
)
_RETIRED = "this log has been moved"
_RETIRE = f"""CREATE TRIGGER IF NOT EXISTS retired BEFORE UPDATE OF next ON slots
    BEGIN SELECT RAISE(ABORT, '{_RETIRED}'); END"""
_BLOCKS = """CREATE TABLE blocks_{slot} (
    start INTEGER PRIMARY KEY, entries INTEGER, intake_ms INTEGER, packed BLOB)"""

_Block = tuple[int, int, int, bytes]
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[list[str], list[bytes]]).decode
_row = partial(tuple.__new__, Row)  # a third of the cost of Row._make


def new_identity() -> str:
    """A random UUID, for a log that is being created."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


class _Slot(NamedTuple):
    """A partition of a topic: its table, the first offset held, the next to be written."""

    number: int
    held: int
    next: int


class SqliteLog:
    """A `streams.logs.port.Log` in one file.

    Several processes may open the same file. An instance belongs to the thread that made it;
    every other thread opens its own.
    """

    def __init__(
        self,
        path: Path,
        *,
        partitions: int = PARTITIONS,
        identity: Callable[[], str] = new_identity,
        wait_ms: int = 5_000,
    ) -> None:
        """Open the log at `path`, or create it in a directory that exists.

        Args:
            path: the file; SQLite keeps two more beside it while the log is open.
            partitions: of every topic; what the log was created with, for life.
            identity: gives the `log_id` of a new log.
            wait_ms: how long to wait for another process that is writing.

        Raises:
            Retry: the file cannot be opened at present.
            Stop: the file is not a log, or has another number of partitions.
        """
        self._path = path
        self._connection = connect(path, synchronous="FULL", wait_ms=wait_ms)
        try:
            with errors_of(path):
                self.log_id, self.partitions = self._opened(partitions, identity)
            if self.partitions != partitions:
                msg = f"{path} has {self.partitions} partitions for life, not {partitions}"
                raise Stop(msg)
        except BaseException:
            self.close()
            raise

    def _opened(self, partitions: int, identity: Callable[[], str]) -> tuple[str, int]:
        with transaction(self._connection, "DEFERRED") as sql:
            if application_of(sql) not in ((0, 0), (APPLICATION, LAYOUT)):
                msg = f"{self._path} is not a log of this version"
                raise Stop(msg)
        write_ahead(self._connection)
        with transaction(self._connection, "IMMEDIATE") as sql:
            if application_of(sql) == (0, 0):
                for statement in _SCHEMA:
                    sql.execute(statement)
                sql.execute("INSERT INTO log VALUES (?, ?)", (identity(), partitions))
            log_id, stored = sql.execute("SELECT log_id, partitions FROM log").fetchone()
        return log_id, stored

    def durability(self) -> tuple[str, int]:
        """(journal mode, synchronous level) of the connection that appends: ("wal", 2)."""
        (journal,) = self._connection.execute("PRAGMA journal_mode").fetchone()
        (level,) = self._connection.execute("PRAGMA synchronous").fetchone()
        return journal, level

    def append(
        self, topic: str, entries: Sequence[tuple[str, bytes]], now: int
    ) -> list[tuple[int, int]]:
        """Append in one transaction, synced to disk; see the port.

        Raises:
            Stop: the log was retired.
        """
        columns: dict[int, tuple[list[str], list[bytes]]] = defaultdict(lambda: ([], []))
        places = []
        for key, value in entries:
            partition = partition_of(key, self.partitions)
            keys, values = columns[partition]
            places.append((partition, len(keys)))
            keys.append(key)
            values.append(value)
        blocks = {partition: list(_blocks(*columns[partition])) for partition in columns}
        try:
            with errors_of(self._path), transaction(self._connection, "IMMEDIATE") as sql:
                heads = {p: self._extend(sql, topic, p, blocks[p], now) for p in blocks}
        except sqlite3.IntegrityError as error:
            if str(error) != _RETIRED:
                raise
            msg = f"{self._path}: {_RETIRED}; nothing was written"
            raise Stop(msg) from error
        return [(partition, heads[partition] + i) for partition, i in places]

    def _extend(
        self,
        sql: sqlite3.Connection,
        topic: str,
        partition: int,
        blocks: Iterable[tuple[int, bytes]],
        now: int,
    ) -> int:
        """Write one partition's blocks; the offset of the first entry."""
        slot = self._slot(topic, partition) or _created(sql, topic, partition)
        start = slot.next
        for entries, packed in blocks:
            row = (start, entries, now, packed)
            sql.execute(f"INSERT INTO blocks_{slot.number} VALUES (?, ?, ?, ?)", row)
            start += entries
        sql.execute("UPDATE slots SET next = ? WHERE slot = ?", (start, slot.number))
        return slot.next

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Row]:
        """Rows as of one moment; see the port.

        Raises:
            Retry: the file cannot be read at present.
            Stop: `start` lies below what is held or beyond the tail, or the file is damaged.
        """
        with errors_of(self._path), transaction(self._connection, "DEFERRED") as sql:
            slot = self._slot(topic, partition) or _Slot(0, 0, 0)
            if not slot.held <= start <= slot.next:
                msg = f"{topic}/{partition} holds {slot.held} to {slot.next}, {start} was asked for"
                raise Stop(msg)
            wanted = max(0, min(limit, slot.next - start))
            rows = _rows(_blocks_from(sql, slot, start), start, wanted) if wanted else []
        if len(rows) != wanted:
            msg = f"{self._path} is damaged: {topic}/{partition} lacks rows from {start} on"
            raise Damaged(msg)
        return rows

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """(first offset held, next to be written); see the port."""
        with errors_of(self._path):
            slot = self._slot(topic, partition)
        return (slot.held, slot.next) if slot else (0, 0)

    def trim(self, topic: str, partition: int, below: int) -> None:
        """Forget rows in short transactions; their pages are used again.

        Raises:
            Retry: part of it may be done, the same call completes it.
        """
        with errors_of(self._path):
            with transaction(self._connection, "IMMEDIATE") as sql:
                slot = self._slot(topic, partition)
                if slot is None:
                    return
                held = max(slot.held, min(below, slot.next))
                sql.execute("UPDATE slots SET held = ? WHERE slot = ?", (held, slot.number))
            while self._forget_some(slot.number, held):
                pass

    def _forget_some(self, number: int, held: int) -> bool:
        """Delete a few blocks that lie wholly below `held`; whether there were any."""
        with transaction(self._connection, "IMMEDIATE") as sql:
            few = (
                f"SELECT start FROM blocks_{number} WHERE start < ?1 AND start + entries <= ?1"
                f" ORDER BY start LIMIT {_TRIMMED_AT_ONCE}"
            )
            deleted = f"DELETE FROM blocks_{number} WHERE start IN ({few})"
            return sql.execute(deleted, (held,)).rowcount > 0

    def retire(self) -> None:
        """Refuse every append from now on, of any process that has it open too.

        What is held can be read and trimmed as before.
        """
        with errors_of(self._path), transaction(self._connection, "IMMEDIATE") as sql:
            sql.execute(_RETIRE)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._connection.close()

    def _slot(self, topic: str, partition: int) -> _Slot | None:
        if not 0 <= partition < self.partitions:
            msg = f"{topic} has partitions 0 to {self.partitions - 1}, not {partition}"
            raise Stop(msg)
        found = self._connection.execute(
            "SELECT slot, held, next FROM slots WHERE topic = ? AND partition = ?",
            (topic, partition),
        ).fetchone()
        return _Slot._make(found) if found else None


def _created(sql: sqlite3.Connection, topic: str, partition: int) -> _Slot:
    row = (topic, partition)
    number = sql.execute("INSERT INTO slots (topic, partition) VALUES (?, ?)", row).lastrowid
    sql.execute(_BLOCKS.format(slot=number))
    return _Slot(number or 0, 0, 0)


def _blocks(keys: list[str], values: list[bytes]) -> Iterator[tuple[int, bytes]]:
    """(number of entries, packed) of each block."""
    for i in range(0, len(keys), BLOCK):
        some = keys[i : i + BLOCK]
        yield len(some), _pack((some, values[i : i + BLOCK]))


def _blocks_from(sql: sqlite3.Connection, slot: _Slot, start: int) -> Iterable[_Block]:
    """From the block that holds `start` on."""
    table = f"blocks_{slot.number}"
    holding = f"SELECT max(start) FROM {table} WHERE start <= ?"
    return sql.execute(f"SELECT * FROM {table} WHERE start >= ({holding}) ORDER BY start", (start,))


def _rows(blocks: Iterable[_Block], start: int, wanted: int) -> list[Row]:
    """The rows of [start, start + wanted) up to the first gap in the blocks."""
    rows: list[Row] = []
    end = None
    for first, entries, intake_ms, packed in blocks:
        if end not in (None, first):
            break
        end = first + entries
        rows.extend(map(_row, zip(range(first, end), repeat(intake_ms), *_unpack(packed))))
        if end >= start + wanted:
            break
    skipped = start - rows[0].offset if rows else 0
    return rows[skipped : skipped + wanted]
