"""Business calendars: our own dated table for each site, with the source of every entry.

`data/calendars.toml` holds the sites, their hours, one-off closures and which department keeps
whose calendar; `data/holidays.toml` holds the holidays, every year written out. Nothing is
computed from a rule here: what is not in the tables is not a closure, and `known_from` and
`known_to` of a site say for which days they are meant to be complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import attrgetter

from schemas.closures import Assignment, Calendar, Calendars, Closure, Site, Source
from schemas.errors import Malformed
from schemas.tables import read, refuse, text
from schemas.weeks import wrong

DEFAULT_SITE = "mon-fri"


@dataclass(frozen=True)
class Book:
    """Every calendar by its site's id, and the rows that say which department keeps which."""

    calendars: Mapping[str, Calendar]
    assignments: tuple[Assignment, ...]

    def calendar(self, site: str) -> Calendar:
        """A site's calendar.

        Raises:
            Malformed: there is no such site; the message lists those there are.
        """
        if site not in self.calendars:
            raise Malformed("site", f"{site!r} is not one of {', '.join(self.calendars)}")
        return self.calendars[site]

    def kept(self, department: str | None) -> tuple[tuple[date, Calendar], ...]:
        """The calendars that a department keeps, each from a day on, in order.

        Monday to Friday until the first that is named, and where none is.
        """
        rows = (row for row in self.assignments if row.department == department)
        named = tuple((row.effective_from, self.calendars[row.site]) for row in rows)
        return ((date.min, self.calendars[DEFAULT_SITE]), *named)

    def of(self, department: str | None, day: date) -> Calendar:
        """The calendar that a department keeps on a day."""
        return [calendar for since, calendar in self.kept(department) if since <= day][-1]


@cache
def book() -> Book:
    """The calendars that come with the package."""
    return bind(*((name, text(name)) for name in ("calendars.toml", "holidays.toml")))


def bind(*files: tuple[str, str]) -> Book:
    """Calendars out of tables: pairs of a file's name and its TOML.

    Raises:
        Malformed: as `schemas.tables.read`; a row that names no site or source there is, hours
            that close before they open, two entries for one day of a site, a site without hours.
    """
    tables = {name: read(name, toml, Calendars) for name, toml in files}
    sites = {row.id: row for table in tables.values() for row in table.site}
    sources = {row.id: row for table in tables.values() for row in table.source}
    for name, table in tables.items():
        _check(name, table, sites, sources)
    closures = [row for table in tables.values() for row in table.closure]
    hours = [row for table in tables.values() for row in table.hours]
    assignments = [row for table in tables.values() for row in table.department]
    calendars = {}
    for key, site in sites.items():
        own = tuple(row for row in hours if row.site == key)
        if not own:
            raise Malformed(f"site {key}", "has no hours")
        days = _by_day(key, closures)
        named = sorted({row.source for row in own} | {row.source for row in days.values()})
        calendars[key] = Calendar(site, own, days, {name: sources[name] for name in named})
    return Book(calendars, tuple(sorted(assignments, key=attrgetter("effective_from"))))


def _by_day(site: str, closures: Sequence[Closure]) -> dict[date, Closure]:
    days: dict[date, Closure] = {}
    for row in sorted(closures, key=attrgetter("day")):
        if site in row.sites and days.setdefault(row.day, row) is not row:
            raise Malformed(f"closure of {site}: day", f"{row.day} is there twice")
    return days


def _check(
    name: str, table: Calendars, sites: Mapping[str, Site], sources: Mapping[str, Source]
) -> None:
    for section, number, field, named in _names(table):
        known = sources if field == "source" else sites
        if named not in known:
            problem = f"{named!r} is not one of {', '.join(known)}"
            raise refuse(name, section, number, field, problem)
    for number, field, problem in wrong([(row.site, row) for row in table.hours]):
        raise refuse(name, "hours", number, field, problem)


def _names(table: Calendars) -> Iterator[tuple[str, int, str, str]]:
    """What rows name: section, number, field, name."""
    for number, closure in enumerate(table.closure):
        yield from (("closure", number, "sites", site) for site in closure.sites)
        yield "closure", number, "source", closure.source
    for number, hours in enumerate(table.hours):
        yield "hours", number, "site", hours.site
        yield "hours", number, "source", hours.source
    for number, row in enumerate(table.department):
        yield "department", number, "site", row.site
