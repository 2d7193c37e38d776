from __future__ import annotations

import pytest

from schemas.event import Event
from schemas.instants import instant
from streams.simulator import pace

NOON = 1_767_700_000_000


class Watch:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 5_000
        self.slept: list[float] = []

    def read(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += round(seconds * 1000)


def _events(*seconds: int) -> list[Event]:
    return [
        Event(time=instant(NOON + s * 1000), source="s", id=str(n), type="t", subject="c")
        for n, s in enumerate(seconds)
    ]


@pytest.mark.parametrize(("speed", "slept"), [(1.0, [60.0, 60.0]), (600.0, [0.1, 0.1])])
def test_an_event_comes_when_its_time_has_come(speed: float, slept: list[float]) -> None:
    watch, events = Watch(), _events(0, 60, 60, 120)
    assert list(pace(events, speed, watch.sleep, watch.read)) == events
    assert watch.slept == pytest.approx(slept)


def test_late_events_do_not_wait() -> None:
    watch, events = Watch(), _events(0, 60, 10, 61)
    assert list(pace(events, 1, watch.sleep, watch.read)) == events
    assert watch.slept == pytest.approx([60, 1])


def test_a_backlog_comes_without_waiting() -> None:
    watch = Watch()
    paced = pace(_events(0, 60, 120, 180), 1, watch.sleep, watch.read)
    next(paced)
    watch.now += 150_000
    assert len(list(paced)) == 3
    assert watch.slept == pytest.approx([30])


def test_as_fast_as_possible_never_sleeps() -> None:
    watch, events = Watch(), _events(0, 60)
    assert list(pace(events, None, watch.sleep, watch.read)) == events
    assert watch.slept == []
