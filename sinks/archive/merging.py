"""Several files of one chain as one: written, and proved to hold the same records.

The file has a row group end where a commit ends, so that each commit is a slice of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import Stop
from sinks.archive.contents import differences_of_several
from sinks.archive.entry import Entry, sealed_under
from sinks.archive.locks import Lock
from sinks.archive.sealed import PERSONAL, sealed_name
from sinks.archive.table import encode_groups

#: Rows of a row group, unless one commit has more. Look-ups of late contacts read whole row
#: groups, and questions over all of them do not get faster with larger ones.
GROUP = 25_000


class Merged(NamedTuple):
    """One file: its bytes, and the commits that it holds."""

    content: pa.Buffer
    entries: list[Entry]


def merged(root: Path, entries: Sequence[Entry], key: bytes | None) -> Merged:
    """The first of some commits as one file: as many as have the same columns and notes on them.

    Raises:
        OSError: the disk refused.
        Stop: a file is not the one that was committed.
    """
    taken: list[Entry] = []
    period = sealed_under(entries[0])
    lock = None if period is None or key is None else Lock(period, key)
    closing = lock.closing([sealed_name(name) for name in PERSONAL]) if lock else None
    content = encode_groups(_groups(_alike(root, entries, lock, taken)), closing)
    return Merged(content, taken)


def prove(root: Path, content: bytes, entries: Sequence[Entry], key: bytes | None) -> None:
    """Make sure that a file that was read again holds what was committed, column by column.

    The root over the raw values, the counts and the sums of each commit are computed from its
    slice of the file, by the verifier's code; and each slice is compared with the file it came
    from.

    Raises:
        OSError: the disk refused.
        Stop: it does not.
    """
    for what in differences_of_several(content, entries, key):
        msg = f"compacting commits {entries[0].seq} to {entries[-1].seq}: {what}"
        raise Stop(msg)
    period = sealed_under(entries[0])
    lock = None if period is None or key is None else Lock(period, key)
    waiting = iter(entries)
    with _opened(content, lock) as file:
        for number in range(file.num_row_groups):
            group, at = file.read_row_group(number, use_threads=False), 0
            while at < len(group):
                entry = next(waiting)
                if not group.slice(at, entry.rows).equals(_table(root, entry, lock)):
                    msg = f"compacting commit {entry.seq}: its columns would change"
                    raise Stop(msg)
                at += entry.rows


def _alike(
    root: Path, entries: Sequence[Entry], lock: Lock | None, taken: list[Entry]
) -> Iterator[pa.Table]:
    """The tables of the first commits, as long as their columns and notes are the same."""
    first = None
    for entry in entries:
        columns = _table(root, entry, lock)
        first = first or columns.schema
        if not columns.schema.equals(first, check_metadata=True):
            return
        taken.append(entry)
        yield columns


def _groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    for table in tables:
        if waiting and sum(map(len, waiting)) + len(table) > GROUP:
            yield pa.concat_tables(waiting)
            waiting = []
        waiting.append(table)
    yield pa.concat_tables(waiting)


def _table(root: Path, entry: Entry, lock: Lock | None) -> pa.Table:
    """The rows of a commit, of the file that it names."""
    content = (root / entry.file).read_bytes()
    if sha256(content).hexdigest() != entry.sha256:
        msg = f"{root / entry.file}: changed: its sha256 is not what entry {entry.seq} says"
        raise Stop(msg)
    with _opened(content, lock) as file:
        return file.read(use_threads=False)


def _opened(content: bytes, lock: Lock | None) -> pq.ParquetFile:
    opening = lock.opening() if lock else None
    return pq.ParquetFile(pa.BufferReader(content), decryption_properties=opening)
