"""Figures recomputed from the archive alone: by the core on Beam, or by the published SQL.

Nothing that the live figures rest on is read but the evidence: the commit log, and its Parquet
files, each checked against its hash.
"""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser, Namespace

from msgspec.structs import replace

from schemas.board import Figure
from schemas.errors import DeadLetter
from schemas.instants import instant
from schemas.statuses import WHY, said
from sinks import tables
from streams.commands import questions
from streams.commands.options import count, day, when
from streams.commands.progress import bar
from streams.commands.questions import happened, request_of
from streams.core.editions import worded
from streams.core.figures import Answer
from streams.core.registers import INTERVAL
from streams.core.standing import NOTHING_KNOWN
from streams.home import Home
from streams.recounting.evidence import Evidence, evidence
from streams.recounting.recompute import (
    Asked,
    Engine,
    by_beam,
    by_sql,
    demand_all,
    everywhere,
    present,
)
from streams.runtimes.beam import alone

RUNNERS = ("local", "flink")
EMBEDDED = "[local]"


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, required=True, help="first local day")
    parser.add_argument("--to", dest="end", type=day, required=True, help="the day after the last")
    questions.arguments(parser)
    parser.add_argument(
        "--as-of",
        type=when,
        metavar="INSTANT",
        help="what happened later is not counted, such as 2026-01-05T12:00:00Z; by default, the "
        "newest archived event",
    )
    parser.add_argument("--attribution", choices=("cohort", "interval"), default="cohort")
    parser.add_argument("--engine", choices=("beam", "sql"), default="beam")
    runner_arguments(parser)
    parser.add_argument("--format", choices=sorted(tables.FORMATS), default="table")


def runner_arguments(parser: ArgumentParser) -> None:
    """Declare the options that say where Beam runs."""
    parser.add_argument(
        "--runner", choices=RUNNERS, default=RUNNERS[0], help="of Beam (default: this process)"
    )
    parser.add_argument(
        "--workers",
        type=count,
        default=len(os.sched_getaffinity(0)),
        metavar="N",
        help="processes that fold (default: one for each processor)",
    )
    parser.add_argument(
        "--flink-master",
        metavar="HOST:PORT",
        default=EMBEDDED,
        help="the REST address of a Flink cluster (default: a Flink of our own, for the moment)",
    )
    parser.add_argument(
        "--allow-open-ports",
        action="store_true",
        help="begin Flink, whose ports bind every interface, outside a network of its own",
    )


def engine_of(args: Namespace) -> Engine:
    """Where Beam runs, as the options say."""
    return Engine(args.runner, args.workers, args.flink_master, args.allow_open_ports)


def shut_in(args: Namespace) -> None:
    """Flink's command is started over in a network of its own, before anything is open."""
    if args.runner != RUNNERS[0] and not args.allow_open_ports:
        alone.enter([sys.executable, "-m", "streams.cli", *sys.argv[1:]])


def run(args: Namespace) -> int:
    """Recompute, and print the figures."""
    shut_in(args)
    home, request = Home(args.data), request_of(args, args.attribution)
    home.check()
    with evidence(home) as found:
        as_of = found.newest_ms if args.as_of is None else args.as_of
        if as_of is None or found.newest_ms is None:
            msg = f"nothing is archived in {home.data}"
            raise DeadLetter(msg)
        if as_of > found.newest_ms:
            msg = (
                f"--as-of {instant(as_of)}: the evidence ends at {instant(found.newest_ms)}, and "
                "says nothing of what happened since"
            )
            raise DeadLetter(msg)
        asked = everywhere(request, as_of)
        answers = _answer(args, found, asked)
    question = present(asked.question, answers)
    if request.attribution == INTERVAL:
        answers = happened(answers, [measure.id for measure in question.measures])
    shown = worded(question, answers, as_of, NOTHING_KNOWN, request.definitions, request.names)
    shown = [_not_final(figure) for figure in shown]
    sys.stdout.buffer.write(tables.FORMATS[args.format](shown, args.attribution))
    return 0


def _not_final(figure: Figure) -> Figure:
    """Totals, deadlines and windows are the gate's to look at: here nobody knows of them."""
    if figure.status == "live":
        return figure
    why = said(WHY["recomputed"], "en")
    return replace(figure, status="provisional", open=None, why=why)


def _answer(args: Namespace, found: Evidence, asked: Asked) -> Answer:
    if args.engine == "sql":
        return by_sql(found, asked)
    began, engine = time.monotonic(), engine_of(args)
    total = sum(piece.rows for pieces in found.partitions.values() for piece in pieces)
    with bar("folding", total) as advance:
        done = 0

        def told(rows: int) -> None:
            nonlocal done
            advance(rows - done)
            done = rows

        tally = by_beam(found, asked, engine, told)
    demand_all(tally, found)
    print(
        f"vouch: {tally.contacts:,} contacts of {tally.events:,} events folded in "
        f"{time.monotonic() - began:.1f} s",
        file=sys.stderr,
    )
    return tally.answer(asked.question)
