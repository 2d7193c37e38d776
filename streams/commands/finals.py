"""Final figures, recorded: from then on a change of one is a restatement, with its reason.

`vouch finals --from 2026-01-01 --to 2026-02-01 --by department` records those that are final;
without a period, the ledger is listed. A recorded figure that has changed needs --reason, and
--correction where something had been wrong. Beside each figure is kept what it rested on: up to
where events were counted, and digests of its definition and of the tables.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter

from schemas.errors import DeadLetter
from streams.commands import questions
from streams.commands.options import day
from streams.core.registers import COHORT
from streams.embedded import Embedded
from streams.finals.ledger import Kind, Ledger, Record

_SHOWN = 20


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, help="first local day")
    parser.add_argument("--to", dest="end", type=day, help="the day after the last")
    questions.arguments(parser)
    parser.add_argument("--reason", default="", help="why recorded figures have changed")
    parser.add_argument("--correction", action="store_true", help="something had been wrong")


def run(args: Namespace) -> int:
    """Record, or list."""
    home = Embedded(args.data)
    if (args.start is None) != (args.end is None):
        msg = "a period has --from and --to; without both, the ledger is listed"
        raise DeadLetter(msg)
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


def _line(record: Record) -> str:
    figure = record.figure
    place = " ".join(f"{name} {value or 'unknown'}" for name, value in figure.dimensions.items())
    since, until = figure.period.start[:16], figure.period.end[:16]
    words = f"{figure.measure} v{figure.version}, {since} to {until} {place}".rstrip()
    parts = [f"{n:,}" for n in (figure.numerator, figure.denominator) if n is not None]
    words += "" if figure.in_force else ", not in force"
    said = f"{record.kind:<9} {words}: {' / '.join(parts) or 'unknown'}"
    return said + (f" ({record.reason})" if record.reason else "")
