"""Figures beside those of another period, or of a named baseline: period by period, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msgspec.structs import replace

from schemas.board import Comparison, Figure, Period

_Key = tuple[int, str, str, tuple[tuple[str, str | None], ...]]


def previous(start: date, end: date) -> tuple[date, date]:
    """The period of the same length just before; whole months for whole months."""
    if start.day == end.day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month
        return _months_before(start, months), start
    return start - (end - start), start


def last_year(start: date, end: date) -> tuple[date, date]:
    """The same days a year before; 29 February becomes 28 February."""
    return _year_before(start), _year_before(end)


def fiscal_year_start(day: date) -> date:
    """1 April of the fiscal year that a day is in."""
    return date(day.year - (day.month < 4), 4, 1)


def compare(figures: Sequence[Figure], others: Sequence[Figure]) -> list[Figure]:
    """Every figure with the one at the same place among `others`; what has none says so.

    Periods are paired in order, the first with the first.
    """
    partners = dict(_placed(others))
    return [
        replace(figure, compared=_comparison(figure, partners.get(key)))
        for key, figure in _placed(figures)
    ]


def _placed(figures: Sequence[Figure]) -> Iterable[tuple[_Key, Figure]]:
    """Each figure with its place: the number of its period within its zone, measure, group."""
    numbers: dict[tuple[str, str], int] = {}
    counts: dict[str, int] = {}
    for zone, start in sorted({(f.period.zone, f.period.start) for f in figures}):
        numbers[zone, start] = counts.get(zone, 0)
        counts[zone] = numbers[zone, start] + 1
    for figure in figures:
        period = figure.period
        number = numbers[period.zone, period.start]
        yield (number, period.zone, figure.measure, tuple(figure.dimensions.items())), figure


def _comparison(figure: Figure, other: Figure | None) -> Comparison:
    if other is None:
        return _unknown(figure.period, "nothing to compare with")
    if other.version != figure.version:
        why = f"not comparable: version {other.version} of the measure"
        return _unknown(other.period, why)
    return Comparison(
        period=other.period,
        numerator=other.numerator,
        denominator=other.denominator,
        value=other.value,
        difference=_difference(figure.value, other.value),
    )


def _unknown(period: Period, reason: str) -> Comparison:
    return Comparison(
        period=period, numerator=None, denominator=None, value=None, difference=None, reason=reason
    )


def _difference(value: int | str | None, other: int | str | None) -> int | str | None:
    if value is None or other is None:
        return None
    if isinstance(value, int) and isinstance(other, int):
        return value - other
    return str(Decimal(value) - Decimal(other))


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day - timedelta(days=366)
