"""When contacts come: a profile by month, weekday and hour, at random or so many a year."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from math import floor
from random import Random

from schemas.instants import HOUR, MINUTE
from schemas.periods import Span, day_of, spans
from schemas.zones import offset_minutes
from streams.simulator.holidays import is_holiday

Day = tuple[float, ...]  # one value for each hour of the local clock
WEEK = (1.15, 1.0, 0.95, 0.95, 0.95, 0.25, 0.15)  # Monday first; a holiday is like a Sunday
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Year:
    """So many contacts from one local day until, not including, another: no more, no fewer."""

    since: date
    until: date
    count: int


@dataclass(frozen=True, slots=True)
class Demand:
    """Contacts of one channel.

    Attributes:
        hourly: mean contacts of an hour by the local clock.
        weekly, monthly: what multiplies it by weekday (Monday first) and by month.
        years: where a year's number is fixed, its profile only says when the contacts come.
    """

    hourly: Day
    weekly: tuple[float, ...] = WEEK
    monthly: tuple[float, ...] = (1.0,) * 12
    years: tuple[Year, ...] = ()

    def mean(self, department: str, day: date, hour: int) -> float:
        """Contacts expected in an hour, or its weight where the year is fixed."""
        weekday = SUNDAY if is_holiday(department, day) else day.weekday()
        return self.hourly[hour] * self.weekly[weekday] * self.monthly[day.month - 1]

    def year(self, day: date) -> Year | None:
        """The fixed year that holds a day; None where contacts come at random."""
        return next((year for year in self.years if year.since <= day < year.until), None)

    def scaled(self, scale: float) -> Demand:
        """The same for so many times the public."""
        return replace(
            self,
            hourly=tuple(scale * mean for mean in self.hourly),
            years=tuple(replace(year, count=round(scale * year.count)) for year in self.years),
        )


def day(first: int, *values: float, otherwise: float = 0) -> Day:
    """Values for the hours of a day from the local hour `first`, and for all others."""
    before, after = first, 24 - first - len(values)
    return (otherwise,) * before + values + (otherwise,) * after


def wall_hour(span: Span) -> int:
    """The hour of the local clock at the start of a span."""
    return (span.start_ms + offset_minutes(span.zone, span.start_ms) * MINUTE) // HOUR % 24


class Slots:
    """The instants at which contacts come, hour by hour.

    At random, they are a Poisson process. Of a fixed year, every hour has its share of the
    year's number, rounded so that the year's sum is exact, at random instants of the hour.
    """

    def __init__(self, department: str, rng: Random, demand: Callable[[date], Demand]) -> None:
        self._department, self._rng, self._demand = department, rng, demand
        self._year: Year | None = None
        self._shares: dict[int, int] = {}  # of the fixed year, by the start of the hour

    def is_fixed(self, day: date) -> bool:
        """Whether the number of contacts does not depend on what becomes of them."""
        return self._demand(day).year(day) is not None

    def of(self, span: Span, day: date) -> Iterator[int]:
        """The instants within an hour of a day, in no order."""
        year = self._demand(day).year(day)
        if year is None:
            mean = self._mean(span, day)
            yield from self._poisson(span, mean / (span.end_ms - span.start_ms))
            return
        if year != self._year:
            self._year, self._shares = year, self._spread(year, span.zone)
        for _ in range(self._shares[span.start_ms]):
            yield span.start_ms + int(self._rng.random() * (span.end_ms - span.start_ms))

    def _mean(self, span: Span, day: date) -> float:
        return self._demand(day).mean(self._department, day, wall_hour(span))

    def _poisson(self, span: Span, rate: float) -> Iterator[int]:
        """Gaps are exponential; `rate` is contacts a millisecond."""
        moment = span.start_ms + self._gap(rate)
        while moment < span.end_ms:
            yield int(moment)
            moment += self._gap(rate)

    def _gap(self, rate: float) -> float:
        return self._rng.expovariate(rate) if rate else float("inf")

    def _spread(self, year: Year, zone: str) -> dict[int, int]:
        hours = spans(zone, year.since, year.until, "hour")
        passed = [0.0]
        for hour in hours:
            passed.append(passed[-1] + self._mean(hour, day_of(zone, hour.start_ms)))
        whole, first = passed[-1], self._rng.random()
        cuts = [floor(year.count * (part / whole) + first) for part in passed]
        return {
            hour.start_ms: upto - since
            for hour, (since, upto) in zip(hours, pairwise(cuts), strict=True)
        }
