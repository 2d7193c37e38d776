"""One partition of the evidence, as whoever counts it reads it: here, or on another machine.

It can be pickled; where it arrives, the same paths must lead to the same files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sinks.archive.pieces import Piece, content, subjects, values
from streams.core.callers import Linked
from streams.recounting.evidence import Evidence

_LINKS = ["subject", "caller", "caller_before"]


@dataclass(frozen=True, slots=True)
class Share:
    """The files of one partition: `streams.core.sweep.Files`, each checked against its hash.

    Raises:
        Stop: from every call, where a file is missing or was changed.
    """

    partition: int
    pieces: Sequence[Piece]

    def __len__(self) -> int:
        """How many files there are."""
        return len(self.pieces)

    @property
    def rows(self) -> int:
        """How many rows they have."""
        return sum(piece.rows for piece in self.pieces)

    def size(self, number: int) -> int:
        """How many rows one of them has."""
        return self.pieces[number].rows

    def subjects(self, number: int) -> Iterable[str]:
        """Who has events in a file."""
        return subjects(self.pieces[number])

    def values(self, number: int) -> Iterator[tuple[list[str], list[bytes]]]:
        """Subjects and raw events of a file's rows, some thousands at a time."""
        return values(self.pieces[number])


def shares(evidence: Evidence) -> list[Share]:
    """The partitions that hold anything, the largest first."""
    found = [Share(number, pieces) for number, pieces in evidence.partitions.items() if pieces]
    return sorted(found, key=lambda share: -share.rows)


def linked(evidence: Evidence) -> Linked:
    """Which keys of callers stand for one, as far as contacts name one beside another.

    Only the columns of keys are read, and only where some contact names a key before its own.
    """
    found = Linked()
    for pieces in evidence.partitions.values():
        naming = {name for piece in pieces for name in _naming(piece)}
        for piece in pieces if naming else ():
            _link(found, piece, naming)
    return found


def _naming(piece: Piece) -> Iterable[str]:
    """The contacts of a file that name a key before their own."""
    with pq.ParquetFile(pa.BufferReader(content(piece))) as file:
        if "caller_before" not in file.schema_arrow.names or _is_null(file, "caller_before"):
            return ()
        columns = file.read(["subject", "caller_before"], use_threads=False)
    columns = columns.filter(pc.is_valid(columns["caller_before"]))
    found: list[str] = columns["subject"].to_pylist()
    return found


def _is_null(file: pq.ParquetFile, name: str) -> bool:
    """Whether a column holds nothing, as far as the file's own statistics tell."""
    at = file.schema_arrow.get_field_index(name)
    groups = [file.metadata.row_group(n) for n in range(file.metadata.num_row_groups)]
    found = [(group.num_rows, group.column(at).statistics) for group in groups]
    return all(kept is not None and kept.null_count == rows for rows, kept in found)


def _link(found: Linked, piece: Piece, naming: set[str]) -> None:
    """All keys that the events of one contact name are of one caller."""
    with pq.ParquetFile(pa.BufferReader(content(piece))) as file:
        columns = file.read(_LINKS, use_threads=False)
    columns = columns.filter(pc.is_in(columns["subject"], pa.array(naming)))
    for row in columns.to_pylist():
        # A file that is older than a column does not have it.
        for key in filter(None, (row.get("caller"), row.get("caller_before"))):
            found.link(f"subject {row['subject']}", key)
