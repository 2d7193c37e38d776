"""Where the archive holds the events of contacts: position, commit, file, and their hashes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct

from schemas.errors import Retry
from sinks.archive.entry import Entry, sealed_under
from sinks.archive.index import NO_BOUND, Commit, Index, Within
from sinks.archive.pieces import Piece, content
from sinks.archive.reader import locate_own, locate_sealed
from sinks.archive.sealed import DIGEST
from sinks.archive.seals import Seal
from streams.tracing.archive import Archive, End

_COLUMNS = ("offset", "intake_ms", "time_ms", "type", "source", "id", "subject")
_START = attrgetter("start")


class Place(Struct, frozen=True, kw_only=True):
    """One row of the archive: an event of a contact, as it entered the log.

    Attributes:
        contact: its id.
        log_id, partition, offset: its position.
        commit: number of the commit that made it part of the archive.
        file, file_sha256: where it is now, relative to the archive, and the hash of all of that.
        intake_ms, time_ms: when the log took it, and when it happened; UTC milliseconds.
        type: what happened.
        source, id: who says so, and as which event.
        sha256: of its own bytes.
        reading: `counted`; `again`, of an event that came before with the same bytes;
            `set aside`, where the same (source, id) came with bytes of a smaller hash.
    """

    contact: str
    log_id: str
    partition: int
    offset: int
    commit: int
    file: str
    file_sha256: str
    intake_ms: int
    time_ms: int
    type: str
    source: str
    id: str
    sha256: str
    reading: str = "counted"


class Held(NamedTuple):
    """A file as the archive names it, and the commits of which rows are looked for in it."""

    file: str
    piece: Piece
    commits: list[Commit]


def held(root: Path, index: Index, commits: Iterable[Commit]) -> Iterator[Held]:
    """The files that hold some commits now, each once; one may hold several.

    Raises:
        Retry: files were compacted meanwhile; ask again.
        Stop: the chain of commits or seals is broken.
    """
    index.seals.look()
    files: dict[str, Held] = {}
    for commit in commits:
        said = index.seals.holding(commit.seq) or index.entry(commit.seq)
        found = files.get(said.file)
        if found is None:
            files[said.file] = found = Held(said.file, _piece(root, said), [])
        found.commits.append(commit)
    yield from files.values()


def _piece(root: Path, said: Entry | Seal) -> Piece:
    path = locate_sealed(root, said) if isinstance(said, Seal) else locate_own(root, said)
    if path is None:
        msg = f"{said.file}: not there just now; ask again"
        raise Retry(msg)
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


def places(
    archive: Archive,
    end: End,
    contacts: Collection[str],
    as_of: int,
    within: Within = None,
    sure: int = NO_BOUND,
) -> list[Place]:
    """Every event of some contacts in a chain up to `as_of`, in the order of the log.

    Args:
        archive: in which they are.
        end: of the chain; what came later is not looked at.
        contacts: their ids.
        as_of: in milliseconds. Events whose time cannot be read are left out.
        within: spans of event time in which all their events lie; None where that is not known,
            and every file is looked into.
        sure: below this offset they do; files with rows from it on are looked into.

    Raises:
        Retry: files were compacted meanwhile; ask again.
        Stop: the chain is broken, or a file was changed.
    """
    index, wanted = archive.index(end), pa.array(sorted(contacts), pa.string())
    every, found = index.covering(end.next), list[Place]()
    needed = {commit.seq for commit in index.covering(end.next, within)}
    needed |= {commit.seq for commit in every if commit.next > sure}
    for file in held(archive.root, index, (every[seq] for seq in sorted(needed))):
        found += _in_file(file, every, end, wanted, as_of)
    return sorted(found, key=attrgetter("offset"))


def _in_file(
    file: Held, commits: Sequence[Commit], end: End, wanted: pa.Array, as_of: int
) -> Iterator[Place]:
    for row in _rows(file.piece, wanted):
        if row["offset"] < end.next and row["time_ms"] is not None and row["time_ms"] <= as_of:
            commit = commits[bisect_right(commits, row["offset"], key=_START) - 1]
            yield Place(
                contact=row.pop("subject"),
                log_id=end.log_id,
                partition=end.partition,
                commit=commit.seq,
                file=file.file,
                file_sha256=file.piece.sha256,
                sha256=row.pop(DIGEST, None) or sha256(row["value"]).hexdigest(),
                **{name: row[name] for name in _COLUMNS if name in row},
            )


def _rows(piece: Piece, wanted: pa.Array) -> Iterator[dict[str, Any]]:
    """The rows of some contacts in a file. What is sealed stays so: it names the hashes."""
    with pq.ParquetFile(pa.BufferReader(content(piece))) as file:
        names = [*_COLUMNS, DIGEST if DIGEST in file.schema_arrow.names else "value"]
        for group in range(file.num_row_groups):
            subjects = file.read_row_group(group, ["subject"], use_threads=False)["subject"]
            at = pc.indices_nonzero(pc.is_in(subjects, wanted))
            if len(at):
                rows = file.read_row_group(group, names, use_threads=False).take(at)
                yield from rows.to_pylist()


def read(places: Iterable[Place]) -> list[Place]:
    """The places of one contact in the order of intake, each with how the fold reads it."""
    found = sorted(places, key=attrgetter("intake_ms", "offset"))
    kept: dict[tuple[str, str], str] = {}
    for place in found:
        key = (place.source, place.id)
        kept[key] = min(kept.get(key, place.sha256), place.sha256)
    counted: set[tuple[str, str]] = set()
    said = []
    for place in found:
        key = (place.source, place.id)
        aside = place.sha256 != kept[key]
        reading = "set aside" if aside else "again" if key in counted else "counted"
        said.append(msgspec.structs.replace(place, reading=reading))
        if not aside:
            counted.add(key)
    return said
