"""Reading one data file, sealed or not: its rows, or the values of some contacts in it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from schemas.rows import Row
from sinks.archive.rebuilt import rebuilt
from sinks.archive.sealed import VALUE, Keys, period_of


def rows(path: Path, keys: Keys) -> list[Row]:
    """All rows, in order; of what was disposed of, as it is `rebuilt`.

    Raises:
        Stop: it is sealed, and the key is not here.
    """
    with pq.ParquetFile(path) as file:
        columns = [_column(file, name) for name in ("offset", "intake_ms", "subject")]
        return list(map(Row._make, zip(*columns, _values(file, path, keys), strict=True)))


def values(
    path: Path, wanted: Collection[str], below: int | None, keys: Keys
) -> list[tuple[str, bytes]]:
    """(contact, value) of some contacts, in order; only those at offsets below a bound, if any.

    Only the contacts' ids are read of a file in which none of them occurs.

    Raises:
        Stop: as `rows` does.
    """
    with pq.ParquetFile(path) as file:
        subjects = _column(file, "subject")
        at = [n for n, subject in enumerate(subjects) if subject in wanted]
        if at and below is not None:
            offsets = _column(file, "offset")
            at = [n for n in at if offsets[n] < below]
        found = _values(file, path, keys, at) if at else []
        return list(zip([subjects[n] for n in at], found, strict=True))


def _values(
    file: pq.ParquetFile, path: Path, keys: Keys, at: list[int] | None = None
) -> list[bytes]:
    period = period_of(file)
    if period is None:
        return _column(file, "value", at)
    key = keys.opening(period)
    if key is None:
        return rebuilt(file, at)
    from sinks.archive.locks import Lock  # noqa: PLC0415  # slow to load, for what is rarely sealed

    lock = Lock(period, key)
    with pq.ParquetFile(path, decryption_properties=lock.opening()) as unlocked:
        return _column(unlocked, VALUE, at)


def _column(file: pq.ParquetFile, name: str, at: list[int] | None = None) -> list[Any]:
    column = file.read([name], use_threads=False)[name]
    found: list[Any] = (column if at is None else column.take(at)).to_pylist()
    return found
