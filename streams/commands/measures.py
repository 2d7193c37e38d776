"""Figures of any period, from the live state or (--engine sql) from the Parquet by SQL.

Without --by, one figure for the whole period. Figures are live or provisional; none is
published here.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from fnmatch import fnmatchcase

from schemas.board import Figure
from schemas.errors import DeadLetter, Retry
from schemas.measures import MEASURES
from schemas.periods import GRAINS
from schemas.record import DIMENSIONS
from schemas.topics import EVENTS
from sinks import tables
from streams.commands.intake import catch_up
from streams.commands.options import day
from streams.core.figures import Answer, Group, Question, Ratio, figures
from streams.core.registers import INTERVAL
from streams.embedded import ArchivedPast, Embedded
from streams.runtimes.asking import Reply, Request, ask

_PATIENCE_S = 10


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, required=True, help="first local day")
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
    parser.add_argument("--engine", choices=("live", "sql"), default="live")
    parser.add_argument("--format", choices=sorted(tables.FORMATS), default="table")


def run(args: Namespace) -> int:
    """Ask, and print the figures."""
    found = ask_for(Embedded(args.data), request_of(args), args.engine)
    if args.format == "parquet" and sys.stdout.isatty():
        msg = "Parquet is not for the eye: send it to a file, such as > figures.parquet"
        raise DeadLetter(msg)
    sys.stdout.buffer.write(tables.FORMATS[args.format](found, args.attribution))
    return 0


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
    return Request(
        args.start, args.end, by.grain, by.dimensions, _chosen(args.measure), args.attribution
    )


def ask_for(home: Embedded, request: Request, engine: str) -> list[Figure]:
    """The figures of a request by one of the engines, at the live state's `as_of`."""
    home.check()
    if not catch_up(home) and engine == "sql":
        _say_what_is_missing(home)
    reply = _patiently(lambda: _ask(home, request))
    if reply.as_of is None:
        return []
    answers = reply.answers if engine == "live" else by_sql(home, reply, request.attribution)
    if request.attribution == INTERVAL:
        answers = happened(answers, [measure.id for measure in reply.question.measures])
    return figures(reply.question, answers, reply.as_of)


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


def _ask(home: Embedded, request: Request) -> Reply:
    with home.stores() as stores:
        return ask(stores, request)


def by_sql(home: Embedded, reply: Reply, attribution: str) -> Answer:
    """The same question, answered by the published SQL from the Parquet."""
    from sinks.archive.reader import files  # noqa: PLC0415  # only when asked for
    from sinks.sql import Recomputation  # noqa: PLC0415

    with Recomputation(files(home.archive), reply.as_of or 0) as recomputation:
        return sql_answer(recomputation.figures, reply.question, attribution)


def sql_answer(ask_sql: Callable[..., Sequence[object]], question: Question, kind: str) -> Answer:
    """A question put to the SQL, and its rows as an answer."""
    spans = {(span.start_ms, span.zone): span for span in question.spans}
    answers: Answer = {}
    for row in ask_sql(
        [measure.id for measure in question.measures],
        [(span.start_ms, span.end_ms, span.zone) for span in question.spans],
        question.zones,
        question.default_zone,
        question.by,
        kind,
    ):
        group = Group(spans[row.period_start_ms, row.zone], row.dims)  # type: ignore[attr-defined]
        ratio = Ratio(row.numerator, row.denominator)  # type: ignore[attr-defined]
        answers.setdefault(group, {})[row.measure] = ratio  # type: ignore[attr-defined]
    return answers


def _say_what_is_missing(home: Embedded) -> None:
    """A running server commits to the archive rarely, and SQL sees only what it committed."""
    with closing(home.log()) as log:
        past = ArchivedPast(home.archive, log.log_id)
        behind = sum(
            log.bounds(EVENTS, number)[1] - past.next(number) for number in range(log.partitions)
        )
    if behind:
        words = f"{behind:,} events are not in the Parquet yet: a server is running, and archives"
        print(f"vouch measures: {words} them within 15 minutes or when it stops", file=sys.stderr)


def _patiently(read: Callable[[], Reply]) -> Reply:
    """Ask again while a running server begins, or brings its partitions to one clock."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return read()
        except Retry:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


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
