"""What must be known beside figures to say how certain they are, read from the state files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from schemas.departments import zone_of
from schemas.measures import OPEN, Kind, Measure, Words, relation_of
from schemas.periods import Span, spans
from schemas.record import Declaration
from schemas.statuses import Language
from streams.core.control import ROWS, checks, speaking
from streams.core.figures import Counted, Group
from streams.core.reconcile import Line, reconcile
from streams.core.registers import COHORT
from streams.core.standing import Certainty, Check, Key, Recorded, settled_by, waits_for
from streams.runtimes.asking import Reply, counted, declarations, inquire
from streams.runtimes.store import StateStore

_NOTHING = Words("", "")


def certainty(
    stores: Sequence[StateStore],
    reply: Reply,
    recorded: Mapping[Key, Recorded],
    attribution: str = COHORT,
    language: Language = "en",
) -> Certainty:
    """How certain the figures of a reply can be, read at the same moment."""
    # The figures of periods that are not over are live, whatever is known of them.
    over = any(span.end_ms <= (reply.as_of or 0) for span in reply.question.spans)
    return Certainty(
        open=_open(stores, reply) if over and attribution == COHORT else {},
        checks=_checks(stores, reply) if over else {},
        recorded=recorded,
        attribution=attribution,
        language=language,
    )


def declared_lines(stores: Sequence[StateStore], start: date, end: date) -> list[Line]:
    """Every declaration within the local days [start, end) of its department, beside ours."""
    whole: dict[str, Span] = {}
    inside = []
    for declaration in declarations(stores):
        zone = zone_of(declaration.department)
        if zone not in whole:
            (whole[zone],) = spans(zone, start, end, None)
        if whole[zone].start_ms <= declaration.start_ms <= declaration.end_ms <= whole[zone].end_ms:
            inside.append(declaration)
    since, until = _bounds(inside)
    return reconcile(inside, lambda kind: counted(stores, since, until, kind))


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


def _checks(stores: Sequence[StateStore], reply: Reply) -> dict[tuple[str, Group], Check]:
    question = reply.question
    start = min((span.start_ms for span in question.spans), default=0)
    end = max((span.end_ms for span in question.spans), default=0)
    totals = speaking(declarations(stores), start, end)
    since, until = _bounds(totals)

    def registers(kind: str) -> Counted:
        return counted(stores, min(start, since), max(end, until), kind)

    groups = {*reply.answers, *(Group(span, ()) for span in question.spans if not question.by)}
    asked = {settled_by(relation_of(measure)) for measure in question.measures}
    found: dict[tuple[str, Group], Check] = {}
    for relation in ROWS.keys() & asked:
        found.update(checks(question, groups, relation, totals, registers))
    return found


def _bounds(declared: Sequence[Declaration]) -> tuple[int, int]:
    """From when to when totals were declared; nothing was, so no time at all."""
    return (
        min((d.start_ms for d in declared), default=0),
        max((d.end_ms for d in declared), default=0),
    )
