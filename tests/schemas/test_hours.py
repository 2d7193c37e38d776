"""Opening sessions against zoneinfo: they begin where a wall clock shows opening, and tile time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calendars import book
from schemas.departments import zone_of
from schemas.errors import Malformed
from schemas.hours import bind, phones, session, sessions
from schemas.instants import DAY, HOUR
from tests.tools.write_zones import EPOCH, millis, packaged

departments = st.sampled_from(["ircc", "esdc", "vac", "bank", "unlisted", None])
instants = st.integers(
    millis(datetime(1999, 1, 5, tzinfo=UTC)), millis(datetime(2040, 12, 1, tzinfo=UTC))
)


def there(department: str | None, ms: int) -> datetime:
    return (EPOCH + timedelta(milliseconds=ms)).astimezone(packaged(zone_of(department)))


def at(department: str | None, text: str) -> int:
    zone = packaged(zone_of(department))
    return millis(datetime.fromisoformat(text).replace(tzinfo=zone))


@pytest.mark.parametrize(
    ("department", "instant", "began"),
    [
        ("ircc", "2026-01-05T08:00", "2026-01-05T08:00"),
        ("ircc", "2026-01-05T07:59", "2026-01-02T08:00"),  # still Friday's
        ("ircc", "2026-01-10T12:00", "2026-01-09T08:00"),
        ("ircc", "2026-04-06T12:00", "2026-04-02T08:00"),  # Easter Monday: closed since Thursday
        ("vac", "2026-01-05T08:00", "2026-01-05T08:00"),  # by Halifax's clock
        ("bank", "1999-04-10T19:59", "1999-04-09T07:00"),  # Saturday, open from 20:00
        ("bank", "1999-04-10T20:00", "1999-04-10T20:00"),
        ("bank", "1999-04-11T06:59", "1999-04-10T20:00"),
        ("bank", "1999-01-01T06:59", "1999-01-01T00:00"),  # before the table's first opening
        ("unlisted", "2026-01-10T23:59", "2026-01-10T00:00"),
        ("unlisted", "2026-03-08T12:00", "2026-03-08T00:00"),  # a day of 23 hours
        (None, "2026-11-01T23:59", "2026-11-01T00:00"),
    ],
)
def test_an_instant_belongs_to_the_session_that_opened_last(
    department: str | None, instant: str, began: str
) -> None:
    assert there(department, session(department, at(department, instant))).isoformat()[:16] == began


def test_hours_are_longer_from_the_31st_of_december_2020() -> None:
    ircc = phones("ircc")
    assert ircc is not None
    assert [ircc.opened(at("ircc", f"2020-12-{day}T17:00")) for day in (30, 31)] == [False, True]
    assert [ircc.opened(at("ircc", f"2020-12-{day}T15:59")) for day in (30, 31)] == [True, True]
    assert phones("unlisted") is None


def opens(department: str) -> set[tuple[int, int]]:
    """Weekdays (Monday 0) and hours at which phones open, as the table has them."""
    if department == "bank":
        return {(6, 7), (0, 7), (1, 7), (2, 7), (3, 7), (4, 7), (5, 20)}
    return {(weekday, 8) for weekday in range(5)}


@pytest.mark.parametrize("department", ["ircc", "esdc", "vac", "bank"])
def test_sessions_begin_on_every_open_day_and_no_other(department: str) -> None:
    zone, started = packaged(zone_of(department)), set(sessions(department, 0, 1 << 62))
    expected = set()
    day = datetime(1999, 1, 1).date()  # noqa: DTZ001  # a date has no zone
    while day.year < 2041:
        closed = day in book().of(department, day).closures
        for weekday, hour in opens(department):
            if day.weekday() == weekday and not closed:
                expected.add(millis(datetime.combine(day, time(hour), zone)))
        day += timedelta(days=1)
    assert started - {at(department, "1999-01-01T00:00")} == expected


@given(departments, instants, st.integers(1, 30 * DAY))
def test_sessions_tile_time(department: str | None, ms: int, length: int) -> None:
    starts = sessions(department, ms, ms + length)
    assert starts[0] == session(department, ms) <= ms
    assert starts[-1] == session(department, ms + length - 1) < ms + length
    assert all(before < after for before, after in pairwise(starts))
    assert all(session(department, start) == start for start in starts)
    assert all(session(department, b - 1) == a for a, b in pairwise(starts))


@given(st.sampled_from(["unlisted", None]), instants)
def test_without_hours_a_session_is_a_local_day(department: str | None, ms: int) -> None:
    began = there(department, session(department, ms))
    assert began.date() == there(department, ms).date()
    assert began.time() == time(0)


@pytest.mark.parametrize("department", ["ircc", "bank", None])
def test_before_and_after_the_table_there_is_one_session(department: str | None) -> None:
    first, last = sessions(department, 0, 1)[0], session(department, 1 << 62)
    assert session(department, 0) == session(department, first - HOUR) == first
    assert sessions(department, 0, 1) == [first]
    assert sessions(department, 1 << 61, 1 << 62) == [last]


def test_hours_that_are_wrong_are_refused_by_file_and_row() -> None:
    row = (
        '[[source]]\nid = "a"\nen = "A"\nfr = "A"\n'
        '[[hours]]\ndepartment = "d"\neffective_from = 1999-01-01\nsource = "a"\n'
        'weekdays = ["mon"]\nopens = 08:00:00\ncloses = 16:00:00\n'
    )
    assert bind("h.toml", row).hours[0].department == "d"
    with pytest.raises(Malformed, match=r"h.toml: hours 1: source: 'b' is not one of a"):
        bind("h.toml", row.replace('source = "a"', 'source = "b"'))
    with pytest.raises(Malformed, match=r"h.toml: hours 1: closes: is 08:00:00, not after"):
        bind("h.toml", row.replace("16:", "08:"))
    with pytest.raises(Malformed, match=r"h.toml: hours 1: Object missing .* `department`"):
        bind("h.toml", row.replace('department = "d"\n', ""))
