"""The registers of a state file; those that are added to all the time are kept in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from sqlite3 import Connection

import msgspec

from streams.runtimes.store import Delta, RegisterKey

TABLE = """CREATE TABLE registers (
    kind TEXT, quarter INTEGER, dims TEXT, packed BLOB NOT NULL,
    PRIMARY KEY (kind, quarter, dims)) WITHOUT ROWID"""
_MOST = 1_000  # kept in memory; some kilobytes each
_THIS = "kind = ? AND quarter = ? AND dims = ?"

_pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Delta).decode


class Registers:
    """Reads and writes them, for the one who alone writes the file.

    What was written last is kept, since the next save adds to most of it again: reading it anew
    took as long as writing it. Whoever finds that another has written must `forget`, and so must
    one whose transaction failed.
    """

    def __init__(self) -> None:
        self._kept: dict[RegisterKey, Delta] = {}

    def get(self, sql: Connection, key: RegisterKey) -> Delta:
        """One register, not to be changed; empty where there is none."""
        kept = self._kept.get(key)
        return self._read(sql, key) if kept is None else kept

    def add(self, sql: Connection, deltas: Mapping[RegisterKey, Delta]) -> None:
        """Add to registers, within a transaction; those that hold nothing then are no more."""
        changed = {key: self._sum(sql, key, delta) for key, delta in deltas.items()}
        sql.executemany("REPLACE INTO registers VALUES (?, ?, ?, ?)", _rows(changed.items()))
        gone = [key for key, register in changed.items() if not register]
        sql.executemany(f"DELETE FROM registers WHERE {_THIS}", gone)
        self._kept |= changed
        if len(self._kept) > _MOST:
            self._kept = changed if len(changed) <= _MOST else {}

    def forget(self) -> None:
        """What is kept may not be what is in the file."""
        self._kept.clear()

    def _sum(self, sql: Connection, key: RegisterKey, delta: Delta) -> Delta:
        register = self.get(sql, key)
        register.add(delta)
        return register

    def _read(self, sql: Connection, key: RegisterKey) -> Delta:
        found = sql.execute(f"SELECT packed FROM registers WHERE {_THIS}", key).fetchone()
        return unpack(found[0]) if found else Delta()


def _rows(registers: Iterable[tuple[RegisterKey, Delta]]) -> Iterator[tuple[str, int, str, bytes]]:
    return ((*key, _pack(register)) for key, register in registers if register)
