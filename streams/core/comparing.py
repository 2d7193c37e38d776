"""Figures beside those of another period, or of a named baseline: day by day, hour by hour."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from msgspec.structs import replace

from schemas.board import Comparison, Figure, Period

_WEEK = 7
_Place = tuple[str, str, tuple[tuple[str, str | None], ...]]


@dataclass(frozen=True, slots=True)
class Beside:
    """The local days [start, end) that others are compared with, and which day is beside which.

    Attributes:
        months, days: how far before; a day that a month lacks is beside the month's last.
    """

    start: date
    end: date
    months: int = 0
    days: int = 0

    def day(self, day: date) -> date:
        """The day beside a day."""
        return _months_before(day, self.months) - timedelta(days=self.days)


def previous(start: date, end: date, grain: str | None = None) -> Beside:
    """The period of the same length just before: whole months before whole months.

    By week, it is whole weeks before, so that each week is cut as the one that it is beside.
    """
    if grain == "week":
        return _days_before(start, end, -(-(end - start).days // _WEEK) * _WEEK)
    if start.day == end.day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month
        return Beside(_months_before(start, months), start, months=months)
    return _days_before(start, end, (end - start).days)


def last_year(start: date, end: date, grain: str | None = None) -> Beside:
    """The same days a year before, 29 February being beside the 28th; by week, 52 weeks before."""
    if grain == "week":
        return _days_before(start, end, 52 * _WEEK)
    if start.day == end.day == 1:  # whole months, whatever their length
        return Beside(_months_before(start, 12), _months_before(end, 12), months=12)
    last = _months_before(end - timedelta(days=1), 12)
    return Beside(_months_before(start, 12), last + timedelta(days=1), months=12)


def baseline(start: date, then: date, until: date) -> Beside:
    """What was kept of [then, until), beside a period that begins at `start`: first with first."""
    if start.day == then.day == 1:
        months = (start.year - then.year) * 12 + start.month - then.month
        return Beside(then, until, months=months)
    return Beside(then, until, days=(start - then).days)


def fiscal_year_start(day: date) -> date:
    """1 April of the fiscal year that a day is in."""
    return date(day.year - (day.month < 4), 4, 1)


def compare(
    figures: Sequence[Figure],
    others: Sequence[Figure],
    beside: Beside,
    breaking: Collection[tuple[str, int]] = (),
) -> list[Figure]:
    """Every figure with the one beside it among `others`; what has none says so.

    Periods are beside each other that begin at the same time of the day, on days that are. Like
    goes with like: a figure is compared with one of its own version, which there is on both sides
    of a change only while both versions are computed in parallel.

    Args:
        figures: those that are compared.
        others: those that they are compared with.
        beside: which days are beside which.
        breaking: the (measure, number) of the versions that break their series.
    """
    partners: dict[tuple[_Place, str], dict[int, Figure]] = {}
    for other in others:
        place = _place(other), other.period.start[:16]
        partners.setdefault(place, {}).setdefault(other.version, other)
    return [
        _compared(figure, partners.get(_beside(figure, beside), {}), beside, breaking)
        for figure in figures
    ]


def _compared(
    figure: Figure,
    partners: Mapping[int, Figure],
    beside: Beside,
    breaking: Collection[tuple[str, int]],
) -> Figure:
    """A figure beside the one of its own version, else beside what is in force there."""
    other = partners.get(figure.version) or next(iter(partners.values()), None)
    compared = _comparison(figure, other, beside)
    between = sorted((figure.version, other.version if other else figure.version))
    crossed = any((figure.measure, n + 1) in breaking for n in range(*between))
    return replace(figure, compared=compared, breaks=figure.breaks or crossed)


def _place(figure: Figure) -> _Place:
    return figure.period.zone, figure.measure, tuple(sorted(figure.dimensions.items()))


def _beside(figure: Figure, beside: Beside) -> tuple[_Place, str]:
    """Where a figure's partner is: its period begins at that minute of local time."""
    day = beside.day(date.fromisoformat(figure.period.start[:10]))
    return _place(figure), f"{day}{figure.period.start[10:16]}"


def _comparison(figure: Figure, other: Figure | None, beside: Beside) -> Comparison:
    if other is None:
        looked = Period(str(beside.start), str(beside.end), figure.period.zone)
        return _unknown(looked, "nothing to compare with")
    if other.version != figure.version:
        return _unknown(other.period, f"not comparable: version {other.version} of the measure")
    unknown = "unknown then" if other.value is None else "unknown now"
    difference = _difference(figure.value, other.value)
    return Comparison(
        period=other.period,
        numerator=other.numerator,
        denominator=other.denominator,
        value=other.value,
        difference=difference,
        reason=unknown if difference is None else "",
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


def _days_before(start: date, end: date, days: int) -> Beside:
    return Beside(start - timedelta(days=days), end - timedelta(days=days), days=days)


def _months_before(day: date, months: int) -> date:
    """The same day so many months before, or the last of a month that has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
