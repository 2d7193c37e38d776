"""Workers: what may pass is waited out with everything opened afresh, anything else ends them."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession

from schemas.board import Board
from schemas.errors import Retry, Stop
from schemas.instants import DAY, HOUR, millis
from schemas.topics import EVENTS, partition_of
from sinks.archive.files import DISK, Disk, Files
from streams.gateway.settings import Gateway
from streams.home import Home
from streams.past import ArchivedPast
from streams.server import Server
from streams.settings import Settings
from streams.workers import ArchiveJob, Job, LiveJob, UpkeepJob, Worker
from tests.core.examples import raw
from tests.runtimes.support import bring

PATIENCE_S = 20.0
HERE = partition_of("c")
EVENTS_OF_C = [raw("contact.arrived", 0), raw("queue.entered", 10, queue="q")]
NEW, JSON = raw("contact.ended", 90, by="agent"), {"content-type": "application/cloudevents+json"}
CAME = millis("2026-01-05T00:00:00.000Z")  # in a month that is over


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


def archived(home: Home) -> int:
    with closing(home.log()) as log:
        return ArchivedPast(home.archive, log.log_id).next(HERE)


def test_an_orderly_stop_commits_what_was_taken(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with closing(home.log()) as log:
        bring(log, EVENTS_OF_C)
    job = ArchiveJob(home)
    assert job.step()
    assert not job.step()
    assert archived(home) == 0
    job.close()
    assert archived(home) == len(EVENTS_OF_C)


def test_the_board_is_shown_once_at_first_and_then_when_something_came(tmp_path: Path) -> None:
    home, shown = Home(tmp_path), list[Board]()
    with closing(home.log()) as log, closing(LiveJob(home, shown.append)) as job:
        assert not job.step()
        assert not job.step()
        assert [board.positions[HERE] for board in shown] == [0]
        bring(log, EVENTS_OF_C)
        assert job.step()
        assert [board.positions[HERE] for board in shown] == [0, len(EVENTS_OF_C)]


def test_the_live_worker_lets_the_log_forget_what_is_archived(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with closing(home.log()) as log:
        bring(log, EVENTS_OF_C)
        ArchiveJob(home).close()
        with closing(LiveJob(home, lambda _: None)) as job:
            job.step()
        assert log.bounds(EVENTS, HERE) == (2, 2)


# Upkeep.


def small_files(home: Home) -> None:
    """Two commits of a month that is over, a file each."""
    with closing(home.log()) as log:
        for value in EVENTS_OF_C:
            log.append(EVENTS, [("c", value)], CAME)
            with closing(ArchiveJob(home)) as job:
                job.step()


def files(home: Home) -> int:
    return sum(1 for _ in (home.archive / "data").rglob("*.parquet"))


@dataclass
class Asked:
    """Upkeep that only says when it was asked for."""

    times: list[int] = field(default_factory=list)

    def __call__(self, now: int, go_on: Callable[[], bool]) -> list[str]:
        self.times.append(now)
        return []


def test_upkeep_is_done_at_first_and_then_once_a_day_an_hour_after_its_end() -> None:
    now, asked = [CAME], Asked()
    job = UpkeepJob(asked, lambda: True, lambda: now[0])
    for moment in (CAME, CAME + 1, CAME + HOUR // 2, CAME + HOUR, CAME + DAY, CAME + DAY + HOUR):
        now[0] = moment
        job.step()
    assert asked.times == [CAME, CAME + HOUR, CAME + DAY + HOUR]


def test_upkeep_makes_files_large_beside_the_archiver(tmp_path: Path) -> None:
    home = Home(tmp_path)
    small_files(home)
    with closing(ArchiveJob(home)), closing(UpkeepJob(home.upkeep, lambda: True)) as job:
        assert job.step()
        assert not job.step()
    assert files(home) == 1


def test_upkeep_that_is_told_to_end_leaves_the_rest(tmp_path: Path) -> None:
    home = Home(tmp_path)
    small_files(home)
    UpkeepJob(home.upkeep, lambda: False).step()
    assert files(home) == 2


class NoExchange(Disk):
    """A file system without renameat2."""

    def exchange(self, one: Path, other: Path) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(one))


class NoDays(Disk):
    """A disk that lastingly refuses to record days."""

    def mkdir(self, path: Path) -> None:
        if path.name == "days":
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        super().mkdir(path)


class On(Home):
    """A data folder on another disk, as far as upkeep goes."""

    def __init__(self, data: Path, disk: Disk) -> None:
        super().__init__(data)
        self._disk = disk

    def upkeep(self, now: int, go_on: Callable[[], bool], files: Files = DISK) -> list[str]:
        return super().upkeep(now, go_on, self._disk)


def rotten(home: Home) -> Home:
    """One bit of an old file is another."""
    path = min((home.archive / "data").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    return home


@pytest.mark.parametrize(
    ("hindered", "why"),
    [
        (lambda data: On(data, NoExchange()), "cannot exchange two folders"),
        (lambda data: On(data, NoDays()), "recording days: [Errno 13] Permission denied"),
        (lambda data: rotten(Home(data)), "changed: its sha256"),
    ],
    ids=["no renameat2", "no days", "rot"],
)
def test_a_server_goes_on_archiving_where_upkeep_cannot_be_done(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    hindered: Callable[[Path], Home],
    why: str,
) -> None:
    small_files(Home(tmp_path))
    home = hindered(tmp_path)
    asyncio.run(serve(home, lambda: why in caplog.text))
    assert archived(home) == len(EVENTS_OF_C) + 1


class Endless(Home):
    """A data folder whose upkeep takes as long as it may."""

    begun = False

    def upkeep(self, now: int, go_on: Callable[[], bool], files: Files = DISK) -> list[str]:
        self.begun = True
        while go_on():
            time.sleep(0.01)
        return []


def test_a_server_works_and_stops_while_upkeep_is_at_it(tmp_path: Path) -> None:
    home = Endless(tmp_path)
    asyncio.run(serve(home, lambda: home.begun))
    assert archived(home) == 1


async def serve(home: Home, upkept: Callable[[], bool]) -> None:
    """A server that is sent an event once upkeep is so far, and stopped once it is ready."""

    async def send(address: str, session: ClientSession) -> None:
        while not upkept():
            await asyncio.sleep(0.01)
        async with session.post(f"{address}/events", data=NEW, headers=JSON) as answer:
            assert answer.status == 200, await answer.text()
        while not await ready(address, session):
            await asyncio.sleep(0.01)

    async def ready(address: str, session: ClientSession) -> bool:
        async with session.get(f"{address}/readyz") as answer:
            return answer.status == 200

    server = Server(home, Settings(gateway=Gateway(port=0, open=True)))
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(server.run(listening.set_result))
    async with ClientSession() as session:
        await asyncio.wait_for(send(await listening, session), PATIENCE_S)
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(running, PATIENCE_S)
