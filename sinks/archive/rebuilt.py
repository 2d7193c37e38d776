"""Events written again from the columns that are left of them, once their bytes are disposed of.

Such an event says all that the archive's open columns say, and nothing of its caller. It names
the hash of the bytes it had, so that it is told apart from others, and found the same as
itself, as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.archive import FACTS
from schemas.event import DISPOSED, Data, Event, encode, schema_id
from schemas.instants import instant
from sinks.archive.sealed import DIGEST, PERSONAL, VERSIONS

_ENVELOPE = ("time_ms", "source", "sequence", "id", "type", "subject", "dataschema")
_FACTS = tuple(name for name in FACTS if name not in PERSONAL)


def rebuilt(
    file: pq.ParquetFile, at: list[int] | None = None, group: int | None = None
) -> list[bytes]:
    """The events of a file whose key was destroyed, or of some of its rows, in order.

    Where a row group is named, of its rows alone.

    An event that could not be read when it was archived can be read no more than before.
    """
    there = [name for name in (*_ENVELOPE, *_FACTS, DIGEST) if name in file.schema_arrow.names]
    columns: pa.Table = (
        file.read(there, use_threads=False)
        if group is None
        else file.read_row_group(group, there, use_threads=False)
    )
    columns = columns if at is None else columns.take(at)
    versions = msgspec.json.decode(file.metadata.metadata[VERSIONS], type=dict[str, int])
    return [_event(row, versions) for row in columns.to_pylist()]


def _event(row: Mapping[str, Any], versions: Mapping[str, int]) -> bytes:
    mark = DISPOSED + str(row[DIGEST]).encode() + b'"'
    if row["type"] is None or row["time_ms"] is None:
        return mark + b"}"
    kind = row["type"]
    event = Event(
        time=instant(row["time_ms"]),
        source=row["source"],
        sequence=row["sequence"],
        id=row["id"],
        type=kind,
        subject=row["subject"],
        # the columns hold the facts as of the version that was current when they were written
        dataschema=schema_id(kind, versions[kind]) if kind in versions else row["dataschema"],
        data=Data(**{name: row[name] for name in _FACTS if row.get(name) is not None}),
    )
    return mark + b"," + encode(event)[1:]
