"""When departments are open, as tables that the published SQL joins: data, not code."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from schemas.business import BusinessDay, business_days
from schemas.calendars import book
from schemas.departments import DEPARTMENTS
from schemas.hours import sessions, table

#: The tables and their columns.
OPENINGS: dict[str, dict[str, str]] = {
    "business_days": {
        "department": "VARCHAR",
        "number": "BIGINT",
        "opens_ms": "BIGINT",
        "closes_ms": "BIGINT",
        "worked_ms": "BIGINT",
    },
    "sessions": {"department": "VARCHAR", "start_ms": "BIGINT"},
}
Departments = Iterable[str | None]
Values = tuple[str | int | None, ...]  # the department, then integers


def departments() -> list[str | None]:
    """The departments with a zone, a calendar or hours of their own; null for all others."""
    named = {row.id for row in DEPARTMENTS}
    named |= {row.department for row in book().assignments}
    named |= {row.department for row in table().hours}
    return [*sorted(named), None]


def rows(name: str, of: Departments, start_ms: int, end_ms: int) -> Iterator[Values]:
    """The rows of a table of `OPENINGS` that instants between two, both included, may need."""
    table = _days if name == "business_days" else _starts
    for department in of:
        yield from ((department, *row) for row in table(department, start_ms, end_ms))


def _days(department: str | None, start_ms: int, end_ms: int) -> Sequence[BusinessDay]:
    """From the first that closes after the start to the first that closes after the end."""
    days = business_days(department)
    first, last = (bisect_right(days, ms, key=attrgetter("closes_ms")) for ms in (start_ms, end_ms))
    return days[min(first, len(days) - 1) : last + 1]


def _starts(department: str | None, start_ms: int, end_ms: int) -> Sequence[tuple[int]]:
    """Starts of sessions; what lies before the first there is belongs to it."""
    first, *later = sessions(department, start_ms, end_ms + 1)
    return [(start,) for start in (min(first, start_ms), *later)]
