"""When numbers that never came were used: between the events numbered before and after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sinks.gaps import Gap

_COLUMNS = ["source", "sequence", "time_ms"]


def concerning(gaps: Iterable[Gap], files: Iterable[Path], start: int, end: int) -> set[Gap]:
    """The gaps that can have happened in [start, end), in milliseconds.

    One that neither neighbour dates is among them.
    """
    found = [gap for gap in gaps if gap.missing]
    if not found:
        return set()
    times = _times(files, found)
    return {gap for gap in found if _meets(gap, times, start, end)}


def _meets(gap: Gap, times: dict[tuple[str, str], int], start: int, end: int) -> bool:
    first, last = gap.first or 0, gap.last or 0
    around = [times.get((gap.source, f"{n}")) for n in (first - 1, last + 1)]
    known = [ms for ms in around if ms is not None]
    return len(known) < len(around) or (min(known) < end and start <= max(known))


def _times(files: Iterable[Path], gaps: Iterable[Gap]) -> dict[tuple[str, str], int]:
    """When the events on both sides of gaps happened, by source and number without zeros."""
    numbers: dict[str, set[str]] = {}
    for gap in gaps:
        numbers.setdefault(gap.source, set()).update(_around(gap))
    found: dict[tuple[str, str], int] = {}
    for path in files:
        for source, sequence, ms in _rows(path, numbers):
            found[source, sequence] = ms
    return found


def _around(gap: Gap) -> Iterator[str]:
    yield f"{(gap.first or 0) - 1}"
    yield f"{(gap.last or 0) + 1}"


def _rows(path: Path, numbers: dict[str, set[str]]) -> Iterator[tuple[str, str, int]]:
    """The dated rows of a file that have one of those numbers."""
    sources = pa.array(sorted(numbers), pa.string())
    wanted = pa.array(sorted({number for found in numbers.values() for number in found}))
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=_COLUMNS, use_threads=False):
            plain = pc.replace_substring_regex(batch["sequence"], "^0+([0-9])", r"\1")
            columns = pa.table([batch["source"], plain, batch["time_ms"]], _COLUMNS)
            asked = pc.and_(pc.is_in(batch["source"], sources), pc.is_in(plain, wanted))
            for row in columns.filter(pc.and_(asked, pc.is_valid(batch["time_ms"]))).to_pylist():
                if row["sequence"] in numbers[row["source"]]:
                    yield row["source"], row["sequence"], row["time_ms"]
