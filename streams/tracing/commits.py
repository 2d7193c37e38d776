"""The commits, and the files, in which the events of the contacts behind a figure are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct

from sinks.archive.index import Within
from sinks.archive.pieces import Piece, content
from streams.tracing.archive import Archive, End
from streams.tracing.places import held


class Committed(Struct, frozen=True, kw_only=True):
    """A commit that holds events of a figure.

    Attributes:
        log_id, partition, commit: its place in the archive, and its number there.
        file, file_sha256: where its rows are now, and the hash of all of that file.
        rows: how many of its rows are events of the figure's contacts.
    """

    log_id: str
    partition: int
    commit: int
    file: str
    file_sha256: str
    rows: int


def commits(
    archive: Archive, end: End, contacts: Collection[str], as_of: int, within: Within
) -> Iterator[Committed]:
    """The commits of a chain that hold events of some contacts up to `as_of`, in order.

    Args:
        archive: in which they are.
        end: of the chain; what came later is not looked at.
        contacts: their ids.
        as_of: in milliseconds.
        within: spans of event time in which all their events lie; None where that is not known.

    Raises:
        Retry: files were compacted meanwhile; ask again.
        Stop: the chain is broken, or a file was changed.
    """
    index, wanted = archive.index(end), pa.array(contacts, pa.string())
    for file in held(archive.root, index, index.covering(end.next, within)):
        offsets = _offsets(file.piece, wanted, as_of)
        for commit in file.commits:
            rows = bisect_left(offsets, commit.next) - bisect_left(offsets, commit.start)
            if rows:
                yield Committed(
                    log_id=end.log_id,
                    partition=end.partition,
                    commit=commit.seq,
                    file=file.file,
                    file_sha256=file.piece.sha256,
                    rows=rows,
                )


def _offsets(piece: Piece, wanted: pa.Array, as_of: int) -> list[int]:
    """Where a file has events of some contacts."""
    found: list[int] = []
    with pq.ParquetFile(pa.BufferReader(content(piece))) as file:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, ["subject", "offset", "time_ms"], use_threads=False)
            read = pc.and_(pc.is_in(rows["subject"], wanted), pc.less_equal(rows["time_ms"], as_of))
            found += rows["offset"].filter(read).to_pylist()
    return found
