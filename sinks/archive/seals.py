"""Seals: which commits one larger file stands for, in the place of theirs.

A seal is the commit point of a compaction: once it is there, its file holds the rows of its
commits, and theirs are needed no more. `records_roots` ties it to what was committed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from schemas.errors import Stop
from sinks.archive import merkle, records
from sinks.archive.entry import Digest, Number
from sinks.archive.files import Files
from sinks.archive.layout import DATA, Chain, record


class Seal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of the rows of several commits, `start` <= offset < `next`.

    Attributes:
        version: of this form.
        seq: number among the seals of the chain, from 0, without a gap.
        log_id, topic, partition: whose chain it is.
        first, last: the commits, by their numbers.
        head: SHA-256 of the last of their entries, which stands for all before it.
        start, next: of the first and the last of them.
        rows, counts, max_time_ms: of all of them; see `sinks.archive.entry.Entry`.
        records_roots: RFC 6962 root over the `records_root` (in hex) of each, in order.
        file: path of the rows, relative to the archive's root.
        bytes, sha256: size and hash of that file.
        schema_id: of the file, as of each of theirs.
        time: when it was made, as an instant.
        writer_version: with what.
        prev: hash of the seal before; null in the first.
    """

    version: int = records.VERSION
    seq: Number
    log_id: str
    topic: str
    partition: Number
    first: Number
    last: Number
    head: Digest
    start: Number
    next: Number
    rows: Number
    counts: dict[str, Number]
    max_time_ms: int | None
    records_roots: Digest
    file: str
    bytes: Number
    sha256: Digest
    schema_id: str
    time: str
    writer_version: str
    prev: Digest | None


def roots_root(records_roots: Iterable[str]) -> str:
    """The one hash for the `records_root` of several commits."""
    return merkle.root(root.encode() for root in records_roots)


class Seals:
    """The seals of one chain, kept in mind; not for several threads.

    Raises:
        Stop: from `look` and when it is made: one is missing or unreadable, does not go on from
            the one before, is another chain's, or is of commits that another stands for.
    """

    def __init__(self, root: Path, chain: Chain) -> None:
        self._root, self._chain = root, chain
        self.all: list[Seal] = []
        self._by_first: list[tuple[int, Seal]] = []
        self.look()

    def look(self) -> None:
        """Learn of those that are new."""
        folder = self._root / self._chain.seals
        for seal in records.follow(folder, Seal, self.all[-1] if self.all else None):
            place = Chain(seal.log_id, seal.topic, seal.partition)
            around = (self.holding(seal.first), self.holding(seal.last))
            if place != self._chain or seal.last < seal.first or around != (None, None):
                msg = f"{folder / record(seal.seq)}: not a seal of commits of this chain"
                raise Stop(msg)
            self.all.append(seal)
            self._by_first = sorted((one.first, one) for one in self.all)

    def holding(self, seq: int) -> Seal | None:
        """The seal of a commit, as far as was looked; None where it has none."""
        at = bisect_right(self._by_first, seq, key=lambda pair: pair[0]) - 1
        seal = self._by_first[at][1] if at >= 0 else None
        return seal if seal and seal.last >= seq else None


def made(chain: Chain, seal: Seal) -> str:
    """Where the file of a seal lies until it is published."""
    return f"{chain.compacting}/{seal.seq:012d}.parquet"


def settle(root: Path, chain: Chain, files: Files) -> None:
    """Make durable what is seen of seals and of exchanged folders, whoever was at it.

    Nothing may be built on them, or taken away for their sake, that a loss of power could undo.
    """
    records.settle(root, root / chain.seals, files)
    for folder in (root / DATA / str(chain), root / chain.compacting):
        if folder.exists():  # staging may be gone, of an archive that was restored
            files.sync(folder)
