"""Reading an archive: by its commit log, never by a glob.

A commit entry makes its rows part of the archive at once. Until the file is published
(a moment, or as long as a stopped writer stays stopped) its rows are read where they are
staged.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from schemas.errors import Stop
from schemas.rows import Row
from sinks.archive.entry import Entry, digest, parse
from sinks.archive.layout import LOG, Chain, chain_of, seq_of, staged_as
from sinks.archive.rows import rows
from sinks.archive.sealed import NO_KEYS, Keys


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


def follow(root: Path, chain: Chain, after: Entry | None) -> list[Entry]:
    """The entries that come after one of the chain (all of them after None), in order.

    Raises:
        Stop: as `entries` does.
    """
    found: list[Entry] = []
    for seq in range(after.seq + 1 if after else 0, newest(root, chain) + 1):
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


def locate(root: Path, entry: Entry) -> Path:
    """Where the rows of an entry are: published, or staged until then.

    Raises:
        Stop: nowhere.
    """
    published = root / entry.file
    if published.exists():
        return published
    chain = Chain(entry.log_id, entry.topic, entry.partition)
    for path in sorted((root / chain.staging).glob(staged_as(entry.start, entry.sha256))):
        try:
            if is_file_of(path, entry):
                return path
        except FileNotFoundError:  # published in between
            break
    if published.exists():
        return published
    msg = f"{published}: committed by entry {entry.seq}, but neither published nor staged"
    raise Stop(msg)


def is_file_of(path: Path, entry: Entry) -> bool:
    """Whether a file holds the bytes that the entry names."""
    return sha256(path.read_bytes()).hexdigest() == entry.sha256


def files(root: Path) -> list[Path]:
    """The files of all committed rows, chain by chain, in order.

    Beside a writer, a path below `staging` may be gone a moment later: then ask again.

    Raises:
        Stop: as `entries` does, or a committed file is missing.
    """
    return [locate(root, entry) for chain in chains(root) for entry in follow(root, chain, None)]


def rows_in(root: Path, entry: Entry, keys: Keys = NO_KEYS) -> list[Row]:
    """The rows of one entry, in order.

    Raises:
        Stop: the file is missing, or sealed and its key is.
    """
    try:
        return rows(locate(root, entry), keys)
    except FileNotFoundError:  # published in between, and staged no more
        return rows(locate(root, entry), keys)


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
