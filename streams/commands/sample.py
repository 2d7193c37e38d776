"""A sample of the contacts behind a figure, as an auditor's working paper.

FIGURE is MEASURE[@VERSION]/PERIOD[/dimension=value,...], such as
answer.rate/2026-01/department=ircc. The contacts are those in its denominator, or counted. They
are told apart by whether they are in the numerator and by what became of them, and drawn by the
smallest SHA-256 of the seed and their ids: the same seed gives the same sample to anybody. Only
the archive is read. Callers' tokens are not told unless that is asked for.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

import msgspec

from schemas.errors import DeadLetter
from schemas.reference import Reference, reference
from streams.commands.options import count, when
from streams.commands.patience import patiently
from streams.commands.progress import bar
from streams.commands.sample_shown import as_csv, as_table
from streams.gateway.typography import LANGUAGES
from streams.home import Home
from streams.recounting.evidence import Evidence
from streams.tracing.archive import archived
from streams.tracing.behind import BY
from streams.tracing.figure import sought
from streams.tracing.forms import Paper
from streams.tracing.paper import OUTCOME, Plan, paper

_SAID = (OUTCOME, "place")  # what strata always differ by, and what it is called of phone contacts


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("figure", metavar="FIGURE", help="its reference")
    parser.add_argument("--n", type=count, default=60, help="how many contacts (default: 60)")
    parser.add_argument(
        "--seed", required=True, help="any text; to be chosen once the figure is known"
    )
    parser.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="NAME",
        help=f"what strata differ by beside, of {', '.join((_SAID[1], *BY))}; repeat, or use "
        "commas",
    )
    as_of_argument(parser)
    parser.add_argument(
        "--with-callers", action="store_true", help="tell callers' tokens, as far as keys are here"
    )
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")


def as_of_argument(parser: ArgumentParser) -> None:
    """Declare the option that says what is read."""
    parser.add_argument(
        "--as-of",
        type=when,
        metavar="INSTANT",
        help="what happened later is not counted, such as 2026-01-05T12:00:00Z; by default, the "
        "newest archived event",
    )


def run(args: Namespace) -> int:
    """Draw the sample, and print the paper."""
    home, named = Home(args.data), reference(args.figure)
    plan = Plan(args.n, args.seed, _by(args.by), args.with_callers, args.lang)
    home.check()
    found = patiently(lambda: _paper(home, named, args.as_of, plan))
    if args.format == "json":
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    elif args.format == "csv":
        sys.stdout.write(as_csv(found))
    else:
        sys.stdout.write(as_table(found, args.lang))
    return 0


def _paper(home: Home, named: Reference, as_of: int | None, plan: Plan) -> Paper:
    with archived(home) as (evidence, archive):
        figure = sought(home.data, named, moment(evidence, as_of))
        with bar("folding", rows(evidence)) as advance:
            return paper(archive, evidence, figure, plan, advance)


def rows(evidence: Evidence) -> int:
    """How many there are to be read."""
    return sum(piece.rows for pieces in evidence.partitions.values() for piece in pieces)


def moment(evidence: Evidence, as_of: int | None) -> int:
    """What was asked for, else when the newest archived event happened.

    Raises:
        DeadLetter: none says when.
    """
    found = evidence.newest_ms if as_of is None else as_of
    if found is None:
        msg = "no archived event says when it happened"
        raise DeadLetter(msg)
    return found


def _by(given: list[str]) -> tuple[str, ...]:
    names = [word.strip() for text in given for word in text.split(",") if word.strip()]
    unknown = [name for name in names if name not in (*_SAID, *BY)]
    if unknown:
        msg = f"--by {', '.join(unknown)}: not one of {', '.join((_SAID[1], *BY))}"
        raise DeadLetter(msg)
    return tuple(dict.fromkeys(name for name in names if name in BY))
