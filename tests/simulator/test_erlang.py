from __future__ import annotations

from dataclasses import replace
from itertools import count
from statistics import mean

from schemas.instants import DAY, HOUR, millis
from streams.simulator import Service, simulate
from streams.simulator.demand import Demand
from streams.simulator.parts import Handling, Menu, Queue, Team
from tests.simulator.example import SEED, START, calls, of

AGENTS, CALLS_AN_HOUR, TALK, PATIENCE = 3, 40.0, 300.0, 200.0
STATIONARY = Service(
    department="erlang",
    zone="UTC",
    opens=0,
    closes=24,
    weekdays=frozenset(range(7)),
    calls=Demand((CALLS_AN_HOUR,) * 24, (1.0,) * 7),
    teams=(
        Team(
            name="all",
            staff=(AGENTS,) * 24,
            queues=(Queue(queue="all", program="all", share=1),),
        ),
    ),
    lines=10**6,
    capacity=10**6,
    patience=PATIENCE,
    redials=0,
    menu=Menu(seconds=0, self_served=0, leaves=0),
    handling=Handling(
        ring=0, not_picked_up=0, talk=TALK, held=0, transferred=0, wrap_up=0, pauses=0
    ),
    aftermath=None,
)


def erlang_a(rate: float, talk: float, agents: int, patience: float) -> tuple[float, float]:
    """(share abandoned, mean seconds in the queue over all) of M/M/n+M.

    Birth rate `rate`, death rate min(n, c) / talk + max(n - c, 0) / patience (Palm).
    From the stationary distribution: abandons are E[Q] / patience a second,
    and the mean wait is E[Q] / rate (Little).
    """
    weight, total, queue = 1.0, 1.0, 0.0
    for n in count(1):
        weight *= rate / (min(n, agents) / talk + max(n - agents, 0) / patience)
        total += weight
        queue += weight * max(n - agents, 0)
        if n > agents and weight < total * 1e-15:
            break
    waiting = queue / total
    return waiting / patience / rate, waiting / rate


def erlang_c_wait(rate: float, talk: float, agents: int) -> float:
    """Mean seconds in the queue of M/M/n (Erlang C)."""
    load, term, below = rate * talk, 1.0, 0.0
    for k in range(agents):
        below += term
        term *= load / (k + 1)
    above = term * agents / (agents - load)
    return above / (below + above) * talk / (agents - load)


def test_the_formula_becomes_erlang_c_as_patience_grows() -> None:
    _, wait = erlang_a(30 / 3600, TALK, AGENTS, 1e9)
    assert abs(wait / erlang_c_wait(30 / 3600, TALK, AGENTS) - 1) < 1e-3


def test_a_stationary_queue_is_erlang_a() -> None:
    abandoned, waited = _simulated(STATIONARY, days=24)
    expected_share, expected_wait = erlang_a(CALLS_AN_HOUR / 3600, TALK, AGENTS, PATIENCE)
    assert 0.2 < expected_share < 0.3
    assert abs(abandoned - expected_share) < 0.018  # three standard errors
    assert abs(waited / expected_wait - 1) < 0.045


def test_more_patience_means_fewer_abandons_and_longer_waits() -> None:
    patient = replace(STATIONARY, patience=900.0)
    abandoned, waited = _simulated(patient, days=12)
    share, wait = erlang_a(CALLS_AN_HOUR / 3600, TALK, AGENTS, 900.0)
    assert abs(abandoned - share) < 0.018  # three standard errors
    assert abs(waited / wait - 1) < 0.085


def _simulated(service: Service, days: int) -> tuple[float, float]:
    """Over the calls of all hours but the first, to be in balance, and the last, to be over."""
    begun = millis(f"{START}T00:00:00.000Z") + HOUR
    until = begun + days * DAY - 2 * HOUR
    waits, abandons = [], 0
    for life in calls(simulate(START, days, SEED, [service])).values():
        entered = millis(life[0].time)
        if begun <= entered < until:
            left = of(life, "agent.connected", "queue.left")[0]
            waits.append((millis(left.time) - entered) / 1000)
            abandons += left.type == "queue.left"
    return abandons / len(waits), mean(waits)
