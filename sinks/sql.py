"""The published SQL, run: every figure recomputed from the raw Parquet by stock DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from schemas.errors import Retry, Stop, VouchError
from schemas.measures import MEASURES, Kind
from schemas.record import DIMENSIONS
from schemas.relations import RELATIONS
from sinks.cohorts import Cohorts, Period, SqlFigure, base_of, by_moment
from sinks.published import events_of, fields_of, query, text
from sinks.shares import LEAST, Tables

__all__ = ["Period", "Recomputation", "SqlFigure", "events_of", "query", "text"]

#: Rows in any order, and no copy of the tables at every commit.
_SETTINGS = "SET preserve_insertion_order = false; SET checkpoint_threshold = '1TB'"


class Recomputation:
    """The archive at an `as_of`, folded by SQL; then figures over any periods.

    A context manager: it holds a DuckDB database, and reads the files partition by partition.
    Nothing is downloaded.

    Args:
        files: the committed Parquet files in any order, or a table with the same columns.
        as_of: UTC milliseconds; later events are not read.
        threads: how many DuckDB may use.
        memory_limit: such as "2GB"; by default, what DuckDB takes by itself.
        spill: an empty folder for the tables, and for what else does not fit in memory; without
            one, all is in memory.
        share: bytes of Parquet from which partitions are read one after another.

    Raises:
        Stop: the files cannot be read, lack a column, or have a contact in two partitions.
        Retry: memory or disk do not suffice.
    """

    def __init__(
        self,
        files: Sequence[Path] | pa.Table,
        as_of: int,
        *,
        threads: int = 2,
        memory_limit: str = "",
        spill: Path | None = None,
        share: int = LEAST,
    ) -> None:
        config: dict[str, object] = {"threads": threads, "autoinstall_known_extensions": False}
        config["temp_directory"] = str(spill or "")
        if memory_limit:
            config["memory_limit"] = memory_limit
        self._db = duckdb.connect(config=config)
        self._files = files
        try:
            with self._in_words():
                self._db.execute(_SETTINGS)
                self._db.execute(f"SET VARIABLE as_of = {as_of:d}")
                self._tables = Tables(self._db, files, as_of, spill, share)
        except VouchError:
            self._db.close()
            raise

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
        self._tables.need("declarations")
        return self._rows("SELECT * EXCLUDE (category) FROM declarations ORDER BY subject")

    def shifts(self) -> list[dict[str, object]]:
        """Every shift by its id: the columns of `Shift` of the same names, but its spells."""
        self._tables.need("shifts")
        return self._rows("SELECT * FROM shifts ORDER BY shift_id")

    def rows(self, relation: str) -> list[dict[str, object]]:
        """Every row of a relation: `contact_id`, the dimensions, and the fields of the row.

        In the order of `contact_id` and the row's fields, nulls last.

        Raises:
            ValueError: an unknown relation.
        """
        _check("relation", [relation], RELATIONS)
        self._tables.need(relation)
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
        *,
        each: bool = False,
        texts: Mapping[str, str] | None = None,
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
            each: the same for each contact (or shift), as if it were the last dimension: who is
                behind a figure, and with what. Of a percentile, that of the contact's own values.
                Who adds nothing has no figure; nor has a remainder, which has no contacts.
            texts: the SQL of other measures, by id, such as `answer.rate@1`: of the relation and
                the moment of the packaged measure before the `@`.

        Raises:
            ValueError: an unknown measure, dimension or attribution.
        """
        given = texts or {}
        known = [base_of(name) if name in given else name for name in measures]
        _check("measure", known, MEASURES)
        _check("dimension", dimensions, DIMENSIONS)
        _check("attribution", [attribution], ("cohort", "interval"))
        written = {name: given.get(name) or text(f"measures/{name}") for name in measures}
        with self._in_words():
            cohorts = Cohorts(self._db, periods, zones, default_zone)
            found = [
                figure
                for (relation, moment), ids in by_moment(measures, attribution, each).items()
                for figure in self._answered(
                    cohorts,
                    relation,
                    moment,
                    {name: written[name] for name in ids},
                    [*dimensions, "contact_id"] if each else dimensions,
                )
            ]
        place = {measure: number for number, measure in enumerate(measures)}
        return sorted(found, key=lambda figure: place[figure.measure])

    def _answered(
        self,
        cohorts: Cohorts,
        relation: str,
        moment: str,
        texts: Mapping[str, str],
        dimensions: Sequence[str],
    ) -> Iterator[SqlFigure]:
        self._tables.need(relation)
        cohorts.attribute(relation, moment, dimensions, texts.values())
        if any(MEASURES[base_of(name)].kind is Kind.REMAINDER for name in texts):
            self._tables.need("declarations")
            cohorts.declare(dimensions)
        for name, statement in texts.items():
            yield from cohorts.figures(name, statement, "contact_id" in dimensions)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What DuckDB says, with the file that it cannot read."""
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            msg = f"the recomputation by SQL needs more memory or more disk: {error}"
            raise Retry(msg) from error
        except duckdb.Error as error:
            msg = f"the archive cannot be recomputed: {self._unreadable() or error}"
            raise Stop(msg) from error

    def _unreadable(self) -> str:
        """The first file that cannot be read to its end, and why; "" if all can."""
        for path in [] if isinstance(self._files, pa.Table) else self._files:
            try:
                self._db.execute("SELECT max(hash(row)) FROM read_parquet(?) AS row", [f"{path}"])
            except duckdb.Error as error:
                return f"{path}: {error}"
        return ""

    def _rows(self, statement: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self._db.sql(statement).to_arrow_table().to_pylist()
        return found


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _check(what: str, given: Sequence[str], known: Mapping[str, object] | Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        msg = f"unknown {what}: {', '.join(unknown)}"
        raise ValueError(msg)
