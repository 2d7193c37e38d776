"""Local time in Jerusalem, and the two nights of 1999 on which the clock was changed."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from streams.sources.local import DAY_SECONDS, LocalDay
from tests.sources.calls import ABANDONED, LEFT, dirt, record

JERUSALEM = ZoneInfo("Asia/Jerusalem")
TWO, HALF_PAST = 2 * 3_600, 1_800


def test_winter_and_summer() -> None:
    winter, summer = (LocalDay(date(1999, month, 10), JERUSALEM) for month in (2, 7))
    assert winter.text(9 * 3_600 + 61) == "1999-02-10T07:01:01.000Z"
    assert summer.text(9 * 3_600 + 61) == "1999-07-10T06:01:01.000Z"
    assert winter.text(DAY_SECONDS + 1) == "1999-02-10T22:00:01.000Z"
    assert winter.change(TWO) == summer.change(TWO) == ""


def test_the_hour_that_was_skipped_is_read_as_if_the_clock_had_not_been_changed() -> None:
    day = LocalDay(date(1999, 4, 2), JERUSALEM)
    times = (TWO - 1, TWO, TWO + HALF_PAST, TWO + 3_600)
    assert [day.change(time) for time in times] == ["", "skipped", "skipped", ""]
    assert [day.text(time)[:19] for time in times] == [
        "1999-04-01T23:59:59",
        "1999-04-02T00:00:00",
        "1999-04-02T00:30:00",
        "1999-04-02T00:00:00",
    ]


def test_of_the_hour_that_came_twice_the_first_is_meant() -> None:
    day = LocalDay(date(1999, 9, 3), JERUSALEM)
    times = (3_599, 3_600, TWO - 1, TWO)
    assert [day.change(time) for time in times] == ["", "ambiguous", "ambiguous", ""]
    assert [day.text(time)[:19] for time in times] == [
        "1999-09-02T21:59:59",
        "1999-09-02T22:00:00",
        "1999-09-02T22:59:59",
        "1999-09-03T00:00:00",
    ]


def test_the_night_after_counts_from_the_date_of_the_entry() -> None:
    eve = LocalDay(date(1999, 4, 1), JERUSALEM)
    assert eve.text(DAY_SECONDS + 3 * 3_600) == "1999-04-02T00:00:00.000Z"
    assert eve.change(DAY_SECONDS + TWO) == "skipped"


def test_a_zone_need_not_be_whole_hours_from_utc() -> None:
    assert (
        LocalDay(date(1999, 7, 1), ZoneInfo("Asia/Kolkata")).text(0) == "1999-06-30T18:30:00.000Z"
    )


def test_calls_at_a_change_of_the_clock_are_counted() -> None:
    night = {"vru_entry": "1:59:55", "vru_exit": "2:00:05"}
    assert dirt(LEFT | night | {"date": "990402"}) == {"local time skipped": 1}
    assert dirt(LEFT | night | {"date": "990903"}) == {"local time ambiguous": 1}
    assert record(LEFT | night | {"date": "990402"}).ivr_ms == 10_000
    assert dirt(ABANDONED | {"date": "990402"}) == {}
