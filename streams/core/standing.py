"""How certain a figure is (`docs/definitions.md` section 3): its status, and what it waits for.

* live: the period is not over.
* provisional: something of it is still open, too young, or not settled by control totals.
* final: every window and deadline of the cohort has passed, ten days after the close are over,
  and control totals reconcile.
* restated: once recorded as final with other integers; late facts changed it.
* corrected: the same by a recorded decision, because something had been wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from schemas.board import Figure, Period
from schemas.instants import DAY
from schemas.measures import MEASURES, relation_of
from schemas.periods import local
from schemas.statuses import WHY, Language, said

if TYPE_CHECKING:
    from streams.core.figures import Group, Question

FINAL_AFTER = 10 * DAY
_RELATIONS = {name: relation_of(measure) for name, measure in MEASURES.items()}
_OF_CONTACTS = frozenset({"contacts", "segments", "estimates", "fidelity"})

Key = tuple[str, str, Period, tuple[tuple[str, str | None], ...]]


class Standing(NamedTuple):
    """A status, how many rows are still open, and why it is not final or no longer what it was."""

    status: str
    open: int | None
    why: str


class Check(NamedTuple):
    """What the control totals of switch and workforce system say of the rows of a group.

    Attributes:
        totals: how many there are in which rows of it may be.
        apart: how far they are from ours, every difference taken as positive.
        outside: how many of its rows are in none of them.
    """

    totals: int = 0
    apart: int = 0
    outside: int = 0


class Recorded(NamedTuple):
    """A figure that was recorded as final, as what it was recorded last, and why."""

    figure: Figure
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Certainty:
    """What must be known beside figures to say how certain they are.

    Attributes:
        open: rows of a relation still open in a group.
        checks: what control totals say, by relation (`contacts` or `messages`) and group; None
            where nobody looked.
        recorded: what was recorded as final before.
        attribution: of the figures.
        language: of the words.
    """

    open: Mapping[tuple[str, Group], int] = field(default_factory=dict)
    checks: Mapping[tuple[str, Group], Check] | None = None
    recorded: Mapping[Key, Recorded] = field(default_factory=dict)
    attribution: str = "cohort"
    language: Language = "en"


NOTHING_KNOWN = Certainty()


def key_of(figure: Figure, attribution: str) -> Key:
    """What identifies a figure, whatever its value: measure, attribution, period, dimensions."""
    return (
        f"{figure.measure}:{figure.version}",
        attribution,
        figure.period,
        tuple(sorted(figure.dimensions.items())),
    )


def waits_for(relation: str) -> str:
    """The relation whose open rows keep the figures of a relation from being final.

    A pass, an announced wait or a callback changes as long as its contact does.
    """
    return "contacts" if relation in _OF_CONTACTS else relation


def settled_by(relation: str) -> str | None:
    """The relation whose control totals settle the figures of a relation; None: there are none.

    Nobody declares totals of surveys, topics, tasks or states.
    """
    return "contacts" if relation == "repeats" else _DECLARED.get(waits_for(relation))


_DECLARED = {"contacts": "contacts", "messages": "messages"}


def standing(certainty: Certainty, figure: Figure, group: Group, as_of: int) -> Standing:
    """The standing of one figure at `as_of`."""
    if as_of < group.span.end_ms:
        return Standing("live", None, said(WHY["running"], certainty.language))
    waiting = certainty.open.get((waits_for(_RELATIONS[figure.measure]), group), 0)
    recorded = certainty.recorded and certainty.recorded.get(key_of(figure, certainty.attribution))
    if recorded:
        return _recorded(certainty, recorded, figure, waiting)
    why = "; ".join(_obstacles(certainty, _RELATIONS[figure.measure], group, as_of))
    return Standing("provisional" if why else "final", waiting, why)


def vanished(
    certainty: Certainty, question: Question, found: Iterable[Figure], as_of: int
) -> list[Figure]:
    """The recorded figures of groups that late facts have emptied: unknown now, and restated."""
    here = {key_of(figure, certainty.attribution) for figure in found}
    measures = {f"{measure.id}:{measure.version}" for measure in question.measures}
    periods = {
        Period(local(span.zone, span.start_ms), local(span.zone, span.end_ms), span.zone)
        for span in question.spans
    }
    return [
        _emptied(certainty, row, as_of)
        for key, row in certainty.recorded.items()
        if key not in here
        and row.figure.numerator is not None
        and (key[0] in measures and key[1] == certainty.attribution and key[2] in periods)
        and row.figure.dimensions.keys() == set(question.by)
    ]


def _emptied(certainty: Certainty, row: Recorded, as_of: int) -> Figure:
    stands = Standing("restated", 0, _changed(certainty, row))
    return replace(
        row.figure,
        as_of=local(row.figure.period.zone, as_of),
        numerator=None,
        denominator=None,
        value=None,
        **stands._asdict(),
    )


def _recorded(certainty: Certainty, recorded: Recorded, figure: Figure, waiting: int) -> Standing:
    then = recorded.figure
    if (then.numerator, then.denominator) == (figure.numerator, figure.denominator):
        return Standing(recorded.status, waiting, recorded.reason)
    return Standing("restated", waiting, _changed(certainty, recorded))


def _changed(certainty: Certainty, recorded: Recorded) -> str:
    then = recorded.figure
    parts = [str(n) for n in (then.numerator, then.denominator) if n is not None]
    return said(WHY["changed"], certainty.language, was=" / ".join(parts) or "null")


def _obstacles(certainty: Certainty, relation: str, group: Group, as_of: int) -> Iterator[str]:
    """All that keeps a figure of a period that is over from being final."""
    language, waits = certainty.language, waits_for(relation)
    if waiting := certainty.open.get((waits, group), 0):
        yield said(WHY[waits], language, n=waiting)
    due = group.span.end_ms + FINAL_AFTER
    if as_of < due:
        yield said(WHY["young"], language, until=local(group.span.zone, due))
    settles = settled_by(relation)
    if certainty.checks is not None and settles is not None:
        yield from _unsettled(certainty.checks.get((settles, group), Check()), language)


def _unsettled(check: Check, language: Language) -> Iterator[str]:
    if not check.totals:
        yield said(WHY["no_total"], language)
        return
    if check.outside:
        yield said(WHY["outside"], language, n=check.outside)
    if check.apart:
        yield said(WHY["apart"], language, n=check.apart)
