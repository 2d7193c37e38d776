"""Rows of the log as a table: the columns of `schemas.archive`, and the Parquet of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import rfc8785
from msgspec import MsgspecError, Struct
from msgspec.structs import astuple

from schemas.archive import COLUMNS, FACTS
from schemas.event import CANONICAL, NOTHING, Data, Event, decoder
from schemas.instants import millis
from schemas.rows import Row
from schemas.versions import upcast
from schemas.vocabulary import CALLER, EVOLVED

_ARROW = {"string": pa.string(), "int64": pa.int64(), "binary": pa.binary(), "bool": pa.bool_()}
SCHEMA = pa.schema([(name, _ARROW[kind]) for name, (kind, _) in COLUMNS.items()])
_KINDS = {kind: name for name, kind in _ARROW.items()}
#: The same as an event tells it: with the time in its words.
_TIME = SCHEMA.get_field_index("time_ms")
_TOLD = SCHEMA.set(_TIME, pa.field("time_ms", pa.string()))
_TOLD_KINDS = [(field.name, field.type) for field in _TOLD]
INTEGERS = tuple(name for name, (kind, _) in FACTS.items() if kind == "int64")

#: Columns in which values repeat. A dictionary of values that do not only costs time.
_REPEATING = ["source", "type", "subject", "dataschema"] + [
    name for name, (kind, _) in FACTS.items() if kind == "string" and name not in CALLER
]
_FIRST, _LAST = itemgetter(0), itemgetter(-1)
_BLOCK = 1_000  # events that stay in the processor's cache while their fields are taken out
_UNREADABLE = (MsgspecError, UnicodeDecodeError, RecursionError)


class _Unreadable(Struct, frozen=True):
    """Stands for a value that is no event: it has the fields of one, and says nothing."""

    time: None = None
    source: None = None
    sequence: None = None
    id: None = None
    type: None = None
    subject: None = None
    dataschema: None = None
    data: Data = NOTHING


_NO_EVENT = _Unreadable()
Reading = Event | _Unreadable


def table(rows: Sequence[Row]) -> pa.Table:
    """The rows as columns; a value that is no event keeps its bytes and says nothing else."""
    blocks = [_block(rows[start : start + _BLOCK]) for start in range(0, len(rows), _BLOCK)]
    told = pa.Table.from_batches(blocks, _TOLD).combine_chunks()
    return told.set_column(_TIME, SCHEMA.field(_TIME), _instants(told.column(_TIME)))


def shape_id(schema: pa.Schema) -> str:
    """The name of the columns of a file: the same for the same names and types in one order."""
    shape = rfc8785.dumps([[field.name, _KINDS[field.type]] for field in schema])
    return f"urn:vouchline:archive:{sha256(shape).hexdigest()[:16]}"


SCHEMA_ID = shape_id(SCHEMA)


def encode(columns: pa.Table, encryption: Any = None) -> pa.Buffer:
    """A table as the bytes of a Parquet file.

    Within one version of Arrow they are the same for the same table, unless some of it is
    encrypted (`encryption`: properties of PyArrow).
    """
    sink = pa.BufferOutputStream()
    pq.write_table(
        columns,
        sink,
        compression="zstd",
        use_dictionary=_REPEATING,
        encryption_properties=encryption,
    )
    return sink.getvalue()


def encode_groups(groups: Iterable[pa.Table], encryption: Any = None) -> pa.Buffer:
    """Tables of the same columns as one file, a row group of each; there must be one at least."""
    sink, first = pa.BufferOutputStream(), None
    for group in groups:
        if first is None:
            first = pq.ParquetWriter(
                sink,
                group.schema,
                compression="zstd",
                use_dictionary=_REPEATING,
                encryption_properties=encryption,
            )
        first.write_table(group, row_group_size=max(len(group), 1))
    if first is not None:
        first.close()
    return sink.getvalue()


def counts(columns: pa.Table) -> dict[str, int]:
    """Rows by type as it came; "" counts the unreadable."""
    return {
        one["values"] or "": one["counts"] for one in columns["type"].value_counts().to_pylist()
    }


def sums(columns: pa.Table) -> dict[str, str]:
    """The sum of each integer fact that occurs, as decimal text; in Arrow it could overflow."""
    facts = {name: columns[name].drop_null().to_pylist() for name in INTEGERS}
    return {name: str(sum(values)) for name, values in facts.items() if values}


def _block(rows: Sequence[Row]) -> pa.RecordBatch:
    offsets, taken, keys, values = zip(*rows, strict=True)
    events, facts = _read(values)
    columns = dict(_columns(Data, facts)) | dict(_columns(Event, events))
    columns |= {"offset": offsets, "intake_ms": taken, "subject": keys, "value": values}
    columns["time_ms"] = columns["time"]
    nothing = (None,) * len(rows)
    arrays = [_array(columns.get(name, nothing), nothing, kind) for name, kind in _TOLD_KINDS]
    return pa.RecordBatch.from_arrays(arrays, schema=_TOLD)


def _array(values: Sequence[Any], nothing: Sequence[None], kind: pa.DataType) -> pa.Array:
    """Most facts are of few types of events: whole blocks say nothing of them."""
    return pa.nulls(len(nothing), kind) if values == nothing else pa.array(values, kind)


def _columns(kind: type[Struct], some: Sequence[Struct]) -> Iterator[tuple[str, Any]]:
    """The fields of some structs, each with its values: an order faster than one at a time."""
    return zip(kind.__struct_fields__, zip(*map(astuple, some), strict=True), strict=True)


def _read(values: Sequence[bytes]) -> tuple[Sequence[Reading], Sequence[Data]]:
    """What some values say: their events as they came, and their facts as of today."""
    events = _decode(values)
    facts = [event.data for event in events]
    if EVOLVED.isdisjoint({event.type for event in events}):
        return events, facts
    as_said = list(events)
    for at, event in enumerate(events):
        if event.type in EVOLVED and isinstance(event, Event):
            try:
                facts[at] = upcast(event, values[at]).data
            except _UNREADABLE:
                as_said[at], facts[at] = _NO_EVENT, NOTHING
    return as_said, facts


def _decode(values: Sequence[bytes]) -> Sequence[Reading]:
    r"""Decode as one block where each document of it is one value for certain.

    The decoder takes two documents on a line, and one on two lines. But where every value
    starts with a brace and ends with one, each is a whole number of documents: no document
    has "}\n{" inside. As many documents as values then means one each.
    """
    if (
        all(values)
        and set(map(_FIRST, values)) == {ord("{")}
        and set(map(_LAST, values)) == {ord("}")}
    ):
        with suppress(*_UNREADABLE):
            events = decoder.decode_lines(b"\n".join(values))
            if len(events) == len(values):
                return events
    return [_decode_one(value) for value in values]


def _decode_one(value: bytes) -> Reading:
    try:
        return decoder.decode(value)
    except _UNREADABLE:
        return _NO_EVENT


def _instants(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Milliseconds of canonical instants; null for anything else, which would mislead."""
    canonical = pc.match_substring_regex(texts, CANONICAL)
    if pc.all(canonical).as_py() is False:
        texts = pc.if_else(canonical, texts, None)
    try:
        return texts.cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
    except pa.ArrowInvalid:  # a day that no calendar has
        found = [_millis(text) if text else None for text in texts.to_pylist()]
        return pa.chunked_array([pa.array(found, pa.int64())])


def _millis(text: str) -> int | None:
    try:
        return millis(text)
    except ValueError:
        return None
