"""How figures are named that a contact is found in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from schemas.definitions import Edition
from schemas.periods import day_of, local, spans
from schemas.reference import Reference, period
from streams.core.figures import Group


def named(edition: Edition, group: Group, by: Sequence[str]) -> str:
    """The reference of a figure; of a period within a day, by its instants."""
    return reference_of(edition.measure.id, edition.number, group, by)


def reference_of(measure: str, number: int, group: Group, by: Sequence[str]) -> str:
    """The same, of a measure's version by its own id and number."""
    dims = dict(zip(by, group.dims, strict=True))
    span = group.span
    start, end = day_of(span.zone, span.start_ms), day_of(span.zone, span.end_ms)
    if start < end and spans(span.zone, start, end, None) == [span]:
        return str(Reference(measure, number, period_of(start, end), start, end, dims))
    words = f"{local(span.zone, span.start_ms)}..{local(span.zone, span.end_ms)}"
    return str(Reference(measure, number, words, start, end, dims))


def period_of(start: date, end: date) -> str:
    """The period of the local days [start, end), as a reference has it."""
    year, week = start.year, start.isocalendar()
    forms = (
        f"{start}",
        f"{year}-{start.month:02d}",
        f"{year}-Q{(start.month + 2) // 3}",
        f"FY{year}-{(year + 1) % 100:02d}",
        f"{week.year}-W{week.week:02d}",
    )
    return next((form for form in forms if period(form) == (start, end)), f"{start}..{end}")
