"""The published SQL, run: every figure recomputed from the raw Parquet by stock DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from schemas.archive import COLUMNS
from schemas.errors import Stop
from schemas.measures import MEASURES, TERMS, Kind
from schemas.record import DIMENSIONS

MATERIALISED = ("kept", "contacts", "declarations")
Period = tuple[int, int, str]

_ARRIVAL = "arrived_ms"
_MOMENTS = {term.id: term.moment for term in TERMS}
_TYPES = {"int64": "BIGINT", "string": "VARCHAR", "binary": "BLOB"}


@dataclass(frozen=True, slots=True)
class SqlFigure:
    """A measure over one period, zone and choice of dimensions; integers before any division.

    Attributes:
        dims: the values of the dimensions asked for, in that order; null where unknown.
        numerator: null for a percentile of nothing.
        denominator: null for a count; of a percentile, how many values were ranked.
    """

    measure: str
    period_start_ms: int
    period_end_ms: int
    zone: str
    dims: tuple[str | None, ...]
    numerator: int | None
    denominator: int | None


def text(name: str) -> str:
    """One published file, such as `contacts` or `measures/answer.rate`."""
    return resources("schemas.sql").joinpath(*f"{name}.sql".split("/")).read_text("utf-8")


def query(name: str) -> str:
    """The query in a file that holds one, without its semicolon, to build upon."""
    return text(name).rstrip().removesuffix(";")


def quoted(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def events_of(files: Sequence[Path]) -> str:
    """SQL that makes the relation `events` of the archive's files, which may be none."""
    if not files:
        columns = ", ".join(f'"{name}" {_TYPES[kind]}' for name, (kind, _) in COLUMNS.items())
        return f"CREATE OR REPLACE TABLE events ({columns});\n"
    paths = ",\n    ".join(quoted(path.as_posix()) for path in files)
    return (
        f"CREATE OR REPLACE VIEW events AS SELECT * FROM read_parquet([\n    {paths}\n"
        "], union_by_name = true, hive_partitioning = false);\n"
    )


def attributed(moment: str, dims: str, named: str) -> tuple[str, str]:
    """SQL for the relations `happened` and `stated`, which `cohort` and `declared` read.

    `moment` is a column of `contacts`, `dims` an expression of the dimensions asked for, and
    `named` says whether a declaration names all of them.
    """
    return (
        f"CREATE OR REPLACE VIEW happened AS\n"
        f"SELECT *, {moment} AS moment_ms, {dims} AS dims FROM contacts;\n",
        f"CREATE OR REPLACE VIEW stated AS\n"
        f"SELECT *, {dims} AS dims FROM declarations WHERE {named};\n",
    )


class Recomputation:
    """The archive at an `as_of`, folded by SQL once; then figures over any periods.

    A context manager: it holds a DuckDB database in memory. Nothing is downloaded.

    Args:
        files: the committed Parquet files in any order, or a table with the same columns.
        as_of: UTC milliseconds; later events are not read.
        threads: how many DuckDB may use.
        memory_limit: such as "2GB"; by default, what DuckDB takes by itself.
        spill: a directory for what does not fit in memory; without one, nothing is spilled.

    Raises:
        Stop: the files cannot be read, or lack a column.
    """

    def __init__(
        self,
        files: Sequence[Path] | pa.Table,
        as_of: int,
        *,
        threads: int = 2,
        memory_limit: str = "",
        spill: Path | None = None,
    ) -> None:
        config: dict[str, object] = {"threads": threads, "autoinstall_known_extensions": False}
        config["temp_directory"] = str(spill or "")
        if memory_limit:
            config["memory_limit"] = memory_limit
        self._db = duckdb.connect(config=config)
        try:
            self._fold(files, as_of)
        except duckdb.Error as error:
            self._db.close()
            msg = f"the archive cannot be recomputed: {error}"
            raise Stop(msg) from error

    def __enter__(self) -> Recomputation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def contacts(self) -> list[dict[str, object]]:
        """Every contact: the columns of `ContactRecord` under the same names, by contact id."""
        return self._rows("SELECT * FROM contacts ORDER BY contact_id")

    def declarations(self) -> list[dict[str, object]]:
        """Every declaration: the columns of `Declaration` under the same names, by subject."""
        return self._rows("SELECT * FROM declarations ORDER BY subject")

    def figures(
        self,
        measures: Sequence[str],
        periods: Sequence[Period],
        zones: Mapping[str, str],
        default_zone: str,
        dimensions: Sequence[str],
        attribution: str = "cohort",
    ) -> list[SqlFigure]:
        """The figures of phone contacts, in the order of `measures`, period, zone, dimensions.

        A period or a value of a dimension without contacts has no figure.

        Args:
            measures: ids. By interval only counts are answered; the others are left out.
            periods: (start, end, zone) in UTC milliseconds, the end excluded; periods may
                overlap, such as a month and its days.
            zones: department -> zone.
            default_zone: of contacts without a department, or with one that `zones` has not.
            dimensions: names of `DIMENSIONS` to tell apart.
            attribution: `cohort` (when the contact arrived) or `interval` (when it happened).

        Raises:
            ValueError: an unknown measure, dimension or attribution.
        """
        _check("measure", measures, MEASURES)
        _check("dimension", dimensions, DIMENSIONS)
        _check("attribution", [attribution], ("cohort", "interval"))
        self._scope(periods, zones, default_zone)
        found = []
        for moment, ids in _by_moment(measures, attribution).items():
            self._attribute(moment, dimensions)
            found += [figure for measure in ids for figure in self._figures(measure)]
        return sorted(found, key=lambda figure: measures.index(figure.measure))

    def _fold(self, files: Sequence[Path] | pa.Table, as_of: int) -> None:
        if isinstance(files, pa.Table):
            self._db.register("events", files)
        else:
            self._db.execute(events_of(files))
        self._db.execute(f"SET VARIABLE as_of = {as_of:d}")
        for name in MATERIALISED:
            self._db.execute(text(name))
        self._db.execute("DROP TABLE kept")

    def _scope(
        self, periods: Sequence[Period], zones: Mapping[str, str], default_zone: str
    ) -> None:
        starts, ends, names = zip(*periods, strict=True) if periods else ((), (), ())
        bounds = pa.table({"period_start_ms": starts, "period_end_ms": ends, "zone": names})
        of = pa.table({"department": [*zones, None], "zone": [*zones.values(), default_zone]})
        self._table("periods", bounds, "BIGINT", "BIGINT", "VARCHAR")
        self._table("zones", of, "VARCHAR", "VARCHAR")

    def _table(self, name: str, rows: pa.Table, *types: str) -> None:
        columns = ", ".join(
            f"{column}::{kind} AS {column}"
            for column, kind in zip(rows.column_names, types, strict=True)
        )
        self._db.register("incoming", rows)
        self._db.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {columns} FROM incoming")
        self._db.unregister("incoming")

    def _attribute(self, moment: str, dimensions: Sequence[str]) -> None:
        dims = ", ".join(f'"{name}"' for name in dimensions)
        named = " AND ".join(f'"{name}" IS NOT NULL' for name in dimensions) or "true"
        for view in attributed(moment, f"[{dims}]::VARCHAR[]", named):
            self._db.execute(view)
        for relation in ("cohort", "declared"):
            self._db.execute(f"CREATE OR REPLACE TABLE {relation} AS {query(relation)}")

    def _figures(self, measure: str) -> list[SqlFigure]:
        found = self._db.execute(
            f"SELECT * FROM ({query(f'measures/{measure}')}) ORDER BY ALL"
        ).fetchall()
        return [
            SqlFigure(measure, start, end, zone, tuple(dims), numerator, denominator)
            for start, end, zone, dims, numerator, denominator in found
        ]

    def _rows(self, statement: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self._db.sql(statement).to_arrow_table().to_pylist()
        return found


def _by_moment(measures: Sequence[str], attribution: str) -> dict[str, list[str]]:
    """The measures that can be answered, by the column that says when they happened."""
    if attribution == "cohort":
        return {_ARRIVAL: list(measures)}
    moments: dict[str, list[str]] = {}
    for measure in measures:
        row = MEASURES[measure]
        if row.kind is Kind.COUNT:
            moments.setdefault(_MOMENTS[row.numerator], []).append(measure)
    return moments


def _check(what: str, given: Sequence[str], known: Mapping[str, object] | Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        msg = f"unknown {what}: {', '.join(unknown)}"
        raise ValueError(msg)
