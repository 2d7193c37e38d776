"""Annotations: what happened on a day that figures must be read by, as dated data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schemas.tables import Row, packaged

FILE = "annotations.toml"


class Annotation(Row, frozen=True, kw_only=True):
    """One note about one local day; without a department, about all."""

    day: date
    department: str | None = None
    en: str
    fr: str
    source: str


class Annotations(Row, frozen=True, kw_only=True):
    """The whole table."""

    annotation: tuple[Annotation, ...] = ()


PACKAGED = packaged(FILE, Annotations).annotation


def between(rows: Iterable[Annotation], start: date, end: date) -> list[Annotation]:
    """Those of the days from `start` until, not including, `end`, in order."""
    found = [row for row in rows if start <= row.day < end]
    return sorted(found, key=lambda row: (row.day, row.department or "", row.en))
