"""Telephone lines as dated data: names for what events say; others are counted as well."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from operator import attrgetter

from schemas.tables import Row, packaged, refuse

FILE = "lines.toml"


class Occasion(Row, frozen=True):
    """What a dedicated line was opened for, in both languages; unknown keys are refused."""

    en: str
    fr: str


class Line(Row, frozen=True):
    """A line from its first local day to its last, both included.

    Attributes:
        id: what events carry in `data.line`.
        effective_to: null while no closing is known.
        event: what a dedicated line was opened for; null for others.
    """

    id: str
    department: str
    en: str
    fr: str
    effective_from: date
    effective_to: date | None = None
    event: Occasion | None = None

    def open_on(self, day: date) -> bool:
        """Whether the line is open on a local day of its department."""
        return self.effective_from <= day <= (self.effective_to or date.max)


class Table(Row, frozen=True):
    """`lines.toml`."""

    line: tuple[Line, ...] = ()


def checked(table: Table, name: str = FILE) -> tuple[Line, ...]:
    """The rows of a table, by id and then by day; `name` is the file, for messages.

    Raises:
        Malformed: a line that closes before it opens, or opens before it has closed.
    """
    for number, row in enumerate(table.line):
        if row.effective_to and row.effective_to < row.effective_from:
            raise refuse(name, "line", number, "effective_to", f"is before {row.effective_from}")
    for before, after in pairwise(_sorted(table.line)):
        if before.id == after.id and before.open_on(after.effective_from):
            problem = f"{after.id} has not closed then"
            raise refuse(name, "line", table.line.index(after), "effective_from", problem)
    return _sorted(table.line)


def over(lines: Iterable[Line], own: Iterable[Line]) -> tuple[Line, ...]:
    """Both together; own rows of an id replace all others of it."""
    own = tuple(own)
    ids = {row.id for row in own}
    return _sorted((*own, *(row for row in lines if row.id not in ids)))


def _sorted(rows: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(rows, key=attrgetter("id", "effective_from")))


PACKAGED = checked(packaged(FILE, Table))
