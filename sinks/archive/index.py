"""The commits of a chain, kept in mind: an entry is read once, however often one asks.

A chain grows by 35,000 entries a year where little comes in. The end of it is found at once
and followed one entry at a time; all the rest is read when somebody first asks which files
could hold something.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import msgspec

from schemas.errors import Stop
from sinks.archive.entry import VERSION, Entry, Tail
from sinks.archive.layout import Chain
from sinks.archive.reader import load, newest
from sinks.archive.seals import Seals

#: Spans of event time, [first, last] in milliseconds; None is all of it.
Within = Sequence[tuple[int, int]] | None
NO_BOUND = 2**63 - 1
_BLOCK = 256  # commits that are passed over together
_END = itemgetter(1)


class Commit(NamedTuple):
    """What leads to the rows of a commit: `start` <= offset < `next`."""

    seq: int
    start: int
    next: int
    intake_ms: int


class _Brief(msgspec.Struct, frozen=True):
    """What is kept in mind of an entry; see `sinks.archive.entry.Entry`."""

    version: int
    log_id: str
    topic: str
    partition: int
    seq: int
    start: int
    next: int
    min_time_ms: int | None
    max_time_ms: int | None
    min_intake_ms: int
    max_intake_ms: int
    prev: str | None


class _Link(NamedTuple):
    """An entry that was read, and the hash that the next one names."""

    entry: _Brief
    sha256: str


_decode = msgspec.json.Decoder(_Brief).decode


class Index:
    """The commits of one chain; not for several threads. Every call sees what is new.

    Attributes:
        read: how many times an entry was read from the disk.

    Raises:
        Stop: from every call, where an entry is missing or unreadable, or does not name the
            hash of the one before.
    """

    def __init__(self, root: Path, chain: Chain) -> None:
        self.read = 0
        self.chain = chain
        self._root = root
        self._newest: _Link | None = None
        self._known: _Link | None = None  # the columns below hold all up to this one
        self._starts, self._firsts, self._lasts, self._intakes = (array("q") for _ in range(4))
        self._blocks: list[tuple[int, int]] = []

    @cached_property
    def seals(self) -> Seals:
        """The seals of the chain; look again, to see what is new."""
        return Seals(self._root, self.chain)

    @property
    def next(self) -> int:
        """The first offset that is not committed."""
        newest = self._follow()
        return newest.entry.next if newest else 0

    def __len__(self) -> int:
        """How many commits there are."""
        newest = self._follow()
        return newest.entry.seq + 1 if newest else 0

    def tail(self) -> Tail | None:
        """The newest entry, as a later log names it."""
        newest = self._follow()
        if newest is None:
            return None
        return Tail(log_id=self.chain.log_id, seq=newest.entry.seq, sha256=newest.sha256)

    def began_ms(self) -> int:
        """When the log took the first of all rows; 0 where there are none."""
        first = self._link(0) if len(self) else None
        return first.entry.min_intake_ms if first else 0

    def entry(self, seq: int) -> Entry:
        """The whole entry of a number."""
        self.read += 1
        return load(self._root, self.chain, seq)

    def covering(
        self, below: int = NO_BOUND, within: Within = None, first: int | None = None
    ) -> list[Commit]:
        """The commits that may hold an event of some spans at an offset below a bound.

        `first` limits it to so many commits from the start of the chain. Events whose time
        cannot be read are in no span.
        """
        self._learn()
        end = bisect_left(self._starts, below)
        end = end if first is None else min(end, first)
        chosen = range(end) if within is None else self._touching(_merged(within), end)
        return [self._commit(seq) for seq in chosen]

    def _commit(self, seq: int) -> Commit:
        later = self._starts[seq + 1 : seq + 2]
        upto = later[0] if later else self._known.entry.next if self._known else 0
        return Commit(seq, self._starts[seq], upto, self._intakes[seq])

    def _touching(self, spans: list[tuple[int, int]], end: int) -> Iterator[int]:
        for block, (first, last) in enumerate(self._blocks):
            if _touches(spans, first, last):
                for seq in range(block * _BLOCK, min((block + 1) * _BLOCK, end)):
                    if _touches(spans, self._firsts[seq], self._lasts[seq]):
                        yield seq

    def _follow(self) -> _Link | None:
        """The newest entry, checked against the one before."""
        if self._newest is None:
            last = newest(self._root, self.chain)
            if last < 0:
                return None
            before = self._link(last - 1) if last else None
            self._newest = self._checked(last, before)
        while (self._root / self.chain.entry(self._newest.entry.seq + 1)).exists():
            self._newest = self._checked(self._newest.entry.seq + 1, self._newest)
        return self._newest

    def _learn(self) -> None:
        """Read what was not asked for until now."""
        for seq in range(len(self._starts), len(self)):
            self._known = self._checked(seq, self._known)
            self._keep(self._known.entry)

    def _keep(self, entry: _Brief) -> None:
        first = NO_BOUND if entry.min_time_ms is None else entry.min_time_ms
        last = -NO_BOUND if entry.max_time_ms is None else entry.max_time_ms
        if len(self._starts) % _BLOCK == 0:
            self._blocks.append((first, last))
        self._blocks[-1] = (min(self._blocks[-1][0], first), max(self._blocks[-1][1], last))
        self._starts.append(entry.start)
        self._firsts.append(first)
        self._lasts.append(last)
        self._intakes.append(entry.max_intake_ms)

    def _checked(self, seq: int, before: _Link | None) -> _Link:
        """An entry that goes on where the one before it ends."""
        link = self._link(seq)
        path, entry = self._root / self.chain.entry(seq), link.entry
        if entry.prev != (before.sha256 if before else None):
            msg = f"{path}: does not name the hash of the entry before"
            raise Stop(msg)
        if entry.start != (before.entry.next if before else 0):
            msg = f"{path}: starts at {entry.start}, not where the entry before ends"
            raise Stop(msg)
        return link

    def _link(self, seq: int) -> _Link:
        """An entry, which is what its path says."""
        self.read += 1
        path = self._root / self.chain.entry(seq)
        try:
            raw = path.read_bytes()
            entry = _decode(raw)
        except FileNotFoundError as error:
            msg = f"{path}: the commit entry is missing"
            raise Stop(msg) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            msg = f"{path}: not a commit entry: {error}"
            raise Stop(msg) from error
        place = Chain(entry.log_id, entry.topic, entry.partition)
        if (place, entry.seq, entry.version) != (self.chain, seq, VERSION):
            msg = f"{path}: this is entry {entry.seq} of another place, or of another version"
            raise Stop(msg)
        return _Link(entry, sha256(raw).hexdigest())


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same spans in order, none touching the next."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _touches(spans: list[tuple[int, int]], first: int, last: int) -> bool:
    """Whether one of the spans, which are in order, has a part between two instants."""
    at = bisect_left(spans, first, key=_END)
    return at < len(spans) and spans[at][0] <= last
