"""Asking the state files: figures of any period, all partitions at one `as_of`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date

import msgspec

from schemas.definitions import DEFINITIONS, Definitions
from schemas.departments import HEADQUARTERS, zone_of
from schemas.errors import Retry
from schemas.measures import MEASURES, Kind, Measure, relation_of
from schemas.periods import Span, spans
from schemas.record import Declaration
from schemas.relations import RELATIONS
from streams.core.editions import versions_at
from streams.core.figures import Answer, Counted, Question, answer
from streams.core.registers import COHORT, INTERVAL, Register, Registers, kind
from streams.core.unexplained import unexplained
from streams.runtimes.contacts import second_fold
from streams.runtimes.store import StateStore

_dims = msgspec.json.Decoder(tuple[str | None, ...]).decode
_declaration = msgspec.json.Decoder(Declaration).decode


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks: local dates (half-open), a grain, dimensions, measures.

    Attributes:
        measures: ids; with `@` and a number, that version whatever the period. None: all.
        definitions: the versions that there are.
    """

    start: date
    end: date
    grain: str | None = None
    by: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    attribution: str = COHORT
    definitions: Definitions = DEFINITIONS

    @property
    def names(self) -> tuple[str, ...]:
        """The measures asked for, else all; by interval, only counts: a rate has one cohort."""
        names = self.measures or tuple(MEASURES)
        if self.attribution == INTERVAL:
            return tuple(
                name for name in names if MEASURES[name.partition("@")[0]].kind is Kind.COUNT
            )
        return names


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer, what exactly was asked, and what it is true of.

    Attributes:
        as_of: the instant, in milliseconds; None before the first event.
        positions: per partition, the log's offset up to which events are counted.
        across: the registers of the relations asked about that rest on all contacts.
        texts: the SQL of those of its measures that are not packaged, by id.
    """

    question: Question
    answers: Answer
    as_of: int | None
    positions: list[int]
    across: Registers
    texts: Mapping[str, str] = field(default_factory=dict)


def ask(stores: Sequence[StateStore], request: Request) -> Reply:
    """Ask all partitions for figures.

    Raises:
        Retry: the partitions are not at one clock just now; ask again.
        Stop: an unknown grain, or a date outside the zone data.
    """
    with one_moment(stores):
        as_of, measures = clock_of(stores), measures_of(request)
        relations = {relation_of(measure) for measure in measures}
        across = {} if as_of is None else second_fold(stores, as_of, relations)
        kinds = {kind(name, request.attribution) for name in relations}
        question = question_of(request, measures, departments(stores, kinds, across))
        return Reply(
            question,
            inquire(stores, question, as_of or 0, request.attribution, across),
            as_of,
            [store.progress()[0] for store in stores],
            across,
            request.definitions.texts,
        )


@contextmanager
def one_moment(stores: Sequence[StateStore]) -> Iterator[None]:
    """Within it all that is read of all stores is of one save each."""
    with ExitStack() as reading:
        for store in stores:
            reading.enter_context(store.snapshot())
        yield


def clock_of(stores: Sequence[StateStore]) -> int | None:
    """The clock of all partitions, in milliseconds; None before the first event.

    Raises:
        Retry: they are not at one clock just now.
    """
    clocks = {store.progress()[1] for store in stores}
    if len(clocks) > 1:
        msg = "the partitions are being brought to one clock"
        raise Retry(msg)
    return clocks.pop() if clocks else None


def inquire(
    stores: Sequence[StateStore],
    question: Question,
    as_of: int,
    attribution: str = COHORT,
    across: Registers | None = None,
) -> Answer:
    """The answer of all partitions, whose clock is `as_of`.

    `across` is what `second_fold` gave for the relations asked about; by default, it is asked.
    """
    if across is None:
        across = second_fold(stores, as_of, map(relation_of, question.measures))
    start, end = _bounds(question.spans)

    def rows_of(relation: str) -> Counted:
        wanted = kind(relation, attribution)
        if RELATIONS[relation].across:
            return ((at, dims, row) for (of, at, dims), row in across.items() if of == wanted)
        return counted(stores, start, end, wanted)

    answers = answer(question, rows_of)
    if any(measure.kind is Kind.REMAINDER for measure in question.measures):
        arrived = counted(stores, start, end, kind("contacts", COHORT))
        found = unexplained(question, declarations(stores), arrived)
        for group, ratio in found.items():
            answers.setdefault(group, {})["funnel.unexplained"] = ratio
    return answers


def counted(stores: Iterable[StateStore], start: int, end: int, of: str) -> Counted:
    """The registers of a kind of all partitions, from `start` until, not including, `end`."""
    for store in stores:
        for quarter, dims, sums, spreads in store.registers(start, end, of):
            yield quarter, _dims(dims), Register(sums, spreads)


def declarations(stores: Iterable[StateStore]) -> list[Declaration]:
    """All totals declared."""
    return [_declaration(raw) for store in stores for raw in store.declarations().values()]


def departments(
    stores: Sequence[StateStore], kinds: Iterable[str], across: Registers
) -> set[str | None]:
    """Every department that anything of some kinds was counted, or any total declared for."""
    wanted = set(kinds)
    stored = {_dims(text)[0] for store in stores for of in wanted for text in store.dims(of)}
    found = {dims[0] for of, _, dims in across if of in wanted}
    return stored | found | {declaration.department for declaration in declarations(stores)}


def question_of(
    request: Request, measures: Sequence[Measure], present: Iterable[str | None]
) -> Question:
    """What a request asks, of the departments that are present."""
    places = {zone_of(name) for name in present} or {HEADQUARTERS}
    return Question(
        measures=measures,
        spans=[
            span
            for zone in sorted(places)
            for span in spans(zone, request.start, request.end, request.grain)
        ],
        by=request.by,
        zones={name: zone_of(name) for name in present if name is not None},
        default_zone=HEADQUARTERS,
    )


def measures_of(request: Request) -> list[Measure]:
    """Every version that some period may be given by, as engines are asked for it."""
    definitions = request.definitions
    days = definitions.days(request.start, request.end)
    found = [
        edition
        for name in request.names
        for edition in dict.fromkeys(e for day in days for e in versions_at(definitions, name, day))
    ]
    return [edition.asked for edition in dict.fromkeys(found)]


def _bounds(found: Sequence[Span]) -> tuple[int, int]:
    return (
        min((span.start_ms for span in found), default=0),
        max((span.end_ms for span in found), default=0),
    )
