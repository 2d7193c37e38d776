"""Following files until stopped: what happens while there is nothing new."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from schemas.instants import MINUTE
from streams.clock import now_ms
from streams.commands.intake import Intake, catch_up
from streams.home import Home

#: Between two commits to the archive; `vouch measures` counts what is in the log by itself.
SETTLE_MS = 15 * MINUTE


class Pause:
    """The wait of `streams.sources.follow`: makes durable what came, and sometimes counts it.

    Where a server runs, it counts; this one only appends.
    """

    def __init__(self, home: Home, intake: Intake, stop: Event) -> None:
        self._home, self._intake, self._stop = home, intake, stop
        self._settled: int | None = None

    def __call__(self, seconds: float) -> bool:
        """Wait so many seconds, or until stopped: then False."""
        if seconds:
            self._intake.flush()
            self._settle(now_ms())
        return not self._stop.wait(seconds)

    def _settle(self, now: int) -> None:
        if self._settled is None:
            print("Waiting for more. Stop with Ctrl-C.", flush=True)
        if self._settled is None or now - self._settled >= SETTLE_MS:
            catch_up(self._home)
            self._settled = now


@contextmanager
def stopping() -> Iterator[Event]:
    """An event that is set by Ctrl-C, or by a request to end."""
    stop = Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {name: signal.signal(name, told) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
