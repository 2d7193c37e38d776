"""Messages for `measure.intervals.v1`: of what changed, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import cast

import msgspec

from schemas.board import Period
from schemas.departments import DEPARTMENTS, HEADQUARTERS
from schemas.instants import QUARTER_HOUR
from schemas.intervals import BY, interval_figures, key_of
from schemas.periods import Span, local
from streams.core.figures import Group, Question, figures
from streams.kafka.marks import Changed, Place
from streams.kafka.merged import Merged
from streams.runtimes.asking import inquire
from streams.runtimes.board import MEASURED
from streams.runtimes.store import StateStore

Message = tuple[str, bytes | None]
_ZONES = {row.id: row.zone for row in DEPARTMENTS}


def messages(merged: Merged, changed: Changed, as_of: int) -> Iterator[Message]:
    """Key and value of every group that changed; no value where there is nothing of it any more."""
    for quarter, places in changed.items():
        stores = cast(Sequence[StateStore], [merged.among(places)])  # no contact is asked about
        question = _question(quarter, places)
        wanted = {_group(question, quarter, place) for place in places}
        answers = inquire(stores, question, as_of, across={})
        kept = {group: found for group, found in answers.items() if group in wanted}  # of a zone
        for _, found in groupby(
            figures(question, kept, as_of), lambda figure: (figure.period, figure.dimensions)
        ):
            key, value = interval_figures([*found])
            yield key, msgspec.json.encode(value)
        for span, place in wanted - kept.keys():
            yield key_of(_period(span), dict(zip(BY, place, strict=True))), None


def _question(quarter: int, places: set[Place]) -> Question:
    zones = sorted({_ZONES.get(place[0] or "", HEADQUARTERS) for place in places})
    return Question(
        measures=MEASURED,
        spans=[_span(quarter, zone) for zone in zones],
        by=BY,
        zones=_ZONES,
        default_zone=HEADQUARTERS,
    )


def _group(question: Question, quarter: int, place: Place) -> Group:
    return Group(_span(quarter, question.zone_of(place)), place)


def _span(quarter: int, zone: str) -> Span:
    return Span(quarter, quarter + QUARTER_HOUR, zone)


def _period(span: Span) -> Period:
    return Period(local(span.zone, span.start_ms), local(span.zone, span.end_ms), span.zone)
