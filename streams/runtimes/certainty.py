"""What must be known beside figures to say how certain they are, read from the state files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from schemas.departments import zone_of
from schemas.measures import OPEN, Kind, Measure, Words, relation_of
from schemas.periods import Span, spans
from schemas.record import Declaration
from streams.core.figures import Counted, Group, Question, span_at
from streams.core.reconcile import Line, Total, reconcile, totals
from streams.core.registers import COHORT
from streams.core.standing import Certainty, Key, Recorded, waits_for
from streams.runtimes.asking import Reply, counted, declarations, inquire
from streams.runtimes.store import StateStore

_NOTHING = Words("", "")


def certainty(
    stores: Sequence[StateStore],
    reply: Reply,
    recorded: Mapping[Key, Recorded],
    attribution: str = COHORT,
) -> Certainty:
    """How certain the figures of a reply can be, read at the same moment."""
    return Certainty(
        open=_open(stores, reply),
        totals=_totals(stores, reply.question),
        recorded=recorded,
        by=reply.question.by,
        attribution=attribution,
    )


def declared_lines(stores: Sequence[StateStore], start: date, end: date) -> list[Line]:
    """Every declaration within the local days [start, end) of its department, beside ours."""
    inside = [d for d in declarations(stores) if _within(d, start, end)]
    return reconcile(inside, lambda kind: _registers(stores, kind, inside))


def _open(stores: Sequence[StateStore], reply: Reply) -> dict[tuple[str, Group], int]:
    """Rows still open, by relation and group: counted by measures that nobody publishes."""
    asked = {waits_for(relation_of(measure)) for measure in reply.question.measures}
    measures = [
        Measure(name, Kind.COUNT, _NOTHING, _NOTHING, OPEN[name])
        for name in sorted(asked & OPEN.keys())
    ]
    question = replace(reply.question, measures=measures)
    answers = inquire(stores, question, reply.as_of or 0, COHORT, reply.across)
    return {
        (name, group): ratio.numerator or 0
        for group, found in answers.items()
        for name, ratio in found.items()
    }


def _totals(stores: Sequence[StateStore], question: Question) -> dict[Span, list[Total]]:
    """The declared totals that lie within a span of their department's zone."""
    by_zone = question.by_zone()
    inside: dict[str, Span] = {}
    chosen: list[Declaration] = []
    for declaration in declarations(stores):
        zone = question.zones.get(declaration.department or "", question.default_zone)
        span = span_at(by_zone.get(zone, ()), declaration.start_ms)
        if span is not None and declaration.end_ms <= span.end_ms:
            inside[declaration.subject] = span
            chosen.append(declaration)
    found: dict[Span, list[Line]] = {}
    for line in reconcile(chosen, lambda kind: _registers(stores, kind, chosen)):
        found.setdefault(inside[line.declaration.subject], []).append(line)
    return {span: totals(lines) for span, lines in found.items()}


def _registers(stores: Sequence[StateStore], kind: str, declared: Sequence[Declaration]) -> Counted:
    start = min(d.start_ms for d in declared)
    return counted(stores, start, max(d.end_ms for d in declared), kind)


def _within(declaration: Declaration, start: date, end: date) -> bool:
    (span,) = spans(zone_of(declaration.department), start, end, None)
    return span.start_ms <= declaration.start_ms and declaration.end_ms <= span.end_ms
