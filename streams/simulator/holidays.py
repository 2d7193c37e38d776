"""The business days of a department, by local date."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache

from schemas.business import BusinessDay, business_days
from schemas.departments import zone_of
from schemas.periods import day_of

SATURDAY = 5


@cache
def _days(department: str) -> dict[date, BusinessDay]:
    zone = zone_of(department)
    return {day_of(zone, day.opens_ms): day for day in business_days(department)}


def business_day(department: str, day: date) -> BusinessDay | None:
    """When the department's offices open and close; None where they stay closed."""
    return _days(department).get(day)


@lru_cache(maxsize=4096)
def is_holiday(department: str, day: date) -> bool:
    """Whether it is a weekday on which the department's offices stay closed."""
    return day.weekday() < SATURDAY and day not in _days(department)
