"""When contacts come: at random, or a year's fixed number at random instants."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from schemas.instants import HOUR, millis
from streams.simulator import Service, simulate
from streams.simulator.demand import Demand, Year
from streams.simulator.demonstration import VAC
from tests.simulator.example import SEED, calls, of, wall

SINCE, UNTIL = date(2026, 3, 1), date(2026, 4, 1)  # with a day of 23 hours
COUNT = 5_003
DEMAND = Demand((1.0,) * 12 + (3.0,) * 12, years=(Year(SINCE, UNTIL, COUNT),))
FIXED = replace(VAC, calls=DEMAND, mail=(), known=1.0, callers=10**9, represented=0.0)


def _arrivals(service: Service, start: date, days: int, seed: int = SEED) -> list[str]:
    return [e.time for e in of(simulate(start, days, seed, [service]), "contact.arrived")]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("redials", [0.0, 0.9])
def test_a_fixed_year_has_its_number_whatever_becomes_of_the_calls(
    seed: int, redials: float
) -> None:
    service = replace(FIXED, redials=redials)
    assert len(_arrivals(service, SINCE, (UNTIL - SINCE).days, seed)) == COUNT


def test_the_number_of_a_fixed_year_is_scaled() -> None:
    half = FIXED.scaled(0.5)
    assert len(_arrivals(half, SINCE, (UNTIL - SINCE).days)) == round(COUNT / 2)


def test_a_part_of_a_fixed_year_has_the_share_that_its_profile_gives_it() -> None:
    days = (UNTIL - SINCE).days
    alone = [len(_arrivals(FIXED, date(2026, 3, 1 + n), 1)) for n in range(days)]
    assert abs(sum(alone) - COUNT) <= 1
    whole = _arrivals(FIXED, SINCE, days)
    second = [time for time in whole if wall_day(time) == 2]
    assert len(second) == alone[1]


def wall_day(time: str) -> int:
    """Of Halifax, four hours west of Greenwich in early March."""
    return int(time[8:10]) - (int(time[11:13]) < 4)


def test_a_fixed_year_follows_the_profile() -> None:
    events = of(simulate(SINCE, (UNTIL - SINCE).days, SEED, [FIXED]), "contact.arrived")
    by_half = Counter(wall(event).hour >= 12 for event in events)
    assert 2.7 < by_half[True] / by_half[False] < 3.3
    by_day = Counter(wall(event).weekday() for event in events)
    assert by_day[0] > 3 * by_day[5]


def test_instants_differ_by_seed() -> None:
    assert not set(_arrivals(FIXED, SINCE, 2, 1)) & set(_arrivals(FIXED, SINCE, 2, 2))


def test_who_tries_again_takes_the_next_slot() -> None:
    """As many contacts, of fewer callers, and none sooner than they meant to."""
    lives = calls(simulate(SINCE, 20, SEED, [replace(FIXED, lines=2, redials=0.9)]))
    callers = Counter(life[0].data.caller for life in lives.values())
    assert callers.most_common(1)[0][1] > 2
    never = replace(FIXED, lines=2, redials=0.0, aftermath=None)
    lives_of_one = calls(simulate(SINCE, 20, SEED, [never]))
    assert len(lives_of_one) == len(lives)
    assert len({life[0].data.caller for life in lives_of_one.values()}) == len(lives)


def test_holidays_are_like_sundays() -> None:
    flat = replace(VAC, calls=Demand((60.0,) * 24, (1.0,) * 6 + (0.0,)), mail=(), redials=0)
    good_friday = date(2026, 4, 3)
    assert _arrivals(flat, date(2026, 4, 2), 1)
    assert not _arrivals(flat, good_friday, 1)


def test_phones_are_closed_on_holidays() -> None:
    events = list(simulate(date(2026, 4, 3), 1, SEED, [VAC]))
    assert of(events, "contact.turned_away")
    assert not of(events, "queue.entered", "agent.state_changed")


def test_after_the_fixed_years_contacts_come_at_random() -> None:
    times = _arrivals(FIXED, UNTIL, 3)
    assert times
    assert millis(times[-1]) - millis(times[0]) > 48 * HOUR
