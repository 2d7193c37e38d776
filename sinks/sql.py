"""The published SQL, run: every figure recomputed from the raw Parquet by stock DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from schemas.errors import Stop
from schemas.measures import MEASURES, TERMS, Kind, combination, relation_of
from schemas.record import DIMENSIONS
from schemas.relations import RELATIONS
from sinks.openings import OPENINGS, rows
from sinks.published import NEEDS, events_from, events_of, fields_of, happened, query, stated, text

__all__ = ["Period", "Recomputation", "SqlFigure", "events_of", "query", "text"]
Period = tuple[int, int, str]

_MOMENTS = {term.id: term.moment or RELATIONS[term.relation].cohort for term in TERMS}


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


class Recomputation:
    """The archive at an `as_of`, folded by SQL; then figures over any periods.

    A context manager: it holds a DuckDB database in memory. Nothing is downloaded. Contacts are
    made at once, and every other table once, when something asks for it.

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
        self._made: set[str] = set()
        self._as_of = as_of
        try:
            self._fold(files)
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
        """Every contact by its id: the columns of `ContactRecord` of the same names, but parts.

        The parts are `rows` of their relations.
        """
        columns = _listed(fields_of("contacts"))
        return self._rows(f"SELECT {columns} FROM contacts ORDER BY contact_id")

    def declarations(self) -> list[dict[str, object]]:
        """Every declaration: the columns of `Declaration` under the same names, by subject."""
        self._need("declarations")
        return self._rows("SELECT * EXCLUDE (category) FROM declarations ORDER BY subject")

    def shifts(self) -> list[dict[str, object]]:
        """Every shift by its id: the columns of `Shift` of the same names, but its spells."""
        self._need("shifts")
        return self._rows("SELECT * FROM shifts ORDER BY shift_id")

    def rows(self, relation: str) -> list[dict[str, object]]:
        """Every row of a relation: `contact_id`, the dimensions, and the fields of the row.

        In the order of `contact_id` and the row's fields, nulls last.

        Raises:
            ValueError: an unknown relation.
        """
        _check("relation", [relation], RELATIONS)
        self._need(relation)
        columns = _listed(dict.fromkeys(("contact_id", *fields_of(relation))))
        return self._rows(f"SELECT * FROM {relation} ORDER BY {columns}")

    def figures(
        self,
        measures: Sequence[str],
        periods: Sequence[Period],
        zones: Mapping[str, str],
        default_zone: str,
        dimensions: Sequence[str],
        attribution: str = "cohort",
    ) -> list[SqlFigure]:
        """The figures, in the order of `measures`, period, zone, dimensions.

        A period or a value of a dimension without rows of the measure's relation has no figure.

        Args:
            measures: ids. By interval only counts are answered; the others are left out.
            periods: (start, end, zone) in UTC milliseconds, the end excluded; periods may
                overlap, such as a month and its days.
            zones: department -> zone.
            default_zone: of rows without a department, or with one that `zones` has not.
            dimensions: names of `DIMENSIONS` to tell apart.
            attribution: `cohort` (when the contact arrived, and the like) or `interval` (when
                it happened).

        Raises:
            ValueError: an unknown measure, dimension or attribution.
        """
        _check("measure", measures, MEASURES)
        _check("dimension", dimensions, DIMENSIONS)
        _check("attribution", [attribution], ("cohort", "interval"))
        self._scope(periods, zones, default_zone)
        found = []
        for (relation, moment), ids in _by_moment(measures, attribution).items():
            self._attribute(relation, moment, dimensions)
            found += [figure for measure in ids for figure in self._figures(measure)]
        place = {measure: number for number, measure in enumerate(measures)}
        return sorted(found, key=lambda figure: place[figure.measure])

    def _fold(self, files: Sequence[Path] | pa.Table) -> None:
        if isinstance(files, pa.Table):
            self._db.register("archived", files)
        self._db.execute(
            events_from("archived") if isinstance(files, pa.Table) else events_of(files)
        )
        self._db.execute(f"SET VARIABLE as_of = {self._as_of:d}")
        self._need("kept")
        self._need("contacts")

    def _need(self, name: str) -> None:
        """Make a table and what it reads, unless it is there."""
        if name in self._made:
            return
        for other in NEEDS.get(name, ()):
            self._need(other)
        if name in OPENINGS:
            self._open(name)
        else:
            self._db.execute(text(name))
        self._made.add(name)

    def _open(self, name: str) -> None:
        """Make a table of openings, for the departments that there are."""
        found = self._db.execute("SELECT DISTINCT department FROM contacts").fetchall()
        of = {None, *(department for (department,) in found)}
        ((first,),) = self._db.execute("SELECT coalesce(min(first_ms), 0) FROM contacts").fetchall()
        columns = list(zip(*rows(name, of, first, self._as_of), strict=True))
        types = OPENINGS[name]
        self._table(name, pa.table(dict(zip(types, columns, strict=True))), *types.values())

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

    def _attribute(self, relation: str, moment: str, dimensions: Sequence[str]) -> None:
        """Make `cohort`, and of contacts `declared`, which the measures read."""
        self._need(relation)
        dims = f"[{_listed(dimensions)}]::VARCHAR[]"
        self._view("happened", happened(relation, moment, dims))
        self._db.execute(f"CREATE OR REPLACE TABLE cohort AS {query('cohort')}")
        if relation == "contacts":
            self._need("declarations")
            named = " AND ".join(f'"{name}" IS NOT NULL' for name in dimensions) or "true"
            self._view("stated", stated(dims, named))
            self._db.execute(f"CREATE OR REPLACE TABLE declared AS {query('declared')}")

    def _view(self, name: str, body: str) -> None:
        self._db.execute(f"CREATE OR REPLACE VIEW {name} AS {body}")

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


def _by_moment(measures: Sequence[str], attribution: str) -> dict[tuple[str, str], list[str]]:
    """The measures that can be answered, by relation and the column that says when."""
    found: dict[tuple[str, str], list[str]] = {}
    for measure in measures:
        relation = relation_of(MEASURES[measure])
        moment = RELATIONS[relation].cohort if attribution == "cohort" else _moment(measure)
        if moment:
            found.setdefault((relation, moment), []).append(measure)
    return found


def _moment(measure: str) -> str:
    """When what a count counts happened; "" of other measures, which are of a cohort only."""
    row = MEASURES[measure]
    if row.kind is not Kind.COUNT:
        return ""
    (moment,) = {_MOMENTS[term] for _, term in combination(row.numerator)}
    return moment


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _check(what: str, given: Sequence[str], known: Mapping[str, object] | Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        msg = f"unknown {what}: {', '.join(unknown)}"
        raise ValueError(msg)
