"""One partition of the mirror, as those who ask for figures see a state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from sqlite3 import Connection

import msgspec

from streams.runtimes.store import Delta, Spreads
from streams.sqlite import errors_of, snapshot

_OF = "FROM writers AS w JOIN {} ON writer = w.id WHERE w.shown AND w.partition = ?"
_REGISTERS = f"""SELECT quarter, dims, packed {_OF.format("registers")}
    AND kind = ? AND quarter >= ? AND quarter < ? ORDER BY quarter, dims"""
_DIMS = f"SELECT DISTINCT dims {_OF.format('registers')} AND kind = ? ORDER BY dims"
_DECLARATIONS = f"SELECT declarations.name, value {_OF.format('declarations')}"
_PROGRESS = "SELECT position, now FROM writers WHERE shown AND partition = ?"
_COUNTS = "SELECT counts FROM writers WHERE shown AND partition = ?"

_register = msgspec.msgpack.Decoder(Delta).decode
_counts = msgspec.json.Decoder(dict[str, int]).decode


class View:
    """The part of a `streams.runtimes.store.StateStore` that figures are made of."""

    def __init__(self, path: Path, connection: Connection, partition: int) -> None:
        self._path, self._connection, self._partition = path, connection, partition

    def snapshot(self) -> AbstractContextManager[None]:
        """See `StateStore`."""
        return snapshot(self._path, self._connection)

    def progress(self) -> tuple[int, int | None]:
        """See `StateStore`."""
        with errors_of(self._path):
            found = self._connection.execute(_PROGRESS, (self._partition,)).fetchone()
        return found or (0, None)

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        """See `StateStore`; exhaust or close it before more is taken."""
        asked = (self._partition, kind, start, end)
        with errors_of(self._path):
            for quarter, dims, packed in self._connection.execute(_REGISTERS, asked):
                register = _register(packed)
                yield quarter, dims, register.sums, register.spreads

    def dims(self, kind: str) -> list[str]:
        """See `StateStore`."""
        with errors_of(self._path):
            found = self._connection.execute(_DIMS, (self._partition, kind))
            return [dims for (dims,) in found]

    def counts(self) -> dict[str, int]:
        """See `StateStore`."""
        with errors_of(self._path):
            found = self._connection.execute(_COUNTS, (self._partition,)).fetchone()
        return _counts(found[0]) if found else {}

    def declarations(self) -> dict[str, bytes]:
        """See `StateStore`."""
        with errors_of(self._path):
            return dict(self._connection.execute(_DECLARATIONS, (self._partition,)))
