"""The calendars and the standards as the page shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from schemas import closures
from schemas.calendars import DEFAULT_SITE, Book, book
from schemas.closures import Calendar, Closure, SiteHours, Source
from schemas.departments import Department, department
from schemas.measures import MEASURES
from schemas.measures.kinds import Both
from schemas.measures.words import UNITS
from schemas.standards import STANDARDS, Action, Commitment, Standard, Unset
from streams.gateway.definitions.words import say, text
from streams.gateway.typography import FIXED, Language, number, percent

Named = closures.Site | Closure | Source | Department | Both
_WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
_WEEK = (*_WORKDAYS, "sat", "sun")


@dataclass(frozen=True, slots=True)
class ClosureLine:
    """A day on which a site is closed, and which of its sources says so, from 1."""

    day: str
    name: str
    source: int


@dataclass(frozen=True, slots=True)
class Site:
    """One calendar."""

    anchor: str
    name: str
    digest: str
    kept_by: list[str]
    hours: list[str]
    known: str
    closures: list[ClosureLine]
    sources: list[str]


@dataclass(frozen=True, slots=True)
class Promise:
    """A standard or a commitment: what is promised, of which measure, and when."""

    name: str
    text: str
    department: str
    where: str
    measure: str
    measure_name: str
    target: str
    when: str
    source: str


@dataclass(frozen=True, slots=True)
class Deed:
    """An action promised, and when it was done; or a channel that no standard was set for."""

    name: str
    department: str
    due: str
    done: str
    source: str


@dataclass(frozen=True, slots=True)
class Promises:
    """All that was promised, and what was not."""

    standards: list[Promise]
    commitments: list[Promise]
    actions: list[Deed]
    unset: list[Deed]


def sites(language: Language) -> list[Site]:
    """Every calendar of the package, with its digest."""
    known = book()
    return [_site(calendar, known, language) for calendar in known.calendars.values()]


def _site(calendar: Calendar, known: Book, language: Language) -> Site:
    site = calendar.site
    return Site(
        anchor=f"calendar-{site.id}",
        name=_own(site, language),
        digest=calendar.digest(),
        kept_by=list(_keepers(site.id, known, language)),
        hours=[_hours(row, language) for row in calendar.hours],
        known=_known(site.known_from, site.known_to, language),
        closures=[_closure(row, calendar, language) for row in calendar.closures.values()],
        sources=[_own(source, language) for source in calendar.sources.values()],
    )


def _keepers(site: str, known: Book, language: Language) -> Iterator[str]:
    for row in known.assignments:
        if row.site == site:
            name, since = _department(row.department, language), row.effective_from
            yield say(language, "since", name=name, date=since.isoformat())
    if site == DEFAULT_SITE:
        yield say(language, "kept_by_rest")


def _hours(row: SiteHours, language: Language) -> str:
    whole = {_WORKDAYS: "workdays", _WEEK: "everyday"}.get(row.weekdays)
    days = say(language, whole) if whole else ", ".join(say(language, d) for d in row.weekdays)
    opens, closes = _clock(row.opens, language), _clock(row.closes, language)
    since = row.effective_from.isoformat()
    return say(language, "hours_since", days=days, opens=opens, closes=closes, date=since)


def _known(start: date | None, end: date | None, language: Language) -> str:
    if start is None or end is None:
        return say(language, "known_none")
    return say(language, "from_to", start=start.isoformat(), end=end.isoformat())


def _closure(row: Closure, calendar: Calendar, language: Language) -> ClosureLine:
    name = _own(row, language)
    if row.moved_from:
        name += f" ({say(language, 'moved', date=row.moved_from.isoformat())})"
    if row.closes:
        name += f" ({say(language, 'closes', time=_clock(row.closes, language))})"
    return ClosureLine(row.day.isoformat(), name, [*calendar.sources].index(row.source) + 1)


def promises(language: Language) -> Promises:
    """Every standard, commitment and action, and the channels that no standard was set for."""
    return Promises(
        [_promise(row, language) for row in STANDARDS.standard],
        [_promise(row, language) for row in STANDARDS.commitment],
        [_action(row, language) for row in STANDARDS.action],
        [_unset(row, language) for row in STANDARDS.unset],
    )


def _promise(row: Standard | Commitment, language: Language) -> Promise:
    words = row.en if language == "en" else row.fr
    measure = MEASURES[row.measure]
    where = row.where if isinstance(row, Standard) else {}
    return Promise(
        name=text(words.name, language),
        text=text(words.text, language),
        department=_department(row.department, language),
        where=", ".join(f"{name} = {value}" for name, value in where.items()),
        measure=row.measure,
        measure_name=text((measure.en if language == "en" else measure.fr).name, language),
        target=_target(row, measure.unit, language),
        when=_force(row, language) if isinstance(row, Standard) else row.due.isoformat(),
        source=row.source,
    )


def _target(row: Standard | Commitment, unit: str, language: Language) -> str:
    bound = "at_least" if row.better == "higher" else "at_most"
    said = say(language, bound, value=_value(row.target, unit, language))
    if isinstance(row, Standard):
        return said
    return f"{said} ({say(language, 'from_value', value=_value(row.baseline, unit, language))})"


def _value(value: str, unit: str, language: Language) -> str:
    plain = value.rstrip("0").rstrip(".") if "." in value else value
    if unit == "%":
        return percent(plain, language)
    return f"{number(plain, language)} {_own(UNITS[unit], language)}"


def _force(row: Standard, language: Language) -> str:
    start = row.effective_from.isoformat()
    if row.effective_to is None:
        return say(language, "from", date=start)
    return say(language, "from_to", start=start, end=row.effective_to.isoformat())


def _action(row: Action, language: Language) -> Deed:
    done = row.done.isoformat() if row.done else say(language, "not_known")
    place = _department(row.department, language)
    return Deed(_named(row, language), place, row.due.isoformat(), done, row.source)


def _unset(row: Unset, language: Language) -> Deed:
    return Deed(_named(row, language), _department(row.department, language), "", "", row.source)


def _named(row: Action | Unset, language: Language) -> str:
    return text((row.en if language == "en" else row.fr).name, language)


def _own(row: Named, language: Language) -> str:
    return text(row.en if language == "en" else row.fr, language)


def _department(name: str, language: Language) -> str:
    row = department(name)
    return _own(row, language) if row else name


def _clock(moment: time, language: Language) -> str:
    """08:30, or 8 h 30."""
    if language == "en":
        return f"{moment:%H:%M}"
    return f"{moment.hour}{FIXED}h" + (f"{FIXED}{moment:%M}" if moment.minute else "")
