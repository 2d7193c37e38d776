"""Figures of any period, from the live state or (--engine sql) from the Parquet by SQL.

Without --by, one figure for the whole period. Every figure says how certain it is: live,
provisional (and what it waits for), final, restated or corrected; none is published here. A
figure is of the version of its measure that is in force at the start of its period; while the
version before it is computed in parallel, that is given too.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from datetime import timedelta

from schemas.annotations import between
from schemas.board import Figure
from schemas.errors import DeadLetter
from sinks import tables
from streams.commands import questions
from streams.commands.annotations import words
from streams.commands.options import day
from streams.commands.questions import ask_all, ask_for, request_of
from streams.core.comparing import (
    Beside,
    baseline,
    compare,
    fiscal_year_start,
    last_year,
    previous,
)
from streams.finals import baselines
from streams.finals.baselines import Baseline
from streams.home import Home
from streams.runtimes.asking import Request
from streams.tables.annotations import noted

__all__ = ["arguments", "ask_for", "run"]
_PERIODS = {"previous": previous, "last-year": last_year}


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    since = parser.add_mutually_exclusive_group(required=True)
    since.add_argument("--from", dest="start", type=day, help="first local day")
    since.add_argument("--to-date", action="store_true", help="from 1 April of the fiscal year on")
    parser.add_argument("--to", dest="end", type=day, required=True, help="the day after the last")
    questions.arguments(parser)
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
    if args.format == "parquet" and sys.stdout.isatty():
        msg = "Parquet is not for the eye: send it to a file, such as > figures.parquet"
        raise DeadLetter(msg)
    if args.to_date:
        args.start = fiscal_year_start(args.end - timedelta(days=1))
    home, request = Home(args.data), request_of(args, args.attribution)
    notes = between(noted(home.data), request.start, request.end)
    kept = _kept(home, request, args.compare)
    beside = _beside(request, args.compare, kept)
    requests = [request]
    if beside is not None and kept is None:
        requests.append(replace(request, start=beside.start, end=beside.end))
    found, *then = ask_all(home, requests, args.engine)
    if args.save:
        baselines.save(home.data, args.save, _baseline(request, found))
    if beside is not None:
        breaking = request.definitions.breaking
        found = compare(found, kept.figures if kept else then[0], beside, breaking)
    sys.stdout.buffer.write(tables.FORMATS[args.format](found, args.attribution))
    if args.format == "table" and notes:
        print("", *(words(note, "en") for note in notes), sep="\n")
    return 0


def _beside(request: Request, name: str | None, kept: Baseline | None) -> Beside | None:
    """What the figures are compared with; None where with nothing."""
    if kept is not None:
        return baseline(request.start, kept.start, kept.end)
    if name is None:
        return None
    return _PERIODS[name](request.start, request.end, request.grain)


def _baseline(request: Request, found: list[Figure]) -> Baseline:
    return Baseline(
        start=request.start,
        end=request.end,
        grain=request.grain,
        by=request.by,
        attribution=request.attribution,
        figures=found,
    )


def _kept(home: Home, request: Request, name: str | None) -> Baseline | None:
    """The baseline that is compared with; None where it is another period, or nothing.

    Raises:
        DeadLetter: there is none, or it was asked for otherwise: like goes with like.
    """
    if name is None or name in _PERIODS:
        return None
    kept = baselines.load(home.data, name)
    if _asked(request) != _asked(kept):
        msg = f"the baseline {name!r} was saved {_asked(kept)}; these figures are {_asked(request)}"
        raise DeadLetter(msg)
    return kept


def _asked(how: Request | Baseline) -> str:
    by = sorted((how.grain or "whole period", *how.by))
    return f"by {', '.join(by)} and by {how.attribution}"
