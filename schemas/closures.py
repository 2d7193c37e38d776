"""One site's business calendar: hours by weekday, and closures by day, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from hashlib import sha256

import msgspec

from schemas.tables import Row
from schemas.weeks import Hours, Opening, Week, minutes, weekly


class Source(Row, frozen=True):
    """Where an entry comes from: an act, an article, a notice, or our own configuration."""

    id: str
    en: str
    fr: str


class Site(Row, frozen=True):
    """A place whose people keep the same days.

    Its closures are known from one day to another; on no day where it says nothing.
    """

    id: str
    en: str
    fr: str
    known_from: date | None = None
    known_to: date | None = None


class SiteHours(Hours, frozen=True):
    """Business hours of a site."""

    site: str


class Closure(Row, frozen=True):
    """A day on which some sites are closed or, where it says `closes`, close early.

    `moved_from` is the day of rest that the holiday falls on.
    """

    day: date
    sites: tuple[str, ...]
    en: str
    fr: str
    source: str
    closes: time | None = None
    moved_from: date | None = None


class Assignment(Row, frozen=True):
    """The site whose calendar a department keeps, from a day on."""

    department: str
    site: str
    effective_from: date


class Calendars(Row, frozen=True):
    """`calendars.toml`, and `holidays.toml`, which has closures only."""

    source: tuple[Source, ...] = ()
    site: tuple[Site, ...] = ()
    hours: tuple[SiteHours, ...] = ()
    closure: tuple[Closure, ...] = ()
    department: tuple[Assignment, ...] = ()


@dataclass(frozen=True)
class Calendar:
    """One site's hours and closures by local day.

    Attributes:
        closures: every entry of the site by its day, in order.
        sources: what its entries and hours name as their source.
    """

    site: Site
    hours: tuple[SiteHours, ...]
    closures: Mapping[date, Closure]
    sources: Mapping[str, Source]

    def opening(self, day: date) -> Opening | None:
        """When the site opens and closes on a day; null where it stays closed."""
        return self._own(day)

    def less_closures(self, week: Week) -> Week:
        """Other hours kept at the same site, phones' for one: closed, or cut short, as it is."""

        def opening(day: date) -> Opening | None:
            found, closure = week(day), self.closures.get(day)
            return _remaining(found, closure) if found and closure else found

        return opening

    def knows(self, day: date) -> bool:
        """Whether closures of a day would be in the table; elsewhere only weekdays count."""
        since, until = self.site.known_from, self.site.known_to
        return since is not None and since <= day <= (until or date.max)

    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal, published with figures.

        The form is JSON with sorted keys: site, hours, closures by day, sources by id.
        """
        closures = [
            {**msgspec.to_builtins(row), "sites": [self.site.id]} for row in self.closures.values()
        ]
        whole = [self.site, self.hours, closures, list(self.sources.values())]
        return sha256(msgspec.json.encode(whole, order="sorted")).hexdigest()

    @cached_property
    def _own(self) -> Week:
        return self.less_closures(weekly(self.hours))


def _remaining(opening: Opening, closure: Closure) -> Opening | None:
    closes = minutes(closure.closes) if closure.closes else 0
    return (opening[0], min(closes, opening[1])) if closes > opening[0] else None
