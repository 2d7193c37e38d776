"""The evidence that a recomputation is given: the archive, and what the log holds beyond it.

A running server commits to the archive now and then, and counts at once. So that two
computations speak of the same events, both get the archive's files up to some positions and, in
files for the moment, the rows between the archive and those positions.

While evidence is open its files stay where they are: they are links to the archive's, made on the
same disk, and the compaction of the archive takes nothing away from whoever reads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import Retry, Stop
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive import table
from sinks.archive.index import Index
from sinks.archive.layout import Chain
from sinks.archive.pieces import Piece, check, content, in_clear, pieces
from sinks.archive.reader import chains
from sinks.archive.unsealed import opened
from streams.home import Home
from streams.logs.port import Log
from streams.recounting.scratch import scratch

_TRIES = 5
Listed = Callable[[Path, Chain], list[Piece]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Files of exactly the events below some positions of the log.

    Attributes:
        partitions: by number, the files of all logs in the order in which they were begun. All
            events of a contact lie in one partition.
        positions: of the newest log.
        beyond: how many rows are not archived yet.
        scratch: a folder for what else is made of it, as long as it is open; None: the system's.
    """

    partitions: dict[int, list[Piece]] = field(default_factory=dict)
    positions: dict[int, int] = field(default_factory=dict)
    beyond: int = 0
    scratch: Path | None = None

    @property
    def files(self) -> list[Path]:
        """What any tool reads; each was checked against its hash just now.

        Raises:
            Stop: a file was changed.
        """
        found = [piece for pieces in self.partitions.values() for piece in pieces]
        for piece in found:
            check(piece)
        return [piece.path for piece in found]

    @property
    def newest_ms(self) -> int | None:
        """When the last of the events happened; None where there are none."""
        times = [piece.newest_ms for found in self.partitions.values() for piece in found]
        return max((ms for ms in times if ms is not None), default=None)


@contextmanager
def evidence(
    home: Home, positions: Sequence[int] | None = None, listed: Listed = pieces
) -> Iterator[Evidence]:
    """The evidence below some positions of the log, by partition; None: all that is archived.

    Files that are sealed are copied in the clear, for the moment, as far as their keys are here.

    Args:
        home: the data folder.
        positions: of the log, by partition.
        listed: finds the files of a chain.

    Raises:
        Retry: the log no longer holds what the archive had not when it was listed; or files were
            compacted each time that they were listed.
        Stop: the archive contradicts itself, or a key is missing.
    """
    with scratch(home.data) as folder:
        yield replace(_Collector(home, folder, listed).collect(positions), scratch=folder)


class _Collector:
    """Finds the files, and makes those that are needed for the moment."""

    def __init__(self, home: Home, folder: Path, listed: Listed) -> None:
        self._home, self._folder, self._keys, self._listed = home, folder, home.keys(), listed

    def collect(self, positions: Sequence[int] | None) -> Evidence:
        if positions is None:
            return self._archived(None, {})
        with closing(self._home.log()) as log:
            found = self._archived(log.log_id, dict(enumerate(positions)))
            beyond = [self._beyond(log, found, *at) for at in enumerate(positions)]
        return Evidence(found.partitions, dict(enumerate(positions)), sum(beyond))

    def _archived(self, log_id: str | None, upto: dict[int, int]) -> Evidence:
        """What is committed, and up to where: of the log that positions are of, below them."""
        root, found = self._home.archive, Evidence()
        for chain in _in_order(root, log_id):
            files = found.partitions.setdefault(chain.partition, [])
            of_positions = log_id in (None, chain.log_id)
            end = upto.get(chain.partition) if of_positions else None
            for piece in self._held(chain, end):
                files.append(self._cut(self._opened(piece, chain.partition), end, chain.partition))
                if of_positions:
                    found.positions[chain.partition] = files[-1].next
        return found

    def _held(self, chain: Chain, end: int | None) -> list[Piece]:
        """The files of a chain up to a position, which are not taken away."""
        for _ in range(_TRIES):
            with suppress(FileNotFoundError):  # compacted since it was listed
                listed = self._listed(self._home.archive, chain)
                return [self._linked(piece) for piece in listed if end is None or piece.start < end]
        msg = f"{chain}: its files were compacted each time that they were listed; ask again"
        raise Retry(msg)

    def _linked(self, piece: Piece) -> Piece:
        """The same by a name of our own, where the disk gives files a second one."""
        path = self._folder / piece.path.relative_to(self._home.archive)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(piece.path, path)
        except FileExistsError:  # since it was listed before
            pass
        except FileNotFoundError:
            raise
        except OSError:  # on another disk, or of somebody who does not let us
            return piece
        return piece._replace(path=path, origin=piece.path)

    def _opened(self, piece: Piece, number: int) -> Piece:
        """The same in the clear, as far as that can be."""
        key = None if piece.period is None else self._keys.opening(piece.period)
        if piece.period is None or key is None:
            return piece
        columns = opened(content(piece), piece.period, key)
        return self._write(columns, piece._replace(period=None), number)

    def _cut(self, piece: Piece, end: int | None, number: int) -> Piece:
        """The same without the rows from a position on."""
        if end is None or piece.next <= end:
            return piece
        with pq.ParquetFile(pa.BufferReader(content(piece))) as file:
            columns = in_clear(file, pa.compute.field("offset") < end)
        return self._write(columns, piece._replace(next=end), number)

    def _beyond(self, log: Log, found: Evidence, number: int, end: int) -> int:
        """Add what the log holds between the archive and a position; how many rows."""
        start, files = found.positions.get(number, 0), found.partitions.setdefault(number, [])
        try:
            rows = list(_logged(log, number, start, end))
        except Stop as error:  # archived and forgotten since the files were listed
            msg = "the log has moved on"
            raise Retry(msg) from error
        if rows:
            columns = table.table(rows)
            empty = Piece(self._folder, "", start, end, None, 0, {}, None)
            files.append(self._write(columns, empty, number))
        return len(rows)

    def _write(self, columns: pa.Table, of: Piece, number: int) -> Piece:
        """A file for the moment, in a path that tells its partition, as the archive's do."""
        written = table.encode(columns)
        folder = self._folder / f"partition={number}"
        folder.mkdir(exist_ok=True)
        path = folder / f"{len([*folder.iterdir()]):06d}.parquet"
        path.write_bytes(written)
        newest = pa.compute.max(columns["time_ms"]).as_py()
        return of._replace(
            path=path,
            sha256=sha256(memoryview(written)).hexdigest(),
            rows=len(columns),
            counts=table.counts(columns),
            newest_ms=newest,
        )


def _in_order(root: Path, upto: str | None) -> list[Chain]:
    """The chains of events, those of the oldest log first; none that is newer than one's."""
    began: dict[str, int] = {}
    indices = {chain: Index(root, chain) for chain in chains(root) if chain.topic == EVENTS}
    found = [chain for chain, index in indices.items() if len(index)]  # others have not begun
    for chain in found:
        start = indices[chain].began_ms()
        began[chain.log_id] = min(start, began.get(chain.log_id, start))
    newest = began.get(upto or "")
    return sorted(
        (c for c in found if newest is None or c.log_id == upto or began[c.log_id] <= newest),
        key=lambda chain: (began[chain.log_id], chain),
    )


def _logged(log: Log, number: int, start: int, end: int) -> Iterator[Row]:
    """The rows of a span of offsets, some of which may be holes."""
    while start < end and (rows := log.read(EVENTS, number, start, end - start)):
        yield from (row for row in rows if row.offset < end)
        start = rows[-1].offset + 1
