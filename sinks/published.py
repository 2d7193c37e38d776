"""The published SQL as it stands in `schemas/sql`: its texts, and what each table rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files as resources
from pathlib import Path

from schemas.archive import COLUMNS, FACTS
from schemas.relations import RELATIONS

#: What is made of the events, in an order in which it can be made.
TABLES = (
    "kept",
    "contacts",
    "declarations",
    "segments",
    "estimates",
    "messages",
    "surveys",
    "topics",
    "escalations",
    "tasks",
    "shifts",
    "spells",
    "fidelity",
    "repeats",
)
#: What a table reads beside `kept` and `contacts`; all others read nothing else.
NEEDS: dict[str, tuple[str, ...]] = {
    "messages": ("business_days",),
    "spells": ("shifts",),
    "fidelity": ("sessions",),
    "repeats": ("messages",),
}
#: Which contacts are those by phone: one that names no channel is.
BY_PHONE = "coalesce(channel, 'phone') = 'phone'"
_PASSED_ON = re.compile(r"\b(period_start_ms|period_end_ms|zone|dims)\b")
_TYPES = {"int64": "BIGINT", "string": "VARCHAR", "binary": "BLOB", "bool": "BOOLEAN"}


def text(name: str) -> str:
    """One published file, such as `contacts` or `measures/answer.rate`."""
    return resources("schemas.sql").joinpath(*f"{name}.sql".split("/")).read_text("utf-8")


def query(name: str) -> str:
    """The query in a file that holds one, without its semicolon, to build upon."""
    return alone(text(name))


def alone(statement: str) -> str:
    """A query without its semicolon, to build upon."""
    return statement.rstrip().removesuffix(";")


def passes_on(statement: str) -> bool:
    """Whether a measure's text does nothing with period, zone and dims but group by them.

    It then starts with them, and names them nowhere else.
    """
    said = re.sub(r"--.*", "", statement).split()
    if said[:5] != ["SELECT", "period_start_ms,", "period_end_ms,", "zone,", "dims,"]:
        return False
    return not _PASSED_ON.search(" ".join(said[5:]))


def quoted(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def events_of(files: Sequence[Path], where: str = "true") -> str:
    """SQL that makes the relation `events` of the archive's files, which may be none.

    Args:
        files: in any order.
        where: which of their rows.
    """
    if not files:
        return _empty("files", COLUMNS) + events_from("files")
    paths = ",\n    ".join(quoted(path.as_posix()) for path in files)
    return events_from(
        f"read_parquet([\n    {paths}\n], union_by_name = true, hive_partitioning = false)"
        + ("" if where == "true" else f" WHERE {where}")
    )


def events_from(source: str) -> str:
    """SQL that makes the relation `events` of another with the archive's columns.

    A fact that is younger than all of the source is null in it, and so is what only sealed files
    have; without a column of the envelope or the value there are no events.
    """
    return (
        f"{_empty('facts', {**FACTS, 'value_sha256': ('string', 'of the value')})}"
        f"CREATE OR REPLACE VIEW events AS SELECT * FROM {source} UNION ALL BY NAME FROM facts;\n"
    )


def _empty(name: str, columns: Mapping[str, tuple[str, str]]) -> str:
    typed = ", ".join(f'"{column}" {_TYPES[kind]}' for column, (kind, _) in columns.items())
    return f"CREATE OR REPLACE TABLE {name} ({typed});\n"


def happened(relation: str, moment: str, dims: str) -> str:
    """A query for the rows that `cohort` reads, each with its moment and its dimensions.

    Args:
        relation: of `schemas.relations`. Contacts are those by phone.
        moment: the column that says to which period a row belongs.
        dims: an expression of the dimensions asked for.
    """
    by_phone = f"\nWHERE {BY_PHONE}" if relation == "contacts" else ""
    return f"SELECT *, {moment} AS moment_ms, {dims} AS dims\nFROM {relation}{by_phone}"


def stated(dims: str, named: str) -> str:
    """A query for the declarations that `declared` reads: `named` says which."""
    return f"SELECT *, {dims} AS dims\nFROM declarations\nWHERE {named}"


def fields_of(relation: str) -> list[str]:
    """The fields of a row that its table has as columns: all but what has a table of its own."""
    parts = {row.part for row in RELATIONS.values()}
    return [name for name in RELATIONS[relation].row.__struct_fields__ if name not in parts]
