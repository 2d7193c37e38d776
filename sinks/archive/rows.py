"""Reading one data file, sealed or not: rows of it, or the values of some contacts in it.

A file that holds several commits has a row group end where a commit ends. Of such a file only
the row groups are read in which there is something of what is asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.rows import Row
from sinks.archive.rebuilt import rebuilt
from sinks.archive.sealed import VALUE, Keys, period_of

#: Offsets from the first to before the second, in order.
Spans = Sequence[tuple[int, int]]
_ALL = 2**63 - 1
EVERYWHERE: Spans = ((-1, _ALL + 1),)


def rows(path: Path, keys: Keys, start: int = 0, upto: int = _ALL) -> list[Row]:
    """Its rows from one offset to before another; of what was disposed of, as it is `rebuilt`.

    Raises:
        Stop: it is sealed, and the key is not here.
    """
    return [row for block in blocks(path, keys, start, upto) for row in block]


def blocks(path: Path, keys: Keys, start: int = 0, upto: int = _ALL) -> Iterator[list[Row]]:
    """The same, a row group at a time.

    Raises:
        Stop: as `rows` does.
    """
    with pq.ParquetFile(path) as file:
        for group in _groups(file, path, keys, [(start, upto)]):
            offsets = group.column("offset")
            at = range(bisect_left(offsets, start), bisect_left(offsets, upto))
            columns = [offsets, *map(group.column, ("intake_ms", "subject")), group.values()]
            yield list(map(Row._make, zip(*(c[at.start : at.stop] for c in columns), strict=True)))


def values(
    path: Path, wanted: Collection[str], spans: Spans, keys: Keys
) -> list[tuple[str, bytes]]:
    """(contact, value) of some contacts at offsets in some spans, in order.

    Only the contacts' ids are read of row groups in which none of them occurs.

    Raises:
        Stop: as `rows` does.
    """
    found: list[tuple[str, bytes]] = []
    sought = pa.array([*wanted], pa.string())
    with pq.ParquetFile(path) as file:
        for group in _groups(file, path, keys, spans):
            subjects = group.table("subject")["subject"]
            at = pc.indices_nonzero(pc.is_in(subjects, sought)).to_pylist()
            at = group.within(spans, at) if at else at
            if at:
                found += zip(subjects.take(at).to_pylist(), group.values(at), strict=True)
    return found


@dataclass(frozen=True, slots=True)
class _Group:
    """One row group."""

    file: pq.ParquetFile
    path: Path
    keys: Keys
    number: int

    def table(self, *names: str) -> pa.Table:
        return self.file.read_row_group(self.number, [*names], use_threads=False)

    def column(self, name: str) -> list[Any]:
        found: list[Any] = self.table(name)[name].to_pylist()
        return found

    def within(self, spans: Spans, at: list[int]) -> list[int]:
        """Of some rows, those at offsets in the spans."""
        first, last = _bounds(self.file, self.number)
        if any(start <= first and last < stop for start, stop in spans):
            return at
        offsets = self.column("offset")
        return [n for n in at if any(start <= offsets[n] < stop for start, stop in spans)]

    def values(self, at: list[int] | None = None) -> list[bytes]:
        """The raw events of its rows, or of some of them."""
        period = period_of(self.file)
        if period is None:
            return _taken(self.table("value")["value"], at)
        key = self.keys.opening(period)
        if key is None:
            return rebuilt(self.file, at, self.number)
        from sinks.archive.locks import Lock  # noqa: PLC0415  # slow to load, and rarely needed

        lock = Lock(period, key)
        with pq.ParquetFile(self.path, decryption_properties=lock.opening()) as unlocked:
            column = unlocked.read_row_group(self.number, [VALUE], use_threads=False)[VALUE]
            return _taken(column, at)


def _groups(file: pq.ParquetFile, path: Path, keys: Keys, spans: Spans) -> Iterator[_Group]:
    """The row groups in which there are offsets of some spans."""
    for number in range(file.num_row_groups):
        first, last = _bounds(file, number)
        if any(start <= last and first < stop for start, stop in spans):
            yield _Group(file, path, keys, number)


def _bounds(file: pq.ParquetFile, number: int) -> tuple[int, int]:
    """The first and the last offset of a row group; of a file's only one, anything."""
    if file.num_row_groups > 1:
        group = file.metadata.row_group(number)
        at = file.schema_arrow.get_field_index("offset")
        said = group.column(at).statistics
        if said is not None and said.has_min_max:
            return said.min, said.max
    return -1, _ALL


def _taken(column: pa.ChunkedArray, at: list[int] | None) -> list[Any]:
    found: list[Any] = (column if at is None else column.take(at)).to_pylist()
    return found
