"""Annotations: which are of some days, and in which order."""

from __future__ import annotations

from datetime import date

from schemas.annotations import Annotation, between


def note(day: int, en: str, department: str | None = None) -> Annotation:
    return Annotation(day=date(2026, 1, day), department=department, en=en, fr=en, source="us")


def test_they_are_of_the_days_from_the_first_until_the_last_and_in_order() -> None:
    rows = [note(7, "late"), note(6, "b"), note(6, "a", "ircc"), note(6, "a"), note(5, "early")]
    found = between(rows, date(2026, 1, 6), date(2026, 1, 7))
    assert [(row.department, row.en) for row in found] == [(None, "a"), (None, "b"), ("ircc", "a")]
