"""One figure, wherever it is read: /metrics, `vouch measures`, its forms, SQL, the views."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas.departments import zone_of
from schemas.instants import QUARTER_HOUR, millis
from schemas.measures import MEASURES, Kind
from schemas.periods import GRAINS, day_of, local
from schemas.record import DIMENSIONS
from streams.cli import main
from streams.simulator import deliver, simulate
from tests.e2e.world import encoded, figures, serving, until, vouch

DAY, SEED = date(2026, 1, 5), 7
NOON = "2026-01-05T17:07:30.000Z"  # in the middle of things: some wait, some talk
PERIOD = ("--from", "2026-01-05", "--to", "2026-01-06")
KEYS = (
    *("measure", "version", "status", "as_of", "period", "dimensions"),
    *("numerator", "denominator", "value", "unit"),
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


def _gauges(metrics: str) -> Gauges:
    found: Gauges = {}
    for family in text_string_to_metric_families(metrics):
        if family.name.startswith("vouchline_figure_"):
            for sample in family.samples:
                assert sample.labels["version"] == str(MEASURES[sample.labels["measure"]].version)
                place = (*(sample.labels[k] for k in ("window", "department", "measure")),)
                name = family.name.removeprefix("vouchline_figure_")
                found.setdefault(place, {})[name] = sample.value
    return found


def _as_gauges(rows: list[Row], window: str) -> Gauges:
    found: Gauges = {}
    for row in rows:
        numbers = {name: row[name] for name in ("value", "numerator", "denominator")}
        known = {k: float(Decimal(v)) for k, v in numbers.items() if v is not None}
        if known:
            found[window, row["dimensions"]["department"] or "", row["measure"]] = known
    return found


def _at(rows: list[Row], as_of: int, *, interval: bool) -> list[Row]:
    """The rows of each department's present day, or of its last closed quarter of an hour."""
    chosen = []
    for row in rows:
        zone = zone_of(row["dimensions"]["department"])
        today = day_of(zone, as_of)
        last = local(zone, as_of - as_of % QUARTER_HOUR - QUARTER_HOUR)
        start = last if interval else local(zone, _midnight(zone, today))
        if row["period"]["start"] == start:
            chosen.append(row)
    return chosen


def _midnight(zone: str, day: date) -> int:
    from schemas.periods import midnight

    return midnight(zone, day.year, day.month, day.day)


@pytest.mark.parametrize("engine", ["live", "sql"])
def test_every_gauge_is_the_figure_of_measures_and_of_sql(seen: Seen, engine: str) -> None:
    asked = (*PERIOD, "--engine", engine, "--by")
    by_day = msgspec.json.decode(figures(seen.data, *asked, "day,department"))
    by_quarter = msgspec.json.decode(figures(seen.data, *asked, "quarter_hour,department"))
    as_of = millis(datetime.fromisoformat(by_day[0]["as_of"]).astimezone().isoformat()) \
        if False else int(datetime.fromisoformat(by_day[0]["as_of"]).timestamp() * 1000)
    expected = _as_gauges(_at(by_day, as_of, interval=False), "today")
    expected |= _as_gauges(_at(by_quarter, as_of, interval=True), "last_interval")
    gauges = _gauges(seen.metrics)
    assert gauges == expected
    assert {window for window, _, _ in gauges} == {"today", "last_interval"}
    assert f"vouchline_as_of_timestamp_seconds {as_of / 1000}" in seen.metrics.replace("e+09", "")


def test_measures_beside_a_running_server_are_those_after_it_stopped(seen: Seen) -> None:
    assert seen.running == figures(seen.data, *PERIOD, "--by", "quarter_hour,department")
