"""Damages to an archive, from a flipped bit to a forger who makes the whole chain again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.instants import DAY
from schemas.topics import EVENTS
from sinks.archive import merkle, reader
from sinks.archive.entry import Entry, Tail, canonical, digest, parse
from sinks.archive.layout import Chain
from tests.archive.world import CHAIN, LOG, NOON

Forgery = Callable[[Path], object]


def entry(root: Path, seq: int) -> Entry:
    return parse((root / CHAIN.entry(seq)).read_bytes())


def file(root: Path, seq: int) -> Path:
    return root / entry(root, seq).file


def put(root: Path, at: int, forged: Entry) -> None:
    (root / CHAIN.entry(at)).write_bytes(canonical(forged))


def chain_again(root: Path, seq: int, **changes: Any) -> None:
    """Change an entry, and the hashes of all that follow: the work of a careful forger."""
    found = reader.entries(root, LOG, EVENTS, 0)
    found[seq] = msgspec.structs.replace(found[seq], **changes)
    for at in range(seq, len(found)):
        prev = digest(found[at - 1]) if at else None
        found[at] = msgspec.structs.replace(found[at], prev=prev)
        put(root, at, found[at])


def rewrite(root: Path, seq: int, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change the rows of a file, and its hash and size in a chain made again."""
    path = file(root, seq)
    table = change(pq.read_table(path, partitioning=None))
    pq.write_table(table, path)
    content = path.read_bytes()
    chain_again(root, seq, sha256=sha256(content).hexdigest(), bytes=len(content))


def column(name: str, change: Callable[[list[Any]], list[Any]]) -> Callable[[pa.Table], pa.Table]:
    def changed(table: pa.Table) -> pa.Table:
        at = table.schema.get_field_index(name)
        values = change(table[name].to_pylist())
        return table.set_column(at, name, pa.array(values, table.schema.field(name).type))

    return changed


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def respaced(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b":", b": ", 1))


def entry_after(root: Path, seq: int, forged: Entry) -> Entry:
    return msgspec.structs.replace(forged, seq=seq + 1, prev=digest(entry(root, seq)))


def no_parquet(root: Path, seq: int) -> None:
    file(root, seq).write_bytes(b"PAR1?PAR1")
    sha = sha256(b"PAR1?PAR1").hexdigest()
    chain_again(root, seq, sha256=sha, bytes=9)


def unpublish(root: Path, seq: int) -> None:
    found = entry(root, seq)
    file(root, seq).rename(root / CHAIN.staged(found.start, found.sha256, 0, "parquet"))


def remove(*paths: Path) -> None:
    for path in paths:
        path.unlink()


#: One damage each, and what must be said of it first: file, number of the entry, words.
CORPUS: dict[str, tuple[Forgery, str, int | None, str]] = {
    "an entry is gone": (
        lambda root: (root / CHAIN.entry(1)).unlink(),
        "000000000001.json",
        1,
        "missing: the chain goes on with entry 2",
    ),
    "the first entries are gone": (
        lambda root: remove(root / CHAIN.entry(0), root / CHAIN.entry(1)),
        "000000000000.json",
        0,
        "missing: the chain goes on with entry 2",
    ),
    "an edited end": (
        lambda root: chain_again(root, 1, next=9),
        "00000000000000000005.parquet",
        1,
        "offsets do not rise from 5 to below 9",
    ),
    "a gap between entries": (
        lambda root: chain_again(root, 2, start=11),
        "000000000002.json",
        2,
        "gap: it starts at 11, the entry before ends at 10",
    ),
    "an overlap": (
        lambda root: chain_again(root, 2, start=8),
        "000000000002.json",
        2,
        "overlap: it starts at 8, the entry before ends at 10",
    ),
    "a chain that does not start at 0": (
        lambda root: chain_again(root, 0, start=1),
        "000000000000.json",
        0,
        "gap: it starts at 1, the entry before ends at 0",
    ),
    "a broken chain": (
        lambda root: put(root, 2, msgspec.structs.replace(entry(root, 2), prev="0" * 64)),
        "000000000002.json",
        2,
        "broken chain: prev is not the hash of the entry before",
    ),
    "an entry changed without a trace in itself": (
        lambda root: put(root, 1, msgspec.structs.replace(entry(root, 1), writer="x")),
        "000000000002.json",
        2,
        "broken chain: prev is not the hash of the entry before",
    ),
    "a changed file": (
        lambda root: flip(file(root, 2), -40),
        "00000000000000000010.parquet",
        2,
        "changed: its sha256 is not what the entry says",
    ),
    "a torn file": (
        lambda root: file(root, 2).write_bytes(file(root, 2).read_bytes()[:100]),
        "00000000000000000010.parquet",
        2,
        "torn: 100 bytes, the entry says",
    ),
    "a lost file": (
        lambda root: file(root, 2).unlink(),
        "00000000000000000010.parquet",
        2,
        "missing: neither published nor staged",
    ),
    "a replayed entry": (
        lambda root: put(root, 3, entry(root, 1)),
        "000000000003.json",
        3,
        "replayed: it is entry 1",
    ),
    "a replayed commit, chained again": (
        lambda root: put(root, 4, entry_after(root, 3, entry(root, 1))),
        "000000000004.json",
        4,
        "overlap: it starts at 5, the entry before ends at 20",
    ),
    "an entry of another partition": (
        lambda root: (
            (root / CHAIN.entry(0)).write_bytes(
                (root / Chain(LOG, EVENTS, 1).entry(0)).read_bytes()
            )
            and None
        ),
        "000000000000.json",
        0,
        "replayed: it is of log-1, contact.events.v1, partition 1",
    ),
    "an edited count": (
        lambda root: chain_again(root, 1, counts={"contact.arrived": 5}),
        "00000000000000000005.parquet",
        1,
        "counts: the entry says {'contact.arrived': 5}, the file holds",
    ),
    "an edited sum": (
        lambda root: chain_again(root, 1, sums={"seconds": "1"}),
        "00000000000000000005.parquet",
        1,
        "sums: the entry says {'seconds': '1'}, the file holds",
    ),
    "an edited number of rows": (
        lambda root: chain_again(root, 1, rows=6),
        "00000000000000000005.parquet",
        1,
        "rows: the entry says 6, the file holds 5",
    ),
    "a hole that is none": (
        lambda root: chain_again(root, 1, holes=[(6, 7)]),
        "00000000000000000005.parquet",
        1,
        "holes: the entry says [(6, 7)], the file holds []",
    ),
    "a hole that is not told": (
        lambda root: chain_again(root, 2, holes=[]),
        "00000000000000000010.parquet",
        2,
        "holes: the entry says [], the file holds [(12, 13)]",
    ),
    "an edited first offset": (
        lambda root: chain_again(root, 1, first_offset=6),
        "00000000000000000005.parquet",
        1,
        "first_offset: the entry says 6, the file holds 5",
    ),
    "an edited time": (
        lambda root: chain_again(root, 1, min_time_ms=None),
        "00000000000000000005.parquet",
        1,
        f"min_time_ms: the entry says None, the file holds {NOON + 5}",
    ),
    "an edited intake": (
        lambda root: chain_again(root, 1, min_intake_ms=0),
        "00000000000000000005.parquet",
        1,
        f"min_intake_ms: the entry says 0, the file holds {NOON + 5}",
    ),
    "an edited root": (
        lambda root: chain_again(root, 1, records_root=merkle.root([])),
        "00000000000000000005.parquet",
        1,
        "records_root: the entry says e3b0c44298fc1c14",
    ),
    "a changed value in a file written again": (
        lambda root: rewrite(root, 1, column("value", lambda values: [b"?", *values[1:]])),
        "00000000000000000005.parquet",
        1,
        "records_root: the entry says",
    ),
    "a changed offset in a file written again": (
        lambda root: rewrite(root, 1, column("offset", lambda values: [*values[:-1], 10])),
        "00000000000000000005.parquet",
        1,
        "offsets do not rise from 5 to below 10",
    ),
    "a row twice in a file written again": (
        lambda root: rewrite(root, 1, lambda table: pa.concat_tables([table, table[:1]])),
        "00000000000000000005.parquet",
        1,
        "offsets do not rise from 5 to below 10",
    ),
    "a row less in a file written again": (
        lambda root: rewrite(root, 1, lambda table: table[1:]),
        "00000000000000000005.parquet",
        1,
        "rows: the entry says 5, the file holds 4",
    ),
    "no rows in a file written again": (
        lambda root: rewrite(root, 1, lambda table: table[:0]),
        "00000000000000000005.parquet",
        1,
        "rows: the entry says 5, the file holds 0",
    ),
    "a column less in a file written again": (
        lambda root: rewrite(root, 1, lambda table: table.drop_columns(["value"])),
        "00000000000000000005.parquet",
        1,
        "column value is not there once",
    ),
    "a column of another type": (
        lambda root: rewrite(
            root, 1, lambda table: table.set_column(0, "offset", [["5", "6", "7", "8", "9"]])
        ),
        "00000000000000000005.parquet",
        1,
        "column offset is string, not int64",
    ),
    "a null where none can be": (
        lambda root: rewrite(root, 1, column("subject", lambda values: [None, *values[1:]])),
        "00000000000000000005.parquet",
        1,
        "column subject has nulls",
    ),
    "a file that is no Parquet, with an entry to match": (
        lambda root: no_parquet(root, 1),
        "00000000000000000005.parquet",
        1,
        "not a readable Parquet file",
    ),
    "a stray file": (
        lambda root: shutil.copy(file(root, 1), file(root, 1).with_name("copy.parquet")),
        "copy.parquet",
        None,
        "stray: no entry names it",
    ),
    "a stray file in the log": (
        lambda root: (root / CHAIN.log / "note.txt").write_text("x"),
        "note.txt",
        None,
        "stray: not the place of a commit entry",
    ),
    "a torn entry": (
        lambda root: (root / CHAIN.entry(1)).write_bytes(b""),
        "000000000001.json",
        1,
        "not a commit entry",
    ),
    "an entry with a space": (
        lambda root: respaced(root / CHAIN.entry(3)),
        "000000000003.json",
        3,
        "not in canonical form (RFC 8785)",
    ),
    "a file that lies elsewhere": (
        lambda root: chain_again(root, 1, file="../../etc/passwd"),
        "000000000001.json",
        1,
        "file is not in its place",
    ),
    "a date that is none": (
        lambda root: chain_again(root, 1, max_intake_ms=2**53 - 1),
        "000000000001.json",
        1,
        "file is not in its place",
    ),
    "a file under another month": (
        lambda root: chain_again(root, 1, max_intake_ms=NOON + 40 * DAY),
        "000000000001.json",
        1,
        "file is not in its place",
    ),
    "an older log that is not here": (
        lambda root: chain_again(root, 0, continues=Tail(log_id="x", seq=0, sha256="0" * 64)),
        "000000000000.json",
        0,
        "broken chain: entry 0 of log x is not what it continues",
    ),
    "an older log, continued in the middle": (
        lambda root: chain_again(root, 1, continues=Tail(log_id="x", seq=0, sha256="0" * 64)),
        "000000000001.json",
        1,
        "only the first entry of a chain continues another log",
    ),
    "a file taken back into staging": (
        lambda root: unpublish(root, 1),
        "00000000000000000005.parquet",
        1,
        "not yet published: its rows are staged",
    ),
}
