"""One figure, wherever it is read: /metrics, `vouch measures`, its forms, SQL, the views."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas.departments import zone_of
from schemas.instants import QUARTER_HOUR
from schemas.measures import MEASURES, Kind, relation_of
from schemas.measures.kinds import UNITS
from schemas.periods import GRAINS, day_of, local, midnight
from schemas.record import DIMENSIONS
from schemas.relations import RELATIONS
from streams.cli import main
from streams.simulator import deliver, simulate
from tests.e2e.world import encoded, figures, serving, until, vouch

DAY, SEED = date(2026, 1, 5), 7
NOON = "2026-01-05T17:07:30.000Z"  # in the middle of things: some wait, some talk
PERIOD = ("--from", "2026-01-05", "--to", "2026-01-06")
KEYS = (
    *("measure", "version", "status", "as_of", "period", "dimensions"),
    *("numerator", "denominator", "value", "unit", "open", "why"),
    *("in_force", "breaks", "compared"),
)
Row = dict[str, Any]
Gauges = dict[tuple[str, str, str], dict[str, float]]  # (window, department, measure) -> by name


@dataclass(frozen=True)
class Seen:
    """A folder after a server has stopped, and what was seen while it ran."""

    data: Path
    metrics: str
    running: bytes  # `vouch measures` by quarter-hour and department


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    data = tmp_path_factory.mktemp("figures") / "data"
    morning = (event for event in simulate(DAY, 1, SEED) if event.time < NOON)
    values = encoded(deliver(morning, SEED))
    with serving(data) as server:
        for i in range(0, len(values), 500):
            assert server.post(values[i : i + 500])[0] == 200
        until(server.counted)
        metrics = server.get("/metrics")
        running = figures(data, *PERIOD, "--by", "quarter_hour,department")
        assert server.stop() == 0
    yield Seen(data, metrics, running)


@pytest.fixture(scope="module")
def whole(seen: Seen) -> dict[str, int]:
    """What there is in all."""
    return _counts(_rows(figures(seen.data, *PERIOD)))


def _gauges(metrics: str) -> Gauges:
    found: Gauges = {}
    for family in text_string_to_metric_families(metrics):
        if family.name.startswith("vouchline_figure_"):
            for sample in family.samples:
                assert sample.labels["version"] == str(MEASURES[sample.labels["measure"]].version)
                of = sample.labels
                place = (of["window"], of["department"], of["measure"])
                name = family.name.removeprefix("vouchline_figure_")
                found.setdefault(place, {})[name] = sample.value
    return found


def _as_gauges(rows: list[Row], window: str) -> Gauges:
    found: Gauges = {}
    for row in rows:
        numbers = {name: row[name] for name in ("value", "numerator", "denominator")}
        known = {k: float(Decimal(v)) for k, v in numbers.items() if v is not None}
        across = RELATIONS[relation_of(MEASURES[row["measure"]])].across
        if known and not across:  # a gauge is seconds old; what rests on other contacts is not
            found[window, row["dimensions"]["department"] or "", row["measure"]] = known
    return found


def _at(rows: list[Row], as_of: int, *, interval: bool) -> list[Row]:
    """The rows of each department's present day, or of its last closed quarter of an hour."""
    chosen = []
    for row in rows:
        zone = zone_of(row["dimensions"]["department"])
        today = day_of(zone, as_of)
        last = local(zone, as_of - as_of % QUARTER_HOUR - QUARTER_HOUR)
        start = (
            last if interval else local(zone, midnight(zone, today.year, today.month, today.day))
        )
        if row["period"]["start"] == start:
            chosen.append(row)
    return chosen


def _instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _sample(metrics: str, name: str) -> float:
    (found,) = (line for line in metrics.splitlines() if line.startswith(f"{name} "))
    return float(found.split()[1])


@pytest.mark.parametrize("engine", ["live", "sql"])
def test_every_gauge_is_the_figure_of_measures_and_of_sql(seen: Seen, engine: str) -> None:
    asked = (*PERIOD, "--engine", engine, "--by")
    by_day = msgspec.json.decode(figures(seen.data, *asked, "day,department"))
    by_quarter = msgspec.json.decode(figures(seen.data, *asked, "quarter_hour,department"))
    as_of = _instant(by_day[0]["as_of"])
    expected = _as_gauges(_at(by_day, as_of, interval=False), "today")
    expected |= _as_gauges(_at(by_quarter, as_of, interval=True), "last_interval")
    gauges = _gauges(seen.metrics)
    assert gauges == expected
    assert {window for window, _, _ in gauges} == {"today", "last_interval"}
    assert _sample(seen.metrics, "vouchline_as_of_timestamp_seconds") == as_of / 1000


def test_measures_beside_a_running_server_are_those_after_it_stopped(seen: Seen) -> None:
    assert seen.running == figures(seen.data, *PERIOD, "--by", "quarter_hour,department")


def _printed(capture: pytest.CaptureFixture[bytes], *words: str) -> bytes:
    assert main(words) == 0
    return capture.readouterr().out


def _rows(raw: bytes) -> list[Row]:
    found: list[Row] = msgspec.json.decode(raw)
    return found


@pytest.mark.parametrize("by", [None, *GRAINS, *DIMENSIONS, ",".join(("day", *DIMENSIONS))])
def test_every_split_is_the_same_by_sql_and_adds_up(
    seen: Seen, whole: dict[str, int], by: str | None, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    asked = ("measures", "--data", str(seen.data), *PERIOD, "--format", "json")
    split = (*asked, *(("--by", by) if by else ()))
    live = _printed(capfdbinary, *split)
    assert _printed(capfdbinary, *split, "--engine", "sql") == live
    assert _counts(_rows(live)) == whole


def _counts(rows: list[Row]) -> dict[str, int]:
    """Counts add up over any split; `unexplained` needs a total that was declared for it."""
    totals: dict[str, int] = {}
    for row in rows:
        if MEASURES[row["measure"]].kind is Kind.COUNT:
            totals[row["measure"]] = totals.get(row["measure"], 0) + (row["numerator"] or 0)
    return totals


@pytest.mark.parametrize("measures", ["*", "funnel.answered,callback.offered", "transfer.count"])
@pytest.mark.parametrize("by", ["hour,queue", "quarter_hour", "day,department"])
def test_figures_by_interval_are_the_same_by_sql(
    seen: Seen, measures: str, by: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    asked = ("measures", "--data", str(seen.data), *PERIOD, "--format", "json", "--by", by)
    more = ("--attribution", "interval", "--measure", measures)
    live = _printed(capfdbinary, *asked, *more)
    assert _printed(capfdbinary, *asked, *more, "--engine", "sql") == live
    assert {row["attribution"] for row in _rows(live)} == {"interval"}
    assert {MEASURES[row["measure"]].kind for row in _rows(live)} == {Kind.COUNT}


def test_the_shape_of_a_figure_in_json(seen: Seen) -> None:
    rows = _rows(seen.running)
    assert {tuple(row) for row in rows} == {KEYS}
    assert {tuple(row["period"]) for row in rows} == {("start", "end", "zone")}
    assert {row["measure"] for row in rows} == set(MEASURES)
    for row in rows:
        measure = MEASURES[row["measure"]]
        assert (row["version"], row["unit"]) == (measure.version, measure.unit)
        assert row["status"] in {"live", "provisional"}
        _check_value(measure.kind, row)


def _check_value(kind: Kind, row: Row) -> None:
    value, above, below = row["value"], row["numerator"], row["denominator"]
    assert value != 0 or above == 0
    if kind in {Kind.RATIO, Kind.MEAN}:
        exact = None if not below else Decimal(above) / below * (100 if row["unit"] == "%" else 1)
        divisor = UNITS.get(row["unit"], 1)
        places = Decimal("0.01") if row["unit"] == "%" else Decimal("0.001")
        if exact is None:
            assert value is None
        else:
            assert isinstance(value, str)
            assert abs(Decimal(value) - exact / divisor) <= places / 2
    elif kind is Kind.COUNT:
        assert value is None or isinstance(value, int)  # nothing of the kind was there: unknown
        assert (value, below) == (above, None)
    else:
        assert value is None or isinstance(value, int)


@pytest.mark.parametrize("attribution", ["cohort", "interval"])
def test_csv_and_parquet_carry_the_numbers_of_json(
    seen: Seen, attribution: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    asked = ("measures", "--data", str(seen.data), *PERIOD, "--by", "day,department")
    more = ("--attribution", attribution, "--format")
    plain = [_flat(row) for row in _rows(_printed(capfdbinary, *asked, *more, "json"))]
    text = _printed(capfdbinary, *asked, *more, "csv").decode()
    table = pq.read_table(io.BytesIO(_printed(capfdbinary, *asked, *more, "parquet"))).to_pylist()
    as_text = [{k: "" if v is None else str(v) for k, v in row.items()} for row in plain]
    assert list(csv.DictReader(io.StringIO(text))) == as_text
    assert [{**row, "value": row["value"] and str(row["value"])} for row in table] == [
        {**row, "value": None if row["value"] is None else str(row["value"])} for row in plain
    ]


def _flat(row: Row) -> Row:
    nested = ("period", "dimensions", "compared")
    return {
        **{k: v for k, v in row.items() if k not in nested},
        **row["period"],
        **row["dimensions"],
    }


def test_the_view_script_gives_the_same_figures_to_a_stock_duckdb(seen: Seen) -> None:
    script = seen.data.parent / "views.sql"
    assert vouch(seen.data, "views", "--output", str(script)).returncode == 0
    expected = {
        (row["measure"], _instant(row["period"]["start"]), row["dimensions"]["department"]): (
            row["numerator"],
            row["denominator"],
            None if row["value"] is None else Decimal(row["value"]),
        )
        for row in _rows(figures(seen.data, *PERIOD, "--by", "day,department"))
    }
    found = {}
    with duckdb.connect() as db:
        db.execute(script.read_text())
        for measure in MEASURES:
            query = f'''SELECT period_start_ms, dims.department, numerator, denominator, value
                        FROM "{measure}"'''
            for start, department, above, below, value in db.execute(query).fetchall():
                exact = None if value is None else Decimal(value)
                found[measure, start, department] = (above, below, exact)
    known = {place: numbers for place, numbers in expected.items() if numbers != (None, None, None)}
    assert {place: found.get(place) for place in known} == known
    assert all(numbers[2] is None for place, numbers in found.items() if place not in known)
