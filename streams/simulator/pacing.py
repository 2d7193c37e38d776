"""Pacing: simulated time at a chosen speed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from schemas.event import Event
from schemas.instants import SECOND, millis


def pace(
    events: Iterable[Event],
    speed: float | None,
    sleep: Callable[[float], None],
    clock: Callable[[], int],
) -> Iterator[Event]:
    """The same events, each when its time has come.

    The first comes at once, and with it simulated time starts. An event older than one before
    it (see `deliver`) does not wait. After a stall the backlog comes without waiting.

    Args:
        events: canonical times, in any order that is nearly theirs.
        speed: simulated seconds in a second (1 is real time); None never waits.
        sleep: waits for so many seconds.
        clock: milliseconds; only differences matter.
    """
    if speed is None:
        yield from events
        return
    begun = first = None
    for event in events:
        moment = millis(event.time)
        if begun is None or first is None:
            begun, first = clock(), moment
        wait = begun + (moment - first) / speed - clock()
        if wait > 0:
            sleep(wait / SECOND)
        yield event
