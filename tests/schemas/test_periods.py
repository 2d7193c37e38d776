"""Local time against three other readings of it: zoneinfo, ICU (in DuckDB), and plain counting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import schemas.zones_data
from schemas.errors import Stop
from schemas.instants import DAY, HOUR, MINUTE, QUARTER_HOUR, millis
from schemas.periods import GRAINS, Span, day_of, local, midnight, spans
from schemas.zones import VERSION, fingerprint, offset_minutes, table
from schemas.zones_data import END_MS, START_MS, ZONES
from tests.tools.write_zones import EPOCH, module, packaged

zone = cache(packaged)
zones = st.sampled_from(sorted(ZONES))
instants = st.integers(START_MS + 2 * DAY, END_MS - 2 * DAY)
days = st.dates(date(1990, 1, 1), date(2040, 12, 31))
ONE_DAY = timedelta(days=1)


def moment(ms: int, at: ZoneInfo) -> datetime:
    return (EPOCH + timedelta(milliseconds=ms)).astimezone(at)


def every_day(start: date, end: date) -> Iterator[date]:
    return (start + timedelta(days=n) for n in range((end - start).days))


def day_bounds(name: str, day: date) -> Span:
    return spans(name, day, day + ONE_DAY, None)[0]


def test_data_is_what_the_tz_database_says() -> None:
    committed = Path(schemas.zones_data.__file__).read_text(encoding="utf-8")
    assert committed == module(), "run: python -m tests.tools.write_zones > schemas/zones_data.py"


def test_version_and_fingerprint_name_the_data() -> None:
    assert VERSION == "2026f.1"
    assert fingerprint() == "92f98ffb29dc0d4e46bad89c383a014bd67932298100ab6c40c14951fc53855e", (
        "the data changed: raise EDITION or TZDATA, then record the new fingerprint here"
    )


@given(zones, instants)
def test_offsets_and_wall_clock_equal_zoneinfo(name: str, ms: int) -> None:
    there = moment(ms, zone(name))
    assert there.utcoffset() == timedelta(minutes=offset_minutes(name, ms))
    assert local(name, ms) == there.isoformat(timespec="milliseconds" if ms % 1000 else "seconds")


@pytest.mark.parametrize("name", sorted(ZONES))
def test_offsets_equal_zoneinfo_at_every_change(name: str) -> None:
    for since, _ in table(name)[1:]:
        for ms in (since - 1, since, since + 1):
            there = moment(ms, zone(name))
            assert there.utcoffset() == timedelta(minutes=offset_minutes(name, ms))


@pytest.mark.parametrize("name", sorted(ZONES))
def test_every_midnight_is_the_first_instant_of_its_date(name: str) -> None:
    at = zone(name)
    for day in every_day(date(1999, 1, 1), date(2031, 1, 1)):
        ms = midnight(name, day.year, day.month, day.day)
        assert moment(ms, at).date() == day
        assert moment(ms - 1, at).date() == day - ONE_DAY
        if moment(ms, at).hour == 0:
            there = datetime(day.year, day.month, day.day, tzinfo=at)
            assert ms == (there.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)


def test_offsets_equal_icu() -> None:
    """Until 2025 only: what governments decide later reaches ICU at another pace."""
    with duckdb.connect() as db:
        found = db.execute(
            "SELECT loaded FROM duckdb_extensions() WHERE extension_name = 'icu'"
        ).fetchone()
        if found != (True,):
            pytest.skip("this DuckDB has no ICU built in")
        for name in ZONES:
            rows = db.execute(
                "SELECT ms, (epoch_ms(timezone($1, make_timestamptz(ms * 1000))) - ms) // 60000 "
                "FROM range($2, $3, $4) AS t(ms)",
                [name, START_MS, millis("2025-12-31T00:00:00.000Z"), 31 * HOUR],
            ).fetchall()
            assert len(rows) > 10_000
            assert [row for row in rows if offset_minutes(name, row[0]) != row[1]] == []


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("America/Toronto", date(2026, 3, 8), 23),
        ("America/Toronto", date(2026, 11, 1), 25),
        ("America/Halifax", date(2021, 3, 14), 23),
        ("Asia/Jerusalem", date(1999, 4, 2), 23),
        ("Asia/Jerusalem", date(1999, 9, 3), 25),
        ("America/Regina", date(2026, 3, 8), 24),
        ("UTC", date(2026, 3, 8), 24),
        ("America/St_Johns", date(2026, 3, 8), 23),
        # Clocks went back at 00:01 on the 29th: the hour repeated was all but a minute the 28th's.
        ("America/St_Johns", date(2006, 10, 28), 24),
        ("America/St_Johns", date(2006, 10, 29), 25),
    ],
)
def test_days_have_as_many_quarter_hours_as_time_passes(name: str, day: date, hours: int) -> None:
    quarters = spans(name, day, day + ONE_DAY, "quarter_hour")
    assert len(quarters) == 4 * hours
    assert {part.end_ms - part.start_ms for part in quarters} == {QUARTER_HOUR}
    assert len(spans(name, day, day + ONE_DAY, "half_hour")) == 2 * hours
    assert len(spans(name, day, day + ONE_DAY, "hour")) == hours


def test_a_day_whose_midnight_does_not_exist_starts_at_one() -> None:
    day = next(
        day
        for day in every_day(date(1990, 1, 1), date(2000, 1, 1))
        if "T01:00" in local("Asia/Jerusalem", day_bounds("Asia/Jerusalem", day).start_ms)
    )
    ms = midnight("Asia/Jerusalem", day.year, day.month, day.day)
    assert local("Asia/Jerusalem", ms) == f"{day}T01:00:00+03:00"
    assert day_of("Asia/Jerusalem", ms - 1) == day - ONE_DAY
    assert day_of("Asia/Jerusalem", ms) == day


def test_minutes_repeated_across_midnight_belong_to_the_day_that_had_begun() -> None:
    begun = midnight("America/St_Johns", 2006, 10, 29)
    assert local("America/St_Johns", begun) == "2006-10-29T00:00:00-02:30"
    assert local("America/St_Johns", begun + MINUTE) == "2006-10-28T23:01:00-03:30"
    assert day_of("America/St_Johns", begun + MINUTE) == date(2006, 10, 29)


@given(zones, instants)
@example("America/St_Johns", midnight("America/St_Johns", 2006, 10, 29) + MINUTE)
def test_day_of_is_the_day_whose_span_holds_the_instant(name: str, ms: int) -> None:
    span = day_bounds(name, day_of(name, ms))
    assert span.start_ms <= ms < span.end_ms


@given(zones, days, st.integers(0, 800), st.sampled_from((None, *GRAINS)))
def test_spans_tile_without_gap_or_overlap(
    name: str, start: date, length: int, grain: str | None
) -> None:
    long = grain not in ("quarter_hour", "half_hour", "hour")
    end = min(start + timedelta(days=length if long else length % 4), date(2041, 1, 1))
    parts = spans(name, start, end, grain)
    assert bool(parts) == (start < end)
    assert all(before.end_ms == after.start_ms for before, after in pairwise(parts))
    assert all(part.start_ms < part.end_ms and part.zone == name for part in parts)
    if parts:
        assert parts[0].start_ms == midnight(name, start.year, start.month, start.day)
        assert parts[-1].end_ms == midnight(name, end.year, end.month, end.day)


def starts_a(grain: str, day: date) -> bool:
    return {
        "day": True,
        "week": day.isoweekday() == 1,
        "month": day.day == 1,
        "quarter": day.day == 1 and day.month in (1, 4, 7, 10),
        "fiscal_year": day.day == 1 and day.month == 4,
    }[grain]


@given(
    zones,
    days,
    st.integers(1, 800),
    st.sampled_from(("day", "week", "month", "quarter", "fiscal_year")),
)
def test_calendar_spans_begin_where_a_calendar_says(
    name: str, start: date, length: int, grain: str
) -> None:
    end = min(start + timedelta(days=length), date(2041, 1, 1))
    expected = [day for day in every_day(start, end) if day == start or starts_a(grain, day)]
    assert [day_of(name, part.start_ms) for part in spans(name, start, end, grain)] == expected


def test_months_add_up_to_their_year_and_february_has_its_29th() -> None:
    months = spans("America/Toronto", date(2024, 4, 1), date(2025, 4, 1), "month")
    (year,) = spans("America/Toronto", date(2024, 4, 1), date(2025, 4, 1), "fiscal_year")
    assert len(months) == 12
    assert sum(m.end_ms - m.start_ms for m in months) == year.end_ms - year.start_ms == 365 * DAY
    (february,) = spans("America/Toronto", date(2024, 2, 1), date(2024, 3, 1), "month")
    assert february.end_ms - february.start_ms == 29 * DAY
    assert day_of("America/Toronto", february.end_ms - 1) == date(2024, 2, 29)


def test_a_fiscal_year_turns_on_the_first_of_april() -> None:
    years = spans("America/Toronto", date(2019, 3, 31), date(2021, 4, 2), "fiscal_year")
    assert [local("America/Toronto", year.start_ms) for year in years] == [
        "2019-03-31T00:00:00-04:00",
        "2019-04-01T00:00:00-04:00",
        "2020-04-01T00:00:00-04:00",
        "2021-04-01T00:00:00-04:00",
    ]


def test_unknown_zones_grains_and_years_are_named() -> None:
    with pytest.raises(Stop, match=r"'Mars/Olympus' is not one of America/St_Johns, .*Jerusalem"):
        midnight("Mars/Olympus", 2026, 1, 1)
    with pytest.raises(Stop, match="'fortnight' is not one of quarter_hour, half_hour"):
        spans("UTC", date(2026, 1, 1), date(2026, 1, 2), "fortnight")
    with pytest.raises(Stop, match="2042-01-01 is outside the zone data"):
        midnight("UTC", 2042, 1, 1)
    with pytest.raises(Stop, match="1989-01-01 is outside the zone data"):
        midnight("UTC", 1989, 1, 1)
    with pytest.raises(Stop, match=f"instant {END_MS} is outside the zone data 2026f"):
        offset_minutes("UTC", END_MS)
    with pytest.raises(Stop, match=f"instant {START_MS - 1} is outside"):
        local("UTC", START_MS - 1)
    with pytest.raises(ValueError, match="end 2026-01-01 is before start 2026-01-02"):
        spans("UTC", date(2026, 1, 2), date(2026, 1, 1), None)
