"""Questions that commands put to a data folder: what the options ask for, and the figures of it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from contextlib import closing
from fnmatch import fnmatchcase

from schemas.board import Figure
from schemas.errors import DeadLetter
from schemas.measures import MEASURES, Kind
from schemas.periods import GRAINS
from schemas.record import DIMENSIONS
from schemas.statuses import Language
from schemas.topics import EVENTS
from streams.commands.intake import catch_up
from streams.commands.patience import patiently
from streams.core.figures import Answer, Ratio, figures
from streams.core.registers import COHORT, INTERVAL
from streams.core.standing import Key, Recorded, vanished
from streams.embedded import Embedded
from streams.ledger import Ledger
from streams.runtimes.asking import Request, ask, clock_of, one_moment
from streams.runtimes.certainty import certainty
from streams.runtimes.store import StateStore


def arguments(parser: ArgumentParser) -> None:
    """Declare the options that say what is split by what, and which measures are asked for."""
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
        help="only these and what must stand beside them; repeat, use commas, or a pattern such as "
        "'funnel.*'",
    )


def request_of(args: Namespace, attribution: str = COHORT) -> Request:
    """What the options ask for.

    Raises:
        DeadLetter: a name that is not known, or a period that ends before it begins.
    """
    grain, dimensions = _by(_words(args.by))
    if args.end <= args.start:
        msg = f"--to {args.end} must be after --from {args.start}"
        raise DeadLetter(msg)
    chosen = _chosen(args.measure)
    counts = [name for name in chosen or MEASURES if MEASURES[name].kind is Kind.COUNT]
    if attribution == INTERVAL and not counts:
        msg = "--attribution interval: only counts have one; a rate or a mean has one cohort"
        raise DeadLetter(msg)
    return Request(args.start, args.end, grain, dimensions, chosen, attribution)


def ask_for(
    home: Embedded, request: Request, engine: str, language: Language = "en"
) -> list[Figure]:
    """The figures of a request by one of the engines, at the live state's `as_of`."""
    return ask_all(home, [request], engine, language)[0]


def ask_all(
    home: Embedded, requests: Sequence[Request], engine: str, language: Language = "en"
) -> list[list[Figure]]:
    """The figures of several requests, all of one moment."""
    _settled(home)
    found = patiently(lambda: _ask_all(home, requests, engine, language))
    _say_what_waits(home)
    return found


def clock(home: Embedded) -> int | None:
    """The `as_of` of what is asked next, once all that is here was counted; None before any."""
    _settled(home)
    return patiently(lambda: _clock(home))


def _settled(home: Embedded) -> None:
    home.check()
    catch_up(home)


def _clock(home: Embedded) -> int | None:
    with home.stores() as stores, one_moment(stores):
        return clock_of(stores)


def _say_what_waits(home: Embedded) -> None:
    """A server counts a moment after it has answered the producer."""
    with closing(home.log()) as log, home.stores() as stores:
        waiting = sum(
            log.bounds(EVENTS, number)[1] - store.progress()[0]
            for number, store in enumerate(stores)
        )
    if waiting > 0:
        print(f"vouch: {waiting:,} events are not counted yet", file=sys.stderr)


def _ask_all(
    home: Embedded, requests: Iterable[Request], engine: str, language: Language
) -> list[list[Figure]]:
    recorded = Ledger(home.data).latest()
    with home.stores() as stores, one_moment(stores):
        return [_ask(home, stores, request, engine, recorded, language) for request in requests]


def _ask(
    home: Embedded,
    stores: Sequence[StateStore],
    request: Request,
    engine: str,
    recorded: dict[Key, Recorded],
    language: Language,
) -> list[Figure]:
    reply = ask(stores, request)
    if reply.as_of is None:
        return []
    certain = certainty(stores, reply, recorded, request.attribution, language)
    answers = reply.answers
    if engine == "sql":
        from streams.evidence import recomputed  # noqa: PLC0415  # an engine, only when asked for

        answers = recomputed(home, reply, request.attribution)
    if request.attribution == INTERVAL:
        answers = happened(answers, [measure.id for measure in reply.question.measures])
    found = figures(reply.question, answers, reply.as_of, certain)
    return found + vanished(certain, reply.question, found, reply.as_of)


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


def _by(names: list[str]) -> tuple[str | None, tuple[str, ...]]:
    """The grain and the dimensions among some names."""
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
    return grains[0] if grains else None, dimensions


def _chosen(patterns: list[str]) -> tuple[str, ...]:
    chosen = []
    for pattern in _words(patterns):
        found = [name for name in MEASURES if fnmatchcase(name, pattern)]
        if not found:
            msg = f"--measure {pattern}: no such measure (vouch definitions lists them)"
            raise DeadLetter(msg)
        chosen += found
    return with_beside(chosen)


def with_beside(measures: Iterable[str]) -> tuple[str, ...]:
    """Some measures, each once, then those without which they must not be shown."""
    found = list(dict.fromkeys(measures))
    for name in found:  # it grows: what is added may have others beside it
        found += [other for other in MEASURES[name].beside if other not in found]
    return tuple(found)
