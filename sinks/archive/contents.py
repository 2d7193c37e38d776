"""What a data file holds, computed again from its columns, against what its entry says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sinks.archive.entry import Entry, sealed_under
from sinks.archive.locks import Lock
from sinks.archive.merkle import root as merkle_root
from sinks.archive.sealed import DIGEST, PERIOD, PERSONAL, VALUE, digest, sealed_name

_CLOCKS = {"offset": pa.int64(), "intake_ms": pa.int64(), "time_ms": pa.int64()}
_NEEDED = {**_CLOCKS, "type": pa.string(), "subject": pa.string(), "value": pa.binary()}
_NEVER_NULL = ("offset", "intake_ms", "subject", "value")
_LONGEST = 200  # characters of a value in a message


class _Amiss(Exception):
    """What is wrong with a sealed file, in words."""


def differences(content: bytes, entry: Entry, key: bytes | None = None) -> Iterator[str]:
    """In words, everything in which the rows of a file differ from its entry.

    Of a sealed file the raw values, and so their root, are looked at only with the `key`.
    """
    period = sealed_under(entry)
    try:
        columns = _read(content) if period is None else _read_sealed(content, period, key)
    except _Amiss as error:
        yield str(error)
        return
    except (pa.ArrowException, OSError, ValueError) as error:
        yield f"not a readable Parquet file: {error}"
        return
    amiss = [*_shape(columns, without=() if period is None or key else ("value",))]
    yield from amiss
    if not amiss:
        yield from _contents(columns, entry)


def _read(content: bytes, also: Collection[str] = (), unlocked: Any = None) -> pa.Table:
    """The columns that an entry speaks of, or depends on."""
    source = pa.BufferReader(content)
    with pq.ParquetFile(source, decryption_properties=unlocked) as file:
        schema = file.schema_arrow
        wanted = [field.name for field in schema if _is_wanted(field) or field.name in also]
        columns = file.read(columns=wanted, use_threads=False)
        return columns.replace_schema_metadata(file.metadata.metadata)


def _is_wanted(field: pa.Field) -> bool:
    return field.name in _NEEDED or field.type == pa.int64()


def _read_sealed(content: bytes, period: str, key: bytes | None) -> pa.Table:
    """The same of a sealed file; with the key, `value` holds what is sealed of it."""
    lock = None if key is None else Lock(period, key)
    also = (*PERSONAL, DIGEST, *((VALUE,) if lock else ()))
    columns = _read(content, also, lock.opening() if lock else None)
    if columns.schema.metadata.get(PERIOD) != period.encode():
        msg = f"not sealed under {period}, as the entry says"
        raise _Amiss(msg)
    for name in {*PERSONAL, "value"}:
        if columns[name].null_count != len(columns):
            msg = f"column {name} is in the clear, in a sealed file"
            raise _Amiss(msg)
    for name in map(sealed_name, PERSONAL):
        if _is_open(content, name):
            msg = f"column {name} is in the clear"
            raise _Amiss(msg)
    columns = columns.drop_columns(["value"])
    return columns.append_column("value", _unsealed(columns)) if lock else columns


def _is_open(content: bytes, name: str) -> bool:
    """Whether a column can be read without a key."""
    with pq.ParquetFile(pa.BufferReader(content)) as file:
        try:
            file.read([name], use_threads=False)
        except OSError:
            return False
    return True


def _unsealed(columns: pa.Table) -> pa.ChunkedArray:
    """What was sealed, if it is that of which the hashes stand beside it."""
    values = columns[VALUE]
    if [*map(digest, values.to_pylist())] != columns[DIGEST].to_pylist():
        msg = f"column {DIGEST} does not hold the hashes of what is sealed"
        raise _Amiss(msg)
    return values


def _shape(columns: pa.Table, without: Collection[str]) -> Iterator[str]:
    for name, kind in _NEEDED.items():
        if name in without:
            continue
        if columns.schema.get_all_field_indices(name) != [columns.schema.get_field_index(name)]:
            yield f"column {name} is not there once"
        elif columns.schema.field(name).type != kind:
            yield f"column {name} is {columns.schema.field(name).type}, not {kind}"
        elif name in _NEVER_NULL and columns[name].null_count:
            yield f"column {name} has nulls"


def _contents(columns: pa.Table, entry: Entry) -> Iterator[str]:
    offsets = columns["offset"].to_pylist()
    if not all(a < b for a, b in pairwise([entry.start - 1, *offsets, entry.next])):
        yield f"offsets do not rise from {entry.start} to below {entry.next}"
        return
    for name, found in _found(columns, offsets, entry).items():
        said = getattr(entry, name)
        if said != found:
            yield f"{name}: the entry says {_short(said)}, the file holds {_short(found)}"


def _found(columns: pa.Table, offsets: list[int], entry: Entry) -> dict[str, Any]:
    """The parts of an entry that follow from the rows."""
    happened, taken = pc.min_max(columns["time_ms"]), pc.min_max(columns["intake_ms"])
    spans = zip([entry.start, *(at + 1 for at in offsets)], [*offsets, entry.next], strict=True)
    found = {
        "rows": len(offsets),
        "first_offset": offsets[0] if offsets else None,
        "last_offset": offsets[-1] if offsets else None,
        "holes": [(start, end) for start, end in spans if start != end],
        "min_time_ms": happened["min"].as_py(),
        "max_time_ms": happened["max"].as_py(),
        "min_intake_ms": taken["min"].as_py(),
        "max_intake_ms": taken["max"].as_py(),
        "counts": _counts(columns["type"]),
        "sums": _sums(columns),
    }
    if "value" in columns.schema.names:
        found["records_root"] = merkle_root(columns["value"].to_pylist())
    return found


def _counts(types: pa.ChunkedArray) -> dict[str, int]:
    found: Counter[str] = Counter()
    for pair in pc.value_counts(types).to_pylist():
        found[pair["values"] or ""] += pair["counts"]
    return dict(found)


def _sums(columns: pa.Table) -> dict[str, str]:
    names = [f.name for f in columns.schema if f.type == pa.int64() and f.name not in _CLOCKS]
    values = {name: columns[name].drop_null().to_pylist() for name in names}
    return {name: str(sum(numbers)) for name, numbers in values.items() if numbers}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
