"""Group commit: one thread owns the log, and one append makes many requests durable.

Requests and the thread meet only in a queue. While the thread waits for the disk, the next
requests gather, and they all become durable together.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from schemas.errors import Retry, VouchError
from schemas.topics import DEAD_LETTERS, EVENTS
from streams.gateway.intake import Entry
from streams.logs.port import Log

IDLE_S = 1.0
FORGIVEN_MS = 10_000
_log = logging.getLogger(__name__)


class Busy(Retry):
    """More is waiting to become durable than memory should hold."""


class Broken(VouchError):
    """The log failed in a way that trying again does not cure; a person must look."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one request wants made durable, all or none."""

    events: list[Entry]
    letters: list[Entry] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of its values."""
        return sum(len(value) for _, value in (*self.events, *self.letters))


@dataclass(frozen=True, slots=True)
class _Job:
    parcel: Parcel
    size: int
    done: asyncio.Future[Exception | None]


class Writer:
    """Makes parcels durable, in the order in which they came.

    `start`, `store` and `close` belong to one event loop; the log belongs to the thread.

    Args:
        factory: opens the log, in the thread that will use it.
        clock: intake time, in milliseconds.
        capacity: bytes that may wait; one parcel of any size may wait alone.
        appended: told of every group commit: seconds, and whether it is durable.
        timer: a monotonic clock in seconds.
    """

    def __init__(
        self,
        factory: Callable[[], Log],
        clock: Callable[[], int],
        capacity: int,
        appended: Callable[[float, bool], None],
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._factory, self._clock, self._timer = factory, clock, timer
        self._capacity, self._pending = capacity, 0
        self._appended = appended
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="intake-log", daemon=True)
        self._closing = False
        self._broken: Broken | None = None
        self._trouble: tuple[int, str] | None = None
        self._tail: dict[int, int] = {}

    @property
    def tail(self) -> dict[int, int]:
        """Per partition of the events' topic, the next offset, at most about a second old."""
        return self._tail

    def trouble(self, now: int) -> str | None:
        """Why nothing can be stored, or null.

        A failure that may pass is forgiven after ten seconds, for only another attempt can
        tell whether it has passed.
        """
        if self._broken:
            return str(self._broken)
        if self._trouble and now - self._trouble[0] < FORGIVEN_MS:
            return self._trouble[1]
        return None

    async def start(self) -> None:
        """Open the log.

        Raises:
            Exception: whatever the factory raised.
        """
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[Exception | None] = self._loop.create_future()
        self._thread.start()
        if error := await self._opened:
            raise error

    async def store(self, parcel: Parcel) -> None:
        """Make a parcel durable; it is, when this returns.

        Raises:
            Busy: too much is waiting already.
            Retry: nothing of it is acknowledged; the same parcel may be sent again.
            Broken: the log needs a person.
        """
        size = parcel.size
        if self._closing:
            raise Busy("the gateway is stopping")
        if self._pending and self._pending + size > self._capacity:
            raise Busy(f"{self._pending} bytes are waiting for the disk")
        job = _Job(parcel, size, self._loop.create_future())
        self._pending += size
        self._queue.put(job)
        match await job.done:
            case None:
                return
            case Broken() as error:
                raise Broken(str(error)) from error
            case error:
                raise Retry(str(error)) from error

    async def close(self) -> None:
        """Store what is waiting, then let go of the log."""
        self._closing = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    # In the thread that owns the log.

    def _run(self) -> None:
        try:
            log = self._factory()
        except Exception as error:  # the starter raises it
            self._tell(_settle_one, self._opened, error)
            return
        with closing(log):
            self._look(log)
            self._tell(_settle_one, self._opened, None)
            while (jobs := self._take()) is not None:
                self._round(log, jobs)

    def _take(self) -> list[_Job] | None:
        """All that is pending; nothing after an idle second; null once closed and empty."""
        jobs: list[_Job] = []
        try:
            job = self._queue.get(timeout=IDLE_S)
            while job is not None:
                jobs.append(job)
                job = self._queue.get_nowait()
        except Empty:
            return jobs
        self._queue.put(None)  # seen again in the next round, with nothing before it
        return jobs or None

    def _round(self, log: Log, jobs: list[_Job]) -> None:
        if not jobs:
            self._look(log)
            return
        began = self._timer()
        error = self._commit(log, [job.parcel for job in jobs])
        self._tell(self._settle, jobs, error, self._timer() - began)

    def _commit(self, log: Log, parcels: list[Parcel]) -> Exception | None:
        if self._broken:
            return self._broken
        try:
            self._append(log, DEAD_LETTERS, [e for parcel in parcels for e in parcel.letters])
            self._append(log, EVENTS, [e for parcel in parcels for e in parcel.events])
        except Retry as error:
            _log.warning("nothing acknowledged: %s", error)
            self._trouble = self._clock(), str(error)
            return error
        except Exception as error:
            return self._break(error)
        self._trouble = None
        return None

    def _append(self, log: Log, topic: str, entries: list[Entry]) -> None:
        if not entries:
            return
        last = dict(log.append(topic, entries, self._clock()))  # ascending, so the last one stays
        if topic == EVENTS:
            self._tail = self._tail | {partition: at + 1 for partition, at in last.items()}

    def _look(self, log: Log) -> None:
        """Other processes append too (an import, for example)."""
        try:
            self._tail = {p: log.bounds(EVENTS, p)[1] for p in range(log.partitions)}
        except Retry as error:
            self._trouble = self._clock(), str(error)
        except Exception as error:
            self._break(error)

    def _break(self, error: Exception) -> Broken:
        _log.error("the log failed and intake has stopped", exc_info=error)
        self._broken = Broken(f"the log failed: {error}")
        return self._broken

    def _tell(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:  # the loop is gone, and everybody who waited with it
            _log.info("nobody is left to hear of a commit")

    # In the event loop again.

    def _settle(self, jobs: list[_Job], error: Exception | None, seconds: float) -> None:
        self._appended(seconds, error is None)
        for job in jobs:
            self._pending -= job.size
            _settle_one(job.done, error)


def _settle_one(done: asyncio.Future[Exception | None], error: Exception | None) -> None:
    if not done.done():  # else its request was cancelled meanwhile
        done.set_result(error)
