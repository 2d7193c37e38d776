"""Small files of a chain replaced by one: the same records, at any moment once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import Retry
from schemas.instants import DAY, HOUR
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive import reader
from sinks.archive.compaction import compacting
from sinks.archive.files import Files
from sinks.archive.history import History
from sinks.archive.index import Index
from sinks.archive.layout import DAYS
from sinks.archive.pieces import content, pieces
from sinks.archive.seals import Seal, Seals
from sinks.archive.turns import publishing
from sinks.archive.upkeep import Upkeep, upkeep
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
from tests.archive.forgeries import column
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

TOMORROW = NOON + DAY
LATER = 2**43  # ms: long after any folder was exchanged


def filled(root: Path, *ends: int, day: int = 0) -> None:
    into = writer(root)
    for end in ends:
        into.append([row(n, NOON + n + day * DAY) for n in range(into.next, end)])
        into.commit(0)


def compact(root: Path, now: int = TOMORROW, files: Files = QUICK, most: int = 1_000) -> Upkeep:
    return upkeep(root, now, month_end=True, most=most, files=files)


def globbed(root: Path) -> list[int]:
    """What stock DuckDB finds of a glob."""
    query = f"""select "offset" from '{root}/data/**/*.parquet' order by 1"""
    return [values[0] for values in duckdb.sql(query).fetchall()]


def published(root: Path) -> list[str]:
    paths = sorted(root.joinpath("data").rglob("*.parquet"))
    return ["-".join(part.lstrip("0") or "0" for part in p.stem.split("-")) for p in paths]


def history(root: Path) -> History:
    return History(root, Index(root, CHAIN))


def whole(root: Path, upto: int) -> None:
    """Every reader finds every row once, and the verifier finds nothing wrong."""
    expected = [row(n) for n in range(upto)]
    assert [r.value for r in archived(root)] == [r.value for r in expected]
    assert globbed(root) == [*range(upto)]
    found = [r.offset for block in history(root).rows(0) for r in block]
    assert found == [*range(upto)]
    report = verify(root)
    assert (report.faults, report.pending, report.rows) == ([], [], upto)


# What is compacted.


def test_small_files_become_one(tmp_path: Path) -> None:
    filled(tmp_path, 3, 5, 9)
    done = compact(tmp_path)
    assert (done.before, done.after, [seal.rows for seal in done.seals]) == (3, 1, [9])
    assert published(tmp_path) == ["0-9"]
    whole(tmp_path, 9)
    again = compact(tmp_path)
    assert (again.before, again.after, again.seals) == (1, 1, [])


def test_a_row_group_ends_where_a_commit_ends(tmp_path: Path) -> None:
    into = writer(tmp_path)
    for start, end in ((0, 10_000), (10_000, 20_000), (20_000, 26_000), (26_000, 52_000)):
        into.append([Row(n, NOON, "c", b"?") for n in range(start, end)])
        into.commit(0)
    (seal,) = compact(tmp_path, most=1_000_000).seals
    with pq.ParquetFile(tmp_path / seal.file) as file:
        groups = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert groups == [20_000, 6_000, 26_000]
    assert verify(tmp_path).faults == []


def test_days_that_are_not_over_are_left_alone(tmp_path: Path) -> None:
    filled(tmp_path, 3, 5)
    filled(tmp_path, 7, 9, day=1)
    midnight = NOON // DAY * DAY + DAY
    assert compact(tmp_path, midnight + HOUR - 1).seals == []
    assert [seal.rows for seal in compact(tmp_path, midnight + HOUR).seals] == [5]
    assert published(tmp_path) == ["0-5", "5", "7"]
    whole(tmp_path, 9)
    compact(tmp_path, TOMORROW + DAY)
    assert published(tmp_path) == ["0-5", "5-9"]


def test_a_file_takes_so_many_rows_and_the_rest_waits_for_the_end_of_the_month(
    tmp_path: Path,
) -> None:
    filled(tmp_path, 3, 5, 9, 10, 12)

    def kept(now: int) -> list[str]:
        upkeep(tmp_path, now, most=5, files=QUICK)
        return published(tmp_path)

    assert kept(TOMORROW) == ["0-5", "5-10", "10"]
    filled(tmp_path, 13, day=1)
    assert kept(TOMORROW + DAY) == ["0-5", "5-10", "10", "12"]
    assert kept(TOMORROW + 40 * DAY) == ["0-5", "5-10", "10-13"]
    whole(tmp_path, 13)


def test_a_file_holds_no_commits_of_two_months(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    filled(tmp_path, 6, 8, day=40)
    assert [seal.next for seal in compact(tmp_path, NOON + 80 * DAY).seals] == [4, 8]
    whole(tmp_path, 8)


def test_holes_stay_holes(tmp_path: Path) -> None:
    into = writer(tmp_path)
    for offsets in ((2, 3), (7,), (9, 12)):
        into.append([row(n) for n in offsets])
        into.commit(0)
    compact(tmp_path)
    assert globbed(tmp_path) == [2, 3, 7, 9, 12]
    assert verify(tmp_path).faults == []


# Who reads by the log.


def test_a_lookup_reads_only_the_commits_asked_for(tmp_path: Path) -> None:
    filled(tmp_path, 8, 16, 24)
    before = {n: history(tmp_path).lookup(["c-1", "c-3", "c-5"], n) for n in (0, 7, 15, 16, 30)}
    firsts = [history(tmp_path).lookup(["c-1", "c-5"], first=n) for n in range(4)]
    within = [(NOON + 20, NOON + 23)]
    compact(tmp_path)
    filled(tmp_path, 30)
    for below, found in before.items():
        assert history(tmp_path).lookup(["c-1", "c-3", "c-5"], below) == found
    assert [history(tmp_path).lookup(["c-1", "c-5"], first=n) for n in range(4)] == firsts
    assert list(history(tmp_path).lookup(["c-1", "c-5"], within=within)) == ["c-5"]


def test_rows_come_from_any_offset_on_and_files_commit_by_commit(tmp_path: Path) -> None:
    filled(tmp_path, 3, 5, 9)
    compact(tmp_path)
    filled(tmp_path, 12, day=1)
    here = history(tmp_path)
    for start in range(13):
        assert [r.offset for block in here.rows(start) for r in block] == [*range(start, 12)]
    lengths = [[len(block) for block in here.files(done)] for done in range(5)]
    assert lengths == [[3, 2, 4, 3], [2, 4, 3], [4, 3], [3], []]


def test_an_entry_finds_its_rows_before_and_after(tmp_path: Path) -> None:
    filled(tmp_path, 3, 5, 9)
    entries = reader.entries(tmp_path, LOG, EVENTS, 0)
    before = [reader.rows_in(tmp_path, entry) for entry in entries]
    compact(tmp_path)
    assert [reader.rows_in(tmp_path, entry) for entry in entries] == before


def test_who_knows_the_seals_from_before_looks_again(tmp_path: Path) -> None:
    filled(tmp_path, 3, 5)
    known, first = Seals(tmp_path, CHAIN), reader.entries(tmp_path, LOG, EVENTS, 0)[0]
    (seal,) = compact(tmp_path).seals
    assert reader.locate(tmp_path, first, known) == tmp_path / seal.file


def test_pieces_are_whole_files_in_order(tmp_path: Path) -> None:
    filled(tmp_path, 3, 5, 9)
    old = pieces(tmp_path, CHAIN)
    compact(tmp_path)
    filled(tmp_path, 12, day=1)
    found = pieces(tmp_path, CHAIN)
    assert [(p.start, p.next, p.rows) for p in found] == [(0, 9, 9), (9, 12, 3)]
    assert sum(found[0].counts.values()) == 9
    assert found[0].newest_ms == NOON + 8
    assert len(content(found[0])) == found[0].path.stat().st_size
    with pytest.raises(Retry, match="ask again"):
        content(old[0])


def test_an_index_that_was_open_before_sees_it(tmp_path: Path) -> None:
    filled(tmp_path, 4, 8, 12)
    here = history(tmp_path)
    assert list(here.lookup(["c-1"])) == ["c-1"]
    compact(tmp_path)
    assert here.lookup(["c-1"]) == {"c-1": [r.value for r in rows(4, 8)]}


# Writers beside it.


def test_a_writer_goes_on_after_its_tail_was_replaced(tmp_path: Path) -> None:
    filled(tmp_path, 3, 5)
    open_before = writer(tmp_path)
    compact(tmp_path)
    open_before.append(rows(5, 7))
    open_before.commit(0)
    filled(tmp_path, 9)
    assert published(tmp_path) == ["0-5", "5", "7"]
    whole(tmp_path, 9)


def test_a_stopped_writer_gives_no_name_to_what_was_replaced_since(tmp_path: Path) -> None:
    """It has committed, and is stopped at any call; others settle, compact, and clear away."""

    def stopped_at(call: int) -> bool:
        root, disk = tmp_path / str(call), Door()
        filled(root, 2, 4)
        slow = writer(root, disk)

        def overtake() -> None:
            fast = writer(root)
            fast.append(rows(fast.next, 8))
            while fast.commit(0):
                pass
            compact(root)

        slow.append(rows(4, 6))
        disk.at(call, overtake)
        slow.commit(0)
        compact(root)
        reached = disk.calls > call
        whole(root, 8 if reached else 6)
        return reached

    assert next(call for call in count() if not stopped_at(call)) > 8


def test_a_commit_that_is_not_published_waits(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    disk = Door()
    dying = writer(tmp_path, disk)
    dying.append(rows(4, 6))
    disk.at(6, disk.crash)
    with pytest.raises(Crash):
        dying.commit(0)
    assert [seal.next for seal in compact(tmp_path).seals] == [4]
    writer(tmp_path)
    whole(tmp_path, 6)


def test_nothing_is_exchanged_while_a_writer_publishes(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    with publishing(tmp_path / CHAIN.log):
        (waits,) = compact(tmp_path).waits
    assert "another process is at work" in waits
    assert published(tmp_path) == ["0", "2"]
    assert [r.offset for r in archived(tmp_path)] == [0, 1, 2, 3]
    (pending,) = verify(tmp_path).pending
    assert pending.what.startswith("not yet published")
    compact(tmp_path)
    assert published(tmp_path) == ["0-4"]
    whole(tmp_path, 4)


def test_only_one_compacts(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    with compacting(tmp_path, CHAIN, TOMORROW, QUICK):
        assert len(compact(tmp_path).waits) == 1
    assert len(compact(tmp_path).seals) == 1


# What goes wrong.


def test_a_file_that_was_changed_is_not_compacted(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    rot(tmp_path)
    (waits,) = compact(tmp_path).waits
    assert "changed: its sha256" in waits
    assert published(tmp_path) == ["0", "2"]


def rot(root: Path) -> None:
    """One bit of an old file."""
    path = root / reader.entries(root, LOG, EVENTS, 0)[1].file
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_what_fails_in_one_chain_is_left_and_the_others_go_on(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    other = PartitionWriter(tmp_path, LOG, EVENTS, 1, writer="w", files=QUICK)
    for end in (3, 6):
        other.append(rows(other.next, end))
        other.commit(0)
    rot(tmp_path)
    done = compact(tmp_path)
    assert ([seal.partition for seal in done.seals], len(done.waits)) == ([1], 1)
    (tmp_path / CHAIN.entry(0)).unlink()
    other.append([row(6, NOON + DAY)])
    other.commit(0)
    done = compact(tmp_path, TOMORROW + DAY)
    assert [(day.day, day.rows) for day in done.days] == [("2024-10-05", 1)]
    (waits,) = done.waits
    assert waits.endswith("000000000000.json: the commit entry is missing")


def test_what_hinders_days_and_files_alike_is_said_once(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    (tmp_path / CHAIN.entry(0)).unlink()
    assert len(compact(tmp_path).waits) == 1


class NoDays(Door):
    """A disk that refuses every record of a day."""

    def write(self, path: Path, data: bytes | memoryview) -> None:
        if path.parent.name == DAYS:
            disk_full()
        super().write(path, data)


def test_where_days_cannot_be_recorded_files_are_made_large_all_the_same(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    done = compact(tmp_path, files=NoDays())
    assert done.waits == ["recording days: [Errno 28] No space left on device"]
    assert (done.days, published(tmp_path)) == ([], ["0-4"])
    assert [day.rows for day in compact(tmp_path).days] == [4]


def test_it_ends_after_the_present_file_when_it_is_told_to(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4, 6, 8)
    made: list[Seal] = []

    def keep_up(most_files: int) -> Upkeep:
        return upkeep(
            tmp_path,
            TOMORROW,
            month_end=True,
            most=4,
            files=QUICK,
            told=made.append,
            go_on=lambda: len(made) < most_files,
        )

    assert (keep_up(0).seals, published(tmp_path)) == ([], ["0", "2", "4", "6"])
    assert not (tmp_path / CHAIN.compacting).exists()  # no chain was looked at
    assert (len(keep_up(1).seals), published(tmp_path)) == (1, ["0-4", "4", "6"])
    assert (len(keep_up(9).seals), published(tmp_path)) == (1, ["0-4", "4-8"])
    whole(tmp_path, 8)


def test_a_commit_of_a_time_far_ahead_is_named(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    filled(tmp_path, 4, day=1)
    assert compact(tmp_path).waits == []  # today's, and tomorrow's of a clock that is fast
    filled(tmp_path, 6, day=5_000)
    filled(tmp_path, 8, 10, day=2)
    done = compact(tmp_path, TOMORROW + 9 * DAY)
    assert (len(done.days), len(done.seals)) == (1, 1)  # up to that commit
    (waits,) = done.waits
    assert waits.startswith(
        f"{tmp_path / CHAIN.entry(2)}: commit 2 was taken in at 2038-06-13T12:00:00.005Z, "
        "more than a day ahead of now: "
    )
    after = compact(tmp_path, NOON + 5_002 * DAY)
    assert (len(after.days), after.waits) == (1, [])
    assert published(tmp_path) == ["0-4", "6-10", "4"]
    whole(tmp_path, 10)


class NoExchange(Door):
    """A file system without renameat2."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code

    def exchange(self, one: Path, other: Path) -> None:
        raise OSError(self.code, os.strerror(self.code), str(one), None, str(other))


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP])
def test_where_folders_cannot_be_exchanged_nothing_is_changed(tmp_path: Path, code: int) -> None:
    filled(tmp_path, 2, 4)
    done = compact(tmp_path, files=NoExchange(code))
    assert len(done.days) == 1
    (waits,) = done.waits
    assert "cannot exchange two folders" in waits
    assert Seals(tmp_path, CHAIN).all == []
    assert published(tmp_path) == ["0", "2"]
    whole(tmp_path, 4)


def test_where_folders_cannot_be_exchanged_no_file_is_read_for_nothing(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    rot(tmp_path)
    (waits,) = compact(tmp_path, files=NoExchange(errno.ENOSYS)).waits
    assert "cannot exchange two folders" in waits


class Rotten(Door):
    """A disk that gives back other bytes than those of a file that it was given."""

    def __init__(self, change: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self.change = change

    def write(self, path: Path, data: bytes | memoryview) -> None:
        changed = path.suffix == ".parquet"
        super().write(path, self.change(bytes(data)) if changed else data)


def another_value(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    changed = column("value", lambda values: [*values[:-1], b"?"])
    pq.write_table(changed(pq.read_table(pa.BufferReader(content))), sink)
    return bytes(sink.getvalue())


def another_word(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    changed = column("queue", lambda values: ["another" for _ in values])
    pq.write_table(changed(pq.read_table(pa.BufferReader(content))), sink)
    return bytes(sink.getvalue())


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda content: content[:-1] + b"?", "not a readable Parquet file"),
        (lambda content: content[:-1], "not a readable Parquet file"),
        (another_value, "commit 1: records_root: the entry says"),
        (another_word, "compacting commit 0: its columns would change"),
        (lambda content: content.replace(b"parquet-cpp-arrow", b"parquet-cpp-ARROW"), "not what"),
    ],
)
def test_what_was_written_badly_replaces_nothing(
    tmp_path: Path, change: Callable[[bytes], bytes], what: str
) -> None:
    filled(tmp_path, 2, 4)
    (waits,) = compact(tmp_path, files=Rotten(change)).waits
    assert what in waits
    assert published(tmp_path) == ["0", "2"]
    assert len(compact(tmp_path).seals) == 1


def test_files_may_be_replaced_while_they_are_verified(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4, 7)

    def meanwhile(done: int, _total: int) -> None:
        if done == 1:
            compact(tmp_path)

    report = verify(tmp_path, meanwhile)
    assert (report.faults, report.pending, report.rows) == ([], [], 7)
    assert published(tmp_path) == ["0-7"]


@pytest.mark.parametrize("late", [False, True])
def test_a_crash_at_any_call_loses_nothing_and_doubles_nothing(tmp_path: Path, late: bool) -> None:
    def crashed_at(call: int) -> bool:
        root, disk = tmp_path / str(call), Door()
        filled(root, 2, 4)
        disk.at(call, disk.crash, late=late)
        with suppress(Crash):
            compact(root, files=disk)
        assert globbed(root) == [r.offset for r in archived(root)] == [*range(4)]
        assert verify(root).faults == []
        compact(root)
        assert published(root) == ["0-4"]
        compact(root, LATER)
        assert [*(root / CHAIN.compacting).iterdir()] == []
        whole(root, 4)
        return disk.calls > call

    assert next(call for call in count() if not crashed_at(call)) > 20


def test_a_disk_that_refuses_any_call_can_be_asked_again(tmp_path: Path) -> None:
    def refused_at(call: int) -> bool:
        root, disk = tmp_path / str(call), Door()
        filled(root, 2, 4, 7)
        disk.at(call, disk_full)
        waits = compact(root, files=disk).waits
        assert all("No space left" in why for why in waits)
        assert globbed(root) == [*range(7)]
        compact(root)
        assert published(root) == ["0-7"]
        whole(root, 7)
        return bool(waits) or disk.calls > call

    assert next(call for call in count() if not refused_at(call)) > 20


def test_the_folder_from_before_is_kept_for_an_hour(tmp_path: Path) -> None:
    filled(tmp_path, 2, 4)
    compact(tmp_path)
    (old,) = (tmp_path / CHAIN.compacting).iterdir()
    assert len([*old.iterdir()]) == 2
    compact(tmp_path)
    assert old.exists()
    compact(tmp_path, old.stat().st_ctime_ns // 1_000_000 + HOUR)
    assert not old.exists()
    whole(tmp_path, 4)


def test_months_that_run_on_are_compacted_again_and_again(tmp_path: Path) -> None:
    ends: Sequence[int] = range(2, 40, 2)
    for day, end in enumerate(ends):
        filled(tmp_path, end - 1, end, day=day)
        compact(tmp_path, NOON + (day + 1) * DAY, most=7)
        whole(tmp_path, end)
    seals: list[Seal] = Seals(tmp_path, CHAIN).all
    assert [seal.seq for seal in seals] == [*range(len(seals))]
    assert max(seal.rows for seal in seals) <= 7
    compact(tmp_path, LATER)
    assert [*(tmp_path / CHAIN.compacting).iterdir()] == []


def test_rows_are_those_of_the_log(tmp_path: Path) -> None:
    filled(tmp_path, 3, 5)
    expected: list[Row] = archived(tmp_path)
    compact(tmp_path)
    assert archived(tmp_path) == expected
