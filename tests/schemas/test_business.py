"""Business time against a naive reading: one local day after another, by zoneinfo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.business import (
    OpeningTime,
    business_days,
    deadline,
    following,
    known,
    later,
    number,
    opening_time,
    spans,
    worked,
)
from schemas.calendars import bind, book
from schemas.departments import zone_of
from schemas.errors import Stop
from schemas.instants import DAY, HOUR, MINUTE
from schemas.periods import instant_of
from schemas.zones_data import END_MS
from tests.tools.write_zones import EPOCH, millis, packaged

HERE = "America/Toronto"
ONE_DAY = timedelta(days=1)

departments = st.sampled_from(["ircc", "esdc", "vac", "bank", None])
instants = st.integers(
    millis(datetime(1999, 1, 5, tzinfo=UTC)), millis(datetime(2040, 6, 1, tzinfo=UTC))
)


def at(text: str, zone: str = HERE) -> int:
    """UTC milliseconds of a local time, by zoneinfo."""
    return millis(datetime.fromisoformat(text).replace(tzinfo=packaged(zone)))


def there(ms: int, zone: str = HERE) -> str:
    return (EPOCH + timedelta(milliseconds=ms)).astimezone(packaged(zone)).isoformat()[:16]


@cache
def weekdays(opens: str, closes: str, closure: str = "", zone: str = HERE) -> OpeningTime:
    """A small calendar: Monday to Friday, and perhaps one closure."""
    calendar = bind(
        (
            "small.toml",
            '[[source]]\nid = "a"\nen = "A"\nfr = "A"\n[[site]]\nid = "s"\nen = "S"\nfr = "S"\n'
            '[[hours]]\nsite = "s"\neffective_from = 1999-01-01\nsource = "a"\n'
            'weekdays = ["mon", "tue", "wed", "thu", "fri"]\n'
            f"opens = {opens}:00\ncloses = {closes}:00\n"
            + (
                closure
                and f'[[closure]]\nsites = ["s"]\nen = "C"\nfr = "C"\nsource = "a"\n{closure}'
            ),
        )
    ).calendar("s")
    return OpeningTime(spans([(date.min, calendar.opening)], zone))


def test_friday_16h_and_4_hours_of_8_to_17_is_monday_11h() -> None:
    due = weekdays("08:00", "17:00").later(at("2026-01-09T16:00"), 4 * HOUR)
    assert there(due) == "2026-01-12T11:00"


def test_friday_17h_and_8_hours_of_9_to_17_is_monday_17h() -> None:
    hours = weekdays("09:00", "17:00")
    due = hours.later(at("2026-01-09T17:00"), 8 * HOUR)
    assert there(due) == "2026-01-12T17:00"
    assert there(hours.later(at("2026-01-09T17:00"), 8 * HOUR + 1)) == "2026-01-13T09:00"


def test_nothing_more_to_work_is_at_once() -> None:
    saturday = at("2026-01-10T12:00")
    assert weekdays("09:00", "17:00").later(saturday, 0) == saturday


@pytest.mark.parametrize(
    ("received", "day_zero", "due"),
    [
        ("2026-01-05T08:59", "2026-01-05", "2026-01-08T17:00"),  # before opening
        ("2026-01-05T16:59:59.999", "2026-01-05", "2026-01-08T17:00"),
        ("2026-01-05T17:00", "2026-01-06", "2026-01-09T17:00"),  # at closing
        ("2026-01-09T23:59", "2026-01-12", "2026-01-15T17:00"),
        ("2026-01-10T10:00", "2026-01-12", "2026-01-15T17:00"),  # Saturday
    ],
)
def test_receipt_at_or_after_closing_or_on_a_day_of_rest_counts_to_the_next(
    received: str, day_zero: str, due: str
) -> None:
    hours = weekdays("09:00", "17:00")
    zero = hours.days[hours.number(at(received))]
    assert there(zero.opens_ms) == f"{day_zero}T09:00"
    closes = hours.deadline(at(received), 3)
    assert there(closes) == due
    assert hours.number(closes - 1) - zero.number == 3
    assert hours.number(closes) - zero.number == 4  # met only before closing


def test_an_afternoon_off_closes_at_noon_and_what_comes_then_is_tomorrows() -> None:
    hours = weekdays("09:00", "17:00", "day = 2026-01-06\ncloses = 12:00:00\n")
    monday = hours.number(at("2026-01-05T10:00"))
    assert hours.number(at("2026-01-06T11:59")) == monday + 1
    assert hours.number(at("2026-01-06T12:00")) == monday + 2
    assert there(hours.following(at("2026-01-06T09:00"))) == "2026-01-06T12:00"
    assert hours.worked(at("2026-01-07T09:00")) - hours.worked(at("2026-01-06T09:00")) == 3 * HOUR
    assert there(hours.later(at("2026-01-06T11:00"), 2 * HOUR)) == "2026-01-07T10:00"


def test_easter_monday_is_no_business_day_of_ours() -> None:
    thursday, tuesday = at("2026-04-02T16:00"), at("2026-04-07T09:00")
    assert number("ircc", tuesday) - number("ircc", thursday) == 1
    assert number(None, tuesday) - number(None, thursday) == 3  # no closures are known there
    assert worked("ircc", tuesday) - worked("ircc", thursday) == 2 * HOUR


def test_the_19th_of_september_2022_was_none_either() -> None:
    assert number("vac", at("2022-09-20T09:00")) - number("vac", at("2022-09-16T09:00")) == 1


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_nights_when_clocks_change_leave_opening_time_alone(day: str) -> None:
    sunday = date.fromisoformat(day)
    friday, monday = sunday - 2 * ONE_DAY, sunday + ONE_DAY
    passed = worked("ircc", at(f"{monday}T10:00")) - worked("ircc", at(f"{friday}T16:00"))
    assert passed == 3 * HOUR
    assert there(later("ircc", at(f"{friday}T16:00"), 3 * HOUR)) == f"{monday}T10:00"


def test_opening_through_the_night_of_a_change_is_as_long_as_time_passes() -> None:
    long, short = date(2026, 11, 1), date(2026, 3, 8)
    assert [instant_of(HERE, day, 6 * 60) - instant_of(HERE, day, 0) for day in (long, short)] == [
        7 * HOUR,
        5 * HOUR,
    ]
    assert there(instant_of(HERE, short, 150)) == "2026-03-08T03:00"  # 02:30 is not there
    assert instant_of(HERE, long, 90) == at("2026-11-01T01:30")  # the first of two


def test_the_29th_of_february_counts() -> None:
    assert number("ircc", at("2024-03-01T09:00")) - number("ircc", at("2024-02-28T09:00")) == 2
    assert there(later("ircc", at("2024-02-28T16:30"), 9 * HOUR)) == "2024-02-29T16:30"


@given(departments, instants)
@example("bank", 922_975_200_000)  # closing time; the clock goes forward that night
def test_the_shortest_day_of_time_closes_at_most_once(department: str | None, ms: int) -> None:
    assert number(department, ms + 23 * HOUR - 1) - number(department, ms) in (0, 1)


def naive_days(department: str | None, start: date, end: date) -> Iterator[tuple[int, int]]:
    """Openings of days, with zoneinfo and the rows of the calendar."""
    calendar, zone = book().of(department, start), packaged(zone_of(department))
    for day in (start + timedelta(days=n) for n in range((end - start).days)):
        row = calendar.closures.get(day)
        assert row is None or row.closes is None
        if day.weekday() < 5 and row is None:
            opens, closes = (datetime.combine(day, time(hour), zone) for hour in (8, 17))
            yield millis(opens), millis(closes)


@pytest.mark.parametrize("department", ["ircc", "vac", None])
def test_every_day_is_where_a_naive_count_has_it(department: str | None) -> None:
    counted = [(day.opens_ms, day.closes_ms) for day in business_days(department)]
    assert counted == list(naive_days(department, date(1999, 1, 1), date(2041, 1, 1)))


@given(departments, instants, st.integers(0, 40))
@example("ircc", at("2026-04-02T17:00"), 6)
def test_number_agrees_with_a_naive_count(department: str | None, ms: int, after: int) -> None:
    zone = packaged(zone_of(department))
    start = (EPOCH + timedelta(milliseconds=ms)).astimezone(zone).date()
    until = ms + after * DAY
    closings = [c for _, c in naive_days(department, start, start + timedelta(days=after + 2))]
    passed = sum(ms < closes <= until for closes in closings)
    assert number(department, until) - number(department, ms) == passed


@given(departments, instants, st.integers(0, 40 * DAY))
def test_worked_is_monotone_and_never_faster_than_time(
    department: str | None, ms: int, gap: int
) -> None:
    passed = worked(department, ms + gap) - worked(department, ms)
    assert 0 <= passed <= gap


@given(departments, instants, st.integers(1, 500 * HOUR))
def test_later_is_the_first_instant_by_which_so_much_was_worked(
    department: str | None, ms: int, hours: int
) -> None:
    due = later(department, ms, hours)
    assert due > ms
    assert worked(department, due) - worked(department, ms) == hours
    assert worked(department, due - 1) - worked(department, ms) == hours - 1


@given(departments, instants, st.integers(0, 200 * HOUR), st.integers(0, 200 * HOUR))
def test_later_can_be_taken_in_two_steps(
    department: str | None, ms: int, one: int, two: int
) -> None:
    assert later(department, later(department, ms, one), two) == later(department, ms, one + two)


@given(departments, instants, st.integers(0, 30), st.integers(0, 50 * DAY))
def test_a_deadline_is_met_by_what_counts_to_a_day_no_later(
    department: str | None, ms: int, days: int, delay: int
) -> None:
    met = ms + delay < deadline(department, ms, days)
    assert met == (number(department, ms + delay) - number(department, ms) <= days)


@given(departments, instants)
def test_following_is_when_number_changes(department: str | None, ms: int) -> None:
    closes = following(department, ms)
    assert closes > ms
    assert number(department, closes - 1) == number(department, ms)
    assert number(department, closes) == number(department, ms) + 1
    assert business_days(department)[number(department, ms)].closes_ms == closes


@pytest.mark.parametrize("department", ["ircc", None])
def test_days_are_numbered_in_order_and_add_up(department: str | None) -> None:
    days = business_days(department)
    assert [day.number for day in days] == list(range(len(days)))
    for day, tomorrow in pairwise(days):
        assert day.opens_ms < day.closes_ms <= tomorrow.opens_ms
        assert tomorrow.worked_ms - day.worked_ms == day.closes_ms - day.opens_ms
        assert worked(department, tomorrow.opens_ms) == tomorrow.worked_ms


def test_the_ends_of_the_table_are_where_counting_stops() -> None:
    first, last = business_days("ircc")[0], business_days("ircc")[-1]
    assert (there(first.opens_ms), there(last.opens_ms)) == ("1999-01-01T08:00", "2040-12-31T08:00")
    assert (number("ircc", 0), worked("ircc", 0)) == (0, 0)
    assert number("ircc", last.closes_ms + DAY) == last.number
    assert following("ircc", last.closes_ms) == END_MS
    assert later("ircc", last.closes_ms - MINUTE, HOUR) == last.closes_ms
    assert deadline("ircc", last.opens_ms, 3) == last.closes_ms


def test_opened_is_from_opening_until_closing() -> None:
    hours = opening_time("ircc")
    clocks = ("07:59", "08:00", "16:59", "17:00")
    assert [hours.opened(at(f"2026-01-05T{clock}")) for clock in clocks] == [
        False,
        True,
        True,
        False,
    ]
    assert not hours.opened(at("2026-01-10T12:00"))


def test_closures_are_known_where_the_table_says() -> None:
    assert [known("ircc", at(f"{year}-06-01T12:00")) for year in (2014, 2015, 2030, 2031)] == [
        False,
        True,
        True,
        False,
    ]
    with pytest.raises(Stop, match="outside the zone data"):
        known("ircc", END_MS)


def test_without_a_site_no_closure_is_known() -> None:
    assert not known(None, at("2026-06-01T12:00"))


def test_departments_without_a_site_share_one_table() -> None:
    assert opening_time("one") is opening_time("another") is opening_time(None)
