"""Sealing: a table with its personal columns moved aside and encrypted, as Parquet bytes."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa
from msgspec.json import encode as json

from schemas.vocabulary import VOCABULARY
from sinks.archive import table
from sinks.archive.entry import sealed
from sinks.archive.locks import Lock
from sinks.archive.sealed import DIGEST, PERIOD, PERSONAL, VALUE, VERSIONS, digest, sealed_name

_VERSIONS = json({row.name: row.version for row in VOCABULARY.values() if row.version > 1})


class Seal(Protocol):
    """Under whose key a writer seals."""

    def period(self, intake_ms: int) -> str:
        """The name of the period in which the log took something."""
        ...

    def closing(self, period: str) -> bytes:
        """The key of a period, made on first use.

        Raises:
            Stop: it was destroyed, so that nothing is sealed under it any more.
        """
        ...


def seal(columns: pa.Table, intake_ms: int, under: Seal) -> tuple[str, pa.Buffer]:
    """What an entry says of the columns (`schema_id`), and the bytes of the sealed file.

    `intake_ms` is the latest of the rows. The bytes are different ones every time.
    """
    period = under.period(intake_ms)
    aside = _moved_aside(columns)
    aside = aside.replace_schema_metadata({PERIOD: period, VERSIONS: _VERSIONS})
    lock = Lock(period, under.closing(period))
    secret = [sealed_name(name) for name in PERSONAL]
    return sealed(table.shape_id(aside.schema), period), table.encode(aside, lock.closing(secret))


def _moved_aside(columns: pa.Table) -> pa.Table:
    for name in PERSONAL:
        at, column = columns.schema.get_field_index(name), columns[name]
        columns = columns.set_column(at, name, pa.nulls(len(columns), column.type))
        columns = columns.append_column(sealed_name(name), column)
    digests = map(digest, columns[VALUE].to_pylist())
    return _with(columns, DIGEST, pa.array(digests, pa.string()))


def _with(columns: pa.Table, name: str, values: pa.Array) -> pa.Table:
    at = columns.schema.get_field_index(name)
    if at < 0:
        return columns.append_column(name, values)
    return columns.set_column(at, name, values)
