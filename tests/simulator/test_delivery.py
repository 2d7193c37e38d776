from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, islice

from schemas.event import Event
from schemas.instants import HOUR, MINUTE, SECOND, millis
from streams.simulator import deliver, simulate
from tests.simulator.example import SEED, START, days


def test_only_ends_are_lost_and_nothing_is_changed() -> None:
    came = Counter(deliver(days(), SEED))
    missing = set(days()) - set(came)
    assert set(came) <= set(days())
    assert {event.type for event in missing} == {"contact.ended"}
    ends = sum(event.type == "contact.ended" for event in days())
    assert 0 < len(missing) < 0.003 * ends


def test_without_losses_the_distinct_events_are_the_same() -> None:
    assert set(deliver(days(), SEED, lost_ends=0)) == set(days())


def test_some_come_twice() -> None:
    times = Counter(Counter(deliver(days(), SEED, duplicates=0.01, lost_ends=0)).values())
    assert set(times) == {1, 2}
    assert 0.008 < times[2] / len(days()) < 0.012


def test_some_come_late_and_the_rest_within_seconds() -> None:
    behind = _behind(deliver(days(), SEED, duplicates=0, late=0.025, lost_ends=0))
    assert 0.015 < sum(delay > 30 * SECOND for delay in behind) / len(behind) < 0.03
    assert max(behind) > HOUR
    assert max(_behind(deliver(days(), SEED, late=0.5))) <= 6 * HOUR + 5 * MINUTE
    assert sum(0 < delay <= 2 * SECOND for delay in behind) > 0.05 * len(behind)


def test_a_clean_delivery_reorders_within_seconds_only() -> None:
    once = list(deliver(days(), SEED, duplicates=0, late=0, lost_ends=0))
    assert once != list(days())
    assert sorted(once) == list(days())
    assert max(_behind(once)) <= 2 * SECOND


def test_a_seed_gives_the_same_delivery() -> None:
    first = list(deliver(days(), SEED))
    assert first == list(deliver(days(), SEED))
    assert first != list(deliver(days(), SEED + 1))


def test_delivery_is_lazy() -> None:
    begun = list(islice(deliver(simulate(START, 5_000, SEED), SEED), 1_000))
    assert millis(begun[-1].time) - millis(begun[0].time) < 24 * 60 * MINUTE


def _behind(events: Iterable[Event]) -> list[int]:
    """Milliseconds by which every event is older than the newest that came before it."""
    moments = [millis(event.time) for event in events]
    return [newest - own for newest, own in zip(accumulate(moments, max), moments, strict=True)]
