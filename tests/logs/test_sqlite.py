"""What is the embedded log's own: durability, processes, full disks, foreign files."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.errors import Retry, Stop
from schemas.topics import EVENTS
from streams.logs.memory import MemoryLog
from streams.logs.sqlite import SqliteLog
from tests.small_disk import small_disk

NOW = 1_767_621_600_000
ROOT = Path(__file__).parents[2]
Entries = list[tuple[str, bytes]]

APPENDER = """
import itertools, sys
from pathlib import Path
from schemas.topics import EVENTS
from streams.logs.sqlite import SqliteLog

path, name, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
log = SqliteLog(path, partitions=3, wait_ms=60_000)
for batch in itertools.islice(itertools.count(), limit or None):
    entries = [(f"{name}-{i}", f"{name} {batch} {i}".encode()) for i in range(40)]
    log.append(EVENTS, entries, batch)
    print(batch, flush=True)
"""


def appender(path: Path, name: str, limit: int) -> subprocess.Popen[str]:
    """A process that appends batches of 40 and prints each once acknowledged."""
    command = [sys.executable, "-c", APPENDER, str(path), name, str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def batch_of(name: str, batch: int) -> set[bytes]:
    return {f"{name} {batch} {i}".encode() for i in range(40)}


def every_value(log: SqliteLog) -> list[bytes]:
    """All rows of the topic, having checked that offsets are contiguous from 0."""
    found: list[bytes] = []
    for partition in range(log.partitions):
        rows = log.read(EVENTS, partition, 0, 1_000_000)
        assert [row.offset for row in rows] == list(range(len(rows)))
        found.extend(row.value for row in rows)
    return found


def some(n: int, size: int = 350) -> Entries:
    return [(str(i), b"%d" % i * (size // len(b"%d" % i))) for i in range(n)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(path, partitions=1)
    yield log
    log.close()


def test_every_append_is_synced_before_it_is_acknowledged(log: SqliteLog, path: Path) -> None:
    """Only a power cut shows the difference, so nothing but this test would."""
    assert log.durability() == ("wal", 2)
    again = SqliteLog(path, partitions=1)
    assert again.durability() == ("wal", 2)
    again.close()


def test_a_new_log_has_a_new_identity(tmp_path: Path) -> None:
    a, b = SqliteLog(tmp_path / "a.db"), SqliteLog(tmp_path / "b.db")
    assert a.log_id != b.log_id
    assert a.partitions == 12
    given = SqliteLog(tmp_path / "c.db", identity=lambda: "given")
    assert given.log_id == "given"
    for opened in (a, b, given):
        opened.close()


def test_another_number_of_partitions(log: SqliteLog, path: Path) -> None:
    with pytest.raises(Stop, match="has 1 partitions for life, not 12"):
        SqliteLog(path)


def test_a_file_that_is_not_a_database(path: Path) -> None:
    path.write_text("contact_id,offered\n" * 300)
    with pytest.raises(Stop, match="file is not a database"):
        SqliteLog(path)


def test_the_database_of_somebody_else_is_left_alone(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE calls (id)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(Stop, match="not a log of this version"):
        SqliteLog(path)
    assert path.read_bytes() == before


def test_a_log_of_another_version(log: SqliteLog, path: Path) -> None:
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 2")
    later.close()
    with pytest.raises(Stop, match="not a log of this version"):
        SqliteLog(path, partitions=1)


def test_a_directory_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(Retry, match="unable to open"):
        SqliteLog(tmp_path / "missing" / "log.db")


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM blocks_1 WHERE start = 3",
        "DELETE FROM blocks_1 WHERE start >= 3",
        "DELETE FROM blocks_1 WHERE start <= 3",
        "UPDATE blocks_1 SET packed = substr(packed, 1, 9) WHERE start = 3",
        "DROP TABLE blocks_1",
    ],
)
def test_a_lost_block_is_never_skipped(log: SqliteLog, path: Path, damage: str) -> None:
    for n in (1, 2, 3, 4):  # so that blocks start at 0, 1, 3 and 6
        log.append(EVENTS, some(n), NOW)
    log.trim(EVENTS, 0, 1)
    assert len(log.read(EVENTS, 0, 1, 100)) == 9
    with sqlite3.connect(path) as sql:
        sql.execute(damage)
    sql.close()
    for limit in (4, 100):
        with pytest.raises(Stop, match=r"damaged|no such table"):
            log.read(EVENTS, 0, 1, limit)


def test_a_process_may_die_at_any_statement(tmp_path: Path, path: Path) -> None:
    """The files are copied before each statement: what a kill at that moment leaves."""
    copies: list[tuple[int, Path]] = []
    acknowledged = 0

    def copy(_: str) -> None:
        place = tmp_path / f"copy{len(copies)}"
        place.mkdir()
        for file in tmp_path.glob("log.db*"):
            shutil.copy(file, place)
        copies.append((acknowledged, place / "log.db"))

    log = SqliteLog(path, partitions=1)
    log._connection.set_trace_callback(copy)
    for _ in range(3):
        acknowledged += len(log.append(EVENTS, some(1_200), NOW))
    log.trim(EVENTS, 0, 1_500)
    log._connection.set_trace_callback(None)
    log.close()
    assert len(copies) > 20
    for before, copied in copies:
        after = SqliteLog(copied, partitions=1)
        held, end = after.bounds(EVENTS, 0)
        assert held in {0, 1_500}
        assert end in {before, before + 1_200}
        assert len(after.read(EVENTS, 0, held, 10_000)) == end - held
        assert after.append(EVENTS, [("a", b"a")], NOW) == [(0, end)]
        after.close()


def test_a_killed_process_loses_nothing_it_acknowledged(path: Path) -> None:
    chance = random.Random(7)
    acknowledged: set[bytes] = set()
    attempted: set[bytes] = set()
    for run in range(4):
        process = appender(path, f"run{run}", 0)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(chance.randrange(1, 40))]
        process.kill()
        lines += process.stdout.readlines()
        process.stdout.close()
        process.wait()
        batches = [batch_of(f"run{run}", batch) for batch in range(len(lines) + 1)]
        acknowledged.update(*batches[:-1])
        attempted.update(*batches)
    log = SqliteLog(path, partitions=3)
    found = every_value(log)
    log.close()
    assert len(found) == len(set(found)), "an entry is there twice"
    assert acknowledged <= set(found), "an acknowledged entry is gone"
    assert set(found) <= attempted
    assert len(found) % 40 == 0, "part of a batch is there"


def test_processes_that_append_at_the_same_time(path: Path) -> None:
    """Four of them meet at a file that none has created yet, while this one reads."""
    processes = [appender(path, f"p{n}", 25) for n in range(4)]
    reader = SqliteLog(path, partitions=3, wait_ms=60_000)
    seen = 0
    while any(process.poll() is None for process in processes):
        found = len(every_value(reader))
        assert found >= seen
        seen = found
    for process in processes:
        assert process.stdout is not None
        assert process.wait() == 0
        process.stdout.close()
    found_at_last = every_value(reader)
    reader.close()
    expected = [value for n in range(4) for b in range(25) for value in batch_of(f"p{n}", b)]
    assert sorted(found_at_last) == sorted(expected)


def test_a_log_that_another_process_writes_to(log: SqliteLog, path: Path) -> None:
    log.append(EVENTS, [("a", b"before")], NOW)
    impatient = SqliteLog(path, partitions=1, wait_ms=0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Retry, match="database is locked; nothing was changed"):
        impatient.append(EVENTS, [("a", b"refused")], NOW)
    assert [row.value for row in impatient.read(EVENTS, 0, 0, 10)] == [b"before"]
    other.execute("ROLLBACK")
    other.close()
    assert impatient.append(EVENTS, [("a", b"after")], NOW) == [(0, 1)]
    impatient.close()


def test_an_append_that_has_begun_gives_way_to_no_other(log: SqliteLog, path: Path) -> None:
    log.append(EVENTS, [("a", b"before")], NOW)
    other = SqliteLog(path, partitions=1, wait_ms=0)
    refused: list[Retry] = []

    def meanwhile(statement: str) -> None:
        if statement.startswith("INSERT INTO blocks"):
            try:
                other.append(EVENTS, [("a", b"other")], NOW)
            except Retry as refusal:
                refused.append(refusal)

    log._connection.set_trace_callback(meanwhile)
    assert log.append(EVENTS, [("a", b"first")], NOW) == [(0, 1)]
    log._connection.set_trace_callback(None)
    assert len(refused) == 1
    other.close()


def test_a_file_that_may_not_grow(log: SqliteLog) -> None:
    log.append(EVENTS, some(100), NOW)
    connection = log._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(Retry, match="full; nothing was changed"):
        log.append(EVENTS, some(5_000), NOW)
    assert log.bounds(EVENTS, 0) == (0, 100)
    connection.execute(f"PRAGMA max_page_count = {pages + 3_000}")
    assert log.append(EVENTS, some(5_000), NOW)[0] == (0, 100)
    assert len(log.read(EVENTS, 0, 0, 10_000)) == 5_100


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 3) as disk:
        yield disk


def test_a_disk_that_is_full(disk: Path) -> None:
    log = SqliteLog(disk / "log.db", partitions=1)
    log.append(EVENTS, some(100), NOW)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(2_500_000))
    written = 100
    with pytest.raises(Retry, match="nothing was changed"):
        while True:
            written += len(log.append(EVENTS, some(200), NOW))
    assert log.bounds(EVENTS, 0) == (0, written)
    assert len(log.read(EVENTS, 0, 0, 100_000)) == written
    ballast.unlink()
    assert log.append(EVENTS, some(200), NOW)[0] == (0, written)
    log.close()
    again = SqliteLog(disk / "log.db", partitions=1)
    assert len(again.read(EVENTS, 0, 0, 100_000)) == written + 200
    again.close()


def test_reading_few_rows_of_a_large_append_unpacks_few(log: SqliteLog) -> None:
    log.append(EVENTS, some(2_500), NOW)
    blocks = log._connection.execute("SELECT start, entries FROM blocks_1").fetchall()
    assert blocks == [(0, 1_000), (1_000, 1_000), (2_000, 500)]


def test_trimmed_pages_are_used_again(log: SqliteLog, path: Path) -> None:
    sizes = []
    for _ in range(12):
        log.append(EVENTS, some(2_500), NOW)
        log.trim(EVENTS, 0, log.bounds(EVENTS, 0)[1] - 100)
        (pages,) = log._connection.execute("PRAGMA page_count").fetchone()
        sizes.append(pages)
    assert sizes[-1] == sizes[2]
    assert log.bounds(EVENTS, 0) == (12 * 2_500 - 100, 12 * 2_500)


def test_trimming_many_blocks_holds_no_one_up_for_long(log: SqliteLog) -> None:
    for _ in range(150):
        log.append(EVENTS, [("a", b"a")], NOW)
    transactions: list[str] = []
    log._connection.set_trace_callback(transactions.append)
    log.trim(EVENTS, 0, 150)
    log._connection.set_trace_callback(None)
    (left,) = log._connection.execute("SELECT count(*) FROM blocks_1").fetchone()
    assert left == 0
    assert transactions.count("COMMIT") > 3


def test_a_trim_that_was_cut_short_is_completed_by_the_next(log: SqliteLog) -> None:
    for _ in range(3):
        log.append(EVENTS, some(10), NOW)
    log._connection.execute("UPDATE slots SET held = 25")
    log.trim(EVENTS, 0, 0)
    starts = log._connection.execute("SELECT start FROM blocks_1").fetchall()
    assert starts == [(20,)]
    assert [row.offset for row in log.read(EVENTS, 0, 25, 10)] == list(range(25, 30))


def test_a_retired_log_takes_nothing_more_from_anybody(log: SqliteLog, path: Path) -> None:
    log.append(EVENTS, some(3), NOW)
    other = SqliteLog(path, partitions=1)
    other.retire()
    other.retire()
    for topic in (EVENTS, "another.topic"):
        for opened in (log, other):
            with pytest.raises(Stop, match="this log has been moved; nothing was written"):
                opened.append(topic, some(1), NOW)
    assert len(log.read(EVENTS, 0, 0, 9)) == 3
    log.trim(EVENTS, 0, 2)
    assert other.bounds(EVENTS, 0) == (2, 3)
    other.close()


def test_the_fake_refuses_when_told() -> None:
    fake = MemoryLog(partitions=1, refuses=True)
    with pytest.raises(Retry, match="nothing was changed"):
        fake.append(EVENTS, [("a", b"a")], NOW)
    fake.refuses = False
    assert fake.append(EVENTS, [("a", b"a")], NOW) == [(0, 0)]
