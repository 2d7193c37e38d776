"""How certain a figure is (`definitions.md` section 3): its status, and what it waits for.

* live: the period is not over.
* provisional: something of it is still open, does not reconcile, or is too young.
* final: control totals reconcile, every window and deadline has passed, and ten days after the
  close are over.
* restated: once recorded as final with other integers; late facts changed it.
* corrected: the same by a recorded decision, because something had been wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from schemas.board import Figure
from schemas.instants import DAY
from schemas.measures import MEASURES, relation_of
from schemas.periods import Span, local
from schemas.record import DIMENSIONS
from streams.core.reconcile import Total

if TYPE_CHECKING:
    from streams.core.figures import Group

FINAL_AFTER = 10 * DAY
_PHONE = frozenset({"contacts", "segments", "estimates", "promises", "returns"})

Key = tuple[str, str, str, str, tuple[tuple[str, str | None], ...]]


class Standing(NamedTuple):
    """A status, how many rows of the relation are still open, and why it is not final."""

    status: str
    open: int | None
    why: str


class Recorded(NamedTuple):
    """A figure that was recorded as final: its integers, and as what they were recorded."""

    numerator: int | None
    denominator: int | None
    status: str


@dataclass(frozen=True, slots=True)
class Certainty:
    """What must be known beside figures to say how certain they are.

    Attributes:
        open: rows of a relation still open in a group.
        totals: how far apart the declared totals within a span are from ours.
        recorded: what was recorded as final before.
        by: the dimensions of the groups.
        attribution: of the figures.
    """

    open: Mapping[tuple[str, Group], int] = field(default_factory=dict)
    totals: Mapping[Span, Sequence[Total]] = field(default_factory=dict)
    recorded: Mapping[Key, Recorded] = field(default_factory=dict)
    by: Sequence[str] = ()
    attribution: str = "cohort"


NOTHING_KNOWN = Certainty()


def key_of(figure: Figure, attribution: str) -> Key:
    """What identifies a figure, whatever its value: measure, attribution, period, dimensions."""
    period = figure.period
    return (
        f"{figure.measure}:{figure.version}",
        attribution,
        period.start,
        period.end,
        tuple(sorted(figure.dimensions.items())),
    )


def waits_for(relation: str) -> str:
    """The relation whose open rows keep the figures of a relation from being final.

    A pass, an announced wait or a callback changes as long as its contact does.
    """
    return "contacts" if relation in _PHONE and relation != "returns" else relation


def standing(certainty: Certainty, figure: Figure, group: Group, as_of: int) -> Standing:
    """The standing of one figure at `as_of`."""
    if as_of < group.span.end_ms:
        return Standing("live", None, "the period is not over")
    recorded = certainty.recorded.get(key_of(figure, certainty.attribution))
    if recorded is not None:
        same = (recorded.numerator, recorded.denominator) == (figure.numerator, figure.denominator)
        if same:
            return Standing(recorded.status, 0, "")
        return Standing("restated", None, f"recorded as {recorded.numerator}, not yet restated")
    relation = relation_of(MEASURES[figure.measure])
    still_open = certainty.open.get((waits_for(relation), group), 0)
    why = _obstacle(certainty, relation, group, as_of, still_open)
    return Standing("provisional" if why else "final", still_open, why)


def _obstacle(
    certainty: Certainty, relation: str, group: Group, as_of: int, still_open: int
) -> str:
    """Why a figure of a period that is over is not final; "" where it is."""
    if still_open:
        return f"{still_open} still open"
    due = group.span.end_ms + FINAL_AFTER
    if as_of < due:
        return f"until {local(group.span.zone, due)}, ten days after the close"
    return _difference(certainty, relation, group)


def _difference(certainty: Certainty, relation: str, group: Group) -> str:
    """Why the control totals do not settle a figure; "" where they do, or none is possible."""
    if relation not in _PHONE and relation != "messages":
        return ""  # nobody declares totals of surveys, topics, tasks or states
    found = [
        total
        for total in certainty.totals.get(group.span, ())
        if total.of_messages is (relation == "messages") and _could_be(total, certainty.by, group)
    ]
    if not found:
        return "no control total by switch or workforce system"
    apart = sum(total.apart for total in found)
    return f"control totals differ by {apart}" if apart else ""


def _could_be(total: Total, by: Sequence[str], group: Group) -> bool:
    """Whether a total may hold contacts of a group: no dimension tells them apart."""
    declared = dict(zip(DIMENSIONS, total.dims, strict=True))
    return all(declared[n] in (None, value) for n, value in zip(by, group.dims, strict=True))
