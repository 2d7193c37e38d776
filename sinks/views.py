"""A script that stock DuckDB opens: the archive's files, and every figure as a view.

`duckdb -init views.sql` needs nothing of ours: neither this package nor Python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from schemas.measures import MEASURES, Kind, Measure
from sinks.sql import MATERIALISED, Period, attributed, events_of, query, quoted, text

_HEAD = """\
-- Every figure, from the raw events, with stock DuckDB.
--
-- Replace the tables `periods` and `zones` and the view `happened` for other periods and
-- dimensions: the views follow. A figure is numerator and denominator, both integers; `value` is
-- the one division (percent to 2 decimals, seconds to 3), half up.
"""
_HALF_UP = """\
CREATE OR REPLACE MACRO half_up(numerator, denominator) AS
    CASE WHEN denominator > 0 THEN
        ((2 * numerator::HUGEINT + denominator) // (2 * denominator))::DECIMAL(18, 0)
    END;
"""


def script(
    files: Sequence[Path],
    as_of: int,
    zones: Mapping[str, str],
    default_zone: str,
    periods: Sequence[Period] | None = None,
) -> str:
    """The whole script: tables `contacts`, `declarations`, and a view for each measure by its id.

    Args:
        files: the committed Parquet files; a relative path is relative to where DuckDB runs.
        as_of: UTC milliseconds; later events are not read.
        zones: department -> zone.
        default_zone: of contacts without a department, or with one that `zones` has not.
        periods: (start, end, zone) in UTC milliseconds, the end excluded; by default the
            script itself makes the local days of every zone, from the first arrival to the last.
    """
    happened, stated = attributed(
        "arrived_ms", "{'department': department}", "department IS NOT NULL"
    )
    return "\n".join(
        [
            _HEAD,
            f"SET VARIABLE as_of = {as_of:d};\n",
            events_of(files),
            *(text(name) for name in MATERIALISED),
            _zones({**zones}, default_zone),
            text("periods") if periods is None else _periods(periods),
            happened,
            stated,
            *(f"CREATE OR REPLACE VIEW {name} AS\n{text(name)}" for name in ("cohort", "declared")),
            _HALF_UP,
            *(_view(measure) for measure in MEASURES.values()),
        ]
    )


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


def _view(measure: Measure) -> str:
    body = query(f"measures/{measure.id}")
    return (
        f'CREATE OR REPLACE VIEW "{measure.id}" AS\n'
        f"SELECT *, {_value(measure)} AS value FROM (\n{body}\n);\n"
    )


def _value(measure: Measure) -> str:
    """The one division, in integers: hundredths of a percent, or milliseconds."""
    if measure.kind is Kind.RATIO:
        return "half_up(10000 * numerator::HUGEINT, denominator) * 0.01"
    if measure.kind is Kind.MEAN:
        return "half_up(numerator, denominator) * 0.001"
    return "numerator"
