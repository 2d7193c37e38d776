"""A commit before it is made: the bytes of its file, and the entry that describes them."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from operator import attrgetter

import pyarrow as pa
import pyarrow.compute as pc

from schemas.instants import DAY
from schemas.rows import Row
from sinks.archive import merkle
from sinks.archive.entry import Entry, Tail, digest
from sinks.archive.layout import Chain
from sinks.archive.sealing import Seal, seal
from sinks.archive.table import SCHEMA_ID, counts, encode, sums, table

MOST_ROWS = 100_000
_INTAKE, _VALUE = attrgetter("intake_ms"), attrgetter("value")
WRITER_VERSION = f"vouchline {version('vouchline')}, arrow {pa.__version__}"


def one_file_of(rows: list[Row]) -> list[Row]:
    """The rows of the next file: it ends before a row of a later day of intake (UTC).

    An earlier day does not end it: clocks that waver at midnight would make a file of each row.
    """
    some = rows[:MOST_ROWS]
    end = (rows[0].intake_ms // DAY + 1) * DAY
    if max(map(_INTAKE, some)) < end:
        return some
    return some[: next(at for at, row in enumerate(some) if row.intake_ms >= end)]


def draft(
    rows: list[Row],
    chain: Chain,
    tail: Entry | None,
    writer: str,
    continues: Tail | None,
    under: Seal | None = None,
) -> tuple[Entry, memoryview]:
    """The entry that commits these rows after `tail`, and the Parquet file it names.

    The file is sealed where there is a `Seal`.
    """
    columns = table(rows)
    start, last = tail.next if tail else 0, rows[-1].offset
    happened, taken = pc.min_max(columns["time_ms"]), pc.min_max(columns["intake_ms"])
    schema_id, written = (
        (SCHEMA_ID, encode(columns))
        if under is None
        else seal(columns, taken["max"].as_py(), under)
    )
    content = memoryview(written)
    entry = Entry(
        seq=tail.seq + 1 if tail else 0,
        log_id=chain.log_id,
        topic=chain.topic,
        partition=chain.partition,
        start=start,
        next=last + 1,
        first_offset=rows[0].offset,
        last_offset=last,
        rows=len(rows),
        holes=_holes(start, rows),
        min_time_ms=happened["min"].as_py(),
        max_time_ms=happened["max"].as_py(),
        min_intake_ms=taken["min"].as_py(),
        max_intake_ms=taken["max"].as_py(),
        file=chain.data(start, taken["max"].as_py()),
        bytes=len(content),
        sha256=sha256(content).hexdigest(),
        records_root=merkle.root(map(_VALUE, rows)),
        schema_id=schema_id,
        writer=writer,
        writer_version=WRITER_VERSION,
        counts=counts(columns),
        sums=sums(columns),
        prev=digest(tail) if tail else None,
        continues=None if tail else continues,
    )
    return entry, content


def _holes(start: int, rows: list[Row]) -> list[tuple[int, int]]:
    """The spans in front of rows for which the log had none."""
    if rows[-1].offset + 1 - start == len(rows):
        return []
    dues = [start, *(row.offset + 1 for row in rows[:-1])]
    steps = zip(dues, rows, strict=True)
    return [(due, row.offset) for due, row in steps if row.offset != due]
