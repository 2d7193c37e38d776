"""Comparisons: which period is beside which, and when two figures cannot be compared."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.board import Figure, Period
from streams.core.comparing import compare, fiscal_year_start, last_year, previous


def _figure(start: str, value: int | str | None, version: int = 1, zone: str = "UTC") -> Figure:
    return Figure(
        measure="m",
        version=version,
        status="live",
        as_of="",
        period=Period(start, start, zone),
        dimensions={"department": "vac"},
        numerator=1,
        denominator=2,
        value=value,
        unit="%",
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 3, 1), date(2026, 4, 1), (date(2026, 2, 1), date(2026, 3, 1))),
        (date(2026, 1, 1), date(2026, 4, 1), (date(2025, 10, 1), date(2026, 1, 1))),
        (date(2026, 3, 2), date(2026, 3, 9), (date(2026, 2, 23), date(2026, 3, 2))),
    ],
)
def test_the_previous_period(start: date, end: date, expected: tuple[date, date]) -> None:
    assert previous(start, end) == expected


def test_last_year() -> None:
    assert last_year(date(2024, 2, 29), date(2024, 3, 1)) == (date(2023, 2, 28), date(2023, 3, 1))
    assert last_year(date(2026, 4, 1), date(2026, 7, 1)) == (date(2025, 4, 1), date(2025, 7, 1))


def test_a_fiscal_year_starts_on_the_first_of_april() -> None:
    assert fiscal_year_start(date(2026, 3, 31)) == date(2025, 4, 1)
    assert fiscal_year_start(date(2026, 4, 1)) == date(2026, 4, 1)


def test_periods_are_paired_in_order() -> None:
    now = [_figure("2026-01-01", "10.00"), _figure("2026-01-02", "12.50")]
    then = [_figure("2025-01-01", "9.00"), _figure("2025-01-02", "13.00")]
    found = [f.compared for f in compare(now, then)]
    assert [(c.value, c.difference) for c in found if c] == [("9.00", "1.00"), ("13.00", "-0.50")]


def test_zones_are_counted_apart() -> None:
    now = [_figure("2026-01-01", 1, zone="A"), _figure("2026-01-02", 2, zone="B")]
    then = [_figure("2025-01-01", 5, zone="A"), _figure("2025-01-01", 7, zone="B")]
    assert [f.compared and f.compared.difference for f in compare(now, then)] == [-4, -5]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ([], "nothing to compare with"),
        ([_figure("2025-01-01", 1, version=2)], "not comparable: version 2 of the measure"),
        ([_figure("2025-01-01", None)], ""),
    ],
)
def test_what_cannot_be_compared_has_no_difference(other: list[Figure], reason: str) -> None:
    (found,) = compare([_figure("2026-01-01", 3)], other)
    assert found.compared is not None
    assert (found.compared.difference, found.compared.reason) == (None, reason)
