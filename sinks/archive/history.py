"""What a chain holds, asked through its index: of all files, only those needed are opened."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.rows import Row
from sinks.archive.index import NO_BOUND, Commit, Index, Within
from sinks.archive.reader import locate, rows_in
from sinks.archive.rows import values
from sinks.archive.sealed import NO_KEYS, Keys


@dataclass(frozen=True, slots=True)
class History:
    """The rows of one chain.

    Attributes:
        root: of the archive.
        index: of the chain.
        keys: what sealed files are opened with.

    Raises:
        Stop: from every call, where the chain is broken, or a file or its key is missing.
    """

    root: Path
    index: Index
    keys: Keys = NO_KEYS

    def lookup(
        self,
        sought: Collection[str],
        below: int = NO_BOUND,
        within: Within = None,
        first: int | None = None,
    ) -> dict[str, list[bytes]]:
        """The values of some contacts, in the order of the log. Who has none is left out.

        Args:
            sought: the contacts, by their ids.
            below: only values at offsets below this one.
            within: spans of event time in which all their events lie; None where that is
                not known, and every file is looked into.
            first: look only in so many commits from the start of the chain.
        """
        found: dict[str, list[bytes]] = {}
        wanted = frozenset(sought)
        for commit in self.index.covering(below, within, first) if wanted else ():
            bound = below if commit.next > below else None
            for subject, value in self._values(commit, wanted, bound):
                found.setdefault(subject, []).append(value)
        return found

    def rows(self, start: int) -> Iterator[list[Row]]:
        """The rows from an offset on, in order, a file at a time."""
        for commit in self.index.covering():
            if commit.next > start:
                rows = rows_in(self.root, self.index.entry(commit.seq), self.keys)
                yield [row for row in rows if row.offset >= start]

    def files(self, done: int) -> Iterator[list[Row]]:
        """The rows of every commit after the first `done`."""
        for seq in range(done, len(self.index)):
            yield rows_in(self.root, self.index.entry(seq), self.keys)

    def staged(self, commit: Commit) -> Path:
        """Where the rows of a commit are that was not found published; there for a moment."""
        return locate(self.root, self.index.entry(commit.seq))

    def _values(
        self, commit: Commit, wanted: frozenset[str], bound: int | None
    ) -> list[tuple[str, bytes]]:
        published = self.root / self.index.chain.data(commit.start, commit.intake_ms)
        try:
            return values(published, wanted, bound, self.keys)
        except FileNotFoundError:
            path = self.staged(commit)
        try:
            return values(path, wanted, bound, self.keys)
        except FileNotFoundError:  # published in between
            return values(published, wanted, bound, self.keys)
