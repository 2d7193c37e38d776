"""Which versions of measures a period is given by, and their figures.

A figure is of the highest version in force at the start of its period. While a new version is
computed in parallel with the one before, both are given, the newer first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple

import msgspec

from schemas.board import Figure
from schemas.definitions import Definitions, Edition
from schemas.periods import Span, day_of, spans
from streams.core.comparing import previous
from streams.core.figures import Answer, Question, Ratio, figures
from streams.core.standing import Certainty, vanished


class Given(NamedTuple):
    """A version that a period is given by; see `schemas.board.Figure`."""

    edition: Edition
    in_force: bool = True
    breaks: bool = False


def versions_at(definitions: Definitions, name: str, day: date) -> tuple[Edition, ...]:
    """What a name stands for in a period that starts on a day, the version in force first.

    With `@` and a number it is that version on any day.

    Raises:
        DeadLetter: there is no such version.
    """
    measure, at, number = name.partition("@")
    return (definitions.edition(measure, int(number)),) if at else definitions.at(measure, day)


def given(
    definitions: Definitions, names: Iterable[str], day: date, before: date
) -> tuple[Given, ...]:
    """The versions that a period is given by, each once, in the order of the names.

    Args:
        definitions: the versions that there are.
        names: of measures; with `@` and a number, one version.
        day: on which the period starts.
        before: on which the one before it does.
    """
    found = (
        Given(
            edition,
            edition == definitions.at(edition.measure.id, day)[0],
            edition.breaks and before < edition.effective_from <= day,
        )
        for name in names
        for edition in versions_at(definitions, name, day)
    )
    return tuple(dict.fromkeys(found))


def _day_before(span: Span) -> date:
    """The first day of the period of the same length before."""
    start, end = day_of(span.zone, span.start_ms), day_of(span.zone, span.end_ms)
    if spans(span.zone, start, end, None) == [span]:  # whole days
        return previous(start, end).start
    return day_of(span.zone, 2 * span.start_ms - span.end_ms)


def worded(
    question: Question,
    answers: Answer,
    as_of: int,
    certainty: Certainty,
    definitions: Definitions,
    names: Sequence[str],
) -> list[Figure]:
    """The figures of an answer, each of the versions that its period is given by.

    Args:
        question: its measures are what engines were asked for, all that `names` may stand for.
        answers: by the ids of those measures.
        as_of: in milliseconds.
        certainty: what is known of the figures' standing.
        definitions: the versions that there are.
        names: of measures; with `@` and a number, one version.

    Returns:
        By span, dimensions and name, and the version in force before others; then the recorded
        figures of groups that are empty now.
    """
    parts = [
        part
        for spans, found in _alike(question.spans, definitions, names)
        for part in _rounds(question, answers, spans, found)
    ]
    said = [(part, part.said(as_of, certainty)) for part in parts]
    gone = [
        figure
        for part, found in said
        for figure in vanished(certainty, part.question, found, as_of)
    ]
    if len(said) == 1:
        return said[0][1] + gone
    rows = [(part.places[f.measure], f) for part, found in said for f in found]
    return [figure for _, figure in sorted(rows, key=_order)] + gone


class _Part(NamedTuple):
    """Some spans with versions of which no two are of one measure; `places` are for order."""

    question: Question
    answers: Answer
    given: Mapping[str, Given]
    places: Mapping[str, int]

    def said(self, as_of: int, certainty: Certainty) -> list[Figure]:
        found = figures(self.question, self.answers, as_of, certainty)
        return [self._marked(figure, self.given[figure.measure]) for figure in found]

    def _marked(self, figure: Figure, given: Given) -> Figure:
        if given.in_force and not given.breaks:
            return figure
        return msgspec.structs.replace(figure, in_force=given.in_force, breaks=given.breaks)


def _alike(
    spans: Sequence[Span], definitions: Definitions, names: Sequence[str]
) -> Iterator[tuple[Sequence[Span], tuple[Given, ...]]]:
    """The spans that are given by the same versions, together."""
    if not definitions.versioned:  # the rule: nothing to look up for thousands of spans
        yield spans, tuple(Given(e) for name in names for e in versions_at(definitions, name, _ANY))
        return
    by_days: dict[tuple[date, date], list[Span]] = {}
    for span in spans:
        days = day_of(span.zone, span.start_ms), _day_before(span)
        by_days.setdefault(days, []).append(span)
    together: dict[tuple[Given, ...], list[Span]] = {}
    for (day, before), alike in by_days.items():
        together.setdefault(given(definitions, names, day, before), []).extend(alike)
    for found, alike in together.items():
        yield sorted(alike, key=_SPAN_ORDER), found


_ANY = date.max
_SPAN_ORDER = attrgetter("zone", "start_ms")


def _rounds(
    question: Question, answers: Answer, spans: Sequence[Span], found: Sequence[Given]
) -> Iterator[_Part]:
    """As many parts as the measure with the most versions has."""
    left = list(enumerate(found))
    here = set(spans)
    groups = {group: by_name for group, by_name in answers.items() if group.span in here}
    while left:
        now = {row.edition.measure.id: (place, row) for place, row in reversed(left)}
        left = [pair for pair in left if pair not in now.values()]
        chosen = dict(sorted(now.items(), key=lambda item: item[1][0]))
        yield _Part(
            replace(
                question,
                spans=spans,
                measures=[row.edition.measure for _, row in chosen.values()],
            ),
            {group: _named(by_name, chosen) for group, by_name in groups.items()},
            {name: row for name, (_, row) in chosen.items()},
            {name: place for name, (place, _) in chosen.items()},
        )


def _named(found: Mapping[str, Ratio], chosen: Mapping[str, tuple[int, Given]]) -> dict[str, Ratio]:
    """The same by the measures' own ids."""
    asked = {name: row.edition.name for name, (_, row) in chosen.items()}
    return {name: found[other] for name, other in asked.items() if other in found}


def _order(row: tuple[int, Figure]) -> tuple[object, ...]:
    place, figure = row
    since, zone = datetime.fromisoformat(figure.period.start), figure.period.zone
    dims = ((value is not None, value or "") for value in figure.dimensions.values())
    return since, zone, *dims, place
