"""Final figures, recorded: from then on a change of one is a restatement, with its reason.

`vouch finals --from 2026-01-01 --to 2026-02-01 --by department` records those that are final;
without a period, the ledger is listed. A recorded figure that has changed needs --reason, and
--correction where something had been wrong. Beside each figure is kept what it rested on: up to
where events were counted, and digests of its definition and of the tables.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter

import msgspec

from schemas.board import Figure
from schemas.errors import DeadLetter
from streams.commands import questions
from streams.commands.options import day
from streams.core.basis import Basis, words
from streams.core.registers import COHORT
from streams.finals.ledger import Kind, Ledger, Record, latest
from streams.finals.moved import Moved, moved, requests, within
from streams.home import Home
from streams.tables.definitions import in_force

_SHOWN = 20


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, help="first local day")
    parser.add_argument("--to", dest="end", type=day, help="the day after the last")
    questions.arguments(parser)
    parser.add_argument(
        "--moved", action="store_true", help="only list what comes out otherwise than recorded"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table", help="of --moved")
    parser.add_argument("--reason", default="", help="why recorded figures have changed")
    parser.add_argument("--correction", action="store_true", help="something had been wrong")


def run(args: Namespace) -> int:
    """Record, or list."""
    home = Home(args.data)
    if (args.start is None) != (args.end is None):
        msg = "a period has --from and --to; without both, the ledger is listed"
        raise DeadLetter(msg)
    if args.moved:
        return _moved(home, args)
    if args.start is None:
        print("\n".join(map(_line, Ledger(home.data).records())) or "Nothing was recorded.")
        return 0
    (found, basis) = questions.found_for(home, questions.request_of(args), "live")
    kind: Kind = "corrected" if args.correction else "final"
    new = Ledger(home.data).record(found, COHORT, kind, args.reason.strip(), basis)
    print("".join(f"{_line(record)}\n" for record in new[:_SHOWN]), end="")
    if len(new) > _SHOWN:
        print(f"and {len(new) - _SHOWN:,} more (vouch finals lists all)")
    waiting = Counter(f.why for f in found if f.status in {"live", "provisional"})
    print(f"{len(new):,} recorded, {waiting.total():,} not final")
    for why, count in sorted(waiting.items()):
        print(f"  {count:,}: {why}")
    return 0


def _moved(home: Home, args: Namespace) -> int:
    """List what comes out otherwise."""
    if args.by or args.measure or args.reason or args.correction:
        msg = "--moved: of what was recorded, it can be narrowed by --from and --to only"
        raise DeadLetter(msg)
    records = within(Ledger(home.data).records(), args.start, args.end)
    figures: list[tuple[Figure, Basis]] = []
    for request in requests(records, in_force(home.data)):
        found, basis = questions.found_for(home, request, "live")
        figures += [(figure, basis(figure)) for figure in found if basis is not None]
    changes = [*moved(figures, records)]
    if args.format == "json":
        print(msgspec.json.format(msgspec.json.encode(changes)).decode())
        return 0
    print("".join(f"{_otherwise(one)}\n" for one in changes), end="")
    of = len(latest(records))
    print(f"{len(changes):,} of {of:,} recorded come out otherwise (vouch why takes one apart)")
    return 0


def _otherwise(one: Moved) -> str:
    was, now = one.was, one.now
    version = f" by version {now.version}" if now.version != was.version else ""
    because = words(*one.basis, "en") or "nothing that was kept beside it has changed"
    return f"{_named(was)}: was {_integers(was)}, is {_integers(now)}{version}; {because}"


def _line(record: Record) -> str:
    figure = record.figure
    said = f"{record.kind:<9} {_named(figure)}: {_integers(figure)}"
    return said + (f" ({record.reason})" if record.reason else "")


def _named(figure: Figure) -> str:
    place = " ".join(f"{name} {value or 'unknown'}" for name, value in figure.dimensions.items())
    since, until = figure.period.start[:16], figure.period.end[:16]
    said = f"{figure.measure} v{figure.version}, {since} to {until} {place}".rstrip()
    return said if figure.in_force else f"{said}, not in force"


def _integers(figure: Figure) -> str:
    parts = [f"{n:,}" for n in (figure.numerator, figure.denominator) if n is not None]
    return " / ".join(parts) or "unknown"
