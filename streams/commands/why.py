"""Why a figure is no longer what it was, or not what it is in another period.

FIGURE is MEASURE[@VERSION]/PERIOD[/dimension=value,...], such as
answer.rate/2026-01/department=ircc. What was recorded as final (--was finals), or kept in a gate's
report or a baseline, is taken to what it is now in steps that add up: the rules, the definition,
late data, the clock, each with the contacts whose contribution changed. With --with, the
difference between two periods: definition, volume, mix, and change within groups.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date

import msgspec

from schemas.errors import DeadLetter
from schemas.measures import MEASURES, Kind
from schemas.record import DIMENSIONS
from schemas.reference import FORMS, Reference, period, reference
from streams.commands.patience import patiently
from streams.commands.why_between import between
from streams.commands.why_shown import between_as_json, between_as_table, since_as_table
from streams.commands.why_since import since
from streams.core.comparing import last_year, previous
from streams.finals.kept import FINALS, kept
from streams.home import Home
from streams.tables.definitions import in_force

_PERIODS = {"previous": previous, "last-year": last_year}


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("figure", metavar="FIGURE", help="its reference")
    parser.add_argument(
        "--was",
        default=FINALS,
        metavar="WHERE",
        help="what it is compared with: `finals` (default), a gate's report (its file), or a "
        "baseline (its name)",
    )
    parser.add_argument(
        "--with",
        dest="other",
        metavar="PERIOD",
        help=f"another period instead: previous, last-year, or {FORMS}",
    )
    parser.add_argument(
        "--mix",
        choices=DIMENSIONS,
        default="queue",
        help="with --with, what makes the groups (default: queue)",
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """Take the difference apart, and print it."""
    home, named, definitions = Home(args.data), reference(args.figure), in_force(args.data)
    if named.version is not None:
        definitions.edition(named.measure, named.version)
    if MEASURES[named.measure].kind is Kind.REMAINDER:
        msg = f"{named}: a remainder has no contacts of its own (vouch reconcile shows it)"
        raise DeadLetter(msg)
    home.check()
    if args.other is not None:
        found = between(home, named, _days(named, args.other), definitions, args.mix)
        table, plain = (
            between_as_table(named, found, args.mix),
            between_as_json(named, found, args.mix),
        )
    else:
        before = kept(home.data, named, args.was)
        changes = patiently(lambda: since(home, named, definitions, before))
        table, plain = since_as_table(changes), msgspec.json.encode(changes)
    print(msgspec.json.format(plain).decode() if args.format == "json" else table)
    return 0


def _days(named: Reference, other: str) -> tuple[date, date]:
    if other in _PERIODS:
        beside = _PERIODS[other](named.start, named.end)
        return beside.start, beside.end
    return period(other)
