"""The lines of a data folder: a dedicated line opens and closes while everything runs.

A `lines.toml` in the data folder adds to the lines that come with the package, and its rows of an
id replace theirs; it is read again when it changes.
"""

from __future__ import annotations

from os import stat_result
from pathlib import Path

from schemas.errors import Malformed
from schemas.lines import FILE, PACKAGED, Line, Table, checked, over
from streams.tables.overlays import laid_over


class Lines:
    """The lines of a data folder, as they are now.

    Attributes:
        problem: why the folder's own file, as it is now, is not used; null where it is. Until it
            is mended, the lines are those of its last good text.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lines = PACKAGED
        self._seen: tuple[int, ...] | None = None
        self.problem: Malformed | None = None

    def current(self) -> tuple[Line, ...]:
        """Every line, by id and then by day. Looks whether the file changed; never fails for it."""
        now = self._state()
        if now != self._seen:
            self._seen = now
            try:
                self._lines, self.problem = in_force(self._data), None
            except Malformed as error:  # half written, perhaps: it will be seen to change again
                self.problem = error
        return self._lines

    def _state(self) -> tuple[int, ...] | None:
        try:
            return _mark((self._data / FILE).stat())
        except FileNotFoundError:
            return None


def in_force(data: Path) -> tuple[Line, ...]:
    """All of them; the folder's rows of an id replace those of the package.

    Raises:
        Malformed: the folder's file is wrong; the error names file, row and field.
    """
    own = laid_over(data, FILE, Table)
    return over(PACKAGED, checked(own, str(data / FILE))) if own else PACKAGED


def _mark(found: stat_result) -> tuple[int, ...]:
    return found.st_ino, found.st_size, found.st_mtime_ns
