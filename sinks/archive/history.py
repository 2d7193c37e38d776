"""What a chain holds, asked through its index: of all files, only those needed are opened.

Of a file that holds several commits, only the row groups of those that are needed are read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from schemas.rows import Row
from sinks.archive.index import NO_BOUND, Commit, Index, Within
from sinks.archive.reader import locate, locate_sealed, rows_in, steadily
from sinks.archive.rows import EVERYWHERE, blocks, values
from sinks.archive.sealed import NO_KEYS, Keys
from sinks.archive.seals import Seal

_OFFSET = attrgetter("offset")
Values = list[tuple[str, bytes]]


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
        for seal, run in self._runs(self.index.covering(below, within, first) if wanted else ()):
            for subject, value in self._values(seal, run, wanted, below):
                found.setdefault(subject, []).append(value)
        return found

    def rows(self, start: int) -> Iterator[list[Row]]:
        """The rows from an offset on, in order: those of a commit, or of several, at a time."""
        for seal, run in self._runs(c for c in self.index.covering() if c.next > start):
            if seal is not None:
                yield from self._blocks(seal, max(start, run[0].start), run[-1].next)
                continue
            for commit in run:
                rows = rows_in(self.root, self.index.entry(commit.seq), self.keys)
                yield [row for row in rows if row.offset >= start]

    def files(self, done: int) -> Iterator[list[Row]]:
        """The rows of every commit after the first `done`."""
        for seal, run in self._runs(self.index.covering()[done:]):
            if seal is not None:
                yield from _parted(self._blocks(seal, run[0].start, run[-1].next), run)
                continue
            for commit in run:
                yield rows_in(self.root, self.index.entry(commit.seq), self.keys)

    def staged(self, commit: Commit) -> Path:
        """Where the rows of a commit are that was not found published; there for a moment."""
        return locate(self.root, self.index.entry(commit.seq), self.index.seals)

    def _runs(self, commits: Iterable[Commit]) -> Iterator[tuple[Seal | None, list[Commit]]]:
        """Commits that follow each other and lie in one file; or, with None, each in its own."""
        self.index.seals.look()
        for _, run in groupby(commits, self._held_by):
            found = [*run]
            yield self.index.seals.holding(found[0].seq), found

    def _held_by(self, commit: Commit) -> int | None:
        seal = self.index.seals.holding(commit.seq)
        return seal.seq if seal else None

    def _values(
        self, seal: Seal | None, run: list[Commit], wanted: frozenset[str], below: int
    ) -> Values:
        if seal is None:
            return [pair for commit in run for pair in self._values_of(commit, wanted, below)]
        spans = [(commit.start, min(commit.next, below)) for commit in run]
        return steadily(lambda: values(locate_sealed(self.root, seal), wanted, spans, self.keys))

    def _values_of(self, commit: Commit, wanted: frozenset[str], below: int) -> Values:
        """Those of a commit that had a file of its own a moment ago."""
        spans = EVERYWHERE if commit.next <= below else [(commit.start, below)]
        published = self.root / self.index.chain.data(commit.start, commit.intake_ms)
        with suppress(FileNotFoundError):
            return values(published, wanted, spans, self.keys)
        spans = [(commit.start, min(commit.next, below))]  # in the file of several, perhaps
        return steadily(lambda: values(self.staged(commit), wanted, spans, self.keys))

    def _blocks(self, seal: Seal, start: int, upto: int) -> Iterator[list[Row]]:
        """The rows of a span of one file, which may be published while it is read."""
        while start < upto:
            path = locate_sealed(self.root, seal)
            with suppress(FileNotFoundError):
                for block in blocks(path, self.keys, start, upto):
                    yield block
                    start = block[-1].offset + 1
                return


def _parted(found: Iterator[list[Row]], run: list[Commit]) -> Iterator[list[Row]]:
    """Rows, as those of each commit; none of them lies in two blocks."""
    commits = iter(run)
    for block in found:
        at = 0
        while at < len(block):
            end = bisect_left(block, next(commits).next, at, key=_OFFSET)
            yield block[at:end]
            at = end
