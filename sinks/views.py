"""A script that stock DuckDB opens: the archive's files, and every figure as a view.

`duckdb -init views.sql` needs nothing of ours: neither this package nor Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from schemas.measures import MEASURES, Kind, Measure, relation_of
from schemas.measures.kinds import UNITS
from schemas.relations import RELATIONS
from sinks.openings import OPENINGS, Values, departments, rows
from sinks.published import TABLES, events_of, happened, query, quoted, stated, text
from sinks.sql import Period

_HEAD = """\
-- Every figure, from the raw events, with stock DuckDB.
--
-- Tables: contacts and declarations; what contacts and shifts are made of (segments, estimates,
-- messages, surveys, topics, escalations, tasks, spells); what is known of contacts only from
-- others (fidelity, repeats). Data: business_days and sessions, when departments are open.
-- Replace the tables `periods` and `zones`, and the views `happened_…`, for other periods and
-- dimensions: the views follow. A figure is numerator and denominator, both integers; `value` is
-- the one division (percent to 2 decimals, means to 3), half up.
"""
_HALF_UP = """\
CREATE OR REPLACE MACRO half_up(numerator, denominator) AS
    CASE WHEN denominator > 0 THEN
        (sign(numerator) * ((2 * abs(numerator::HUGEINT) + denominator) // (2 * denominator)))
            ::DECIMAL(18, 0)
    END;
"""


def script(
    files: Sequence[Path],
    as_of: int,
    zones: Mapping[str, str],
    default_zone: str,
    periods: Sequence[Period] | None = None,
) -> str:
    """The whole script: every table of `published.TABLES`, and a view for each measure by its id.

    Args:
        files: the committed Parquet files; a relative path is relative to where DuckDB runs.
        as_of: UTC milliseconds; later events are not read.
        zones: department -> zone.
        default_zone: of contacts without a department, or with one that `zones` has not.
        periods: (start, end, zone) in UTC milliseconds, the end excluded; by default the
            script itself makes the local days of every zone, from the first arrival to the last.
    """
    return "\n".join(
        [
            _HEAD,
            f"SET VARIABLE as_of = {as_of:d};\n",
            events_of(files),
            *(_openings(name, as_of) for name in OPENINGS),
            *(text(name) for name in TABLES),
            _zones({**zones}, default_zone),
            text("periods") if periods is None else _periods(periods),
            *(view for name in RELATIONS for view in _cohort(name)),
            *_declared(),
            _HALF_UP,
            *(_view(measure) for measure in MEASURES.values()),
        ]
    )


def _openings(name: str, as_of: int) -> str:
    """A table as data; a list of integers as one text is read many times faster than rows."""
    shape = ", ".join(f"{column} {kind}" for column, kind in OPENINGS[name].items())
    found = groupby(rows(name, departments(), 0, as_of), key=itemgetter(0))
    return "".join([_table(f"{name} ({shape})", []), *(_insert(name, *group) for group in found)])


def _insert(name: str, department: str | int | None, found: Iterable[Values]) -> str:
    _, *columns = zip(*found, strict=True)
    lists = "".join(f",\n    unnest('{[*column]}'::BIGINT[])" for column in columns)
    named = "NULL" if department is None else quoted(f"{department}")
    return f"INSERT INTO {name} SELECT {named}{lists};\n"


def _zones(zones: Mapping[str, str], default_zone: str) -> str:
    rows = [f"({quoted(department)}, {quoted(zone)})" for department, zone in zones.items()]
    return _table(
        "zones (department VARCHAR, zone VARCHAR)", [*rows, f"(NULL, {quoted(default_zone)})"]
    )


def _periods(periods: Sequence[Period]) -> str:
    rows = [f"({start:d}, {end:d}, {quoted(zone)})" for start, end, zone in periods]
    return _table("periods (period_start_ms BIGINT, period_end_ms BIGINT, zone VARCHAR)", rows)


def _table(shape: str, rows: Sequence[str]) -> str:
    name = shape.split(maxsplit=1)[0]
    insert = f"INSERT INTO {name} VALUES\n    " + ",\n    ".join(rows) + ";\n" if rows else ""
    return f"CREATE OR REPLACE TABLE {shape};\n{insert}"


def _cohort(relation: str) -> Iterator[str]:
    """The views of a relation that its measures rest on."""
    yield _named(
        f"happened_{relation}",
        happened(relation, RELATIONS[relation].cohort, "{'department': department}"),
    )
    yield _named(
        f"cohort_{relation}",
        f"WITH happened AS (FROM happened_{relation})\nSELECT * FROM (\n{query('cohort')}\n)",
    )


def _declared() -> Iterator[str]:
    yield _named("stated", stated("{'department': department}", "department IS NOT NULL"))
    yield _named("declared", query("declared"))


def _view(measure: Measure) -> str:
    return _named(
        f'"{measure.id}"',
        f"WITH cohort AS (FROM cohort_{relation_of(measure)})\n"
        f"SELECT *, {_value(measure)} AS value FROM (\n{query(f'measures/{measure.id}')}\n)",
    )


def _named(name: str, body: str) -> str:
    return f"CREATE OR REPLACE VIEW {name} AS\n{body};\n"


def _value(measure: Measure) -> str:
    """The one division, in integers: hundredths of a percent, or thousandths of the unit."""
    if measure.kind is Kind.RATIO:
        return "half_up(10000 * numerator::HUGEINT, denominator) * 0.01"
    if measure.kind is Kind.MEAN:
        whole = UNITS[measure.unit]
        return f"half_up(1000 * numerator::HUGEINT, {whole} * denominator::HUGEINT) * 0.001"
    return "numerator"
