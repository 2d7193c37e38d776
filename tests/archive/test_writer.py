from __future__ import annotations

import resource
import signal
from itertools import count
from pathlib import Path

import pytest

from schemas.errors import Retry, Stop
from schemas.instants import DAY, MINUTE
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive import reader
from sinks.archive.draft import MOST_ROWS
from sinks.archive.entry import Tail, digest
from sinks.archive.files import DISK
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
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


def entries(root: Path) -> list[tuple[int, int, int]]:
    """(seq, start, next) of every commit."""
    return [(e.seq, e.start, e.next) for e in reader.entries(root, LOG, EVENTS, 0)]


def whole(root: Path, expected: list[Row]) -> None:
    """The archive holds these rows, and nothing is wrong or left over."""
    assert archived(root) == expected
    report = verify(root)
    assert (report.faults, report.pending, report.rows) == ([], [], len(expected))
    assert list((root / CHAIN.staging).iterdir()) == []


# What a writer does with rows.


def test_rows_are_archived_and_the_writer_goes_on_where_it_ended(tmp_path: Path) -> None:
    first = writer(tmp_path, DISK)
    assert (first.next, first.committed) == (0, 0)
    first.append(rows(0, 3))
    assert (first.next, first.committed) == (3, 0)
    entry = first.commit(0)
    assert entry is not None
    assert (entry.seq, entry.start, entry.next, entry.rows) == (0, 0, 3, 3)
    assert (first.next, first.committed) == (3, 3)
    second = writer(tmp_path, DISK)
    assert second.next == 3
    second.append(rows(3, 5))
    second.commit(0)
    assert entries(tmp_path) == [(0, 0, 3), (1, 3, 5)]
    whole(tmp_path, rows(0, 5))


def test_the_entry_says_what_it_must(tmp_path: Path) -> None:
    first = writer(tmp_path)
    first.append([*rows(0, 5), row(7, value=b"?")])
    entry = first.commit(0)
    assert entry is not None
    assert (entry.holes, entry.first_offset, entry.last_offset) == ([(5, 7)], 0, 7)
    assert (entry.min_time_ms, entry.max_time_ms) == (NOON, NOON + 4)
    assert (entry.min_intake_ms, entry.max_intake_ms) == (NOON, NOON + 7)
    assert entry.counts == {
        "contact.arrived": 2,
        "queue.entered": 1,
        "estimate.announced": 1,
        "contact.ended": 1,
        "": 1,
    }
    assert entry.sums == {"priority": "6", "position": "2", "seconds": "300"}
    assert (entry.log_id, entry.topic, entry.partition, entry.writer) == (LOG, EVENTS, 0, "w")
    assert (entry.prev, entry.continues) == (None, None)
    assert (tmp_path / entry.file).stat().st_size == entry.bytes


def test_offsets_passed_over_become_holes(tmp_path: Path) -> None:
    first = writer(tmp_path)
    kept = [row(n) for n in (2, 3, 7)]
    first.append(kept[:2])
    first.append(kept[2:])
    first.commit(0)
    first.append([row(9)])
    first.commit(0)
    assert [e.holes for e in reader.entries(tmp_path, LOG, EVENTS, 0)] == [
        [(0, 2), (4, 7)],
        [(8, 9)],
    ]
    whole(tmp_path, [*kept, row(9)])


@pytest.mark.parametrize("again", [[row(2)], [row(0)], [row(4), row(3)], [row(4), row(4)]])
def test_a_row_that_came_before_is_refused_with_all_that_came_with_it(
    tmp_path: Path, again: list[Row]
) -> None:
    first = writer(tmp_path)
    first.append(rows(0, 2))
    first.commit(0)
    first.append(rows(2, 3))
    with pytest.raises(Stop, match="offset"):
        first.append(again)
    first.commit(0)
    whole(tmp_path, rows(0, 3))


def test_nothing_waiting_is_nothing_to_commit(tmp_path: Path) -> None:
    first = writer(tmp_path)
    assert first.commit(0) is None
    first.append([])
    assert not first.due(10**15)
    assert first.commit(0) is None
    assert entries(tmp_path) == []


def test_a_commit_holds_at_most_so_many_rows(tmp_path: Path) -> None:
    first = writer(tmp_path)
    many = [Row(n, NOON, "c", b"?") for n in range(MOST_ROWS + 1)]
    first.append(many[:-2])
    assert not first.due(0)
    first.append(many[-2:])
    assert first.due(0)
    assert first.commit(0) is not None
    assert not first.due(0)
    assert first.commit(0) is not None
    assert first.commit(0) is None
    assert entries(tmp_path) == [(0, 0, MOST_ROWS), (1, MOST_ROWS, MOST_ROWS + 1)]
    assert verify(tmp_path).faults == []


def test_a_row_waits_fifteen_minutes_at_most(tmp_path: Path) -> None:
    first = writer(tmp_path)
    first.append(rows(0, 1))
    assert not first.due(NOON)
    first.append(rows(1, 2))
    assert not first.due(NOON + 15 * MINUTE - 1)
    assert first.due(NOON + 15 * MINUTE)
    first.commit(NOON)
    first.append(rows(2, 3))
    assert not first.due(NOON + 15 * MINUTE)
    assert not first.due(NOON - 1)  # the clock was set back
    assert first.due(NOON + 15 * MINUTE - 1)


def test_a_file_ends_with_the_day_of_intake_and_what_remains_keeps_its_wait(tmp_path: Path) -> None:
    first = writer(tmp_path)
    days = [NOON, NOON + DAY, NOON, NOON + DAY, NOON + 2 * DAY]  # one clock goes back
    first.append([row(n, intake_ms=day) for n, day in enumerate(days)])
    assert not first.due(NOON)
    assert first.commit(NOON) is not None
    assert first.due(NOON + 15 * MINUTE)
    while first.commit(NOON):
        pass
    found = reader.entries(tmp_path, LOG, EVENTS, 0)
    assert [e.rows for e in found] == [1, 3, 1]
    assert {e.file.rpartition("/")[0] for e in found} == {f"data/{CHAIN}/ingest_month=2024-10"}
    assert verify(tmp_path).faults == []


def test_the_first_entry_of_a_chain_can_continue_an_older_log(tmp_path: Path) -> None:
    old = writer(tmp_path)
    old.append(rows(0, 2))
    entry = old.commit(0)
    assert entry is not None
    tail = Tail(log_id=LOG, seq=entry.seq, sha256=digest(entry))
    for start in (0, 2):
        new = PartitionWriter(tmp_path, "log-2", EVENTS, 0, writer="w", files=QUICK, continues=tail)
        new.append(rows(start, start + 2))
        new.commit(0)
    assert [e.continues for e in reader.entries(tmp_path, "log-2", EVENTS, 0)] == [tail, None]
    assert verify(tmp_path).faults == []


# Another writer of the same partition.


def test_the_slower_of_two_writers_gives_way_and_goes_on(tmp_path: Path) -> None:
    one, two = writer(tmp_path, name="one"), writer(tmp_path, name="two")
    one.append(rows(0, 3))
    two.append(rows(0, 5))
    one.commit(0)
    entry = two.commit(0)
    assert entry is not None
    assert (entry.start, entry.next, two.skipped) == (3, 5, 3)
    assert one.commit(0) is None  # it has not heard of it, and nothing waits
    one.append(rows(3, 6))
    assert one.commit(0) is not None
    assert (one.skipped, one.next) == (2, 6)
    assert [e.writer for e in reader.entries(tmp_path, LOG, EVENTS, 0)] == ["one", "two", "one"]
    whole(tmp_path, rows(0, 6))


def test_rows_that_another_writer_committed_are_skipped_and_counted(tmp_path: Path) -> None:
    one, two = writer(tmp_path), writer(tmp_path)
    one.append(rows(0, 6))
    two.append(rows(0, 2))
    one.commit(0)
    assert two.commit(0) is None
    assert (two.next, two.committed, two.skipped) == (6, 6, 2)
    two.append(rows(2, 8))  # what it had read already
    assert (two.next, two.skipped) == (8, 6)
    two.commit(0)
    with pytest.raises(Stop, match="offset 7 came again"):
        two.append(rows(7, 8))  # this one it committed itself
    whole(tmp_path, rows(0, 8))


def test_a_row_that_another_writer_committed_as_a_hole_stops_the_archive(tmp_path: Path) -> None:
    for late in (False, True):
        root = tmp_path / str(late)
        one, two = writer(root), writer(root)
        one.append([row(0), row(3)])
        two.append(rows(0, 1 if late else 2))
        one.commit(0)
        with pytest.raises(Stop, match="offset 1 exists, but was committed as a hole"):
            two.commit(0)
            two.append(rows(1, 4))


@pytest.mark.parametrize("fresh", [False, True])
def test_a_writer_may_be_overtaken_at_any_call(tmp_path: Path, fresh: bool) -> None:
    """It is stopped for long, another one commits, then it wakes up and goes on."""

    def overtaken_at(call: int) -> bool:
        root, disk = tmp_path / str(call), Door()
        slow, others = writer(root, disk), [] if fresh else [writer(root)]

        def overtake() -> None:
            fast = others[0] if others else writer(root)
            fast.append(rows(fast.next, 3))
            fast.commit(0)

        slow.append(rows(0, 2))
        disk.at(call, overtake)
        slow.commit(0)
        reached = disk.calls > call
        slow.append(rows(slow.next, 5))
        while slow.commit(0):
            pass
        whole(root, rows(0, 5))
        return reached

    assert next(call for call in count() if not overtaken_at(call)) > 8


# A disk that refuses.


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("lasting", [False, True])
def test_a_disk_that_refuses_any_call_keeps_the_rows_waiting(
    tmp_path: Path, late: bool, lasting: bool
) -> None:
    def refused_at(call: int) -> bool:
        root, disk = tmp_path / str(call), Door()
        first = writer(root, disk)
        first.append(rows(0, 2))
        first.commit(0)
        first.append(rows(2, 5))
        disk.at(call, disk_full, late=late, lasting=lasting)
        refused = False
        for _ in range(3):
            try:
                first.commit(0)
            except Retry as error:
                assert "No space left on device" in str(error)
                assert first.next == 5
                refused = True
        disk.heal()
        first.append(rows(5, 6))
        while first.commit(0):
            pass
        assert first.committed == 6
        writer(root)  # clears away what a call left that was done and yet reported as failed
        whole(root, rows(0, 6))
        return refused

    assert next(call for call in count() if not refused_at(call)) > 8


def test_a_disk_that_refuses_to_open_can_be_tried_again(tmp_path: Path) -> None:
    disk = Door()
    disk.at(0, disk_full)
    with pytest.raises(Retry, match="No space left"):
        writer(tmp_path, disk)
    assert writer(tmp_path, disk).next == 0


def test_failed_attempts_do_not_fill_the_disk(tmp_path: Path) -> None:
    disk = Door()
    first = writer(tmp_path, disk)
    first.append(rows(0, 5))
    for _ in range(5):
        disk.at(3, disk_full)
        with pytest.raises(Retry):
            first.commit(0)
    assert len(list((tmp_path / CHAIN.staging).iterdir())) <= 2


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path, before = tmp_path / "file", resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            DISK.write(path, b"x" * 2_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert not path.exists()
    DISK.write(path, b"x" * 2_000)
    with pytest.raises(FileExistsError):
        DISK.write(path, b"y")
    assert path.read_bytes() == b"x" * 2_000


# A process that is gone.


@pytest.mark.parametrize("late", [False, True])
def test_a_crash_at_any_call_loses_nothing_and_doubles_nothing(tmp_path: Path, late: bool) -> None:
    def crashed_at(call: int) -> bool:
        root, disk = tmp_path / str(call), Door()
        disk.at(call, disk.crash, late=late)
        safe = 0
        try:
            first = writer(root, disk)
            for end in (2, 5):
                first.append(rows(first.next, end))
                first.commit(0)
                safe = first.committed
        except Crash:
            pass
        second = writer(root)
        assert second.committed >= safe
        assert verify(root).pending == []
        second.append(rows(second.next, 7))
        second.commit(0)
        writer(root)  # now that they are covered, it clears away what the crash left behind
        whole(root, rows(0, 7))
        return disk.calls > call

    assert next(call for call in count() if not crashed_at(call)) > 20


def test_a_torn_file_that_a_crash_left_in_staging_is_not_taken_for_the_rows(tmp_path: Path) -> None:
    disk = Door()
    first = writer(tmp_path, disk)
    first.append(rows(0, 3))
    disk.at(6, disk.crash, late=True)  # after the link that commits, and before publishing
    with pytest.raises(Crash):
        first.commit(0)
    (staged,) = (tmp_path / CHAIN.staging).glob("*.0.parquet")
    staged.rename(staged.with_name(staged.name.replace(".0.", ".1.")))
    staged.write_bytes(b"torn")
    assert verify(tmp_path).pending != []
    assert archived(tmp_path) == rows(0, 3)
    assert writer(tmp_path).next == 3
    whole(tmp_path, rows(0, 3))


# An archive that contradicts itself.


def test_a_broken_archive_stops_the_writer(tmp_path: Path) -> None:
    def broken(name: str) -> Path:
        root = tmp_path / name
        first = writer(root)
        for end in (2, 4, 6):
            first.append(rows(first.next, end))
            first.commit(0)
        return root

    torn = broken("torn")
    (torn / CHAIN.entry(2)).write_bytes(b"{")
    changed = broken("changed")
    raw = (changed / CHAIN.entry(1)).read_bytes()
    (changed / CHAIN.entry(1)).write_bytes(raw.replace(b'"writer":"w"', b'"writer":"v"'))
    missing = broken("missing")
    (missing / CHAIN.entry(1)).unlink()
    rotten = broken("rotten")
    (rotten / reader.entries(rotten, LOG, EVENTS, 0)[2].file).write_bytes(b"x")
    lost = broken("lost")
    (lost / reader.entries(lost, LOG, EVENTS, 0)[2].file).unlink()
    for root, what in (
        (torn, "not a commit entry"),
        (changed, "does not name the hash"),
        (missing, "missing"),
        (rotten, "not the file that entry 2 committed"),
        (lost, "neither published nor staged"),
    ):
        with pytest.raises(Stop, match=what):
            writer(root)
