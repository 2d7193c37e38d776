"""Dirty delivery: what a log receives from producers that deliver at least once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from random import Random

from schemas.event import Event
from schemas.instants import HOUR, MINUTE, SECOND, millis

JITTER = 2 * SECOND
MEDIAN, SPREAD = 10 * MINUTE, 1.2  # of the delay of what is late: log-normal, a long tail
LATEST = 6 * HOUR


def deliver(
    events: Iterable[Event],
    seed: int,
    duplicates: float = 0.01,
    late: float = 0.025,
    lost_ends: float = 0.001,
) -> Iterator[Event]:
    """The same facts as they come in: repeated, out of order, some late, a few ends missing.

    The distinct events are those that came, less a share `lost_ends` of the
    `contact.ended`; none is changed. Lazy: it holds what is late, six simulated hours at most.

    Args:
        events: in order of time.
        seed: the same seed gives the same delivery.
        duplicates: share of events that come twice, the repeat within minutes.
        late: share that comes late, half of it by more than ten minutes, none by more than six
            hours; all others come within two seconds.
        lost_ends: share of `contact.ended` that never comes.
    """
    rng = Random(f"{seed}/delivery")
    under_way: list[tuple[int, int, Event]] = []
    for number, event in enumerate(events):
        sent = millis(event.time)
        while under_way and under_way[0][0] <= sent:
            yield heappop(under_way)[2]
        if event.type == "contact.ended" and rng.random() < lost_ends:
            continue
        arrival = sent + _delay(rng, late)
        heappush(under_way, (arrival, number, event))
        if rng.random() < duplicates:
            again = arrival + int(rng.random() * 5 * MINUTE)
            heappush(under_way, (again, number, event))
    while under_way:
        yield heappop(under_way)[2]


def _delay(rng: Random, late: float) -> int:
    if rng.random() < late:
        return min(int(rng.lognormvariate(0, SPREAD) * MEDIAN), LATEST)
    return int(rng.random() * JITTER)
