"""Telephone lines as data: a dedicated line opens and closes while everything runs.

The lines that come with the package are in `schemas/data/lines.toml`. A `lines.toml` in the data
folder adds to them, and its rows of an id replace theirs; it is read again when it changes.
A line is a name for what events say: facts of a line that is not listed are counted as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from operator import attrgetter
from os import stat_result
from pathlib import Path

from schemas.errors import Malformed
from schemas.tables import Row, read, refuse, text

FILE = "lines.toml"


class Words(Row, frozen=True):
    """The same in both languages."""

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
    event: Words | None = None

    def open_on(self, day: date) -> bool:
        """Whether the line is open on a local day of its department."""
        return self.effective_from <= day <= (self.effective_to or date.max)


class Table(Row, frozen=True):
    """`lines.toml`."""

    line: tuple[Line, ...] = ()


class Lines:
    """The lines of a data folder, as they are now.

    Attributes:
        problem: why the folder's own file, as it is now, is not used; null where it is. Until it
            is mended, the lines are those of its last good text.
    """

    def __init__(self, data: Path) -> None:
        self._file = data / FILE
        self._packaged = bind(FILE, text(FILE))
        self._lines = self._packaged
        self._seen: tuple[int, ...] | None = None
        self.problem: Malformed | None = None

    def current(self) -> tuple[Line, ...]:
        """Every line, by id and then by day. Looks whether the file changed; never fails for it."""
        now = self._state()
        if now != self._seen:
            self._seen = now
            try:
                self._lines, self.problem = self._laid_over(), None
            except Malformed as error:  # half written, perhaps: it will be seen to change again
                self.problem = error
        return self._lines

    def _state(self) -> tuple[int, ...] | None:
        try:
            return _mark(self._file.stat())
        except FileNotFoundError:
            return None

    def _laid_over(self) -> tuple[Line, ...]:
        try:
            own = bind(str(self._file), self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return self._packaged
        except UnicodeDecodeError as error:
            raise Malformed(str(self._file), "is not UTF-8") from error
        ids = {row.id for row in own}
        return _sorted((*own, *(row for row in self._packaged if row.id not in ids)))


def bind(name: str, toml: str) -> tuple[Line, ...]:
    """Lines out of TOML text; `name` is the file, for messages.

    Raises:
        Malformed: as `schemas.tables.read`; a line that closes before it opens, or opens before
            it has closed.
    """
    rows = read(name, toml, Table).line
    for number, row in enumerate(rows):
        if row.effective_to and row.effective_to < row.effective_from:
            raise refuse(name, "line", number, "effective_to", f"is before {row.effective_from}")
    for before, after in pairwise(_sorted(rows)):
        if before.id == after.id and before.open_on(after.effective_from):
            problem = f"{after.id} has not closed then"
            raise refuse(name, "line", rows.index(after), "effective_from", problem)
    return _sorted(rows)


def _sorted(rows: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(rows, key=attrgetter("id", "effective_from")))


def _mark(found: stat_result) -> tuple[int, ...]:
    return found.st_ino, found.st_size, found.st_mtime_ns
