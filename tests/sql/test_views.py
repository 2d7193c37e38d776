"""The script that stock DuckDB opens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.instants import HOUR, millis
from schemas.measures import MEASURES, Kind
from schemas.measures.kinds import quotient
from schemas.relations import RELATIONS
from sinks.sql import Recomputation
from sinks.views import script
from tests.sql.events import AS_OF, BASE, event, table

ZONES = {"A": "America/Toronto"}
DEFAULT = "America/Halifax"


def _raws() -> list[bytes]:
    raws = []
    for number in range(40):
        subject, department = f"c{number}", "AB"[number % 2]
        start = (number - 20) * 2 * HOUR
        raws += [
            event("contact.arrived", start, subject, department=department, channel="phone"),
            event("queue.entered", start + 5, subject, queue="q"),
        ]
        if number % 3:
            raws += [
                event("agent.connected", start + number * 1_001, subject),
                event("contact.ended", start + 100_000, subject, by="customer"),
            ]
        raws += _beside(number, start, department)
    return raws


def _beside(number: int, start: int, department: str) -> list[bytes]:
    """Something of every relation, and waits that were told too long and too short."""
    call, mail, shift, back = (f"{name}{number}" for name in ("c", "m", "s", "b"))
    place = {"department": department}
    return [
        event("estimate.announced", start + 6, call, seconds=number),
        event("survey.answered", start + 9, call, questionnaire="csat", score=number % 5, scale=4),
        event("topic.assigned", start + 9, call, topic="passport"),
        event("escalation.raised", start + 9, call, kind="supervisor"),
        event("escalation.referred", start + 9 + number * 777, call, kind="supervisor"),
        event("email.received", start, mail, intake="fax", **place),
        event("email.responded", start + number * 5 * HOUR, mail),
        event("web.task_completed", start, mail, tool="portal"),
        event("agent.state_changed", start, shift, agent="a", state="talking", **place),
        event("agent.state_changed", start + number * 99_999, shift, agent="a", state="paused"),
        event("agent.state_changed", start + HOUR, shift, agent="a", state="offline", key="end"),
        event("queue.entered", start + 7, back, queue="q", **place),
        event("callback.accepted", start + 8, back),
        event("callback.attempted", start + number * 5_555, back, number=1),
    ]


@pytest.fixture
def archive(tmp_path: Path) -> list[Path]:
    rows = table(_raws())
    paths = [tmp_path / "it's" / f"partition={part}.parquet" for part in (0, 1)]
    paths[0].parent.mkdir()
    for part, path in enumerate(paths):
        pq.write_table(rows.slice(part * 60, None if part else 60), path)
    return paths


def _days(first: int, last: int, zone: str) -> list[tuple[int, int, str]]:
    """Local days by the zone rules of Python, to compare with those of DuckDB."""
    days, here = [], ZoneInfo(zone)

    def midnight(day: date) -> int:
        return int(datetime(day.year, day.month, day.day, tzinfo=here).timestamp()) * 1000

    day = datetime.fromtimestamp(first / 1000, UTC).astimezone(here).date()
    while midnight(day) <= last:
        days.append((midnight(day), midnight(day + timedelta(days=1)), zone))
        day += timedelta(days=1)
    return days


def test_every_view_equals_the_runner_and_its_value_the_one_division(archive: list[Path]) -> None:
    arrivals = (BASE - 40 * HOUR, BASE + 38 * HOUR)  # the last at midnight in Halifax
    as_of = AS_OF + 60 * HOUR
    periods = [*_days(*arrivals, ZONES["A"]), *_days(*arrivals, DEFAULT)]
    with Recomputation(archive, as_of) as recomputed:
        figures = recomputed.figures(list(MEASURES), periods, ZONES, DEFAULT, ["department"])
    with duckdb.connect() as db:
        db.execute(script(archive, as_of, ZONES, DEFAULT))
        assert sorted(db.execute("FROM periods").fetchall()) == sorted(periods)
        rows = [
            (name, *row)
            for name in MEASURES
            for row in db.execute(f'FROM "{name}" ORDER BY ALL').fetchall()
        ]
    assert {figure.measure for figure in figures} == set(MEASURES) - {"funnel.unexplained"}
    assert any((figure.numerator or 0) < 0 for figure in figures)
    assert [(*row[:4], tuple(row[4].values()), *row[5:7]) for row in rows] == [
        (f.measure, f.period_start_ms, f.period_end_ms, f.zone, f.dims, f.numerator, f.denominator)
        for f in figures
    ]
    for name, *_, numerator, denominator, value in rows:
        row = MEASURES[name]
        if row.kind in (Kind.RATIO, Kind.MEAN):
            expected = quotient(row.kind, row.unit, numerator, denominator)
            assert (None if value is None else str(value)) == expected
        else:
            assert value == numerator


def test_every_table_equals_the_runner_s(archive: list[Path], tmp_path: Path) -> None:
    """Also of a department that has a calendar, over Easter and two years of sessions."""
    easter = millis("2021-04-01T20:00:00.000Z") - BASE
    mourning = millis("2022-09-19T13:00:00.000Z") - BASE
    raws = []
    for number, start in enumerate((easter, mourning, mourning + 23 * HOUR)):
        ids = [f"{name}{number}" for name in ("mail", "live", "back")]
        raws += [
            event("email.received", start, ids[0], department="ircc", intake="letter"),
            event("email.responded", start + 5 * 24 * HOUR, ids[0]),
            event("queue.entered", start - 1, ids[1], queue="q", department="ircc"),
            event("agent.connected", start, ids[1]),
            event("queue.entered", start, ids[2], queue="q", department="ircc"),
            event("callback.accepted", start, ids[2]),
        ]
    pq.write_table(table(raws), tmp_path / "canada.parquet")
    files, as_of = [*archive, tmp_path / "canada.parquet"], AS_OF + 60 * HOUR
    with duckdb.connect() as db, Recomputation(files, as_of) as recomputed:
        db.execute(script(files, as_of, ZONES, DEFAULT))
        for name in RELATIONS:
            found = db.sql(f"FROM {name}").to_arrow_table().to_pylist()
            assert sorted(map(str, found)) == sorted(map(str, recomputed.rows(name)))
        days = [row["elapsed_days"] for row in recomputed.rows("messages")]
        assert {2, 3} < set(days)


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"], ids=["of 23 hours", "of 25 hours"])
def test_days_of_23_and_25_hours(day: str, tmp_path: Path) -> None:
    noon = int(datetime.fromisoformat(f"{day}T12:00:00-05:00").timestamp()) * 1000
    raws = [event("contact.arrived", noon - BASE + ms, str(ms)) for ms in (-26 * HOUR, 26 * HOUR)]
    pq.write_table(table(raws), tmp_path / "a.parquet")
    with duckdb.connect() as db:
        db.execute(script([tmp_path / "a.parquet"], noon + 48 * HOUR, {}, "America/Toronto"))
        found = db.execute("FROM periods ORDER BY ALL").fetchall()
    assert found == _days(noon - 26 * HOUR, noon + 26 * HOUR, "America/Toronto")
    hours = {(end - start) // HOUR for start, end, _ in found}
    assert hours == {24, 23 if day < "2026-06" else 25}


def test_days_follow_local_midnight_whatever_the_time_zone_of_the_session(
    archive: list[Path],
) -> None:
    statement = script(archive, AS_OF, ZONES, DEFAULT)
    found = []
    for zone in ("UTC", "Asia/Tokyo"):
        with duckdb.connect() as db:
            db.execute(f"SET TimeZone = '{zone}'")
            db.execute(statement)
            found.append(db.execute("FROM periods ORDER BY ALL").fetchall())
    assert found[0] == found[1]


def test_given_periods_and_an_empty_archive() -> None:
    with duckdb.connect() as db:
        db.execute(script([], AS_OF, {}, "UTC"))
        assert db.execute("FROM periods").fetchall() == []
        assert db.execute('FROM "answer.rate"').fetchall() == []
        db.execute(script([], AS_OF, {}, "UTC", [(BASE, BASE + HOUR, "UTC")]))
        assert db.execute("FROM periods").fetchall() == [(BASE, BASE + HOUR, "UTC")]


def test_a_half_rounds_up_exactly() -> None:
    """1 of 800 is 0.125 % and becomes 0.13 %."""
    with duckdb.connect() as db:
        db.execute(script([], AS_OF, {}, "UTC"))
        pairs = [(n, d) for d in range(1, 801, 3) for n in range(-d, d + 1, 7)] + [(1, 800)]
        db.register("pairs", pa.table({"n": [n for n, _ in pairs], "d": [d for _, d in pairs]}))
        found = db.execute(
            "SELECT n, d, half_up(10000 * n::HUGEINT, d) * 0.01, half_up(n, d) * 0.001 FROM pairs"
        ).fetchall()
        huge = db.execute(
            "SELECT half_up(10000 * 9007199254740992::HUGEINT, 9007199254740992) * 0.01"
        ).fetchone()
    assert len(found) == len(pairs)
    for n, d, percent, seconds in found:
        exact = Decimal(n) / Decimal(d)
        assert percent == (exact * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert seconds == (exact / 1000).quantize(Decimal("0.001"), ROUND_HALF_UP)
    assert next(row[2] for row in found if row[:2] == (1, 800)) == Decimal("0.13")
    assert huge == (Decimal("100.00"),)
