"""Questions that commands put to a data folder: what the options ask for, and the figures of it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from fnmatch import fnmatchcase
from typing import NamedTuple

from schemas.board import Figure
from schemas.definitions import Definitions
from schemas.errors import DeadLetter
from schemas.measures import MEASURES
from schemas.periods import GRAINS
from schemas.record import DIMENSIONS
from schemas.statuses import Language
from schemas.topics import EVENTS
from streams.commands.intake import catch_up
from streams.commands.patience import patiently
from streams.core.basis import Basis, explained, superseded
from streams.core.editions import worded
from streams.core.figures import Answer, Ratio
from streams.core.registers import COHORT, INTERVAL
from streams.finals.basis import basis_of
from streams.finals.ledger import Ledger, Record, bases, latest
from streams.home import Home
from streams.runtimes.asking import Reply, Request, ask, clock_of, one_moment
from streams.runtimes.certainty import certainty
from streams.runtimes.store import StateStore
from streams.tables.definitions import in_force


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
        "'funnel.*'; with @ and a number that version, else the one in force",
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
    definitions = in_force(args.data)
    chosen = _chosen(args.measure, definitions)
    request = Request(args.start, args.end, grain, dimensions, chosen, attribution, definitions)
    if not request.names:
        msg = "--attribution interval: only counts have one; a rate or a mean has one cohort"
        raise DeadLetter(msg)
    return request


def ask_for(home: Home, request: Request, engine: str, language: Language = "en") -> list[Figure]:
    """The figures of a request by one of the engines, at the live state's `as_of`."""
    return found_for(home, request, engine, language).figures


def ask_all(
    home: Home, requests: Sequence[Request], engine: str, language: Language = "en"
) -> list[list[Figure]]:
    """The figures of several requests, all of one moment."""
    return [found.figures for found in _found_all(home, requests, engine, language)]


class Found(NamedTuple):
    """Figures, and what each of them rests on; null before the first event."""

    figures: list[Figure]
    basis: Callable[[Figure], Basis] | None = None


def found_for(home: Home, request: Request, engine: str, language: Language = "en") -> Found:
    """The figures of a request as `ask_for` gives them, and what they rest on."""
    return _found_all(home, [request], engine, language)[0]


def _found_all(
    home: Home, requests: Sequence[Request], engine: str, language: Language
) -> list[Found]:
    _settled(home)
    found = patiently(lambda: _ask_all(home, requests, engine, language))
    _say_what_waits(home)
    return found


def clock(home: Home) -> int | None:
    """The `as_of` of what is asked next, once all that is here was counted; None before any."""
    _settled(home)
    return patiently(lambda: _clock(home))


def _settled(home: Home) -> None:
    home.check()
    catch_up(home)


def _clock(home: Home) -> int | None:
    with home.stores() as stores, one_moment(stores):
        return clock_of(stores)


def _say_what_waits(home: Home) -> None:
    """A server counts a moment after it has answered the producer."""
    with closing(home.log()) as log, home.stores() as stores:
        waiting = sum(
            log.bounds(EVENTS, number)[1] - store.progress()[0]
            for number, store in enumerate(stores)
        )
    if waiting > 0:
        print(f"vouch: {waiting:,} events are not counted yet", file=sys.stderr)


def _ask_all(
    home: Home, requests: Iterable[Request], engine: str, language: Language
) -> list[Found]:
    records = Ledger(home.data).records()
    with home.stores() as stores, one_moment(stores):
        return [_ask(home, stores, request, engine, records, language) for request in requests]


def _ask(
    home: Home,
    stores: Sequence[StateStore],
    request: Request,
    engine: str,
    records: Sequence[Record],
    language: Language,
) -> Found:
    reply = ask(stores, request)
    if reply.as_of is None:
        return Found([])
    recorded, definitions = latest(records), request.definitions
    certain = certainty(stores, reply, recorded, request.attribution, language)
    answers = reply.answers
    if engine == "sql":
        answers = _by_sql(home, reply, request.attribution)
    if request.attribution == INTERVAL:
        answers = happened(answers, [measure.id for measure in reply.question.measures])
    found = worded(reply.question, answers, reply.as_of, certain, definitions, request.names)
    if definitions.versioned:
        found = superseded(found, recorded, request.attribution, language)
    with closing(home.log()) as log:
        of = basis_of(home.data, definitions, log.log_id, reply.positions, reply.as_of)
    told = explained(found, recorded, bases(records), of, request.attribution, language)
    return Found(list(told), of)


def _by_sql(home: Home, reply: Reply, attribution: str) -> Answer:
    """The same question, answered by the published SQL, that of versions too."""
    from streams.recounting.evidence import evidence  # noqa: PLC0415  # an engine, only when asked for
    from streams.recounting.recompute import Asked, by_sql  # noqa: PLC0415

    asked = Asked(reply.question, attribution, reply.as_of or 0, reply.texts)
    with evidence(home, reply.positions) as found:
        return by_sql(found, asked)


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


def _chosen(patterns: list[str], definitions: Definitions) -> tuple[str, ...]:
    """The measures, or versions of measures, that patterns name; none where there are no patterns.

    Raises:
        DeadLetter: one names none.
    """
    chosen = []
    for pattern in _words(patterns):
        measures, at, version = pattern.partition("@")
        found = [name for name in MEASURES if fnmatchcase(name, measures)]
        if not found or (at and not version.isdecimal()):
            msg = f"--measure {pattern}: no such measure (vouch definitions lists them)"
            raise DeadLetter(msg)
        if at:
            found = [f"{name}@{definitions.edition(name, int(version)).number}" for name in found]
        chosen += found
    return with_beside(chosen)


def with_beside(measures: Iterable[str]) -> tuple[str, ...]:
    """Some measures, each once, then those without which they must not be shown."""
    found = list(dict.fromkeys(measures))
    for name in found:  # it grows: what is added may have others beside it
        beside = MEASURES[name.partition("@")[0]].beside
        found += [other for other in beside if other not in found]
    return tuple(found)
