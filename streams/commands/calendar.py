"""Business calendars: every dated entry with its source, or when something falls due.

vouch calendar                              the sites, their hours, their digests
vouch calendar ca-federal-qc --year 2026    closures of a site
vouch calendar --department ircc --after 2026-01-09T16:00 --hours 4
vouch calendar --department ircc --after 2026-01-09T16:00 --days 3
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta

from schemas import business
from schemas.calendars import book
from schemas.closures import Calendar, Closure
from schemas.departments import zone_of
from schemas.errors import DeadLetter
from schemas.instants import HOUR, SECOND
from schemas.periods import instant_of, local
from streams.commands.options import positive

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CENTURY = 1_000_000  # hours, and more than there are in the tables


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("site", nargs="?", help="print the entries of this site")
    parser.add_argument("--year", type=_year, help="only those of a year")
    parser.add_argument("--department", help="whose calendar tells what falls due when")
    parser.add_argument(
        "--after",
        type=_moment,
        help="since when: 2026-01-09T16:00 by the department's clock, or with an offset",
    )
    term = parser.add_mutually_exclusive_group()
    term.add_argument("--hours", type=positive, help="so much opening time later")
    term.add_argument("--days", type=_days, help="by closing of so many business days after day 0")


def run(args: Namespace) -> int:
    """Print what falls due, a calendar, or every site."""
    if args.department or args.after or args.hours or args.days is not None:
        print(_due(args))
    elif args.site:
        print("\n".join(_entries(book().calendar(args.site), args.year)))
    else:
        print("\n\n".join("\n".join(_heading(each)) for each in book().calendars.values()))
    return 0


def _due(args: Namespace) -> str:
    if not args.after or not (args.hours or args.days is not None) or args.site or args.year:
        msg = "what falls due needs --after, and --hours or --days, and no site or year"
        raise DeadLetter(msg)
    department, zone = args.department, zone_of(args.department)
    since = _instant(args.after, zone)
    if args.hours:
        due = business.later(department, since, round(min(args.hours, _CENTURY) * HOUR))
    else:
        due = business.deadline(department, since, args.days)
    days = business.business_days(department)
    if not days[0].opens_ms <= since < due < days[-1].closes_ms:
        msg = "business days are known from 1999 to 2040"
        raise DeadLetter(msg)
    known = business.known(department, since) and business.known(department, due)
    return local(zone, due) + ("" if known else "  (weekdays only: closures are not known)")


def _instant(after: datetime, zone: str) -> int:
    if after.tzinfo:
        return (after - _EPOCH) // timedelta(milliseconds=1)
    rest = after.second * SECOND + after.microsecond // 1_000
    return instant_of(zone, after.date(), after.hour * 60 + after.minute) + rest


def _heading(calendar: Calendar) -> Iterator[str]:
    site = calendar.site
    yield f"{site.id}: {site.en} / {site.fr}"
    for row in calendar.hours:
        week = ", ".join(row.weekdays)
        words = calendar.sources[row.source]
        yield f"  from {row.effective_from}: {week} {row.opens:%H:%M} to {row.closes:%H:%M}"
        yield f"    {words.en} / {words.fr}"
    known = f"known from {site.known_from} to {site.known_to}" if site.known_from else "not known"
    yield f"  closures {known}; elsewhere only weekdays count"
    yield f"  sha256 {calendar.digest()}"


def _entries(calendar: Calendar, year: int | None) -> Iterator[str]:
    yield from _heading(calendar)
    for row in calendar.closures.values():
        if year in (None, row.day.year):
            yield from _entry(row, calendar)
    if year and not calendar.knows(date(year, 12, 31)):
        yield f"  closures of {year} are not known"


def _entry(row: Closure, calendar: Calendar) -> Iterator[str]:
    source, indent = calendar.sources[row.source], " " * 16
    closes = f", closes at {row.closes:%H:%M}" if row.closes else ""
    moved = f", for {row.moved_from}" if row.moved_from else ""
    yield f"{row.day} {row.day:%a}  {row.en} / {row.fr}{moved}{closes}"
    yield f"{indent}{source.en}"
    yield f"{indent}{source.fr}"


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is not a moment such as 2026-01-09T16:00"
        raise ArgumentTypeError(msg) from error


def _days(text: str) -> int:
    if not text.isdecimal():
        msg = f"{text!r} is not a whole number of days"
        raise ArgumentTypeError(msg)
    return int(text)


def _year(text: str) -> int:
    if not (text.isdecimal() and MINYEAR <= int(text) <= MAXYEAR):
        msg = f"{text!r} is not a year such as 2026"
        raise ArgumentTypeError(msg)
    return int(text)
