"""Write `schemas/data/holidays.toml`: the federal holidays of public servants, year by year.

`python -m tests.tools.write_holidays > schemas/data/holidays.toml` after a change of the rules
below. Rules live here and dates in the table, so that a date can be checked without a rule.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

YEARS = range(2015, 2031)
EVERYWHERE = ("ca-federal-on", "ca-federal-qc", "ca-federal-pei")
OUTSIDE_QUEBEC = ("ca-federal-on", "ca-federal-pei")
QUEBEC = ("ca-federal-qc",)

HEADER = f"""\
# Holidays of federal public servants, {YEARS[0]} to {YEARS[-1]}, as days on which sites are closed.
# Written by tests/tools/write_holidays.py: do not edit. One-off closures are in calendars.toml.
# One that falls on a day of rest is kept on the next working day; `moved_from` is its own date.
"""
ROW = """
[[closure]]
day = {day}
sites = [{sites}]
en = "{en}"
fr = "{fr}"
source = "{source}"
"""


class Holiday(NamedTuple):
    en: str
    fr: str
    source: str
    rule: Callable[[int], date]
    sites: tuple[str, ...] = EVERYWHERE
    since: int = YEARS[0]


def fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def monday(month: int, first: int) -> Callable[[int], date]:
    """The first Monday on or after a day of a month."""

    def rule(year: int) -> date:
        start = date(year, month, first)
        return start + timedelta(days=-start.weekday() % 7)

    return rule


def from_easter(days: int) -> Callable[[int], date]:
    return lambda year: easter(year) + timedelta(days=days)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - century // 4 - correction + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


HOLIDAYS = (
    Holiday("New Year’s Day", "Jour de l’An", "interpretation-act", fixed(1, 1)),
    Holiday("Good Friday", "Vendredi saint", "interpretation-act", from_easter(-2)),
    Holiday("Easter Monday", "Lundi de Pâques", "interpretation-act", from_easter(1)),
    Holiday("Victoria Day", "Fête de Victoria", "holidays-act", monday(5, 18)),
    Holiday("Saint-Jean-Baptiste Day", "Saint-Jean-Baptiste", "agreement-additional",
            fixed(6, 24), QUEBEC),
    Holiday("Canada Day", "Fête du Canada", "holidays-act", fixed(7, 1)),
    Holiday("Civic Holiday", "Premier lundi d’août", "agreement-additional",
            monday(8, 1), OUTSIDE_QUEBEC),
    Holiday("Labour Day", "Fête du Travail", "interpretation-act", monday(9, 1)),
    Holiday("National Day for Truth and Reconciliation",
            "Journée nationale de la vérité et de la réconciliation",
            "truth-and-reconciliation-act", fixed(9, 30), since=2021),
    Holiday("Thanksgiving", "Action de grâces", "thanksgiving-proclamation", monday(10, 8)),
    Holiday("Remembrance Day", "Jour du Souvenir", "holidays-act", fixed(11, 11)),
    Holiday("Christmas Day", "Noël", "interpretation-act", fixed(12, 25)),
    Holiday("Boxing Day", "Lendemain de Noël", "agreement", fixed(12, 26)),
)  # fmt: skip


def table() -> str:
    """The text of `schemas/data/holidays.toml`."""
    return HEADER + "".join(row for year in YEARS for row in _year(year))


def _year(year: int) -> Iterator[str]:
    """Those on weekdays keep their days; the others move to the next that are free."""
    due = [(holiday, holiday.rule(year)) for holiday in HOLIDAYS if year >= holiday.since]
    kept: dict[date, tuple[Holiday, date]] = {}
    for holiday, day in sorted(due, key=lambda pair: (pair[1].weekday() > 4, pair[1])):
        free = day
        while free.weekday() > 4 or free in kept:
            free += timedelta(days=1)
        kept[free] = (holiday, day)
    for day, (holiday, own) in sorted(kept.items()):
        yield _row(holiday, day, own)


def _row(holiday: Holiday, day: date, own: date) -> str:
    sites = ", ".join(f'"{site}"' for site in holiday.sites)
    moved = f"moved_from = {own}\n" if own != day else ""
    text = ROW.format(day=day, sites=sites, en=holiday.en, fr=holiday.fr, source=holiday.source)
    return text + moved


if __name__ == "__main__":
    sys.stdout.write(table())
