"""What a computation reads of a chain: whole files, each checked against its hash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.errors import Retry, Stop
from sinks.archive.entry import Entry, sealed_under
from sinks.archive.layout import Chain
from sinks.archive.reader import follow, locate, locate_sealed
from sinks.archive.rebuilt import rebuilt
from sinks.archive.sealed import PERIOD, PERSONAL, sealed_name
from sinks.archive.seals import Seal, Seals

_BATCH = 50_000  # rows that are unpacked together
_SEALED = {sealed_name(name) for name in PERSONAL}


class Piece(NamedTuple):
    """One Parquet file that is read whole: the rows `start` <= offset < `next` of a chain.

    Attributes:
        path: where it is.
        sha256: of its bytes.
        period: under whose key its personal columns are sealed; None where they are not.
        rows: how many there are.
        counts: rows by type as it came.
        newest_ms: when the last of its rows happened; None where no row says so.
        origin: where the archive has it, if `path` is elsewhere; for people.
    """

    path: Path
    sha256: str
    start: int
    next: int
    period: str | None
    rows: int
    counts: dict[str, int]
    newest_ms: int | None
    origin: Path | None = None


def pieces(root: Path, chain: Chain) -> list[Piece]:
    """The files of all committed rows of a chain, in order; some hold those of several commits.

    Where files are compacted at the same time, one may be gone later: then ask again.

    Raises:
        Stop: an entry is missing, unreadable, or does not continue the one before; or a file is
            missing.
    """
    seals = Seals(root, chain)
    own = [(entry, locate(root, entry, seals)) for entry in follow(root, chain, None)]
    pieces = [_piece(locate_sealed(root, seal), seal) for seal in seals.all]
    pieces += [_piece(path, entry) for entry, path in own if seals.holding(entry.seq) is None]
    return sorted(pieces, key=attrgetter("start"))


def _piece(path: Path, said: Entry | Seal) -> Piece:
    return Piece(
        path=path,
        sha256=said.sha256,
        start=said.start,
        next=said.next,
        period=sealed_under(said),
        rows=said.rows,
        counts=said.counts,
        newest_ms=said.max_time_ms,
    )


def content(piece: Piece) -> bytes:
    """The bytes of a file, which are those that were committed.

    Raises:
        Retry: it is there no more: files were compacted.
        Stop: it cannot be read, or was changed.
    """
    with _in_words(piece):
        found = piece.path.read_bytes()
    _demand(piece, sha256(found).hexdigest())
    return found


def check(piece: Piece) -> None:
    """See that the bytes of a file are those that were committed; few are in memory at a time.

    Raises:
        Retry, Stop: as `content` does.
    """
    with _in_words(piece), piece.path.open("rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    _demand(piece, found)


@contextmanager
def _in_words(piece: Piece) -> Iterator[None]:
    name = piece.origin or piece.path
    try:
        yield
    except FileNotFoundError as error:
        msg = f"{name}: replaced by a file of several commits since it was listed; ask again"
        raise Retry(msg) from error
    except OSError as error:
        msg = f"{name}: {error.strerror}"
        raise Stop(msg) from error


def _demand(piece: Piece, sha256: str) -> None:
    if sha256 != piece.sha256:
        msg = f"{piece.origin or piece.path}: changed: its sha256 is not what its commit says"
        raise Stop(msg)


def in_clear(file: pq.ParquetFile, wanted: pc.Expression | None = None) -> pa.Table:
    """What can be read of a file without a key, or some rows of it: all, where it is not sealed.

    The table keeps what the file says of its seal.
    """
    names = [name for name in file.schema_arrow.names if name not in _SEALED]
    kept = pa.schema([file.schema_arrow.field(n) for n in names], file.schema_arrow.metadata)
    # Not by `file.read`: PyArrow 25 fails at it beside an encrypted column that is not asked for.
    batches = file.iter_batches(_BATCH, columns=names, use_threads=False)
    found = (pa.Table.from_batches([batch], kept) for batch in batches)
    some = [table if wanted is None else table.filter(wanted) for table in found]
    return pa.concat_tables([kept.empty_table(), *some])


def subjects(piece: Piece) -> list[str]:
    """The contacts that have rows in a file, each once.

    Raises:
        Stop: as `content` does.
    """
    with _opened(piece) as file:
        found: list[str] = pc.unique(
            file.read(["subject"], use_threads=False)["subject"]
        ).to_pylist()
        return found


def values(piece: Piece) -> Iterator[tuple[list[str], list[bytes]]]:
    """The contacts and the raw events of the rows, in order, some thousands at a time.

    A file must not be sealed; of one whose key was destroyed, events as they are `rebuilt`.

    Raises:
        Stop: as `content` does.
    """
    with _opened(piece) as file:
        if PERIOD in (file.metadata.metadata or {}):
            yield file.read(["subject"], use_threads=False)["subject"].to_pylist(), rebuilt(file)
            return
        columns = ["subject", "value"]
        for batch in file.iter_batches(_BATCH, columns=columns, use_threads=False):
            yield batch.column("subject").to_pylist(), batch.column("value").to_pylist()


def _opened(piece: Piece) -> pq.ParquetFile:
    return pq.ParquetFile(pa.BufferReader(content(piece)))
