"""What has left the log, looked up in a real archive: of this log and of those before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive.reader import entries
from sinks.archive.writer import PartitionWriter
from streams.past import ArchivedPast
from tests.archive.world import NOON, QUICK, rows

#: Log -> the ends of its commits; each took its first row a day after the one before.
LOGS = {"z-oldest": (2, 4), "m-older": (4,), "a-newest": (2, 4, 6)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for day, (log_id, ends) in enumerate(LOGS.items()):
        into = PartitionWriter(tmp_path, log_id, EVENTS, 0, writer="w", files=QUICK)
        for end in ends:
            into.append(told(day, into.next, end))
            into.commit(0)
    PartitionWriter(tmp_path, "b-empty", EVENTS, 0, writer="w", files=QUICK)
    return tmp_path


def told(day: int, start: int, stop: int) -> list[Row]:
    """Rows of one contact, of which every value tells the log it is of."""
    shift = day * 86_400_000
    return [
        row._replace(key="c", intake_ms=row.intake_ms + shift, value=b"%d/%d" % (day, row.offset))
        for row in rows(start, stop)
    ]


def values(past: ArchivedPast, below: int, older: int) -> list[str]:
    return [value.decode() for value in past.lookup(0, {"c"}, below, older).get("c", ())]


def test_a_look_up_goes_through_the_logs_from_the_oldest_on(root: Path) -> None:
    past = ArchivedPast(root, "a-newest")
    assert values(past, 0, 0) == []
    assert values(past, 1, 0) == ["2/0"]
    assert values(past, 3, 1) == ["0/0", "0/1", "2/0", "2/1", "2/2"]
    assert values(past, 0, 2) == ["0/0", "0/1", "0/2", "0/3"]
    every = ["0/0", "0/1", "0/2", "0/3", "1/0", "1/1", "1/2", "1/3"]
    assert values(past, 0, 3) == values(past, 0, 99) == every


def test_the_files_of_older_logs_come_once_each(root: Path) -> None:
    past = ArchivedPast(root, "a-newest")
    files = [told(0, 0, 2), told(0, 2, 4), told(1, 0, 4)]
    for done in range(5):
        assert list(past.older(0, done)) == files[done:]
    assert list(past.older(1, 0)) == []


def test_the_log_before_is_the_one_that_began_last(root: Path) -> None:
    past, alone = ArchivedPast(root, "a-newest"), ArchivedPast(root / "nowhere", "a-newest")
    tail = past.continues(0)
    assert tail is not None
    assert (tail.log_id, tail.seq) == ("m-older", 0)
    assert (past.continues(1), alone.continues(0)) == (None, None)


def test_a_span_limits_older_logs_too(root: Path) -> None:
    first, second = entries(root, "z-oldest", EVENTS, 0)
    (root / second.file).unlink()
    past = ArchivedPast(root, "a-newest")
    nowhere = [(NOON - 1, NOON - 1)]
    assert first.min_time_ms is None  # none of these values is an event
    assert past.lookup(0, {"c"}, 6, 3, nowhere) == {}


def test_what_is_archived_is_seen_as_it_comes(root: Path) -> None:
    past = ArchivedPast(root, "a-newest")
    assert past.next(0) == 6
    into = PartitionWriter(root, "a-newest", EVENTS, 0, writer="w", files=QUICK)
    into.append(told(2, 6, 8))
    into.commit(0)
    assert past.next(0) == 8
    assert values(past, 8, 0)[-2:] == ["2/6", "2/7"]
    assert [len(file) for file in past.rows(0, 3)] == [1, 2, 2]
