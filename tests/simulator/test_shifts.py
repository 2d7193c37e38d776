"""Agents' states: consistent with the contacts, bounded by the day, and as many as the rota."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import groupby, pairwise

import pytest

from schemas.event import Event
from streams.simulator import simulate
from streams.simulator.demand import Demand
from streams.simulator.demonstration import VAC
from streams.simulator.parts import Handling
from tests.simulator.example import SEED, START, by_subject, days, of, on_shift, strained_days, wall

Events = tuple[Event, ...]
IN_STATE = {
    "agent.offered": "ringing",
    "callback.attempted": "ringing",
    "agent.connected": "talking",
    "callback.connected": "talking",
    "hold.started": "holding",
    "hold.ended": "talking",
    "wrapup.started": "wrapup",
}
IDLE = {"ready", "paused"}


@pytest.fixture(params=[days, strained_days], ids=["demonstration", "strained"])
def events(request: pytest.FixtureRequest) -> Events:
    found: Events = request.param()
    return found


def _shifts(events: Events) -> dict[str, list[Event]]:
    return by_subject(of(events, "agent.state_changed"))


def test_a_shift_begins_ready_ends_offline_and_changes_state_each_time(events: Events) -> None:
    for name, shift in _shifts(events).items():
        states = [event.data.state for event in shift]
        assert len({event.data.agent for event in shift}) == 1
        assert str(shift[0].data.agent) in name
        assert (states[0], states[-1]) == ("ready", "offline")
        assert states.count("offline") == 1
        assert all(one != two for one, two in pairwise(states))
        assert shift[0].data.department
        assert shift[0].data.channel == "phone"
        assert f"{wall(shift[0]):%Y%m%d}" in name


def test_the_facts_of_contacts_are_states_of_their_agents(events: Events) -> None:
    """Every ring, conversation, hold and wrap-up, and no state of these without its fact."""
    states = Counter(
        (event.time, event.source, event.data.agent, event.data.state)
        for event in of(events, "agent.state_changed")
    )
    for event in of(events, *IN_STATE):
        assert states[event.time, event.source, event.data.agent, IN_STATE[event.type]]
    told = {event.data.state: 0 for event in of(events, "agent.state_changed")}
    for _, _, _, state in states.elements():
        told[str(state)] += 1
    for state in ("ringing", "talking", "holding", "wrapup"):
        assert told[state] == len(of(events, *(k for k, v in IN_STATE.items() if v == state)))


def test_who_does_not_pick_up_takes_no_contact_for_a_while(events: Events) -> None:
    states = {
        (event.time, event.source, event.data.agent): event.data.state
        for event in of(events, "agent.state_changed")
    }
    missed = of(events, "agent.ring_no_answer")
    assert missed
    for event in missed:
        assert states[event.time, event.source, event.data.agent] in {"paused", "offline"}


def test_an_agent_is_in_one_shift_at_a_time(events: Events) -> None:
    at_work: dict[tuple[str, str | None], str] = {}
    for event in of(events, "agent.state_changed"):
        agent = (event.source, event.data.agent)
        assert at_work.setdefault(agent, event.subject) == event.subject
        if event.data.state == "offline":
            del at_work[agent]


def test_no_more_are_idle_than_the_rota_wants(events: Events) -> None:
    """Who is above it goes home, at once or after the contact in hand."""
    idle: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    told = sorted(of(events, "agent.state_changed"), key=lambda e: (e.source, e.time))
    for (source, _), together in groupby(told, key=lambda e: (e.source, e.time)):
        for event in together:
            team = idle[source, str(event.data.agent)[:-4]]
            (team.add if event.data.state in IDLE else team.discard)(event.data.agent)
        for (of_source, name), agents in idle.items():
            assert of_source != source or len(agents) <= on_shift(event, name)


@pytest.mark.parametrize("rate", [0.0, 30.0])
def test_a_day_ends_every_shift_even_of_those_who_work_at_night(rate: float) -> None:
    night = replace(
        VAC,
        calls=Demand((rate,) * 24, (1.0,) * 7),
        weekdays=frozenset(range(7)),
        opens=0,
        closes=24,
        teams=(replace(VAC.teams[0], staff=(4.0,) * 24),),
        handling=Handling(pauses=0.3, pause=5_000),
        mail=(),
    )
    shifts = _shifts(tuple(simulate(START, 4, SEED, [night])))
    by_day = Counter(f"{wall(shift[0]):%Y%m%d}" for shift in shifts.values())
    assert all(by_day[f"{START + timedelta(days=n):%Y%m%d}"] >= 4 for n in range(4))
    agents = Counter(shift[0].data.agent for shift in shifts.values())
    assert set(agents.values()) == {4}  # nobody is forgotten on a pause


def test_a_part_of_an_agent_is_one_on_a_part_of_the_days() -> None:
    part = replace(VAC, teams=(replace(VAC.teams[0], staff=(*(0.0,) * 8, 1.3, *(0.0,) * 15)),))
    shifts = _shifts(tuple(simulate(START, 140, SEED, [replace(part, calls=Demand((0.0,) * 24))])))
    working = len({wall(shift[0]).date() for shift in shifts.values()})
    assert abs(len(shifts) / working - 1.3) < 0.03
