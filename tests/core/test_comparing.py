"""Comparisons: which period is beside which, and when two figures cannot be compared."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.board import Figure, Period
from streams.core.comparing import (
    Beside,
    baseline,
    compare,
    fiscal_year_start,
    last_year,
    previous,
)

A_YEAR = last_year(date(2024, 1, 1), date(2024, 4, 1))


def _figure(
    start: str,
    value: int | str | None,
    version: int = 1,
    zone: str = "UTC",
    department: str | None = "vac",
) -> Figure:
    return Figure(
        measure="m",
        version=version,
        status="live",
        as_of="",
        period=Period(f"{start}T00:00:00+00:00" if len(start) == 10 else start, "", zone),
        dimensions={"department": department},
        numerator=1,
        denominator=2,
        value=value,
        unit="%",
    )


def _differences(
    now: list[Figure], then: list[Figure], beside: Beside = A_YEAR
) -> list[int | str | None]:
    return [f.compared.difference for f in compare(now, then, beside) if f.compared]


@pytest.mark.parametrize(
    ("start", "end", "grain", "expected"),
    [
        ((2026, 3, 1), (2026, 4, 1), None, ((2026, 2, 1), (2026, 3, 1))),
        ((2026, 1, 1), (2026, 4, 1), "month", ((2025, 10, 1), (2026, 1, 1))),
        ((2025, 4, 1), (2026, 4, 1), "day", ((2024, 4, 1), (2025, 4, 1))),
        ((2026, 3, 2), (2026, 3, 9), "day", ((2026, 2, 23), (2026, 3, 2))),
        ((2026, 3, 2), (2026, 3, 16), "week", ((2026, 2, 16), (2026, 3, 2))),
        ((2026, 3, 3), (2026, 3, 20), "week", ((2026, 2, 10), (2026, 2, 27))),
        ((2024, 2, 29), (2024, 3, 1), None, ((2024, 2, 28), (2024, 2, 29))),
    ],
)
def test_the_previous_period(
    start: tuple[int, int, int],
    end: tuple[int, int, int],
    grain: str | None,
    expected: tuple[tuple[int, int, int], tuple[int, int, int]],
) -> None:
    found = previous(date(*start), date(*end), grain)
    assert (found.start, found.end) == (date(*expected[0]), date(*expected[1]))
    assert found.day(date(*start)) == found.start


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((2026, 4, 1), (2026, 7, 1), ((2025, 4, 1), (2025, 7, 1))),
        ((2024, 2, 29), (2024, 3, 1), ((2023, 2, 28), (2023, 3, 1))),
        ((2024, 2, 1), (2024, 2, 29), ((2023, 2, 1), (2023, 3, 1))),
        ((2025, 2, 1), (2025, 3, 1), ((2024, 2, 1), (2024, 3, 1))),
        ((2025, 2, 28), (2025, 3, 1), ((2024, 2, 28), (2024, 2, 29))),
    ],
)
def test_last_year(
    start: tuple[int, int, int],
    end: tuple[int, int, int],
    expected: tuple[tuple[int, int, int], tuple[int, int, int]],
) -> None:
    found = last_year(date(*start), date(*end))
    assert (found.start, found.end) == (date(*expected[0]), date(*expected[1]))


def test_by_week_a_year_is_52_weeks() -> None:
    found = last_year(date(2026, 1, 5), date(2026, 2, 2), "week")
    assert (found.start, found.end) == (date(2025, 1, 6), date(2025, 2, 3))
    assert found.start.weekday() == 0


def test_a_fiscal_year_starts_on_the_first_of_april() -> None:
    assert fiscal_year_start(date(2026, 3, 31)) == date(2025, 4, 1)
    assert fiscal_year_start(date(2026, 4, 1)) == date(2026, 4, 1)


def test_a_baseline_is_beside_from_its_first_period_on() -> None:
    months = baseline(date(2026, 3, 1), date(2025, 12, 1), date(2026, 1, 1))
    assert [months.day(date(2026, 3, day)) for day in (1, 31)] == [
        date(2025, 12, 1),
        date(2025, 12, 31),
    ]
    days = baseline(date(2026, 3, 3), date(2026, 4, 7), date(2026, 4, 9))
    assert days.day(date(2026, 3, 4)) == date(2026, 4, 8)


def test_each_day_is_compared_with_the_one_beside_it() -> None:
    now = [_figure("2024-01-01", "10.00"), _figure("2024-01-02", "12.50")]
    then = [_figure("2023-01-01", "9.00"), _figure("2023-01-02", "13.00")]
    assert _differences(now, then) == ["1.00", "-0.50"]


def test_a_day_on_which_nothing_was_counted_moves_no_other() -> None:
    now = [_figure("2024-01-01", 10), _figure("2024-01-02", 20), _figure("2024-01-03", 30)]
    then = [_figure("2023-01-01", 1), _figure("2023-01-03", 3)]
    assert _differences(now, then) == [9, None, 27]
    assert _differences(now[1:], then) == [None, 27]


def test_the_29th_of_february_moves_no_other_day() -> None:
    days = ("2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02")
    then = [_figure("2023-02-28", 1), _figure("2023-03-01", 2), _figure("2023-03-02", 3)]
    assert _differences([_figure(day, 10) for day in days], then) == [9, 9, 8, 7]
    a_year_on = last_year(date(2025, 2, 1), date(2025, 4, 1))
    then = [_figure(day, number) for number, day in enumerate(days)]
    assert _differences([_figure("2025-03-01", 10)], then, a_year_on) == [8]


def test_hours_are_compared_by_the_clock_on_the_wall() -> None:
    """In Toronto, on 10 March 2024 no hour begins at 2; on 3 November two begin at 1."""
    beside = previous(date(2024, 3, 10), date(2024, 3, 11), "hour")
    now = [_figure("2024-03-10T01:00:00-05:00", 5), _figure("2024-03-10T03:00:00-04:00", 9)]
    then = [_figure(f"2024-03-09T0{hour}:00:00-05:00", hour) for hour in range(4)]
    assert _differences(now, then, beside) == [4, 6]
    beside = previous(date(2024, 11, 4), date(2024, 11, 5), "hour")
    then = [_figure(f"2024-11-03T01:00:00-0{offset}:00", offset) for offset in (4, 5)]
    assert _differences([_figure("2024-11-04T01:00:00-05:00", 9)], then, beside) == [5]


def test_zones_and_groups_are_compared_with_their_own() -> None:
    now = [_figure("2024-01-01", 1, zone="A"), _figure("2024-01-01", 2, department=None)]
    then = [
        _figure("2023-01-01", 5, department=None),
        _figure("2023-01-01", 7),
        _figure("2023-01-01", 5, zone="A"),
    ]
    assert _differences(now, then) == [-4, -3]


@pytest.mark.parametrize(
    ("now", "other", "reason"),
    [
        (3, [], "nothing to compare with"),
        (3, [_figure("2023-01-02", 1)], "nothing to compare with"),
        (3, [_figure("2023-01-01", 1, version=2)], "not comparable: version 2 of the measure"),
        (3, [_figure("2023-01-01", None)], "unknown then"),
        (None, [_figure("2023-01-01", 3)], "unknown now"),
    ],
)
def test_what_cannot_be_compared_says_why(
    now: int | None, other: list[Figure], reason: str
) -> None:
    (found,) = compare([_figure("2024-01-01", now)], other, A_YEAR)
    assert found.compared is not None
    assert (found.compared.difference, found.compared.reason) == (None, reason)


def test_where_nothing_is_beside_it_is_said_where_it_was_looked_for() -> None:
    (found,) = compare([_figure("2024-01-01", 3)], [], A_YEAR)
    assert found.compared is not None
    assert found.compared.period == Period("2023-01-01", "2023-04-01", "UTC")
