"""What the log forgot before it was archived: recorded for good, and never contradicted."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from schemas.errors import Retry, Stop
from schemas.topics import EVENTS
from sinks.archive.files import Files
from sinks.archive.losses import Lost, records
from sinks.archive.lost import losses
from sinks.archive.reader import entries
from sinks.archive.verifier import verify
from tests.archive.world import CHAIN, LOG, NOON, QUICK, Door, disk_full, rows, writer


def spans(root: Path) -> list[tuple[int, int]]:
    return [(one.start, one.next) for one in losses(root)]


def test_the_writer_goes_on_behind_what_is_lost(tmp_path: Path) -> None:
    first = writer(tmp_path)
    first.append(rows(0, 3))
    first.commit(0)
    first.lose(7, NOON + 100)
    assert (first.next, first.committed, first.waiting) == (7, 3, 0)
    assert losses(tmp_path) == [Lost(CHAIN, 3, 7, NOON + 2, NOON + 100)]  # nothing came since
    first.append(rows(7, 9))
    first.commit(0)
    assert losses(tmp_path) == [Lost(CHAIN, 3, 7, NOON + 2, NOON + 7)]
    assert [entry.holes for entry in entries(tmp_path, LOG, EVENTS, 0)] == [[], [(3, 7)]]
    report = verify(tmp_path)
    assert (report.faults, report.losses) == ([], losses(tmp_path))
    assert str(report.losses[0]).startswith(f"{CHAIN}: 4 positions, 3 to 6, taken in between 2024-")


def test_a_hole_that_nobody_recorded_is_harmless(tmp_path: Path) -> None:
    first = writer(tmp_path)
    first.append([*rows(0, 3), *rows(5, 6)])
    first.commit(0)
    assert losses(tmp_path) == verify(tmp_path).losses == []


def test_of_what_was_recorded_only_what_no_commit_holds_is_lost(tmp_path: Path) -> None:
    """A writer that was stopped knows less than the one that took its place."""
    zombie, heir = writer(tmp_path, name="zombie"), writer(tmp_path, name="heir")
    heir.append(rows(0, 4))
    heir.commit(0)
    heir.lose(6, NOON)
    zombie.lose(8, NOON)  # rows 0 to 3 among them, which are archived
    assert spans(tmp_path) == [(4, 8)]
    heir.append(rows(6, 9))
    heir.commit(0)
    assert spans(tmp_path) == [(4, 6)]
    zombie.append(rows(8, 9))
    assert zombie.commit(0) is None
    assert [entry.writer for entry in zombie.overtaken()] == ["heir", "heir"]
    assert (zombie.overtaken(), zombie.next, spans(tmp_path)) == ([], 9, [(4, 6)])


def test_the_first_record_of_a_span_stays(tmp_path: Path) -> None:
    for now in (5, 9):
        writer(tmp_path).lose(2, now)
    [(_, [loss])] = records(tmp_path).items()
    assert (loss.start, loss.next, loss.after_ms, loss.seen_ms) == (0, 2, None, 5)
    assert not any((tmp_path / CHAIN.staging).iterdir())


def test_a_disk_that_refuses_makes_nobody_go_on(tmp_path: Path) -> None:
    for call in count():
        root, door = tmp_path / f"{call}", Door()
        some = writer(root, door)
        door.at(call, disk_full)
        try:
            some.lose(2, 5)
            break
        except Retry:
            assert some.next == 0
        door.heal()
        some.lose(2, 6)
        assert (some.next, spans(root)) == (2, [(0, 2)])
    assert call > 3


def test_a_record_is_durable_before_the_writer_goes_on(tmp_path: Path) -> None:
    synced: list[Path] = []

    class Noting(type(QUICK)):  # type: ignore[misc]
        def sync(self, path: Path) -> None:
            synced.append(path)

    files: Files = Noting()
    some = writer(tmp_path, files)
    synced.clear()
    some.lose(2, 5)
    folder = tmp_path / CHAIN.losses
    assert next(path.suffix for path in synced) == ".json"
    assert {*folder.relative_to(tmp_path).parents} <= {
        path.relative_to(tmp_path) for path in synced if path.is_relative_to(tmp_path)
    }
    assert synced[-1] == folder


@pytest.mark.parametrize("harm", ["torn", "moved", "stray"])
def test_a_record_that_is_not_what_it_was_is_a_fault(tmp_path: Path, harm: str) -> None:
    writer(tmp_path).lose(2, 5)
    [path] = (tmp_path / CHAIN.losses).iterdir()
    if harm == "torn":
        path.write_bytes(path.read_bytes()[:-2])
    elif harm == "moved":
        path.rename(tmp_path / CHAIN.loss(0, 3))
    else:
        path.with_name("note.txt").write_text("?")
    with pytest.raises(Stop, match="not the record of a loss"):
        losses(tmp_path)
    assert ["not the record of a loss" in fault.what for fault in verify(tmp_path).faults] == [True]


def test_the_one_who_finishes_a_commit_knows(tmp_path: Path) -> None:
    whole = writer(tmp_path)
    whole.append(rows(0, 3))
    entry = whole.commit(0)
    assert entry is not None
    assert writer(tmp_path).finished is None
    published = tmp_path / entry.file  # as if it had not come to that
    staged = tmp_path / CHAIN.staged(entry.start, entry.sha256, 0, "parquet")
    published.rename(staged)
    assert writer(tmp_path).finished == entry
    assert writer(tmp_path).finished is None
