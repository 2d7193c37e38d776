from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice, pairwise
from statistics import mean, variance

import pytest

from schemas.admission import admit
from schemas.event import encode
from schemas.instants import HOUR, instant, millis
from schemas.periods import midnight
from schemas.versions import read
from schemas.vocabulary import STATES, VOCABULARY
from streams.simulator import SERVICES, simulate
from streams.simulator.demand import Demand
from streams.simulator.demonstration import ESDC, VAC
from streams.simulator.parts import Menu
from streams.simulator.services import WEEKDAYS, Service
from tests.simulator.example import DAYS, SEED, START, calls, days, department, of, wall

ALWAYS = replace(
    VAC, weekdays=WEEKDAYS | {5, 6}, calls=replace(VAC.calls, weekly=(1.0,) * 7), mail=()
)


def _with(*hourly: float, weekly: tuple[float, ...] = (1.0,) * 7, zone: str = VAC.zone) -> Service:
    """Calls at any hour of any day; of one number, the same at every hour."""
    every = hourly if len(hourly) > 1 else hourly * 24
    return replace(ALWAYS, calls=Demand(every, weekly), redials=0, aftermath=None, zone=zone)


def test_a_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    def written(seed: int) -> list[bytes]:
        return [encode(event) for event in simulate(START, 1, seed)]

    assert written(SEED) == written(SEED)
    assert not {event.time for event in of(simulate(START, 1, 2), "contact.arrived")} & {
        event.time for event in of(simulate(START, 1, 1), "contact.arrived")
    }


def test_every_event_is_admitted_as_it_is() -> None:
    for event in days():
        raw = encode(event)
        admitted, kept = admit(raw, millis(event.time))
        assert kept is raw
        assert admitted.data == event.data
        assert read(raw) == event


def test_events_come_in_event_order_with_ids_of_their_own() -> None:
    assert all(one < next_one for one, next_one in pairwise(days()))
    assert len({event.id for event in days()}) == len(days())
    for source in {event.source for event in days()}:
        numbers = [int(event.sequence) for event in days() if event.source == source]
        assert numbers == list(range(1, len(numbers) + 1))


def test_contacts_are_named_after_the_local_day_on_which_they_arrive() -> None:
    for event in of(days(), "contact.arrived", "email.received"):
        source = event.source.replace("/", "-")
        assert event.subject.startswith(f"{source}-{wall(event):%Y%m%d}-")
        assert department(event) == event.data.department


def test_a_department_does_not_depend_on_the_others() -> None:
    alone = list(simulate(START, 2, SEED, [VAC]))
    assert alone == [event for event in simulate(START, 2, SEED) if department(event) == "vac"]


def test_the_demonstration_shows_everything_in_the_size_that_is_wanted() -> None:
    assert 90_000 <= len(days()) <= 130_000
    assert {event.type for event in days()} == set(VOCABULARY)
    reasons = Counter(event.data.reason for event in of(days(), "contact.turned_away"))
    assert {"blocked", "closed", "full", "no_agent"} == set(reasons)
    assert {event.data.how for event in of(days(), "queue.left")} == {"abandoned", "empty", "flow"}
    expired = {event.data.reason for event in of(days(), "callback.expired")}
    assert expired == {"no_answer", "too_late"}
    arrivals = [e for e in of(days(), "contact.arrived") if e.data.channel == "phone"]
    assert {event.data.department for event in arrivals} == {s.department for s in SERVICES}
    assert 0.5 < sum(event.data.caller is not None for event in arrivals) / len(arrivals) < 0.7
    assert {event.data.state for event in of(days(), "agent.state_changed")} == set(STATES)


def test_some_callers_try_again() -> None:
    once = replace(VAC, callers=10**9, known=1.0, lines=3, aftermath=None)
    callers = Counter(
        e.data.caller for e in of(simulate(START, 1, SEED, [once]), "contact.arrived")
    )
    assert callers.most_common(1)[0][1] > 1
    never = replace(once, redials=0)
    callers = Counter(
        e.data.caller for e in of(simulate(START, 1, SEED, [never]), "contact.arrived")
    )
    assert callers.most_common(1)[0][1] == 1


def test_many_days_are_as_cheap_to_begin_as_one() -> None:
    assert len(list(islice(simulate(START, 5_000, SEED), 1_000))) == 1_000


def test_scale_multiplies_the_public_and_what_awaits_it() -> None:
    for kind in ("contact.arrived", "email.received"):
        one = len(of(simulate(START, 2, SEED, [ESDC]), kind))
        five = len(of(simulate(START, 2, SEED, [ESDC], scale=5), kind))
        assert 4 < five / one < 6
    assert VAC.scaled(5).teams[0].staff[8] == 5 * VAC.teams[0].staff[8]
    assert VAC.scaled(0.01).teams[0].staff[8] == 0.01 * VAC.teams[0].staff[8]
    assert VAC.scaled(0.01).lines == VAC.scaled(0.01).capacity == 1


def test_arrivals_of_an_hour_are_poisson() -> None:
    totals = of(simulate(START, 60, SEED, [_with(20.0)]), "control.total_declared")
    counts = [event.data.count or 0 for event in totals if event.data.of == "arrived"]
    assert len(counts) == 60 * 24
    assert abs(mean(counts) - 20) < 0.5
    assert abs(variance(counts) / mean(counts) - 1) < 0.1


def test_arrivals_follow_the_hour_and_the_weekday() -> None:
    quiet_noon = _with(*(10.0,) * 12, 0.0, *(10.0,) * 11, weekly=(1, 1, 1, 1, 1, 0, 1))
    arrivals = of(simulate(START, 7, SEED, [quiet_noon]), "contact.arrived")
    assert {wall(event).hour for event in arrivals} == set(range(24)) - {12}
    assert {wall(event).weekday() for event in arrivals} == set(range(7)) - {5}


def test_declared_totals_are_the_arrivals_or_what_the_carrier_saw() -> None:
    arrived = Counter(
        (event.source, event.time[:13])
        for event in of(days(), "contact.arrived")
        if event.data.channel == "phone"
    )
    declared = [e for e in of(days(), "control.total_declared") if e.data.of == "arrived"]
    unseen = 0
    for event in declared:
        assert millis(str(event.data.period_end)) - millis(str(event.data.period_start)) == HOUR
        counted = arrived.pop((event.source, str(event.data.period_start)[:13]), 0)
        assert event.data.count is not None
        if event.data.authority == "carrier":
            assert event.data.count >= counted
            unseen += event.data.count - counted
        else:
            assert event.data.count == counted
    assert not arrived, "every hour with arrivals is declared"
    assert len(declared) == len({event.subject for event in declared}) == 3 * 24 * DAYS
    esdc = sum(event.source == "sim/esdc" for event in of(days(), "contact.arrived"))
    assert 0.005 < unseen / esdc < 0.025


def test_the_workforce_system_and_the_mail_server_declare_every_day() -> None:
    declared = [e for e in of(days(), "control.total_declared") if e.data.of != "arrived"]
    answered = sum(event.data.count or 0 for event in declared if event.data.of == "answered")
    live = (
        of(life, "agent.connected") and not of(life, "callback.connected")  # else transferred
        for life in calls(days()).values()
    )
    assert answered == sum(map(bool, live))
    received = sum(event.data.count or 0 for event in declared if event.data.of == "received")
    assert received == len(of(days(), "email.received"))
    assert len(declared) == (3 + 4) * DAYS


@pytest.mark.parametrize(
    ("day", "hours", "opens"), [(date(2026, 3, 8), 23, "12"), (date(2026, 11, 1), 25, "13")]
)
def test_days_of_23_and_25_hours(day: date, hours: int, opens: str) -> None:
    flat = _with(60.0, zone="America/Toronto")
    events = list(simulate(day, 1, SEED, [flat]))
    start = midnight(flat.zone, day.year, day.month, day.day)
    totals = [e for e in of(events, "control.total_declared") if e.data.of == "arrived"]
    edges = [instant(start + n * HOUR) for n in range(hours + 1)]
    assert [(e.data.period_start, e.data.period_end) for e in totals] == list(pairwise(edges))
    assert all((event.data.count or 0) > 0 for event in totals)
    assert edges[0] <= events[0].time
    assert events[-1].time == edges[-1]
    assert of(events, "queue.entered")[0].time[11:13] == opens


def test_the_end_cuts_what_is_open() -> None:
    still = replace(_with(60.0), menu=Menu(seconds=10**7))
    lives = calls(simulate(START, 1, SEED, [still]))
    open_at_end = [life for life in lives.values() if life[-1].type == "ivr.entered"]
    assert len(open_at_end) == still.lines
