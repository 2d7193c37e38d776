"""One moment of the live state: what is compared, how certain it is, and what others declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from schemas.board import Figure
from schemas.measures import Measure, relation_of
from schemas.periods import local
from streams.core.basis import superseded
from streams.core.editions import worded
from streams.core.figures import Answer, Group, Question
from streams.core.reconcile import Line
from streams.core.registers import COHORT, Registers
from streams.core.standing import Key, Recorded, key_of
from streams.finals.ledger import Ledger
from streams.home import Home
from streams.recounting.recompute import Asked, everywhere, present
from streams.runtimes.asking import Reply, Request, clock_of, inquire
from streams.runtimes.certainty import certainty, declared_lines
from streams.runtimes.contacts import second_fold
from streams.runtimes.store import StateStore

Shape = tuple[tuple[str, ...], int]
FigureKey = tuple[str, int, str, str, tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to split the period: the question, and what the live state answers to it.

    Attributes:
        figures: the same in words, with status: those that the period is given by.
    """

    asked: Asked
    live: Answer
    figures: Mapping[FigureKey, Figure]

    @property
    def question(self) -> Question:
        """What all engines are asked."""
        return self.asked.question

    @property
    def shape(self) -> Shape:
        """What tells it from others of the same period: dimensions, and how many spans."""
        return tuple(self.question.by), len(self.question.spans)

    def worded(self, measure: Measure, group: Group) -> Figure | None:
        """A figure in words; None where the live state has none, or another version is given."""
        name = measure.id.partition("@")[0]
        since = local(group.span.zone, group.span.start_ms)
        return self.figures.get((name, measure.version, since, group.span.zone, group.dims))


@dataclass(frozen=True, slots=True)
class Moment:
    """What the live state says at one clock and one set of positions.

    Attributes:
        as_of: in milliseconds.
        log: its id.
        positions: per partition, up to where events are counted.
        lines: every total declared within the period, beside ours.
        recorded: the last record of every final figure.
    """

    as_of: int
    log: str
    positions: list[int]
    groupings: list[Grouping]
    lines: list[Line]
    recorded: Mapping[Key, Recorded]

    def unsettled(self, figure: Figure | None) -> str:
        """Why a figure may not be published; "" where nothing keeps it from that."""
        if figure is None:
            return "the live state has no such figure"
        before = self.recorded.get(key_of(figure, COHORT))
        if before and _integers(before.figure) == _integers(figure):
            return ""
        return "" if figure.status == "final" else figure.why


def _integers(figure: Figure) -> tuple[int | None, int | None]:
    return figure.numerator, figure.denominator


def moment(home: Home, stores: Sequence[StateStore], requests: Sequence[Request]) -> Moment | None:
    """What some requests are answered by the live state; None before the first event.

    `stores` must be of one moment: what is read of them later is of the same.

    Raises:
        Retry: the partitions are not at one clock just now.
    """
    as_of = clock_of(stores)
    if as_of is None:
        return None
    asked = [everywhere(request, as_of) for request in requests]
    measures = [measure for one in asked for measure in one.question.measures]
    across = second_fold(stores, as_of, map(relation_of, measures))
    positions = [store.progress()[0] for store in stores]
    recorded = Ledger(home.data).latest()
    answered = [_answered(stores, one, positions, across) for one in asked]
    with closing(home.log()) as log:
        log_id = log.log_id
    return Moment(
        as_of,
        log_id,
        positions,
        [
            Grouping(one, reply.answers, _worded(stores, request, reply, recorded))
            for one, request, reply in zip(asked, requests, answered, strict=True)
        ],
        declared_lines(stores, requests[0].start, requests[0].end),
        recorded,
    )


def _answered(
    stores: Sequence[StateStore], asked: Asked, positions: list[int], across: Registers
) -> Reply:
    answers = inquire(stores, asked.question, asked.as_of, asked.attribution, across)
    question = present(asked.question, answers)
    return Reply(question, answers, asked.as_of, positions, across, asked.texts)


def _worded(
    stores: Sequence[StateStore],
    request: Request,
    reply: Reply,
    recorded: Mapping[Key, Recorded],
) -> dict[FigureKey, Figure]:
    certain = certainty(stores, reply, recorded, request.attribution)
    found = worded(
        reply.question,
        reply.answers,
        reply.as_of or 0,
        certain,
        request.definitions,
        request.names,
    )
    if request.definitions.versioned:
        found = superseded(found, recorded, request.attribution, "en")
    return {_key(figure): figure for figure in found}


def _key(figure: Figure) -> FigureKey:
    dims = tuple(figure.dimensions.values())
    return figure.measure, figure.version, figure.period.start, figure.period.zone, dims
