"""Figures from the tables: each measure's published SQL over the cohort of its relation.

The measures' texts run as they are. Only what they pass on untouched, the period, zone and
dimensions by which they group, is a number while they run: it is compared for every row and
measure, and numbers are compared many times faster than lists of texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from schemas.measures import MEASURES, TERMS, Kind, combination, relation_of
from schemas.relations import RELATIONS
from sinks.published import BY_PHONE, alone, fields_of, passes_on, query, stated

Period = tuple[int, int, str]
_MOMENTS = {term.id: term.moment or RELATIONS[term.relation].cohort for term in TERMS}


@dataclass(frozen=True, slots=True)
class SqlFigure:
    """A measure over one period, zone and choice of dimensions; integers before any division.

    Attributes:
        dims: the values of the dimensions asked for, in that order; null where unknown. Of a
            figure of one contact, its id comes after them.
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


class Cohorts:
    """Periods and zones, and the cohorts of relations in them, in a database with their tables."""

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        periods: Sequence[Period],
        zones: Mapping[str, str],
        default_zone: str,
    ) -> None:
        self._db = db
        starts, ends, names = zip(*dict.fromkeys(periods), strict=True) if periods else ((),) * 3
        bounds = {"period_start_ms": starts, "period_end_ms": ends, "zone": names}
        table(db, "periods", pa.table(bounds), "BIGINT", "BIGINT", "VARCHAR")
        self._make("spans", "SELECT row_number() OVER ()::INTEGER AS number, * FROM periods")
        of = {"department": [*zones, None], "zone": [*zones.values(), default_zone]}
        table(db, "zones", pa.table(of), "VARCHAR", "VARCHAR")

    def attribute(
        self, relation: str, moment: str, dimensions: Sequence[str], texts: Iterable[str]
    ) -> None:
        """Make the cohort of a relation's rows, as far as some measures' texts read it.

        Args:
            relation: whose table is there.
            moment: the column that says to which period a row belongs.
            dimensions: columns of it; rows are told apart by their values.
            texts: of the measures.
        """
        read = set(re.findall(r"\w+", " ".join(texts)))
        columns = [name for name in fields_of(relation) if name in read]
        where = BY_PHONE if relation == "contacts" else "true"
        names = _listed(dimensions)
        self._make(
            "choices",
            "SELECT row_number() OVER ()::INTEGER AS number, *\n"
            f"FROM (SELECT DISTINCT [{names}]::VARCHAR[] AS dims{_after(dimensions)}\n"
            f"      FROM {relation} WHERE {where})",
        )
        same = (f'relation."{name}" IS NOT DISTINCT FROM choices."{name}"' for name in dimensions)
        self._view(
            "happened",
            f"SELECT {_listed(dict.fromkeys(['department', *columns]), 'relation.')},\n"
            f"       relation.{moment} AS moment_ms, choices.number AS dims\n"
            f"FROM {relation} AS relation JOIN choices ON {' AND '.join(same) or 'true'}\n"
            f"WHERE {where.replace('channel', 'relation.channel')}",
        )
        self._make(
            "numbered",
            "SELECT placed.* REPLACE (spans.number AS period_start_ms,\n"
            "                         0::TINYINT AS period_end_ms, 0::TINYINT AS zone)\n"
            f"FROM ({query('cohort')}) AS placed\n"
            "    JOIN spans USING (period_start_ms, period_end_ms, zone)",
        )

    def declare(self, dimensions: Sequence[str]) -> None:
        """Make `declared`, for the remainders: what others counted of the arrivals by phone."""
        named = " AND ".join(f'"{name}" IS NOT NULL' for name in dimensions) or "true"
        self._view("stated", stated(f"[{_listed(dimensions)}]::VARCHAR[]", named))
        self._make("declared", query("declared"))

    def figures(self, measure: str, text: str, each: bool) -> Iterator[SqlFigure]:
        """A measure's figures, by period, zone and dimensions.

        Args:
            measure: its id.
            text: its SQL; it reads the cohort that was made last, or `declared`.
            each: leave out who adds nothing.
        """
        numbers = passes_on(text)
        cohort = "FROM numbered" if numbers else _named("numbered")
        found = f"(\n{alone(text)}\n)"
        if numbers:
            found = f"({_named(found)})"
        adds = "WHERE numerator <> 0 OR denominator <> 0" if each else ""
        rows = self._db.execute(
            f"WITH cohort AS NOT MATERIALIZED ({cohort})\n"
            f"SELECT period_start_ms, period_end_ms, zone, dims, numerator, denominator\n"
            f"FROM {found} {adds} ORDER BY ALL"
        ).fetchall()
        for start, end, zone, dims, numerator, denominator in rows:
            yield SqlFigure(measure, start, end, zone, tuple(dims), numerator, denominator)

    def _make(self, name: str, body: str) -> None:
        self._db.execute(f"CREATE OR REPLACE TABLE {name} AS {body}")

    def _view(self, name: str, body: str) -> None:
        self._db.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {body}")


def _named(rows: str) -> str:
    """Rows of which period and dimensions are numbers, with what these stand for."""
    return (
        "SELECT numbers.* REPLACE (\n"
        "    spans.period_start_ms AS period_start_ms, spans.period_end_ms AS period_end_ms,\n"
        "    spans.zone AS zone, choices.dims AS dims)\n"
        f"FROM {rows} AS numbers JOIN spans ON spans.number = numbers.period_start_ms\n"
        "    JOIN choices ON choices.number = numbers.dims"
    )


def table(db: duckdb.DuckDBPyConnection, name: str, rows: pa.Table, *types: str) -> None:
    """Make a table of rows that come from outside, its columns of these types."""
    columns = ", ".join(
        f"{column}::{kind} AS {column}"
        for column, kind in zip(rows.column_names, types, strict=True)
    )
    db.register("incoming", rows)
    db.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {columns} FROM incoming")
    db.unregister("incoming")


def by_moment(
    measures: Sequence[str], attribution: str, each: bool
) -> dict[tuple[str, str], list[str]]:
    """The measures that can be answered, by relation and the column that says when.

    A remainder has no contacts, so that `each` leaves it out.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for measure in measures:
        base = base_of(measure)
        if each and MEASURES[base].kind is Kind.REMAINDER:
            continue
        relation = relation_of(MEASURES[base])
        moment = RELATIONS[relation].cohort if attribution == "cohort" else _moment(base)
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


def base_of(measure: str) -> str:
    """The packaged measure of which another is a version."""
    return measure.partition("@")[0]


def _after(columns: Iterable[str]) -> str:
    return "".join(f', "{name}"' for name in columns)


def _listed(columns: Iterable[str], of: str = "") -> str:
    return ", ".join(f'{of}"{name}"' for name in columns)
