"""Hours of opening by weekday, in force from a day on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, time
from typing import Literal

from schemas.tables import Row

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Opening = tuple[int, int]  # minutes of the local clock since midnight: opens, closes
Week = Callable[[date], Opening | None]  # the opening of a local day; null where closed

#: What tables of opening time cover; no event of ours is older, and zones are known until then.
FIRST_DAY, LAST_DAY = date(1999, 1, 1), date(2040, 12, 31)

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTES_OF_DAY = 24 * 60


class Hours(Row, frozen=True):
    """Hours of some weekdays from a day on, until rows of a later day replace the whole week.

    Closing at 00:00 is the end of the day.
    """

    effective_from: date
    weekdays: tuple[Weekday, ...]
    opens: time
    closes: time
    source: str


def weekly(rows: Sequence[Hours]) -> Week:
    """When a place with these hours opens and closes on a day; null where it stays closed."""
    since = sorted({row.effective_from for row in rows})
    weeks = [_week(row for row in rows if row.effective_from == day) for day in since]

    def opening(day: date) -> Opening | None:
        version = bisect_right(since, day) - 1
        return weeks[version].get(day.weekday()) if version >= 0 else None

    return opening


def _week(rows: Iterable[Hours]) -> dict[int, Opening]:
    return {
        _WEEK.index(name): (minutes(row.opens), minutes(row.closes) or _MINUTES_OF_DAY)
        for row in rows
        for name in row.weekdays
    }


def wrong(rows: Iterable[tuple[str, Hours]]) -> Iterator[tuple[int, str, str]]:
    """What is wrong with hours of places: the row's number from 0, the field, the problem."""
    seen = set()
    for number, (place, row) in enumerate(rows):
        if (minutes(row.closes) or _MINUTES_OF_DAY) <= minutes(row.opens):
            yield number, "closes", f"is {row.closes}, not after {row.opens}"
        if not row.weekdays:
            yield number, "weekdays", "is empty"
        for weekday in row.weekdays:
            if (place, row.effective_from, weekday) in seen:
                yield number, "weekdays", f"has {weekday} again from {row.effective_from}"
            seen.add((place, row.effective_from, weekday))


def minutes(clock: time) -> int:
    """Minutes since midnight; seconds are cut off."""
    return clock.hour * 60 + clock.minute
