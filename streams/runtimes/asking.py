"""Asking the state files: figures of any period, all partitions at one `as_of`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

import msgspec

from schemas.departments import HEADQUARTERS, zone_of
from schemas.errors import Retry
from schemas.measures import MEASURES, Kind, Measure
from schemas.periods import Span, spans
from schemas.record import Declaration
from streams.core.figures import Answer, Question, answer
from streams.core.registers import COHORT, INTERVAL, Dims, Register
from streams.core.unexplained import unexplained
from streams.runtimes.store import StateStore

_dims = msgspec.json.Decoder(tuple[str | None, ...]).decode
_declaration = msgspec.json.Decoder(Declaration).decode


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks: local dates (half-open), a grain, dimensions, measures."""

    start: date
    end: date
    grain: str | None = None
    by: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    attribution: str = COHORT


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer, what exactly was asked, and what it is true of.

    Attributes:
        as_of: the instant, in milliseconds; None before the first event.
        positions: per partition, the log's offset up to which events are counted.
    """

    question: Question
    answers: Answer
    as_of: int | None
    positions: list[int]


def ask(stores: Sequence[StateStore], request: Request) -> Reply:
    """Ask all partitions for figures.

    Raises:
        Retry: the partitions are not at one clock just now; ask again.
        Stop: an unknown grain, or a date outside the zone data.
    """
    with _one_moment(stores):
        question = _question(request, departments(stores, request.attribution))
        return Reply(
            question,
            inquire(stores, question, request.attribution),
            _as_of(stores),
            [store.progress()[0] for store in stores],
        )


@contextmanager
def _one_moment(stores: Sequence[StateStore]) -> Iterator[None]:
    with ExitStack() as reading:
        for store in stores:
            reading.enter_context(store.snapshot())
        yield


def inquire(stores: Sequence[StateStore], question: Question, kind: str = COHORT) -> Answer:
    """The answer of all partitions, as far as each has got."""
    answers = answer(question, _counted(stores, question, kind))
    if any(measure.kind is Kind.ACROSS for measure in question.measures):
        found = unexplained(question, _declarations(stores), _counted(stores, question, COHORT))
        for group, ratio in found.items():
            answers.setdefault(group, {})["funnel.unexplained"] = ratio
    return answers


def _as_of(stores: Sequence[StateStore]) -> int | None:
    clocks = {store.progress()[1] for store in stores}
    if len(clocks) > 1:
        msg = "the partitions are being brought to one clock"
        raise Retry(msg)
    return clocks.pop() if clocks else None


def departments(stores: Sequence[StateStore], kind: str = COHORT) -> set[str | None]:
    """Every department that anything was counted or declared for."""
    counted = {_dims(text)[0] for store in stores for text in store.dims(kind)}
    return counted | {declaration.department for declaration in _declarations(stores)}


def _question(request: Request, present: set[str | None]) -> Question:
    places = {zone_of(name) for name in present} or {HEADQUARTERS}
    return Question(
        measures=_measures(request),
        spans=[
            span
            for zone in sorted(places)
            for span in spans(zone, request.start, request.end, request.grain)
        ],
        by=request.by,
        zones={name: zone_of(name) for name in present if name is not None},
        default_zone=HEADQUARTERS,
    )


def _measures(request: Request) -> list[Measure]:
    """Those asked for, else all; by interval, only counts: a rate has one cohort."""
    chosen = [MEASURES[name] for name in request.measures or MEASURES]
    if request.attribution == INTERVAL:
        return [measure for measure in chosen if measure.kind is Kind.COUNT]
    return chosen


def _counted(
    stores: Sequence[StateStore], question: Question, kind: str
) -> Iterator[tuple[int, Dims, Register]]:
    start, end = _bounds(question.spans)
    for store in stores:
        for quarter, dims, sums, spreads in store.registers(start, end, kind):
            yield quarter, _dims(dims), Register(sums, spreads)


def _bounds(found: Sequence[Span]) -> tuple[int, int]:
    return (
        min((span.start_ms for span in found), default=0),
        max((span.end_ms for span in found), default=0),
    )


def _declarations(stores: Sequence[StateStore]) -> list[Declaration]:
    return [_declaration(raw) for store in stores for raw in store.declarations().values()]
