"""Workers: what may pass is waited out with everything opened afresh, anything else ends them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from schemas.board import Board
from schemas.errors import Retry, Stop
from schemas.topics import EVENTS, partition_of
from streams.embedded import Embedded
from streams.past import ArchivedPast
from streams.workers import ArchiveJob, Job, LiveJob, Worker
from tests.core.examples import raw
from tests.runtimes.support import bring

PATIENCE_S = 20.0
HERE = partition_of("c")
EVENTS_OF_C = [raw("contact.arrived", 0), raw("queue.entered", 10, queue="q")]


@dataclass
class Script:
    """Jobs that do as they are told, one after the other; the last goes on without work.

    Attributes:
        acts: for each job, what its one step raises; None where it ends well.
        lines: what was called, in order, and the worker's trouble at each step.
    """

    acts: list[Exception | None]
    lines: list[str] = field(default_factory=list)
    steady: threading.Event = field(default_factory=threading.Event)
    trouble: Callable[[], str | None] = lambda: None

    def start(self) -> Job:
        self.lines.append("open")
        return Scripted(self, self.acts.pop(0))


@dataclass
class Scripted:
    """One job of a script."""

    script: Script
    raises: Exception | None
    steps: int = 0

    def step(self) -> bool:
        self.steps += 1
        if self.steps == 1:
            self.script.lines.append(f"step, trouble {self.script.trouble()}")
        if self.raises is not None:
            raise self.raises
        if self.steps == 2:
            self.script.lines.append(f"again, trouble {self.script.trouble()}")
            self.script.steady.set()
        return True

    def close(self) -> None:
        self.script.lines.append("close")


def made(script: Script, failed: Callable[[], object]) -> Worker:
    worker = Worker("w", script.start, pause_s=0, failed=failed, patience_s=0)
    script.trouble = lambda: worker.trouble
    return worker


def test_a_failure_that_may_pass_is_waited_out_with_a_job_opened_afresh() -> None:
    script, failed = Script([Retry("disk full"), None]), threading.Event()
    worker = made(script, failed.set)
    worker.start()
    assert script.steady.wait(PATIENCE_S)
    worker.stop()
    assert script.lines == [
        "open",
        "step, trouble None",
        "close",
        "open",
        "step, trouble w: disk full",
        "again, trouble None",
        "close",
    ]
    assert worker.failure is None
    assert not failed.is_set()


@pytest.mark.parametrize("error", [Stop("contradiction"), ValueError("a mistake")])
def test_any_other_failure_ends_the_worker_with_words(error: Exception) -> None:
    script, failed = Script([error, None]), threading.Event()
    worker = made(script, failed.set)
    worker.start()
    assert failed.wait(PATIENCE_S)
    worker.stop()
    assert script.lines == ["open", "step, trouble None", "close"]
    assert worker.failure is error
    assert worker.trouble == f"w stopped: {error}"


def archived(home: Embedded) -> int:
    with closing(home.log()) as log:
        return ArchivedPast(home.archive, log.log_id).next(HERE)


def test_an_orderly_stop_commits_what_was_taken(tmp_path: Path) -> None:
    home = Embedded(tmp_path)
    with closing(home.log()) as log:
        bring(log, EVENTS_OF_C)
    job = ArchiveJob(home)
    assert job.step()
    assert not job.step()
    assert archived(home) == 0
    job.close()
    assert archived(home) == len(EVENTS_OF_C)


def test_the_board_is_shown_once_at_first_and_then_when_something_came(tmp_path: Path) -> None:
    home, shown = Embedded(tmp_path), list[Board]()
    with closing(home.log()) as log, closing(LiveJob(home, shown.append)) as job:
        assert not job.step()
        assert not job.step()
        assert [board.positions[HERE] for board in shown] == [0]
        bring(log, EVENTS_OF_C)
        assert job.step()
        assert [board.positions[HERE] for board in shown] == [0, len(EVENTS_OF_C)]


def test_the_live_worker_lets_the_log_forget_what_is_archived(tmp_path: Path) -> None:
    home = Embedded(tmp_path)
    with closing(home.log()) as log:
        bring(log, EVENTS_OF_C)
        ArchiveJob(home).close()
        with closing(LiveJob(home, lambda _: None)) as job:
            job.step()
        assert log.bounds(EVENTS, HERE) == (2, 2)
