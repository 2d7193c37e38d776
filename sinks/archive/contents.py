"""What a data file holds, computed again from its columns, against what its entry says."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Any, Self

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
_UNREADABLE = (pa.ArrowException, OSError, ValueError)
_LONGEST = 200  # characters of a value in a message


class _Amiss(Exception):
    """What is wrong with a sealed file, in words."""


def differences(content: bytes, entry: Entry, key: bytes | None = None) -> Iterator[str]:
    """In words, everything in which the rows of a file differ from its entry.

    Of a sealed file the raw values, and so their root, are looked at only with the `key`.
    """
    try:
        with _Opened(content, sealed_under(entry), key) as file:
            yield from _differences(file.columns(None), file.without, entry)
    except _Amiss as error:
        yield str(error)
    except _UNREADABLE as error:
        yield f"not a readable Parquet file: {error}"


def differences_of_several(
    content: bytes, entries: Sequence[Entry], key: bytes | None = None
) -> Iterator[str]:
    """The same of a file that stands for several commits, each of which is a slice of it.

    It is read a row group at a time: none of them may end in the midst of a commit.
    """
    waiting = deque(entries)
    try:
        with _Opened(content, sealed_under(entries[0]), key) as file:
            for group in range(file.groups):
                yield from _in_group(file.columns(group), file.without, waiting)
    except _Amiss as error:
        yield str(error)
    except _UNREADABLE as error:
        yield f"not a readable Parquet file: {error}"
    else:
        for entry in waiting:
            yield f"commit {entry.seq}: its rows are missing"


def _in_group(columns: pa.Table, without: Collection[str], waiting: deque[Entry]) -> Iterator[str]:
    """Every row belongs to one of the commits that are next, in their order."""
    if amiss := [*_shape(columns, without)]:
        yield from amiss
        waiting.clear()
        return
    offsets, at = columns["offset"].to_pylist(), 0
    while at < len(columns):
        if not waiting:
            yield f"{len(columns) - at} rows too many"
            return
        entry = waiting.popleft()
        end = next((n for n in range(at, len(offsets)) if offsets[n] >= entry.next), len(columns))
        for what in _contents(columns.slice(at, end - at), entry):
            yield f"commit {entry.seq}: {what}"
        at = end


def _differences(columns: pa.Table, without: Collection[str], entry: Entry) -> Iterator[str]:
    amiss = [*_shape(columns, without)]
    yield from amiss
    if not amiss:
        yield from _contents(columns, entry)


class _Opened:
    """A file of which the columns are read that an entry speaks of, or depends on.

    Attributes:
        without: columns that cannot be looked at.
    """

    def __init__(self, content: bytes, period: str | None, key: bytes | None) -> None:
        self._content, self._period = content, period
        self._lock = None if period is None or key is None else Lock(period, key)
        opening = self._lock.opening() if self._lock else None
        source = pa.BufferReader(content)
        self._file = pq.ParquetFile(source, decryption_properties=opening)
        self.without = () if period is None or key else ("value",)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def groups(self) -> int:
        """How many row groups there are."""
        return int(self._file.num_row_groups)

    def columns(self, group: int | None) -> pa.Table:
        """Those of a row group, or of all; of a sealed file, `value` is what is sealed of it.

        Raises:
            _Amiss: it is not sealed as it must be.
        """
        if self._period is None:
            return self._read(group)
        columns = self._read(group, (*PERSONAL, DIGEST, *((VALUE,) if self._lock else ())))
        if (self._file.metadata.metadata or {}).get(PERIOD) != self._period.encode():
            msg = f"not sealed under {self._period}, as the entry says"
            raise _Amiss(msg)
        for name in {*PERSONAL, "value"}:
            if columns[name].null_count != len(columns):
                msg = f"column {name} is in the clear, in a sealed file"
                raise _Amiss(msg)
        for name in map(sealed_name, PERSONAL):
            if _is_open(self._content, name, group):
                msg = f"column {name} is in the clear"
                raise _Amiss(msg)
        columns = columns.drop_columns(["value"])
        return columns.append_column("value", _unsealed(columns)) if self._lock else columns

    def _read(self, group: int | None, also: Collection[str] = ()) -> pa.Table:
        schema = self._file.schema_arrow
        wanted = [field.name for field in schema if _is_wanted(field) or field.name in also]
        if group is None:
            return self._file.read(columns=wanted, use_threads=False)
        return self._file.read_row_group(group, columns=wanted, use_threads=False)


def _is_wanted(field: pa.Field) -> bool:
    return field.name in _NEEDED or field.type == pa.int64()


def _is_open(content: bytes, name: str, group: int | None) -> bool:
    """Whether a column can be read without a key."""
    with pq.ParquetFile(pa.BufferReader(content)) as file:
        try:
            if group is None:
                file.read([name], use_threads=False)
            else:
                file.read_row_group(group, [name], use_threads=False)
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
