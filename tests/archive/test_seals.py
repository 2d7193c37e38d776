"""What is said of files that stand for several commits, and of days: true, and checked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import Stop
from schemas.instants import DAY
from schemas.topics import EVENTS
from sinks.archive import merkle, reader, records
from sinks.archive.days import Day, days
from sinks.archive.entry import digest
from sinks.archive.history import History
from sinks.archive.index import Index
from sinks.archive.layout import DAYS, record
from sinks.archive.locks import Lock
from sinks.archive.merging import prove
from sinks.archive.sealed import PERSONAL
from sinks.archive.seals import Seal, Seals
from sinks.archive.upkeep import Upkeep, upkeep
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
from tests.archive.forgeries import column, flip
from tests.archive.test_encryption import APRIL, MARCH, ROWS, TOKEN, Vault
from tests.archive.world import CHAIN, LOG, NOON, QUICK, row, writer

AFTER = NOON + 60 * DAY


def keep(root: Path, now: int = AFTER, vault: Vault | None = None) -> Upkeep:
    return upkeep(root, now, vault or Vault(), files=QUICK)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of two commits each, in two months, and a commit after them."""
    root = tmp_path_factory.mktemp("good")
    into = writer(root)
    for number, end in enumerate((3, 5, 9, 10, 12)):
        day = (0, 1, 30, 31, 90)[number]
        into.append([row(n, NOON + day * DAY) for n in range(into.next, end)])
        into.commit(0)
    assert len(keep(root).seals) == 2
    return root


@pytest.fixture
def root(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "archive"))


def seals(root: Path) -> list[Seal]:
    return Seals(root, CHAIN).all


def put(root: Path, at: int, **changes: Any) -> None:
    """Change a seal, and the hashes of all that follow: the work of a careful forger."""
    found = seals(root)
    found[at] = msgspec.structs.replace(found[at], **changes)
    for seq in range(at, len(found)):
        prev = records.digest(found[seq - 1]) if seq else None
        found[seq] = msgspec.structs.replace(found[seq], prev=prev)
        (root / CHAIN.seals / record(seq)).write_bytes(records.form(found[seq]))


def rewrite(root: Path, change: Callable[[pa.Table], pa.Table], group: int = 100) -> None:
    """Change the rows of the first file, with hash and size in a chain of seals made again."""
    path = root / seals(root)[0].file
    pq.write_table(change(pq.read_table(path, partitioning=None)), path, row_group_size=group)
    content = path.read_bytes()
    put(root, 0, sha256=sha256(content).hexdigest(), bytes=len(content))


def put_back(root: Path) -> None:
    """The file of a commit, beside the one that stands for it."""
    entry = reader.load(root, CHAIN, 0)
    (old,) = (p for p in (root / CHAIN.compacting).rglob("*.parquet") if p.name[:20] == "0" * 20)
    shutil.copy(old, root / entry.file)


def test_a_good_archive(good: Path) -> None:
    report = verify(good)
    assert (report.faults, report.pending) == ([], [])
    assert (report.entries, report.files, report.rows, report.days) == (5, 3, 12, 4)
    first, second = seals(good)
    assert (first.first, first.last, first.start, first.next) == (0, 1, 0, 5)
    assert first.head == digest(reader.load(good, CHAIN, 1))
    assert (second.first, second.prev) == (2, records.digest(first))
    roots = [entry.records_root for entry in reader.entries(good, LOG, EVENTS, 0)]
    assert first.records_roots == merkle.root(root.encode() for root in roots[:2])


#: One damage each, and what must be said of it first: file, words.
CORPUS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a seal is gone": (
        lambda root: (root / CHAIN.seals / record(0)).unlink(),
        "000000000000.json",
        "missing: it goes on with 000000000001.json",
    ),
    "the newest seal is gone": (
        lambda root: (root / CHAIN.seals / record(1)).unlink(),
        "00000000000000000005.parquet",
        "missing: neither published nor staged",
    ),
    "a seal changed without a trace in itself": (
        lambda root: (root / CHAIN.seals / record(0)).write_bytes(
            records.form(msgspec.structs.replace(seals(root)[0], time="x"))
        ),
        "000000000001.json",
        "broken chain: prev is not the hash of the record before",
    ),
    "a seal with a space": (
        lambda root: (root / CHAIN.seals / record(1)).write_bytes(
            records.form(seals(root)[1]).replace(b":", b": ", 1)
        ),
        "000000000001.json",
        "not in canonical form",
    ),
    "a torn seal": (
        lambda root: (root / CHAIN.seals / record(1)).write_bytes(b"{"),
        "000000000001.json",
        "not a seal",
    ),
    "a stray file among the seals": (
        lambda root: (root / CHAIN.seals / "note.txt").write_text("x"),
        "note.txt",
        "stray: not a record",
    ),
    "an edited number of rows": (
        lambda root: put(root, 0, rows=6),
        "000000000000.json",
        "rows: the seal says 6, its commits 5",
    ),
    "an edited root": (
        lambda root: put(root, 0, records_roots="0" * 64),
        "000000000000.json",
        "records_roots: the seal says 000",
    ),
    "another head": (
        lambda root: put(root, 0, head="0" * 64),
        "000000000000.json",
        "head: the seal says 000",
    ),
    "a seal of another place": (
        lambda root: put(root, 0, partition=3),
        "000000000000.json",
        "replayed: it is of log-1",
    ),
    "a seal for a commit too many": (
        lambda root: put(root, 0, last=2),
        "000000000001.json",
        "commit 2 is another seal's too",
    ),
    "a file that lies elsewhere": (
        lambda root: put(root, 0, file="../../etc/passwd"),
        "000000000000.json",
        "file: the seal says ../../etc/passwd",
    ),
    "another kind of columns": (
        lambda root: put(root, 0, schema_id="x"),
        "000000000000.json",
        "schema_id: not that of all of its commits",
    ),
    "a changed file": (
        lambda root: flip(root / seals(root)[0].file, -40),
        f"{0:020d}-{5:020d}.parquet",
        "changed: its sha256 is not what the entry says",
    ),
    "a torn file": (
        lambda root: (root / seals(root)[0].file).write_bytes(b"PAR1"),
        f"{0:020d}-{5:020d}.parquet",
        "torn: 4 bytes",
    ),
    "a lost file": (
        lambda root: (root / seals(root)[0].file).unlink(),
        f"{0:020d}-{5:020d}.parquet",
        "missing: neither published nor staged",
    ),
    "a changed value in a file written again": (
        lambda root: rewrite(root, column("value", lambda values: [*values[:-1], b"?"])),
        f"{0:020d}-{5:020d}.parquet",
        "commit 1: records_root: the entry says",
    ),
    "a row less in a file written again": (
        lambda root: rewrite(root, lambda table: table[:-1]),
        f"{0:020d}-{5:020d}.parquet",
        "commit 1: rows: the entry says 2, the file holds 1",
    ),
    "a commit less in a file written again": (
        lambda root: rewrite(root, lambda table: table[:3]),
        f"{0:020d}-{5:020d}.parquet",
        "commit 1: its rows are missing",
    ),
    "a row twice in a file written again": (
        lambda root: rewrite(root, lambda table: pa.concat_tables([table, table[-1:]])),
        f"{0:020d}-{5:020d}.parquet",
        "commit 1: offsets do not rise",
    ),
    "rows too many in a file written again": (
        lambda root: rewrite(root, lambda t: pa.concat_tables([t, _moved(t[-1:], 5)])),
        f"{0:020d}-{5:020d}.parquet",
        "1 rows too many",
    ),
    "a row group that ends in a commit": (
        lambda root: rewrite(root, lambda table: table, group=2),
        f"{0:020d}-{5:020d}.parquet",
        "commit 0: rows: the entry says 3, the file holds 2",
    ),
    "nulls in a file written again": (
        lambda root: rewrite(root, column("offset", lambda values: [None, *values[1:]])),
        f"{0:020d}-{5:020d}.parquet",
        "column offset has nulls",
    ),
    "a column less in a file written again": (
        lambda root: rewrite(root, lambda table: table.drop_columns(["offset"])),
        f"{0:020d}-{5:020d}.parquet",
        "column offset is not there once",
    ),
    "a replaced file put back": (
        put_back,
        "00000000000000000000.parquet",
        f"its rows are there twice: also in data/{CHAIN}/ingest_month=2024-10/",
    ),
    "a commit that a seal stands for is gone": (
        lambda root: (root / CHAIN.entry(1)).unlink(),
        "000000000001.json",
        "missing: the chain goes on with entry 2",
    ),
    "a record of a day is gone": (
        lambda root: (root / DAYS / record(1)).unlink(),
        "000000000001.json",
        "missing: it goes on with 000000000002.json",
    ),
    "an edited record of a day": (
        lambda root: put_day(root, 3, rows=7),
        "000000000003.json",
        f"commit 3 of {CHAIN} is not the one that it names",
    ),
}


def _moved(table: pa.Table, offset: int) -> pa.Table:
    return column("offset", lambda _: [offset])(table)


def put_day(root: Path, at: int, **changes: Any) -> None:
    """Change what the newest record of a day says of a chain."""
    day = days(root)[at]
    marks = [msgspec.structs.replace(mark, **changes) for mark in day.chains]
    forged = msgspec.structs.replace(day, chains=marks)
    (root / DAYS / record(at)).write_bytes(records.form(forged))


@pytest.mark.parametrize("name", CORPUS)
def test_a_damage_is_named_where_it_is(root: Path, name: str) -> None:
    damage, path, what = CORPUS[name]
    damage(root)
    fault = verify(root).faults[0]
    assert (Path(fault.path).name, fault.what[: len(what)]) == (path, what)


def test_newest_commits_taken_away_with_their_files_are_missed_by_the_day(root: Path) -> None:
    keep(root, NOON + 100 * DAY)
    newest = reader.load(root, CHAIN, 4)
    (root / newest.file).unlink()
    (root / CHAIN.entry(4)).unlink()
    (fault,) = verify(root).faults
    assert fault.what == f"missing: commit 4 of {CHAIN}, which it names"


def test_readers_stop_at_a_broken_chain_of_seals(root: Path) -> None:
    (root / CHAIN.seals / record(0)).unlink()
    with pytest.raises(Stop, match="not a seal"):
        reader.files(root)
    with pytest.raises(Stop, match="not a seal"):
        len(Index(root, CHAIN).seals.all)


@pytest.mark.parametrize("changes", [{"partition": 3}, {"last": 2}, {"first": 1, "last": 0}])
def test_readers_stop_at_a_seal_that_cannot_be(root: Path, changes: dict[str, int]) -> None:
    put(root, 0, **changes)
    with pytest.raises(Stop, match="not a seal of commits of this chain"):
        reader.files(root)


def test_columns_that_would_change_are_not_sealed(good: Path) -> None:
    """Also those of which the root, the counts and the sums say nothing."""
    found = reader.entries(good, LOG, EVENTS, 0)[4:]
    path = good / found[0].file
    change = column("queue", lambda values: ["another" for _ in values])
    sink = pa.BufferOutputStream()
    pq.write_table(change(pq.read_table(path, partitioning=None)), sink)
    with pytest.raises(Stop, match="its columns would change"):
        prove(good, sink.getvalue().to_pybytes(), found, None)
    prove(good, path.read_bytes(), found, None)


# Days.


def said(found: list[Day]) -> list[tuple[str, bool, int, list[tuple[int, int]]]]:
    return [
        (day.day, day.late, day.rows, [(mark.partition, mark.next) for mark in day.chains])
        for day in found
    ]


def commit(root: Path, partition: int, day: int, more: int) -> None:
    into = PartitionWriter(root, LOG, EVENTS, partition, writer="w", files=QUICK)
    into.append([row(n, NOON + day * DAY) for n in range(into.next, into.next + more)])
    into.commit(0)


def test_a_day_is_recorded_once_it_is_over(tmp_path: Path) -> None:
    assert keep(tmp_path, NOON).days == []
    commit(tmp_path, 0, 0, 3)
    assert keep(tmp_path, NOON).days == []
    commit(tmp_path, 0, 0, 2)
    commit(tmp_path, 1, 1, 4)
    assert said(keep(tmp_path, NOON + DAY).days) == [("2024-10-04", False, 5, [(0, 5)])]
    assert keep(tmp_path, NOON + DAY).days == []
    assert said(keep(tmp_path, NOON + 2 * DAY).days) == [
        ("2024-10-05", False, 4, [(0, 5), (1, 4)]),
    ]
    assert verify(tmp_path).faults == []


def test_what_comes_late_is_a_further_record_of_its_day(tmp_path: Path) -> None:
    for partition, day, more in ((0, 0, 3), (0, 1, 2), (1, 0, 4)):
        commit(tmp_path, partition, day, more)
    keep(tmp_path, NOON + 2 * DAY)
    for day, more in ((0, 1), (1, 2), (2, 5)):  # partition 1 lags
        commit(tmp_path, 1, day, more)
    assert said(keep(tmp_path, NOON + 3 * DAY).days) == [
        ("2024-10-04", True, 1, [(1, 5)]),
        ("2024-10-05", True, 2, [(1, 7)]),
        ("2024-10-06", False, 5, [(0, 5), (1, 12)]),
    ]
    assert [day.seq for day in days(tmp_path)] == [*range(5)]
    assert sum(day.rows for day in days(tmp_path)) == 17
    assert verify(tmp_path).faults == []


def test_a_row_of_an_earlier_day_counts_to_the_day_of_its_chain(tmp_path: Path) -> None:
    for day in (1, 0, 1, 2, 1):
        commit(tmp_path, 0, day, 1)
    found = said(keep(tmp_path, NOON + 9 * DAY).days)
    assert [(day, rows) for day, _, rows, _ in found] == [("2024-10-05", 3), ("2024-10-06", 2)]
    commit(tmp_path, 0, 1, 1)
    assert [day for day, *_ in said(keep(tmp_path, NOON + 9 * DAY).days)] == ["2024-10-06"]


def test_a_chain_of_which_a_day_names_another_commit_is_left_out(tmp_path: Path) -> None:
    commit(tmp_path, 0, 0, 3)
    keep(tmp_path, NOON + DAY)
    put_day(tmp_path, 0, sha256="0" * 64)
    commit(tmp_path, 0, 1, 3)
    commit(tmp_path, 1, 1, 4)
    done = keep(tmp_path, NOON + 2 * DAY)
    (waits,) = done.waits
    assert "not the entry that the record of a day names" in waits
    assert said(done.days) == [("2024-10-05", False, 4, [(0, 3), (1, 4)])]


def test_where_the_records_of_days_contradict_each_other_none_is_added(tmp_path: Path) -> None:
    commit(tmp_path, 0, 0, 3)
    commit(tmp_path, 0, 0, 3)
    keep(tmp_path, NOON + DAY)
    (tmp_path / DAYS / record(0)).write_bytes(b"{")
    done = keep(tmp_path)
    (waits,) = done.waits
    assert "not a day" in waits
    assert (done.days, len(done.seals)) == ([], 1)


# Sealed columns.


def encrypted(root: Path, vault: Vault) -> Path:
    """Two commits under the key of March, two under that of April."""
    into = PartitionWriter(root, LOG, EVENTS, 0, writer="w", files=QUICK, seal=vault)
    for period in (MARCH, APRIL):
        found = [row for row in ROWS if row.intake_ms == period]
        for part in (found[:3], found[3:]):
            into.append(part)
            into.commit(0)
    return root


def rows(root: Path, vault: Vault) -> list[object]:
    history = History(root, Index(root, CHAIN), vault)
    return [row for block in history.rows(0) for row in block]


def test_files_stay_sealed_each_under_its_own_key(tmp_path: Path) -> None:
    encrypted(tmp_path, Vault())
    assert [(s.first, s.last) for s in keep(tmp_path).seals] == [(0, 1), (2, 3)]
    assert rows(tmp_path, Vault()) == ROWS
    for path in tmp_path.joinpath("data").rglob("*.parquet"):
        assert TOKEN.encode() not in path.read_bytes()
    report = verify(tmp_path, keys=Vault())
    assert (report.faults, report.files, report.rows) == ([], 2, len(ROWS))
    without = verify(tmp_path)
    assert (without.faults, without.sealed) == ([], {"march": 1, "april": 1})


def test_what_is_disposed_of_after_that_is_read_as_what_is_left(tmp_path: Path) -> None:
    encrypted(tmp_path / "small", Vault())
    encrypted(tmp_path / "large", Vault())
    keep(tmp_path / "large")
    gone = Vault(gone={"march"})
    assert rows(tmp_path / "large", gone) == rows(tmp_path / "small", gone)


@pytest.mark.parametrize("vault", [Vault(gone={"march"}), Vault({"april": b"a" * 32})])
def test_a_file_whose_key_is_not_here_is_left_alone(tmp_path: Path, vault: Vault) -> None:
    encrypted(tmp_path, Vault())
    assert [(s.first, s.last) for s in keep(tmp_path, vault=vault).seals] == [(2, 3)]
    assert rows(tmp_path, Vault()) == ROWS
    assert verify(tmp_path, keys=Vault()).faults == []


def test_a_forged_value_in_a_sealed_file_is_found_with_the_key(tmp_path: Path) -> None:
    encrypted(tmp_path, Vault())
    keep(tmp_path)
    found = [row for row in ROWS if row.intake_ms == MARCH]
    forged = tmp_path / "forged"
    encrypted_rows = [found[0]._replace(value=found[0].value + b" "), *found[1:]]
    into = PartitionWriter(forged, LOG, EVENTS, 0, writer="w", files=QUICK, seal=Vault())
    into.append(encrypted_rows)
    other = into.commit(0)
    assert other is not None
    (tmp_path / seals(tmp_path)[0].file).write_bytes((forged / other.file).read_bytes())
    put(tmp_path, 0, sha256=other.sha256, bytes=other.bytes)
    (fault,) = verify(tmp_path, keys=Vault()).faults
    assert fault.what.startswith("commit 0: records_root: the entry says")


@pytest.mark.parametrize("keys", [Vault(), Vault({})], ids=["with", "without"])
def test_a_large_file_laid_open_is_found(tmp_path: Path, keys: Vault) -> None:
    encrypted(tmp_path, Vault())
    keep(tmp_path)
    seal = seals(tmp_path)[0]
    lock = Lock("march", Vault().keys["march"])
    with pq.ParquetFile(tmp_path / seal.file, decryption_properties=lock.opening()) as file:
        pq.write_table(file.read(), tmp_path / seal.file)
    content = (tmp_path / seal.file).read_bytes()
    put(tmp_path, 0, sha256=sha256(content).hexdigest(), bytes=len(content))
    (fault,) = verify(tmp_path, keys=keys).faults
    assert fault.what == f"column sealed_{PERSONAL[0]} is in the clear"
