from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from schemas.errors import Stop
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive import reader
from sinks.archive.entry import tail_of
from sinks.archive.history import History
from sinks.archive.index import Commit, Index
from sinks.archive.writer import PartitionWriter
from tests.archive.forgeries import chain_again
from tests.archive.world import (
    CHAIN,
    LOG,
    NOON,
    QUICK,
    Crash,
    Door,
    archived,
    disk_full,
    row,
    rows,
    writer,
)


def filled(root: Path, *ends: int, log_id: str = LOG, partition: int = 0) -> None:
    into = PartitionWriter(root, log_id, EVENTS, partition, writer="w", files=QUICK)
    for end in ends:
        into.append(rows(into.next, end))
        into.commit(0)


def history(root: Path) -> History:
    return History(root, Index(root, CHAIN))


def not_published(root: Path) -> None:
    """A commit whose writer dies before it publishes the file."""
    disk = Door()
    dying = writer(root, disk)
    dying.append(rows(dying.next, dying.next + 4))
    disk.at(6, disk.crash)  # at the flush of the log
    with pytest.raises(Crash):
        dying.commit(0)


def test_an_archive_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert reader.files(tmp_path) == []
    assert reader.entries(tmp_path, LOG, EVENTS, 0) == []
    assert reader.tail(tmp_path, LOG, EVENTS, 0) is None
    assert history(tmp_path).lookup(["c-0"], 9) == {}


def test_files_come_chain_by_chain_in_order(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4, partition=10)
    filled(tmp_path, 3, partition=9)
    filled(tmp_path, 1, log_id="a-log")
    (tmp_path / "data" / "stray.parquet").write_bytes(b"?")
    places = [path.relative_to(tmp_path / "data").parts for path in reader.files(tmp_path)]
    assert [(log, partition, name.lstrip("0")) for log, _, partition, _, name in places] == [
        ("log=a-log", "partition=0", ".parquet"),
        ("log=log-1", "partition=9", ".parquet"),
        ("log=log-1", "partition=10", ".parquet"),
        ("log=log-1", "partition=10", "2.parquet"),
    ]


def test_the_tail_is_the_newest_entry(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4, 7)
    found = reader.entries(tmp_path, LOG, EVENTS, 0)
    assert [entry.next for entry in found] == [2, 4, 7]
    assert reader.tail(tmp_path, LOG, EVENTS, 0) == found[-1]


def test_committed_rows_are_read_before_they_are_published(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    not_published(tmp_path)
    assert archived(tmp_path) == rows(0, 7)
    assert history(tmp_path).lookup(["c-1"], 100) == {"c-1": [row.value for row in rows(4, 7)]}


def test_rows_are_read_from_any_offset_on_a_file_at_a_time(tmp_path: Path) -> None:
    filled(tmp_path, 2, 5)
    not_published(tmp_path)
    for start in range(11):
        found = list(history(tmp_path).rows(start))
        assert [row for block in found for row in block] == rows(start, 9)
        assert len(found) == (start < 2) + (start < 5) + (start < 9)


@dataclass(frozen=True)
class Publishing(History):
    """Where a writer comes back and publishes a staged file as soon as it was found."""

    seen: list[bool] = field(default_factory=list)

    def staged(self, commit: Commit) -> Path:
        path = super().staged(commit)
        writer(self.root)
        self.seen.append(path.exists())
        return path


def test_a_file_may_be_published_while_it_is_looked_up(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    not_published(tmp_path)
    here = Publishing(tmp_path, Index(tmp_path, CHAIN))
    assert here.lookup({"c-1"}, 100) == {"c-1": [row.value for row in rows(4, 7)]}
    assert here.seen == [False, True]


def test_staged_rows_are_not_read_before_they_are_committed(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    disk = Door()
    slow = writer(tmp_path, disk)
    slow.append(rows(3, 5))
    disk.at(5, disk.crash)  # at the link of the entry
    with pytest.raises(Crash):
        slow.commit(0)
    assert archived(tmp_path) == rows(0, 3)


def test_lookup_gives_the_values_of_some_contacts_in_order(tmp_path: Path) -> None:
    log = [row._replace(key=f"c-{row.offset % 3}") for row in rows(0, 30)]
    into = writer(tmp_path)
    for start in range(0, 30, 7):
        into.append(log[start : start + 7])
        into.commit(0)

    def expected(keys: list[str], below: int) -> dict[str, list[bytes]]:
        values = {key: [r.value for r in log if r.key == key and r.offset < below] for key in keys}
        return {key: found for key, found in values.items() if found}

    for below in (0, 1, 7, 8, 20, 100):
        for keys in ([], ["c-1"], ["c-0", "c-2", "nobody"]):
            found = history(tmp_path).lookup(keys, below)
            assert found == expected(keys, below)


def test_lookup_reads_no_file_that_starts_at_the_bound_or_later(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4, 6)
    for entry in reader.entries(tmp_path, LOG, EVENTS, 0)[1:]:
        (tmp_path / entry.file).unlink()
    assert list(history(tmp_path).lookup(["c-0"], 2)) == ["c-0"]
    with pytest.raises(Stop, match="neither published nor staged"):
        history(tmp_path).lookup(["c-0"], 3)


def test_lookup_opens_only_files_in_which_something_happened_then(tmp_path: Path) -> None:
    """300 commits of 2 rows, so that whole blocks of commits are passed over too."""
    filled(tmp_path, *range(2, 602, 2))
    here = history(tmp_path)
    sought = {"c-5": (20, 23), "c-70": (280, 283), "c-140": (560, 563)}
    within = [(NOON + first, NOON + last) for first, last in sought.values()]
    opened = {commit.start for commit in here.index.covering(within=within)}
    assert opened == {20, 22, 280, 282, 560, 562}
    for entry in reader.entries(tmp_path, LOG, EVENTS, 0):
        if entry.start not in opened:
            (tmp_path / entry.file).unlink()
    for _ in range(2):
        assert here.lookup(sought, within=within) == {
            key: [row(offset).value for offset in range(first, last + 1)]
            for key, (first, last) in sought.items()
        }
    with pytest.raises(Stop, match="neither published nor staged"):
        here.lookup(sought)


def test_a_span_that_only_touches_a_file_is_looked_into(tmp_path: Path) -> None:
    filled(tmp_path, 4, 8, 12)
    index = history(tmp_path).index

    def starts(first: int, last: int) -> list[int]:
        within = [(NOON + first, NOON + last), (NOON + first, NOON + first)]
        return [commit.start for commit in index.covering(within=within)]

    assert starts(3, 3) == [0]
    assert starts(3, 4) == [0, 4]
    assert starts(4, 7) == [4]
    assert starts(0, 99) == [0, 4, 8]
    assert starts(-9, -1) == starts(12, 99) == []
    assert [c.start for c in index.covering(below=8, within=[(0, NOON * 2)])] == [0, 4]
    assert [c.start for c in index.covering(first=1)] == [0]


def test_an_index_reads_an_entry_once_however_often_it_is_asked(tmp_path: Path) -> None:
    filled(tmp_path, *range(1, 41))
    index = history(tmp_path).index
    assert (index.next, len(index), index.read) == (40, 40, 2)  # the newest and the one before
    assert [len(index.covering()) for _ in range(3)] == [40] * 3
    assert index.read == 42
    filled(tmp_path, 41, 42)
    assert [(index.next, len(index.covering())) for _ in range(3)] == [(42, 42)] * 3
    assert index.read == 46
    assert index.tail() == tail_of(reader.entries(tmp_path, LOG, EVENTS, 0)[-1])


def test_an_index_sees_what_comes_after_nothing(tmp_path: Path) -> None:
    index = history(tmp_path).index
    assert (index.next, len(index), index.tail(), index.began_ms()) == (0, 0, None, 0)
    assert index.covering() == []
    filled(tmp_path, 3)
    assert (index.next, len(index.covering()), index.began_ms()) == (3, 1, NOON)


def test_an_unreadable_value_is_found_by_its_key(tmp_path: Path) -> None:
    into = writer(tmp_path)
    into.append([Row(0, NOON, "c-9", b"\xff?"), row(1)])
    into.commit(0)
    assert history(tmp_path).lookup({"c-9"}, 9) == {"c-9": [b"\xff?"]}


def test_a_reader_stops_at_a_broken_chain(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4, 6)
    first, second = (tmp_path / CHAIN.entry(seq) for seq in (0, 1))
    kept = second.read_bytes()
    second.unlink()
    with pytest.raises(Stop, match=r"000000000001\.json: the commit entry is missing"):
        reader.files(tmp_path)
    second.write_bytes(first.read_bytes())
    with pytest.raises(Stop, match="entry 0 of another place"):
        reader.files(tmp_path)
    second.write_bytes(kept.replace(b'"writer":"w"', b'"writer":"x"'))
    with pytest.raises(Stop, match=r"000000000002\.json: does not name the hash"):
        reader.files(tmp_path)


@pytest.mark.parametrize("ask", [lambda index: index.covering(), lambda index: index.next])
def test_an_index_stops_at_a_broken_chain(tmp_path: Path, ask: Callable[[Index], object]) -> None:
    filled(tmp_path, 2, 4)
    path = tmp_path / CHAIN.entry(0)
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b'"writer":"w"', b'"writer":"x"'))
    with pytest.raises(Stop, match=r"000000000001\.json: does not name the hash"):
        ask(history(tmp_path).index)
    path.write_bytes((tmp_path / CHAIN.entry(1)).read_bytes())
    with pytest.raises(Stop, match="entry 1 of another place"):
        ask(history(tmp_path).index)
    path.write_bytes(b"{}")
    with pytest.raises(Stop, match="not a commit entry"):
        ask(history(tmp_path).index)
    path.unlink()
    with pytest.raises(Stop, match=r"000000000000\.json: the commit entry is missing"):
        ask(history(tmp_path).index)


@pytest.mark.parametrize("start", [3, 5])
def test_an_index_stops_where_a_chain_that_grows_is_forged(tmp_path: Path, start: int) -> None:
    filled(tmp_path, 2, 4)
    index = history(tmp_path).index
    assert index.next == 4
    filled(tmp_path, 6)
    chain_again(tmp_path, 2, start=start)
    with pytest.raises(Stop, match=f"starts at {start}, not where the entry before ends"):
        index.covering()


def test_duckdb_sees_exactly_the_committed_rows(tmp_path: Path) -> None:
    disk = Door()
    into = writer(tmp_path, disk)
    for end in (3, 9):
        into.append(rows(into.next, end))
        into.commit(0)
    into.append(rows(9, 12))
    disk.at(5, disk_full)  # staged, not committed
    with pytest.raises(Exception, match="No space left"):
        into.commit(0)
    assert any((tmp_path / CHAIN.staging).iterdir())
    found = duckdb.sql(
        f"""select "offset", intake_ms, subject, value, type, time_ms, log, topic, partition,
        ingest_month from '{tmp_path}/data/**/*.parquet' order by "offset" """
    ).fetchall()
    assert [Row(*values[:4]) for values in found] == rows(0, 9)
    assert found[1][4:] == ("queue.entered", NOON + 1, LOG, EVENTS, 0, "2024-10")


@pytest.mark.parametrize("start", [1, 3])
def test_a_reader_stops_where_a_forged_chain_leaves_a_gap_or_overlaps(
    tmp_path: Path, start: int
) -> None:
    filled(tmp_path, 2, 4, 6)
    chain_again(tmp_path, 1, start=start)
    with pytest.raises(Stop, match=f"starts at {start}, not where the entry before ends"):
        reader.files(tmp_path)
