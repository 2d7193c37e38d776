"""Phone opening hours by department, and the opening sessions that they cut time into.

A session begins when the phones open and runs until they open again, so that sessions tile
time: what comes after closing still belongs to the session that closed. Where a department has
no hours (yet), each local day is a session.

Hours are rows of `data/hours.toml`; on a closure of the department's site (`schemas.calendars`)
its phones are closed too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from functools import cache, lru_cache

from schemas.business import OpeningTime, spans
from schemas.calendars import book
from schemas.closures import Source
from schemas.departments import zone_of
from schemas.periods import spans as periods
from schemas.tables import Row, read, refuse, text
from schemas.weeks import FIRST_DAY, LAST_DAY, Hours, weekly, wrong

FILE = "hours.toml"


class PhoneHours(Hours, frozen=True):
    """Phone hours of a department."""

    department: str


class Table(Row, frozen=True):
    """`hours.toml`."""

    source: tuple[Source, ...] = ()
    hours: tuple[PhoneHours, ...] = ()


@cache
def table() -> Table:
    """The hours that come with the package."""
    return bind(FILE, text(FILE))


def bind(name: str, toml: str) -> Table:
    """Hours out of TOML text; `name` is the file, for messages.

    Raises:
        Malformed: as `schemas.tables.read`; hours that close before they open, or are there
            twice; a source that is not listed.
    """
    found = read(name, toml, Table)
    sources = [row.id for row in found.source]
    for number, row in enumerate(found.hours):
        if row.source not in sources:
            problem = f"{row.source!r} is not one of {', '.join(sources)}"
            raise refuse(name, "hours", number, "source", problem)
    for number, field, problem in wrong((row.department, row) for row in found.hours):
        raise refuse(name, "hours", number, field, problem)
    return found


def session(department: str | None, ms: int) -> int:
    """When the opening session that an instant belongs to began, in UTC milliseconds.

    Sessions are known from 1999 to 2040; instants outside belong to the first or the last.
    """
    starts = _starts(department)
    return starts[max(bisect_right(starts, ms) - 1, 0)]


def sessions(department: str | None, start_ms: int, end_ms: int) -> list[int]:
    """The beginnings of all sessions that some instant of [start, end) belongs to, in order.

    For any such instant, `session` is the last of them that is not after it.
    """
    starts = _starts(department)
    first = max(bisect_right(starts, start_ms) - 1, 0)
    return list(starts[first : max(bisect_left(starts, end_ms), first + 1)])


@lru_cache(maxsize=1_024)
def phones(department: str | None) -> OpeningTime | None:
    """When a department's phones are open, 1999 to 2040; null where it has no hours."""
    own = tuple(row for row in table().hours if row.department == department)
    if not own:
        return None
    week = weekly(own)
    kept = [(since, calendar.less_closures(week)) for since, calendar in book().kept(department)]
    return OpeningTime(spans(kept, zone_of(department)))


@lru_cache(maxsize=1_024)
def _starts(department: str | None) -> tuple[int, ...]:
    opening, days = phones(department), _days(zone_of(department))
    if opening is None:
        return days
    opens = tuple(day.opens_ms for day in opening.days)
    return days[: bisect_left(days, opens[0])] + opens


@cache
def _days(zone: str) -> tuple[int, ...]:
    end = LAST_DAY + timedelta(days=1)
    return tuple(day.start_ms for day in periods(zone, FIRST_DAY, end, "day"))
