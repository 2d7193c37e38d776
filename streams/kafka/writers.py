"""The writers of the mirror: taking what they wrote, and choosing whom to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from sqlite3 import Connection
from typing import NamedTuple

import msgspec

from schemas.errors import Stop
from schemas.instants import HOUR
from schemas.rows import Row
from streams.kafka import marks
from streams.kafka.messages import (
    Progress,
    RegisterAt,
    Whole,
    declaration_key,
    progress_key,
    register_key,
    whole_key,
)
from streams.runtimes.store import Delta, RegisterKey

#: A writer that has been silent for so long, while another of its partition wrote, is no more.
SILENCE = HOUR

TABLES = (
    """CREATE TABLE writers (
        id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, name TEXT NOT NULL,
        position INTEGER, now INTEGER, heard INTEGER NOT NULL, shown INTEGER NOT NULL DEFAULT 0,
        queues BLOB, counts BLOB, UNIQUE (partition, name))""",
    """CREATE TABLE registers (
        writer INTEGER, kind TEXT, quarter INTEGER, dims TEXT, packed BLOB NOT NULL,
        PRIMARY KEY (writer, kind, quarter, dims)) WITHOUT ROWID""",
    """CREATE TABLE declarations (
        writer INTEGER, name TEXT, value BLOB NOT NULL, PRIMARY KEY (writer, name))
        WITHOUT ROWID""",
)
_FIND = "SELECT id, shown FROM writers WHERE partition = ? AND name = ?"
_BEGIN = "INSERT OR IGNORE INTO writers (partition, name, heard) VALUES (?, ?, ?)"
_ADVANCE = """UPDATE writers SET position = ?, now = ?, heard = ?, queues = ?, counts = ?
    WHERE id = ?"""
_FURTHEST = """SELECT id FROM writers WHERE partition = ? AND position IS NOT NULL
    ORDER BY position DESC, now DESC, id DESC LIMIT 1"""
_SHOWN = "SELECT id FROM writers WHERE partition = ? AND shown"
_NO_REGISTER = """DELETE FROM registers
    WHERE writer = ? AND kind = ? AND quarter = ? AND dims = ?"""
_THIS_DECLARATION = "declarations WHERE writer = ? AND name = ?"
_GONE = """SELECT id, partition, name FROM writers AS w WHERE NOT shown AND heard + ? <
    (SELECT max(heard) FROM writers WHERE partition = w.partition)"""

_key = msgspec.json.Decoder(list[str | int]).decode
_register = msgspec.json.Decoder(RegisterAt).decode
_whole = msgspec.json.Decoder(Whole).decode
_progress = msgspec.json.Decoder(Progress).decode
_encode = msgspec.msgpack.Encoder().encode


class _Writer(NamedTuple):
    id: int
    shown: int


class _Declared(msgspec.Struct):
    """Of a `DeclarationAt`, the bytes of what is declared."""

    declaration: msgspec.Raw = msgspec.Raw(b"null")


_declared = msgspec.json.Decoder(_Declared).decode


def take(sql: Connection, identity: str, partition: int, rows: Sequence[Row]) -> None:
    """Take what was written to a partition, in order; then show who has come furthest.

    Raises:
        Stop: a row is none of this topic's.
    """
    for row in _newest(rows):
        try:
            what, name, *rest = _key(row.key)
            _take_one(sql, identity, (partition, str(name)), what, rest, row)
        except (ValueError, TypeError, msgspec.MsgspecError) as error:
            msg = f"partition {partition}, offset {row.offset} of the registers: {error}"
            raise Stop(msg) from error
    _show(sql, partition)


def _newest(rows: Iterable[Row]) -> Iterable[Row]:
    """The last of every key, in the order of the log: each replaces those before it."""
    found: dict[str, Row] = {}
    for row in rows:
        found.pop(row.key, None)
        found[row.key] = row
    return found.values()


def _take_one(
    sql: Connection,
    identity: str,
    of: tuple[int, str],
    what: str | int,
    rest: list[str | int],
    row: Row,
) -> None:
    if what == "whole":
        _meet(sql, identity, of, row)
        return
    found = sql.execute(_FIND, of).fetchone()
    if found is None or not row.value:
        return  # of other rules, or no more
    writer = _Writer(*found)
    match what, rest:
        case "register", [str(kind), int(quarter), str(dims)]:
            _put_register(sql, writer, (kind, quarter, dims), row.value)
        case "declaration", [str(subject)]:
            _put_declaration(sql, writer, subject, row.value)
        case "progress", []:
            _advance(sql, writer, row)
        case _:
            msg = f"unknown key {row.key}"
            raise ValueError(msg)


def _meet(sql: Connection, identity: str, of: tuple[int, str], row: Row) -> None:
    """A writer begins; or, without a value, is no more, and nor is what it wrote."""
    if row.value:
        if _whole(row.value).rules == identity:
            sql.execute(_BEGIN, (*of, row.intake_ms))
        return
    for writer, shown in sql.execute(_FIND, of).fetchall():
        if shown:
            marks.differences(sql, writer, None)
        for table, number in (
            ("registers", "writer"),
            ("declarations", "writer"),
            ("writers", "id"),
        ):
            sql.execute(f"DELETE FROM {table} WHERE {number} = ?", (writer,))


def _put_register(sql: Connection, writer: _Writer, key: RegisterKey, value: bytes) -> None:
    found = _register(value)
    left = bool(found.sums or found.spreads)
    if left:
        packed = _packed(found)
        sql.execute("REPLACE INTO registers VALUES (?, ?, ?, ?, ?)", (writer.id, *key, packed))
    else:
        sql.execute(_NO_REGISTER, (writer.id, *key))
    if writer.shown or not left:  # what is no more may still be on the topic, from a mirror before
        marks.register(sql, *key)


def _packed(found: RegisterAt) -> bytes:
    """Equal registers are equal bytes, whatever the order in which they were told."""
    spreads = {term: dict(sorted(spread.items())) for term, spread in sorted(found.spreads.items())}
    return _encode(Delta(dict(sorted(found.sums.items())), spreads))


def _put_declaration(sql: Connection, writer: _Writer, subject: str, value: bytes) -> None:
    this, is_ = (writer.id, subject), bytes(_declared(value).declaration)
    was = sql.execute(f"SELECT value FROM {_THIS_DECLARATION}", this).fetchone()
    if is_ == b"null":
        sql.execute(f"DELETE FROM {_THIS_DECLARATION}", this)
    else:
        sql.execute("REPLACE INTO declarations VALUES (?, ?, ?)", (*this, is_))
    if writer.shown:
        marks.declarations(
            sql, [text for text in (was and was[0], is_) if text not in {None, b"null"}]
        )


def _advance(sql: Connection, writer: _Writer, row: Row) -> None:
    found = _progress(row.value)
    queues, counts = msgspec.json.encode(found.queues), msgspec.json.encode(found.counts)
    at = found.version
    sql.execute(_ADVANCE, (at.position, at.now_ms, row.intake_ms, queues, counts, writer.id))


def _show(sql: Connection, partition: int) -> None:
    """Where another writer has come furthest, what the two do not agree on is marked.

    Of the first one, everything of all writers: a mirror before this one may have shown any.
    """
    furthest = sql.execute(_FURTHEST, (partition,)).fetchone()
    shown = sql.execute(_SHOWN, (partition,)).fetchone()
    if furthest is not None and furthest != shown:
        if shown is None:
            marks.everything(sql, partition)
        else:
            marks.differences(sql, shown[0], furthest[0])
        sql.execute(
            "UPDATE writers SET shown = (id = ?) WHERE partition = ?", (*furthest, partition)
        )


def gone(sql: Connection) -> Iterator[tuple[int, bytes]]:
    """Partition and key of all that was written by those who are no more; `Whole` comes first."""
    for number, partition, name in sql.execute(_GONE, (SILENCE,)).fetchall():
        yield partition, whole_key(name)
        yield partition, progress_key(name)
        registers = "SELECT kind, quarter, dims FROM registers WHERE writer = ?"
        for key in sql.execute(registers, (number,)):
            yield partition, register_key(name, key)
        for (subject,) in sql.execute("SELECT name FROM declarations WHERE writer = ?", (number,)):
            yield partition, declaration_key(name, subject)
