"""Threads that work until stopped: the embedded live worker, archiver, upkeep, and roles on Kafka.

Each owns its log and its files, and meets the others only there. A failure that may
pass (disk full, locked) is waited out with everything opened afresh, since what was in
memory is then ahead of what was saved; any other failure stops the server, with words.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Protocol

from schemas.board import Board, Gated
from schemas.errors import Retry, VouchError
from schemas.instants import DAY
from streams.clock import now_ms
from streams.gate.files import Gates
from streams.home import SETTLED, Home
from streams.runtimes.board import board

UPKEEP_S = 60.0  # between two looks at whether a day is over
_log = logging.getLogger(__name__)


class Job(Protocol):
    """Work in steps, on things it opened."""

    def step(self) -> bool:
        """Do what there is; whether there was anything."""
        ...

    def close(self) -> None:
        """Finish, and let go."""
        ...


class Worker:
    """Runs a job in a thread of its own.

    Attributes:
        trouble: why the job cannot go on at present; None while it can.
        failure: the error that ended it; None while it has not.
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], Job],
        *,
        pause_s: float,
        failed: Callable[[], object],
        patience_s: float = 1.0,
    ) -> None:
        self.name = name
        self.trouble: str | None = None
        self.failure: Exception | None = None
        self._start, self._pause_s, self._failed = start, pause_s, failed
        self._patience_s = patience_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def going(self) -> bool:
        """Whether nobody has told it to end: for jobs whose steps are long."""
        return not self._stopped.is_set()

    def end(self) -> None:
        """Let the present step be the last."""
        self._stopped.set()

    def stop(self) -> None:
        """End after the present step, and wait for it."""
        self.end()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._work()
        except Exception as error:
            expected = isinstance(error, VouchError)
            _log.error("%s stopped: %s", self.name, error, exc_info=None if expected else error)
            self.failure, self.trouble = error, f"{self.name} stopped: {error}"
            self._failed()

    def _work(self) -> None:
        """One life of the job, from opening to stop or to a failure that may pass."""
        try:
            job = self._start()
            try:
                self._steps(job)
            finally:
                job.close()
        except Retry as error:
            trouble = f"{self.name}: {error}"
            if trouble != self.trouble:  # said once, not every second
                _log.warning("%s waits: %s", self.name, error)
            self.trouble = trouble
            self._stopped.wait(self._patience_s)

    def _steps(self, job: Job) -> None:
        while not self._stopped.is_set():
            began = time.monotonic()
            busy = job.step()
            self.trouble = None
            left = self._pause_s - (time.monotonic() - began)
            if left > 0 or not busy:
                self._stopped.wait(max(left, 0.01))


class LiveJob:
    """Counts, once a second, and shows the board."""

    def __init__(self, home: Home, show: Callable[[Board], None]) -> None:
        self._home, self._show = home, show
        self._gates = Gates(home.data)
        self._gated: list[Gated] | None = None
        with ExitStack() as opened:
            self._log = opened.enter_context(closing(home.log()))
            self._worker = home.live(self._log)
            self._opened = opened.pop_all()

    def step(self) -> bool:
        """Apply what is new, and show it."""
        applied, gated = self._worker.step(), self._gates.now()
        if applied or gated != self._gated:
            self._gated = gated
            self._show(board(self._worker, gated))
            self._home.trim(self._log, self._worker)
        return bool(applied)

    def close(self) -> None:
        """Let go; everything counted was saved."""
        self._worker.close()
        self._opened.close()


class ArchiveJob:
    """Archives what is new; commits what is due, and everything at the end."""

    def __init__(self, home: Home) -> None:
        with ExitStack() as opened:
            log = opened.enter_context(closing(home.log()))
            self._archiver = home.archiver(log)
            self._opened = opened.pop_all()

    def step(self) -> bool:
        """Take what is new."""
        return bool(self._archiver.step(now_ms()))

    def close(self) -> None:
        """Commit what was taken, and let go."""
        try:
            self._archiver.step(now_ms(), flush=True)
        finally:
            self._opened.close()


class Upkeep(Protocol):
    """What an archive needs once a day, such as `Home.upkeep`."""

    def __call__(self, now: int, go_on: Callable[[], bool]) -> list[str]:
        """Do it, until told not to go on; why anything was left for the next time."""
        ...


class UpkeepJob:
    """Records the days that are over and makes files large: at first, then once a day.

    What is left for the next time is said, and hinders nothing: intake, archive and figures do
    not rest on it.
    """

    def __init__(
        self, upkeep: Upkeep, go_on: Callable[[], bool], now: Callable[[], int] = now_ms
    ) -> None:
        self._upkeep, self._go_on, self._now = upkeep, go_on, now
        self._kept_up: int | None = None  # the day on which that was last done

    def step(self) -> bool:
        """Once a day, what there is to do."""
        now = self._now()
        due = self._kept_up != (now - SETTLED) // DAY
        if due:
            for why in self._upkeep(now, self._go_on):
                _log.warning("the archive's upkeep is left for the next time: %s", why)
            self._kept_up = (now - SETTLED) // DAY
        return due

    def close(self) -> None:
        """Nothing is open between two steps."""
