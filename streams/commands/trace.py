"""From a figure to the evidence behind it, or from a contact to the figures that it is part of.

A name whose part before the first / is a measure (with or without @VERSION) is a figure, such as
answer.rate/2026-01/department=ircc; any other is the id of a contact, a shift or a declared total.
--contact says that it is an id, whatever it looks like. Events are shown by their positions in the
archive, with the commits and files that hold them; `vouch contact` shows what they say.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

import msgspec

from schemas.errors import DeadLetter
from schemas.measures import MEASURES
from schemas.reference import Reference, reference
from streams.commands.patience import patiently
from streams.commands.progress import bar
from streams.commands.sample import as_of_argument, moment, rows
from streams.commands.trace_shown import contact_as_table, contacts_as_csv, figure_as_table
from streams.home import Home
from streams.tables.definitions import in_force
from streams.tracing.archive import Archive, archived
from streams.tracing.contact import GRAINS
from streams.tracing.figure import sought
from streams.tracing.from_contact import ContactTrace, everyone, trace_contact
from streams.tracing.from_figure import FigureTrace, trace_figure

FORMATS = ("table", "json", "csv")


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", metavar="NAME", help="a figure's reference, or an id")
    which.add_argument("--contact", metavar="ID", help="an id, whatever it looks like")
    as_of_argument(parser)
    parser.add_argument(
        "--contacts",
        action="store_true",
        help="of a figure: list its contacts with what they contribute (--format csv: only them)",
    )
    parser.add_argument(
        "--by", choices=GRAINS, default="day", help="of a contact: the periods of its figures"
    )
    parser.add_argument(
        "--across",
        action="store_true",
        help="of a contact: also the measures that rest on other contacts; reads all of the "
        "archive",
    )
    parser.add_argument("--format", choices=FORMATS, default="table")


def run(args: Namespace) -> int:
    """Trace, and print."""
    home = Home(args.data)
    home.check()
    if args.contact is None and is_figure(args.name):
        named = reference(args.name)
        traced = patiently(lambda: _figure(home, named, args))
        shown = contacts_as_csv if args.format == "csv" else figure_as_table
        sys.stdout.write(_json(traced) if args.format == "json" else shown(traced))
        return 0
    if args.format == "csv":
        msg = "--format csv lists the contacts behind a figure"
        raise DeadLetter(msg)
    found = patiently(lambda: _contact(home, args))
    sys.stdout.write(_json(found) if args.format == "json" else contact_as_table(found))
    return 0


def is_figure(name: str) -> bool:
    """Whether a name is a figure's reference, and not the id of a contact."""
    return name.partition("/")[0].partition("@")[0] in MEASURES


def _json(found: FigureTrace | ContactTrace) -> str:
    return msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"


def _figure(home: Home, named: Reference, args: Namespace) -> FigureTrace:
    listed = args.contacts or args.format == "csv"
    with archived(home) as (evidence, archive):
        figure = sought(home.data, named, moment(evidence, args.as_of))
        with bar("folding", rows(evidence)) as advance:
            return trace_figure(archive, evidence, figure, advance, listed=listed)


def _contact(home: Home, args: Namespace) -> ContactTrace:
    try:
        return _traced(home, args.contact or args.name, args)
    except DeadLetter as error:
        if args.contact is None and "/" in args.name:
            msg = f"{error}; it is no figure either: a figure's name begins with a measure"
            raise DeadLetter(msg) from error
        raise


def _traced(home: Home, contact: str, args: Namespace) -> ContactTrace:
    definitions = in_force(home.data)
    if not args.across:
        archive = Archive(home.archive)
        now = archive.newest_ms() if args.as_of is None else args.as_of
        if now is None:
            msg = f"nothing is archived in {home.data}"
            raise DeadLetter(msg)
        return trace_contact(home, archive, contact, now, definitions, args.by)
    with archived(home) as (evidence, archive), bar("folding", rows(evidence)) as advance:
        as_of = moment(evidence, args.as_of)
        others = [*everyone(evidence, as_of, advance)]
        return trace_contact(home, archive, contact, as_of, definitions, args.by, others)
