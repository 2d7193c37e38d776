"""The archive at one moment: what a paper says of it, so that another looks at the same events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from schemas.errors import DeadLetter, Retry
from schemas.topics import EVENTS
from sinks.archive.index import NO_BOUND, Index
from sinks.archive.layout import Chain
from sinks.archive.reader import chains
from streams.home import Home
from streams.recounting.evidence import Evidence, evidence


class End(Struct, frozen=True, kw_only=True):
    """The tail of a chain of events.

    Attributes:
        log_id, partition: whose.
        next: the first offset that is not archived.
        commit: number of the newest commit; it stands for all before it.
        sha256: of that commit's entry.
    """

    log_id: str
    partition: int
    next: int
    commit: int
    sha256: str


class Archive:
    """An archive as it was when this was made. Not for several threads.

    Attributes:
        root: of the archive.
        partitions: how many its logs have; writers open all of them.
        ends: of its chains of events, in order; those that hold nothing have none.

    Raises:
        Stop: when it is made, and from every call: a chain is broken.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.partitions = 1 + max((c.partition for c in _chains(root)), default=0)
        self._indices: dict[Chain, Index] = {}
        self.ends = self.now()

    def now(self) -> list[End]:
        """The ends as they are by now."""
        found = map(self._end, _chains(self.root))
        return [end for end in found if end is not None]

    def index(self, end: End) -> Index:
        """The commits of a chain; read no further than its end."""
        return self._index(Chain(end.log_id, EVENTS, end.partition))

    def newest_ms(self) -> int | None:
        """When the last of all events happened, in milliseconds; None where none says when."""
        newest = _newest(self.index(end).entry(end.commit).max_time_ms for end in self.ends)
        for end in self.ends:
            index = self.index(end)
            later = [(-NO_BOUND if newest is None else newest + 1, NO_BOUND)]
            entries = (index.entry(commit.seq) for commit in index.covering(end.next, later))
            newest = _newest([newest, *(entry.max_time_ms for entry in entries)])
        return newest

    def _index(self, chain: Chain) -> Index:
        return self._indices.setdefault(chain, Index(self.root, chain))

    def _end(self, chain: Chain) -> End | None:
        index = self._index(chain)
        tail = index.tail()
        if tail is None:
            return None
        return End(
            log_id=chain.log_id,
            partition=chain.partition,
            next=index.entry(tail.seq).next,
            commit=tail.seq,
            sha256=tail.sha256,
        )


def _chains(root: Path) -> list[Chain]:
    return [chain for chain in chains(root) if chain.topic == EVENTS]


def _newest(times: Iterable[int | None]) -> int | None:
    return max((ms for ms in times if ms is not None), default=None)


@contextmanager
def archived(home: Home) -> Iterator[tuple[Evidence, Archive]]:
    """All that is archived.

    Raises:
        DeadLetter: nothing is.
        Retry: something was archived in between; ask again.
        Stop: the archive contradicts itself, or a key is missing.
    """
    archive = Archive(home.archive)
    if not archive.ends:
        msg = f"nothing is archived in {home.data}"
        raise DeadLetter(msg)
    with evidence(home) as found:
        if archive.now() != archive.ends:
            msg = "the archive has moved on"
            raise Retry(msg)
        yield found, archive
