"""Periods of local time: days of 23, 24 and 25 hours, months, fiscal years.

A day is half-open, from the first instant of its local date to the first of the next. Where
a clock went back across midnight (St. John's did, at 00:01, until 2011), the repeated
minutes belong to the day that had begun, so that days tile time without gap or overlap.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter

from schemas.errors import Stop
from schemas.instants import DAY, HOUR, MINUTE, QUARTER_HOUR, instant
from schemas.zones import offset_minutes, table
from schemas.zones_data import END_MS, START_MS

_EPOCH = date(1970, 1, 1).toordinal()
_ONE_DAY = timedelta(days=1)
_FISCAL_START = 4  # April

GRAINS = ("quarter_hour", "half_hour", "hour", "day", "week", "month", "quarter", "fiscal_year")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of time, in UTC milliseconds, and the zone whose calendar cut it."""

    start_ms: int
    end_ms: int
    zone: str


@lru_cache(maxsize=65_536)
def midnight(zone: str, year: int, month: int, day: int) -> int:
    """UTC milliseconds of the first instant of a local date, also where 00:00 does not exist.

    Raises:
        Stop: unknown zone, or a date outside its data (1990 to 2040).
        ValueError: not a date.
    """
    return instant_of(zone, date(year, month, day), 0)


def instant_of(zone: str, day: date, minute: int) -> int:
    """UTC milliseconds when a zone's clock first shows a minute of a day, or has passed it.

    Raises:
        Stop: unknown zone, or a date outside its data (1990 to 2040).
    """
    rows = table(zone)
    wall = (day.toordinal() - _EPOCH) * DAY + minute * MINUTE
    if not START_MS + DAY <= wall < END_MS:
        msg = f"{day} is outside the zone data (1990 to 2040)"
        raise Stop(msg)
    row = bisect_right(rows, wall - DAY, key=itemgetter(0)) - 1
    while True:
        since, offset = rows[row]
        until = rows[row + 1][0] if row + 1 < len(rows) else END_MS
        first = max(since, wall - offset * MINUTE)
        if first < until:
            return first
        row += 1


def day_of(zone: str, ms: int) -> date:
    """The local day whose span holds an instant.

    Raises:
        Stop: unknown zone, or an instant outside its data (1990 to 2040).
    """
    day = date.fromordinal((ms + offset_minutes(zone, ms) * MINUTE) // DAY + _EPOCH)
    following = day + _ONE_DAY
    return following if ms >= _midnight(zone, following) else day


@lru_cache(maxsize=65_536)
def local(zone: str, ms: int) -> str:
    """What the wall clock says: ISO 8601 with the offset, `1999-01-01T00:00:00+02:00`.

    Milliseconds appear only where there are any.

    Raises:
        Stop: unknown zone, or an instant outside its data (1990 to 2040).
    """
    offset = offset_minutes(zone, ms)
    hours, minutes = divmod(abs(offset), 60)
    wall = instant(ms + offset * MINUTE)[:-1].removesuffix(".000")
    return f"{wall}{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def spans(zone: str, start: date, end: date, grain: str | None) -> list[Span]:
    """The periods of a grain from local date `start` until, not including, `end`.

    The first and the last are cut at `start` and `end`. Weeks start on Monday (ISO 8601),
    fiscal years on 1 April; the quarters of a fiscal year are those of the calendar. Within a
    day, hours and their parts run in elapsed time from its first instant: a day of 25 hours
    has 100 quarters of an hour. Without a grain, one span.

    Raises:
        Stop: unknown zone or grain, or a date outside the zone's data (1990 to 2040).
        ValueError: `end` is before `start`.
    """
    if end < start:
        msg = f"end {end} is before start {start}"
        raise ValueError(msg)
    if grain is not None and grain not in GRAINS:
        msg = f"grain {grain!r} is not one of {', '.join(GRAINS)}"
        raise Stop(msg)
    following = _CALENDAR.get(grain or "all", _tomorrow)
    cuts = [_midnight(zone, day) for day in _starts(start, end, following)]
    step = _ELAPSED.get(grain or "", END_MS - START_MS)
    return [part for since, until in pairwise(cuts) for part in _cut(zone, since, until, step)]


def _starts(start: date, end: date, following: Callable[[date], date]) -> Iterator[date]:
    while start < end:
        yield start
        start = following(start)
    yield end


def _cut(zone: str, since: int, until: int, step: int) -> Iterator[Span]:
    for start in range(since, until, step):
        yield Span(start, min(start + step, until), zone)


def _midnight(zone: str, day: date) -> int:
    return midnight(zone, day.year, day.month, day.day)


def _tomorrow(day: date) -> date:
    return day + _ONE_DAY


def _monday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _quarter(day: date) -> date:
    last = (day.month + 2) // 3 * 3  # the quarter's last month
    return _month(date(day.year, last, 1))


def _april(day: date) -> date:
    return date(day.year + (day.month >= _FISCAL_START), _FISCAL_START, 1)


_ELAPSED = {"quarter_hour": QUARTER_HOUR, "half_hour": 2 * QUARTER_HOUR, "hour": HOUR}
#: The next period's first day, after any day.
_CALENDAR: dict[str, Callable[[date], date]] = {
    "day": _tomorrow,
    "week": _monday,
    "month": _month,
    "quarter": _quarter,
    "fiscal_year": _april,
    "all": lambda _: date.max,
}
