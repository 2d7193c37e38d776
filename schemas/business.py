"""Business time: the opening hours of a department's email, in whole milliseconds.

A business day is a day on which the department's site opens (`schemas.calendars`), in the
department's zone. The days are numbered, so that a delay in business days is a difference of
two numbers; receipt at or after closing, or on a day without opening, counts to the next.

Tables run from 1999 to 2040. Where closures are unknown (before 2015 and after 2030) they hold
weekdays only: see `known`. Instants outside count to the first or the last day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from schemas.calendars import book
from schemas.departments import zone_of
from schemas.periods import day_of, instant_of
from schemas.weeks import FIRST_DAY, LAST_DAY, Week
from schemas.zones_data import END_MS

Span = tuple[int, int]  # opens, closes: UTC milliseconds


class BusinessDay(NamedTuple):
    """A day of opening. `worked_ms` is the opening time before it, since the table's start."""

    number: int
    opens_ms: int
    closes_ms: int
    worked_ms: int


class OpeningTime:
    """The openings of one place, in order, and time counted in them."""

    __slots__ = ("_before", "_closes", "_opens", "_worked", "days")

    def __init__(self, openings: Iterable[Span]) -> None:
        """Openings must be sorted, not empty, and must not overlap; there is at least one."""
        days, worked = [], 0
        for number, (opens, closes) in enumerate(openings):
            days.append(BusinessDay(number, opens, closes, worked))
            worked += closes - opens
        self.days = tuple(days)
        self._opens = tuple(day.opens_ms for day in days)
        self._closes = tuple(day.closes_ms for day in days)
        self._before = tuple(day.worked_ms for day in days)
        self._worked = (*self._before[1:], worked)  # at each closing

    def number(self, ms: int) -> int:
        """The day an instant counts to: the first that closes after it, or the last there is."""
        return min(bisect_right(self._closes, ms), len(self._closes) - 1)

    def worked(self, ms: int) -> int:
        """Opening time from the table's start until an instant, in milliseconds."""
        day = bisect_right(self._opens, ms) - 1
        if day < 0:
            return 0
        return self._before[day] + min(ms, self._closes[day]) - self._opens[day]

    def later(self, ms: int, working_ms: int) -> int:
        """The first instant, not before `ms`, by which so much opening time has passed.

        `working_ms` is not negative. At the table's end, its last closing.
        """
        target = self.worked(ms) + working_ms
        day = min(bisect_left(self._worked, target), len(self._worked) - 1)
        return max(ms, min(self._opens[day] + target - self._before[day], self._closes[day]))

    def following(self, ms: int) -> int:
        """The next closing after an instant, when `number` changes; after the last, 2041."""
        day = bisect_right(self._closes, ms)
        return self._closes[day] if day < len(self._closes) else END_MS

    def deadline(self, ms: int, days: int) -> int:
        """The closing of the day so many days after the one an instant counts to, or of the last.

        What comes before it comes within `days` business days.
        """
        return self._closes[min(self.number(ms) + days, len(self._closes) - 1)]

    def opened(self, ms: int) -> bool:
        """Whether an instant is inside an opening."""
        return self.worked(ms + 1) > self.worked(ms)


def business_days(department: str | None) -> Sequence[BusinessDay]:
    """Every business day of a department, 1999 to 2040, in order."""
    return opening_time(department).days


def number(department: str | None, ms: int) -> int:
    """The business day an instant counts to: the first that closes after it."""
    return opening_time(department).number(ms)


def worked(department: str | None, ms: int) -> int:
    """Opening time until an instant; a difference of two is a delay in business time (ms)."""
    return opening_time(department).worked(ms)


def later(department: str | None, ms: int, working_ms: int) -> int:
    """The first instant by which so much opening time has passed since `ms`.

    At an exact boundary the earlier: Friday 17:00 and 8 hours of 9 to 17 is Monday 17:00.
    """
    return opening_time(department).later(ms, working_ms)


def following(department: str | None, ms: int) -> int:
    """The next closing after an instant: the deadline of what counts to `number` of it."""
    return opening_time(department).following(ms)


def deadline(department: str | None, ms: int, days: int) -> int:
    """The closing of business day `days` after day 0, to which an instant counts.

    A reply before it is within so many business days; one at it is not.
    """
    return opening_time(department).deadline(ms, days)


def known(department: str | None, ms: int) -> bool:
    """Whether closures around an instant are in the tables; else only weekdays count.

    Raises:
        Stop: an instant outside the zone data (1990 to 2040).
    """
    day = day_of(zone_of(department), ms)
    return book().of(department, day).knows(day)


@lru_cache(maxsize=1_024)
def opening_time(department: str | None) -> OpeningTime:
    """The business hours of a department; Monday to Friday where no site is named."""
    return _opening_time(
        tuple((since, calendar.site.id) for since, calendar in book().kept(department)),
        zone_of(department),
    )


@cache
def _opening_time(kept: tuple[tuple[date, str], ...], zone: str) -> OpeningTime:
    calendars = book().calendars
    return OpeningTime(spans([(since, calendars[site].opening) for since, site in kept], zone))


def spans(kept: Sequence[tuple[date, Week]], zone: str) -> Iterator[Span]:
    """The openings of 1999 to 2040 by a zone's clock, under hours each in force from a day on."""
    ends = [since for since, _ in kept[1:]] + [LAST_DAY + timedelta(days=1)]
    for (since, opening), end in zip(kept, ends, strict=True):
        for day in map(date.fromordinal, range(max(since, FIRST_DAY).toordinal(), end.toordinal())):
            found = opening(day)
            if found:
                yield instant_of(zone, day, found[0]), instant_of(zone, day, found[1])
