"""Compaction under load: readers look all the time, writer and compactor are killed 50 times."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

import duckdb
import pytest

from schemas.errors import Retry, Stop
from schemas.rows import Row
from sinks.archive.history import History
from sinks.archive.index import Index
from sinks.archive.pieces import content, pieces
from sinks.archive.seals import Seals
from sinks.archive.upkeep import upkeep
from sinks.archive.verifier import verify
from tests.archive.compaction_children import Child, compact, write
from tests.archive.world import CHAIN, NOON, QUICK, Door, row, rows, writer

KILLS, TRIES = 50, 200
LATER = 2**43


class Worker:
    """A process that is started again whenever it was killed."""

    def __init__(self, context: ForkServerContext, root: Path, child: Child) -> None:
        self._context, self._root, self._child = context, root, child
        self._starts = self.safe = 0
        self._told: Connection
        self._process: BaseProcess

    def start(self) -> None:
        """Start it, and wait until it works."""
        self._told, theirs = self._context.Pipe()
        args = (self._root, self._starts, theirs)
        self._process = self._context.Process(target=self._child, args=args, daemon=True)
        self._process.start()
        theirs.close()
        self._starts += 1
        self._told.recv()

    def tell(self, times: int) -> None:
        for _ in range(times):
            self._told.send(None)

    def hear(self) -> None:
        """Take in all that it has said; what it said is safe."""
        try:
            while self._told.poll():
                self.safe = max(self.safe, self._told.recv() or 0)
        except (EOFError, OSError):
            self._process.join()
            assert self._process.exitcode == -signal.SIGKILL

    @property
    def gone(self) -> bool:
        """Whether it has killed itself."""
        return not self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        assert self._process.exitcode == -signal.SIGKILL
        self.hear()
        self._told.close()


def globbed(root: Path) -> list[int]:
    """What stock DuckDB finds; it fails where a file is gone that it has listed."""
    query = f"""select "offset" from '{root}/data/**/*.parquet'"""
    for _ in range(TRIES):
        try:
            with duckdb.connect() as connection:
                return sorted(at for (at,) in connection.execute(query).fetchall())
        except duckdb.IOException:
            continue
    pytest.fail("files vanish again and again")


def looked_up(root: Path) -> list[int]:
    """What our own reader finds, by the log."""
    return [row.offset for block in History(root, Index(root, CHAIN)).rows(0) for row in block]


def in_pieces(root: Path) -> list[int]:
    """What a computation is given: files that are read whole, each checked against its hash."""
    for _ in range(TRIES):
        try:
            found = pieces(root, CHAIN)
            assert sum(piece.rows for piece in found if content(piece)) == found[-1].next
            return [at for piece in found for at in range(piece.start, piece.next)]
        except Retry:
            continue
    pytest.fail("files vanish again and again")


LOOKS = (globbed, looked_up, in_pieces)


@contextmanager
def workers(root: Path) -> Iterator[tuple[Worker, Worker]]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.archive.compaction_children"])
    found = Worker(context, root, write), Worker(context, root, compact)
    for worker in found:
        worker.start()
    try:
        yield found
    finally:
        for worker in found:
            worker.kill()


@pytest.mark.slow
def test_no_reader_ever_sees_a_row_twice_or_not_at_all(tmp_path: Path) -> None:
    chance = Random(1)
    into = writer(tmp_path)
    into.append(rows(0, 5))
    into.commit(0)
    kills = 0
    with workers(tmp_path) as (writing, compacting):
        while kills < KILLS:
            writing.tell(chance.randint(5, 15))
            for _ in range(chance.randint(1, 3)):
                writing.hear()
                compacting.hear()
                safe, found = writing.safe, chance.choice(LOOKS)(tmp_path)
                assert len(set(found)) == len(found)
                assert found[:safe] == [*range(safe)]
            if kills % 10 == 0:
                assert verify(tmp_path).faults == []  # beside both at work
            victim = writing if chance.random() < 0.3 else compacting
            for worker in {victim, compacting} if compacting.gone else {victim}:
                worker.kill()
                worker.start()
                kills += 1
    whole(tmp_path, writing.safe)


def whole(root: Path, safe: int) -> None:
    """Once all is finished: every row once, and nothing left over."""
    upto = writer(root).committed
    assert upto >= safe > 0
    upkeep(root, LATER, month_end=True, files=QUICK)
    assert globbed(root) == looked_up(root) == in_pieces(root) == [*range(upto)]
    assert [r.value for r in archived_rows(root)] == [row(n).value for n in range(upto)]
    report = verify(root)
    assert (report.faults, report.pending, report.rows) == ([], [], upto)
    assert len(Seals(root, CHAIN).all) > 3
    upkeep(root, LATER, files=QUICK)
    assert [*(root / CHAIN.compacting).iterdir()] == []


def archived_rows(root: Path) -> list[Row]:
    return [row for block in History(root, Index(root, CHAIN)).rows(0) for row in block]


class OneByOne(Door):
    """What exchanges the names in a folder, instead of the folder."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.seen: list[list[int]] = []

    def exchange(self, one: Path, other: Path) -> None:
        for path in [*one.iterdir()]:
            if not (other / path.name).exists():
                (other / path.name).hardlink_to(path)
        self.seen.append(globbed(self.root))
        for path in [*other.iterdir()]:
            if not (one / path.name).exists():
                path.unlink()


def test_without_the_exchange_rows_are_seen_twice(tmp_path: Path) -> None:
    into = writer(tmp_path)
    for end in (2, 4):
        into.append(rows(into.next, end))
        into.commit(0)
    disk = OneByOne(tmp_path)
    upkeep(tmp_path, LATER, files=disk)
    assert disk.seen[-1] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_file_that_is_gone_for_good_is_no_file_to_ask_for_again(tmp_path: Path) -> None:
    into = writer(tmp_path)
    into.append(rows(0, 2))
    entry = into.commit(NOON)
    assert entry is not None
    (tmp_path / entry.file).unlink()
    with pytest.raises(Stop, match="neither published nor staged"):
        pieces(tmp_path, CHAIN)
