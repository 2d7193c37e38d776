"""Final figures, recorded: from then on a change of one is a restatement, with its reason.

`vouch finals --from 2026-01-01 --to 2026-02-01 --by department` records those that are final;
without a period, the ledger is listed. A recorded figure that has changed needs --reason, and
--correction where something had been wrong.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from streams.commands import measures
from streams.commands.options import day
from streams.core.registers import COHORT
from streams.embedded import Embedded
from streams.ledger import Kind, Ledger, Record


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, help="first local day")
    parser.add_argument("--to", dest="end", type=day, help="the day after the last")
    parser.add_argument("--by", action="append", default=[], metavar="NAME", help="as in measures")
    parser.add_argument("--measure", action="append", default=[], metavar="ID")
    parser.add_argument("--reason", default="", help="why a recorded figure has changed")
    parser.add_argument("--correction", action="store_true", help="something had been wrong")


def run(args: Namespace) -> int:
    """Record, or list."""
    home = Embedded(args.data)
    ledger = Ledger(home.data / "finals.jsonl")
    if args.start is None or args.end is None:
        print("\n".join(map(_line, ledger.records())) or "Nothing was recorded as final.")
        return 0
    args.attribution = COHORT
    found = measures.ask_for(home, measures.request_of(args), "live")
    kind: Kind = "corrected" if args.correction else "final"
    new = ledger.record(found, COHORT, kind, args.reason)
    for record in new:
        print(_line(record))
    waiting = [figure for figure in found if figure.status in {"live", "provisional"}]
    print(f"{len(new):,} recorded, {len(waiting):,} not final")
    for why in sorted({figure.why for figure in waiting}):
        print(f"  {sum(figure.why == why for figure in waiting):,}: {why}")
    return 0


def _line(record: Record) -> str:
    figure = record.figure
    place = " ".join(f"{name} {value}" for name, value in figure.dimensions.items())
    number = f"{figure.numerator}" + (f" / {figure.denominator}" if figure.denominator else "")
    words = f"{figure.measure} v{figure.version} {figure.period.start[:10]} {place}".rstrip()
    return f"{record.kind:<9} {words}: {number}" + (f" ({record.reason})" if record.reason else "")
