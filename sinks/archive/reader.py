"""Reading an archive: by its commit log, never by a glob.

A commit entry makes its rows part of the archive at once. Until the file is published
(a moment, or as long as a stopped writer stays stopped) its rows are read where they are
staged. In the same way a seal makes one file that of several commits. So a file that was found
may be gone a moment later, and its rows are then found in another.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from schemas.errors import Stop
from schemas.rows import Row
from sinks.archive.entry import Entry, digest, parse
from sinks.archive.layout import LOG, Chain, chain_of, seq_of, staged_as
from sinks.archive.rows import rows
from sinks.archive.sealed import NO_KEYS, Keys
from sinks.archive.seals import Seal, Seals, made

_MOVES = 3  # a file is staged, published, and replaced by another that is staged, then published
Found = TypeVar("Found")


def chains(root: Path) -> list[Chain]:
    """Every log and partition that the archive holds, in order."""
    folders = (root / LOG).glob("log=*/topic=*/partition=*")
    found = (chain_of(folder.relative_to(root / LOG).as_posix()) for folder in folders)
    return sorted(chain for chain in found if chain)


def entries(root: Path, log_id: str, topic: str, partition: int) -> list[Entry]:
    """All commit entries of a partition, in order; [] where there is none.

    Raises:
        Stop: an entry is missing or unreadable, or does not continue the one before.
    """
    return follow(root, Chain(log_id, topic, partition), None)


def tail(root: Path, log_id: str, topic: str, partition: int) -> Entry | None:
    """The newest commit entry of a partition, checked against the one before it.

    Raises:
        Stop: as `entries` does.
    """
    chain = Chain(log_id, topic, partition)
    last = newest(root, chain)
    before = load(root, chain, last - 1) if last > 0 else None
    return next(iter(follow(root, chain, before)), None)


def follow(root: Path, chain: Chain, after: Entry | None, upto: int | None = None) -> list[Entry]:
    """The entries that come after one of the chain (all of them after None), in order.

    Where `upto` is given, only those of lower numbers.

    Raises:
        Stop: as `entries` does.
    """
    found: list[Entry] = []
    end = newest(root, chain) + 1 if upto is None else upto
    for seq in range(after.seq + 1 if after else 0, end):
        entry = load(root, chain, seq)
        _check_continues(root / chain.entry(seq), entry, after)
        found.append(entry)
        after = entry
    return found


def load(root: Path, chain: Chain, seq: int) -> Entry:
    """One commit entry, which is what its path says.

    Raises:
        Stop: missing, unreadable, or the entry of another place.
    """
    path = root / chain.entry(seq)
    try:
        entry = parse(path.read_bytes())
    except FileNotFoundError as error:
        msg = f"{path}: the commit entry is missing"
        raise Stop(msg) from error
    except Stop as error:
        msg = f"{path}: {error}"
        raise Stop(msg) from error
    if (Chain(entry.log_id, entry.topic, entry.partition), entry.seq) != (chain, seq):
        msg = f"{path}: this is entry {entry.seq} of another place"
        raise Stop(msg)
    return entry


def locate(root: Path, entry: Entry, seals: Seals | None = None) -> Path:
    """The file that holds the rows of an entry: its own, or one of several commits.

    Args:
        root: of the archive.
        entry: of which.
        seals: of the chain, where they are known; they are looked at again if need be.

    Raises:
        Stop: there is none.
    """
    seals = seals or Seals(root, _chain(entry))
    for _ in range(2):
        if (seal := seals.holding(entry.seq)) is not None:
            return locate_sealed(root, seal)
        if (found := locate_own(root, entry)) is not None:
            return found
        seals.look()
    msg = f"{root / entry.file}: committed by entry {entry.seq}, but neither published nor staged"
    raise Stop(msg)


def locate_own(root: Path, entry: Entry) -> Path | None:
    """The file of one commit alone, published or staged until then; None where there is none."""
    published = root / entry.file
    if published.exists():
        return published
    for path in sorted((root / _chain(entry).staging).glob(staged_as(entry.start, entry.sha256))):
        try:
            if is_file_of(path, entry):
                return path
        except FileNotFoundError:  # published in between
            break
    return published if published.exists() else None


def locate_sealed(root: Path, seal: Seal) -> Path:
    """The file of a seal: published, or where it was made until then.

    Raises:
        Stop: nowhere.
    """
    published = root / seal.file
    for path in (published, root / made(_chain(seal), seal), published):
        if path.exists():
            return path
    msg = f"{published}: made by seal {seal.seq}, but neither published nor staged"
    raise Stop(msg)


def _chain(some: Entry | Seal) -> Chain:
    return Chain(some.log_id, some.topic, some.partition)


def is_file_of(path: Path, entry: Entry) -> bool:
    """Whether a file holds the bytes that the entry names."""
    return sha256(path.read_bytes()).hexdigest() == entry.sha256


def files(root: Path) -> list[Path]:
    """The files of all committed rows, chain by chain, in order.

    Beside a writer, or where files are compacted, a path may be gone later: then ask again.

    Raises:
        Stop: as `entries` does, or a committed file is missing.
    """
    found: dict[Path, None] = {}
    for chain in chains(root):
        seals = Seals(root, chain)
        for entry in follow(root, chain, None):
            found[locate(root, entry, seals)] = None
    return [*found]


def rows_in(root: Path, entry: Entry, keys: Keys = NO_KEYS) -> list[Row]:
    """The rows of one entry, in order.

    Raises:
        Stop: the file is missing, or sealed and its key is.
    """
    return steadily(lambda: rows(locate(root, entry), keys, entry.start, entry.next))


def steadily(read: Callable[[], Found]) -> Found:
    """What is read of a file, which is found anew where it was moved before it was opened."""
    for _ in range(_MOVES):
        with suppress(FileNotFoundError):
            return read()
    return read()


def newest(root: Path, chain: Chain) -> int:
    """The number of the newest entry; -1 where there is none."""
    folder = root / chain.log
    names = os.listdir(folder) if folder.is_dir() else []
    return max((seq for seq in map(seq_of, names) if seq is not None), default=-1)


def _check_continues(path: Path, entry: Entry, before: Entry | None) -> None:
    if entry.prev != (digest(before) if before else None):
        msg = f"{path}: does not name the hash of the entry before"
        raise Stop(msg)
    if entry.start != (before.next if before else 0):
        msg = f"{path}: starts at {entry.start}, not where the entry before ends"
        raise Stop(msg)
