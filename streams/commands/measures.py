"""Figures of any period, from the live state or (--engine sql) from the Parquet by SQL.

Without --by, one figure for the whole period. Every figure says how certain it is: live,
provisional (and what it waits for), final, restated or corrected; none is published here.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase

from schemas.annotations import between
from schemas.board import Figure
from schemas.errors import DeadLetter
from schemas.measures import MEASURES, Kind
from schemas.periods import GRAINS
from schemas.record import DIMENSIONS
from schemas.topics import EVENTS
from sinks import tables
from streams import baselines
from streams.annotations import noted
from streams.commands.annotations import words
from streams.commands.intake import catch_up
from streams.commands.options import day
from streams.commands.patience import patiently
from streams.core.comparing import compare, fiscal_year_start, last_year, previous
from streams.core.figures import Answer, Ratio, figures
from streams.core.registers import INTERVAL
from streams.embedded import Embedded
from streams.ledger import Ledger
from streams.runtimes.asking import Request, ask, one_moment
from streams.runtimes.certainty import certainty


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    since = parser.add_mutually_exclusive_group(required=True)
    since.add_argument("--from", dest="start", type=day, help="first local day")
    since.add_argument("--to-date", action="store_true", help="from 1 April of the fiscal year on")
    parser.add_argument("--to", dest="end", type=day, required=True, help="the day after the last")
    parser.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="NAME",
        help=f"split by {', '.join(GRAINS)} and by {', '.join(DIMENSIONS)}; repeat, or use commas",
    )
    parser.add_argument(
        "--measure",
        action="append",
        default=[],
        metavar="ID",
        help="only these; repeat, use commas, or a pattern such as 'funnel.*'",
    )
    parser.add_argument(
        "--attribution",
        choices=("cohort", "interval"),
        default="cohort",
        help="count contacts when they arrived (default), or counts when they happened",
    )
    parser.add_argument(
        "--compare",
        metavar="WITH",
        help="with the `previous` period, `last-year`, or a baseline saved under a name",
    )
    parser.add_argument("--save", metavar="NAME", help="keep the figures as a baseline")
    parser.add_argument("--engine", choices=("live", "sql"), default="live")
    parser.add_argument("--format", choices=sorted(tables.FORMATS), default="table")


def run(args: Namespace) -> int:
    """Ask, and print the figures."""
    if args.to_date:
        args.start = fiscal_year_start(args.end - timedelta(days=1))
    home, request = Embedded(args.data), request_of(args)
    found = ask_for(home, request, args.engine)
    if args.format == "parquet" and sys.stdout.isatty():
        msg = "Parquet is not for the eye: send it to a file, such as > figures.parquet"
        raise DeadLetter(msg)
    if args.compare:
        found = compare(found, _others(home, request, args))
    if args.save:
        baselines.save(home.data, args.save, found)
    sys.stdout.buffer.write(tables.FORMATS[args.format](found, args.attribution))
    if args.format == "table":
        for note in between(noted(home.data), request.start, request.end):
            print(words(note, "en"))
    return 0


def _others(home: Embedded, request: Request, args: Namespace) -> list[Figure]:
    """What the figures are compared with."""
    shifted = {"previous": previous, "last-year": last_year}.get(args.compare)
    if shifted is None:
        return baselines.load(home.data, args.compare)
    start, end = shifted(request.start, request.end)
    return ask_for(home, replace(request, start=start, end=end), args.engine)


@dataclass(frozen=True, slots=True)
class _By:
    grain: str | None
    dimensions: tuple[str, ...]


def request_of(args: Namespace) -> Request:
    """What the options ask for.

    Raises:
        DeadLetter: a name that is not known, or a period that ends before it begins.
    """
    by = _by(_words(args.by))
    if args.end <= args.start:
        msg = f"--to {args.end} must be after --from {args.start}"
        raise DeadLetter(msg)
    chosen = _chosen(args.measure)
    counts = [name for name in chosen or MEASURES if MEASURES[name].kind is Kind.COUNT]
    if args.attribution == INTERVAL and not counts:
        msg = "--attribution interval: only counts have one; a rate or a mean has one cohort"
        raise DeadLetter(msg)
    return Request(args.start, args.end, by.grain, by.dimensions, chosen, args.attribution)


def ask_for(home: Embedded, request: Request, engine: str) -> list[Figure]:
    """The figures of a request by one of the engines, at the live state's `as_of`."""
    home.check()
    catch_up(home)
    found = patiently(lambda: _ask(home, request, engine))
    _say_what_waits(home)
    return found


def _say_what_waits(home: Embedded) -> None:
    """A server counts a moment after it has answered the producer."""
    with closing(home.log()) as log, home.stores() as stores:
        waiting = sum(
            log.bounds(EVENTS, number)[1] - store.progress()[0]
            for number, store in enumerate(stores)
        )
    if waiting > 0:
        print(f"vouch measures: {waiting:,} events are not counted yet", file=sys.stderr)


def _ask(home: Embedded, request: Request, engine: str) -> list[Figure]:
    recorded = Ledger(home.data / "finals.jsonl").latest()
    with home.stores() as stores, one_moment(stores):
        reply = ask(stores, request)
        certain = certainty(stores, reply, recorded, request.attribution)
    if reply.as_of is None:
        return []
    answers = reply.answers
    if engine == "sql":
        from streams.evidence import recomputed  # noqa: PLC0415  # an engine, only when asked for

        answers = recomputed(home, reply, request.attribution)
    if request.attribution == INTERVAL:
        answers = happened(answers, [measure.id for measure in reply.question.measures])
    return figures(reply.question, answers, reply.as_of, certain)


def happened(answers: Answer, measures: Sequence[str]) -> Answer:
    """By interval, a group is one in which something asked about happened; the rest is 0 there.

    Without this rule each engine would list the groups that its own bookkeeping touches.
    """
    nothing = Ratio(0, None)
    return {
        group: {measure: found.get(measure, nothing) for measure in measures}
        for group, found in answers.items()
        if any(ratio.numerator for ratio in found.values())
    }


def _words(given: list[str]) -> list[str]:
    return [word.strip() for text in given for word in text.split(",") if word.strip()]


def _by(names: list[str]) -> _By:
    unknown = [name for name in names if name not in (*GRAINS, *DIMENSIONS)]
    if unknown:
        known = ", ".join((*GRAINS, *DIMENSIONS))
        msg = f"--by {', '.join(unknown)}: not one of {known}"
        raise DeadLetter(msg)
    grains = [name for name in names if name in GRAINS]
    if len(grains) > 1:
        msg = f"--by {', '.join(grains)}: one length of period at a time"
        raise DeadLetter(msg)
    dimensions = tuple(dict.fromkeys(name for name in names if name in DIMENSIONS))
    return _By(grains[0] if grains else None, dimensions)


def _chosen(patterns: list[str]) -> tuple[str, ...]:
    chosen = []
    for pattern in _words(patterns):
        found = [name for name in MEASURES if fnmatchcase(name, pattern)]
        if not found:
            msg = f"--measure {pattern}: no such measure (vouch definitions lists them)"
            raise DeadLetter(msg)
        chosen += found
    return tuple(dict.fromkeys(chosen))
