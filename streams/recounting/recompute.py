"""Figures recomputed from the evidence, by the core on Beam or by the published SQL."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread

from schemas.departments import DEPARTMENTS, HEADQUARTERS
from schemas.errors import Stop
from sinks.recount import Ask, recount
from sinks.sql import SqlFigure
from streams.core.figures import Answer, Group, Question, Ratio
from streams.core.tally import Tally, Task
from streams.recounting.evidence import Evidence
from streams.recounting.shares import linked, shares
from streams.runtimes.asking import Request, measures_of, question_of

_LOOK_S = 0.2
_DECLARED = "control.total_declared"
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Engine:
    """How Beam is run.

    Attributes:
        runner: its name.
        workers: how many processes fold.
        master: of Flink: the address of a cluster, or one that is begun for the moment.
        open_ports: Flink may listen where others reach it.
    """

    runner: str = "local"
    workers: int = 1
    master: str = "[local]"
    open_ports: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the evidence.

    Attributes:
        question: its figures are those of the periods of every zone in it.
        attribution: of its figures.
        as_of: in milliseconds; later events are not read.
        texts: the SQL of those of its measures that are not packaged, by id.
    """

    question: Question
    attribution: str
    as_of: int
    texts: Mapping[str, str]


def everywhere(request: Request, as_of: int) -> Asked:
    """What a request asks of departments wherever they may be: which there are is not known."""
    places = [row.id for row in DEPARTMENTS]
    question = question_of(request, measures_of(request), [*places, None])
    return Asked(question, request.attribution, as_of, request.definitions.texts)


def present(question: Question, answers: Answer) -> Question:
    """The question without the periods of zones in which nothing was counted."""
    zones = {group.span.zone for group in answers} or {HEADQUARTERS}
    return replace(question, spans=[span for span in question.spans if span.zone in zones])


def by_beam(evidence: Evidence, asked: Asked, engine: Engine, told: Told = lambda _: None) -> Tally:
    """What the core counts on Beam; `told` hears how many rows are done.

    Raises:
        Stop: a file was changed, or the job failed.
    """
    logging.disable(logging.WARNING)  # Beam warns of clients for clouds that are not asked for
    from streams.runtimes.beam.pipeline import run  # noqa: PLC0415  # slow to load
    from streams.runtimes.beam.runners import options_of  # noqa: PLC0415

    logging.disable(logging.NOTSET)
    found = [piece for pieces in evidence.partitions.values() for piece in pieces]
    declared = any(piece.counts.get(_DECLARED) for piece in found)
    task = Task(asked.question, asked.attribution, asked.as_of, declared=declared)
    if "repeats" in task.across:
        task = replace(task, linked=linked(evidence))
    with (
        tempfile.TemporaryDirectory(prefix="recompute-", dir=evidence.scratch) as folder,
        _watched(Path(folder), told),
        options_of(
            engine.runner,
            Path(folder) / "flink",
            at_once=engine.workers,
            master=engine.master,
            open_ports=engine.open_ports,
        ) as options,
    ):
        ours = engine.workers if engine.runner == "local" else 1
        return run(shares(evidence), task, options, Path(folder), workers=ours)


def demand_all(tally: Tally, evidence: Evidence) -> None:
    """See that every row was read, whatever became of shares on their way.

    Raises:
        Stop: some were not, or more than once.
    """
    total = sum(piece.rows for pieces in evidence.partitions.values() for piece in pieces)
    if tally.rows != total:
        wrong = "were not read" if tally.rows < total else "were read more than once"
        msg = f"{abs(total - tally.rows):,} of the {total:,} rows of the evidence {wrong}"
        raise Stop(msg)


def by_sql(evidence: Evidence, asked: Asked) -> Answer:
    """The answer of the published SQL, in a process of its own.

    Raises:
        Stop: a file cannot be read, or was changed.
        Retry: memory or disk ran out.
    """
    (found,) = recount(evidence.files, asked.as_of, [ask_of(asked)], spill=evidence.scratch)
    return answered(found, asked.question)


def answered(found: Iterable[SqlFigure], question: Question) -> Answer:
    """The rows that the SQL gives for a question, as its answer."""
    spans = {(span.start_ms, span.zone): span for span in question.spans}
    answers: Answer = {}
    for row in found:
        group = Group(spans[row.period_start_ms, row.zone], row.dims)
        answers.setdefault(group, {})[row.measure] = Ratio(row.numerator, row.denominator)
    return answers


def ask_of(asked: Asked, *, each: bool = False) -> Ask:
    """The question as the process that runs the SQL is asked it."""
    question = asked.question
    ids = {measure.id for measure in question.measures}
    return Ask(
        measures=tuple(measure.id for measure in question.measures),
        periods=tuple((span.start_ms, span.end_ms, span.zone) for span in question.spans),
        zones=question.zones,
        default_zone=question.default_zone,
        dimensions=tuple(question.by),
        attribution=asked.attribution,
        each=each,
        texts={name: text for name, text in asked.texts.items() if name in ids},
    )


@contextmanager
def _watched(folder: Path, told: Told) -> Iterator[None]:
    """Within it, `told` hears of the rows that workers say are done."""
    ended = Event()

    def look() -> None:
        while not ended.wait(_LOOK_S):
            told(sum(int(file.read_text()) for file in folder.glob("[0-9]*")))

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
