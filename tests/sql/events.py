"""Small archives, written by hand: events as bytes, and the archive's table of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from schemas.archive import COLUMNS, FACTS
from schemas.event import Data, Event, encode, schema_id
from schemas.instants import HOUR, instant, millis
from schemas.versions import read
from schemas.vocabulary import VOCABULARY
from sinks.sql import Recomputation, SqlFigure

BASE = millis("2026-01-05T14:00:00.000Z")
AS_OF = BASE + HOUR
DAY = (BASE - 14 * HOUR, BASE + 10 * HOUR, "UTC")
_ARROW = {"int64": pa.int64(), "string": pa.string(), "binary": pa.binary(), "bool": pa.bool_()}
SCHEMA = pa.schema([(name, _ARROW[kind]) for name, (kind, _) in COLUMNS.items()])


def at(ms: int) -> str:
    """An instant, `ms` after BASE."""
    return instant(BASE + ms)


#: Of a control total: it is read where both are instants, and not otherwise.
PERIOD = {"period_start": at(0), "period_end": at(HOUR)}


def event(
    kind: str,
    ms: int,
    subject: str = "c1",
    /,
    *,
    source: str = "acd",
    key: str = "",
    sequence: str = "",
    **data: Any,
) -> bytes:
    """One event, `ms` after BASE, of the present version of its type; `key` is its id."""
    row = VOCABULARY.get(kind)
    return encode(
        Event(
            time=at(ms),
            source=source,
            sequence=sequence,
            id=key or f"{kind}@{ms}",
            type=kind,
            subject=subject,
            dataschema=schema_id(kind, row.version) if row else "",
            data=Data(**data),
        )
    )


def table(raws: Iterable[bytes]) -> pa.Table:
    """The archive's rows of these values, in this order."""
    rows = [_row(offset, raw) for offset, raw in enumerate(raws)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _row(offset: int, raw: bytes) -> dict[str, object]:
    row: dict[str, object] = {"offset": offset, "intake_ms": BASE, "value": raw}
    try:
        found = read(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {**row, "time_ms": BASE, "subject": "c1"}  # the most a log could know of it
    envelope = {name: getattr(found, name) for name in COLUMNS if hasattr(found, name)}
    facts = {name: getattr(found.data, name) for name in FACTS}
    return {**row, **envelope, **facts, "time_ms": millis(found.time)}


def contacts(raws: Iterable[bytes], as_of: int = AS_OF) -> dict[str, dict[str, Any]]:
    """The contacts that the SQL makes of these values, by id."""
    with Recomputation(table(raws), as_of, threads=1) as recomputed:
        return {str(row["contact_id"]): row for row in recomputed.contacts()}


def contact(*raws: bytes, as_of: int = AS_OF) -> dict[str, Any]:
    """The only contact."""
    (found,) = contacts(raws, as_of).values()
    return found


def rows(raws: Iterable[bytes], relation: str, as_of: int = AS_OF) -> list[dict[str, Any]]:
    """The rows of a relation that the SQL makes of these values."""
    with Recomputation(table(raws), as_of, threads=1) as recomputed:
        return recomputed.rows(relation)


def since(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    """Fields of a row; instants as milliseconds after BASE."""
    return tuple(
        value - BASE if isinstance(value, int) and value > BASE // 2 else value
        for value in map(row.__getitem__, names)
    )


def figures(
    raws: Iterable[bytes],
    measures: Sequence[str],
    dimensions: Sequence[str] = (),
    attribution: str = "cohort",
    as_of: int = AS_OF,
) -> list[SqlFigure]:
    """The figures of the day of BASE, in UTC."""
    with Recomputation(table(raws), as_of, threads=1) as recomputed:
        return recomputed.figures(measures, [DAY], {}, "UTC", dimensions, attribution)


def fractions(
    raws: Iterable[bytes], *measures: str, as_of: int = AS_OF
) -> dict[str, tuple[int | None, int | None]]:
    """Numerator and denominator of each measure over the day of BASE."""
    return {
        figure.measure: (figure.numerator, figure.denominator)
        for figure in figures(raws, measures, as_of=as_of)
    }
