from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from schemas.event import Event
from schemas.instants import MINUTE, SECOND, millis
from schemas.periods import midnight
from tests.simulator.example import (
    BY_SOURCE,
    STRAINED,
    contacts,
    days,
    is_open,
    of,
    on_shift,
    service_of,
    strained_days,
    wall,
)

TAKEN = ("agent.offered", "callback.attempted")
Events = tuple[Event, ...]
SERVED = ("agent.connected", "callback.connected")


@pytest.fixture(params=[days, strained_days], ids=["demonstration", "strained"])
def events(request: pytest.FixtureRequest) -> Events:
    found: Events = request.param()
    return found


def test_a_life_begins_once_and_ends_once(events: Events) -> None:
    for life in contacts(events).values():
        kinds = [event.type for event in life]
        assert life == sorted(life)
        assert kinds[0] == "contact.arrived"
        assert kinds.count("contact.arrived") == 1
        assert kinds.count("contact.ended") <= 1
        if "contact.ended" in kinds:
            after = kinds[kinds.index("contact.ended") + 1 :]
            assert set(after) <= {"wrapup.started", "wrapup.ended"}


def test_nobody_is_lost(events: Events) -> None:
    """Arrivals = ended + callbacks given up + callbacks owed + callers in the menu at midnight."""
    for life in contacts(events).values():
        kinds = {event.type for event in life}
        if kinds & {"contact.ended", "callback.cancelled", "callback.expired"}:
            continue
        last = life[-1]
        owed = "callback.accepted" in kinds and not kinds & {"callback.connected"}
        end = midnight(service_of(last).zone, 2026, 1, 13)
        assert owed or (last.type == "ivr.entered" and millis(last.time) > end - 20 * MINUTE)


def test_facts_come_in_pairs(events: Events) -> None:
    for life in contacts(events).values():
        counts = Counter(event.type for event in life)
        assert counts["hold.started"] == counts["hold.ended"]
        assert counts["transfer.requested"] == counts["transfer.completed"]
        assert counts["wrapup.started"] == counts["wrapup.ended"]
        assert counts["wrapup.started"] == counts["agent.connected"] + counts["callback.connected"]
        assert counts["queue.entered"] <= 1 + counts["transfer.completed"]


def test_outside_opening_hours_callers_are_turned_away_and_nobody_queues(events: Events) -> None:
    assert all(is_open(event) for event in of(events, "queue.entered"))
    closed = [e for e in of(events, "contact.turned_away") if e.data.reason == "closed"]
    assert closed
    assert not any(is_open(event) for event in closed)


def test_lines_are_blocked_exactly_when_all_are_taken(events: Events) -> None:
    taken: Counter[str] = Counter()
    blocked = {e.subject for e in of(events, "contact.turned_away") if e.data.reason == "blocked"}
    lineless = set(blocked)
    frees = {"callback.accepted", "contact.ended"}
    for event in events:
        source, lines = event.source, service_of(event).lines
        if event.type == "contact.arrived":
            assert (event.subject in blocked) == (taken[source] == lines)
            taken[source] += event.subject not in blocked
        elif event.type in frees and event.subject not in lineless:
            taken[source] -= 1
            lineless.add(event.subject)
        assert 0 <= taken[source] <= lines


def test_a_queue_refuses_exactly_when_it_is_full(events: Events) -> None:
    waiting: dict[str, set[str]] = defaultdict(set)
    full = 0
    for event in events:
        capacity = service_of(event).capacity
        if event.type == "queue.entered":
            waiting[str(event.data.queue)].add(event.subject)
            assert len(waiting[str(event.data.queue)]) <= capacity
        elif event.type in ("agent.connected", "queue.left", "callback.accepted"):
            waiting[str(event.data.queue)].discard(event.subject)
        elif event.type == "contact.turned_away" and event.data.reason == "full":
            full += 1
            assert len(waiting[str(event.data.queue)]) == capacity
    assert full


def test_agents_serve_one_at_a_time_and_no_more_than_are_on_shift(events: Events) -> None:
    serving: dict[str, set[str]] = defaultdict(set)
    for event in events:
        agent = event.data.agent or ""
        queue = agent[:-4]
        if event.type in TAKEN:
            assert agent not in serving[queue]
            assert len(serving[queue]) < on_shift(event, queue)
        elif event.type in SERVED:
            serving[queue].add(agent)
        elif event.type == "wrapup.ended":
            serving[queue].remove(agent)


def test_agents_come_back_from_whatever_happened() -> None:
    """From a caller who gave up while it rang, for instance: else fewer are left every day."""
    served = Counter(
        (event.time[:10], str(event.data.agent)[:-4]) for event in of(strained_days(), *SERVED)
    )
    for team in STRAINED.teams:
        assert served["2026-01-12", team.queue] > served["2026-01-05", team.queue] / 2


def test_places_of_a_queue_have_their_turn_in_order(events: Events) -> None:
    """Live or virtual: a callback is rung when its place comes up, not before and not after."""
    waiting: dict[str, dict[str, int]] = defaultdict(dict)
    entered: dict[str, tuple[str, int]] = {}
    for number, event in enumerate(events):
        if event.type == "queue.entered":
            entered[event.subject] = (str(event.data.queue), number)
            waiting[str(event.data.queue)][event.subject] = number
        elif event.type in TAKEN and event.data.number in (None, 1):
            assert next(iter(waiting[str(event.data.queue)])) == event.subject
            del waiting[str(event.data.queue)][event.subject]
        elif event.type == "agent.ring_no_answer":
            queue, place = entered[event.subject]
            waiting[queue][event.subject] = place
            waiting[queue] = dict(sorted(waiting[queue].items(), key=lambda item: item[1]))
        elif event.type in ("queue.left", "callback.cancelled", "callback.expired"):
            waiting[entered[event.subject][0]].pop(event.subject, None)


def test_positions_and_estimates(events: Events) -> None:
    for event in of(events, "queue.entered"):
        assert event.data.position
    for event in of(events, "estimate.announced", "callback.offered"):
        assert event.data.seconds
        assert event.data.seconds % 60 == 0
    for event in of(events, "estimate.announced"):
        assert (event.data.seconds or 0) >= (service_of(event).estimate or 0)


def test_callbacks_are_offered_only_for_long_waits_in_the_working_day(events: Events) -> None:
    owed: Counter[str] = Counter()
    queues: dict[str, str] = {}
    for event in events:
        rule = service_of(event).callback
        if event.type == "callback.offered":
            assert rule
            assert (event.data.seconds or 0) >= rule.above
            assert wall(event).hour < rule.until
            assert owed[str(event.data.queue)] < rule.room
        elif event.type == "callback.accepted":
            queues[event.subject] = str(event.data.queue)
            owed[str(event.data.queue)] += 1
        elif event.type in ("callback.connected", "callback.cancelled", "callback.expired"):
            owed[queues[event.subject]] -= 1
    assert {e.source for e in of(events, "callback.offered")} == {
        source for source in {event.source for event in events} if BY_SOURCE[source].callback
    }


def test_a_callback_is_rung_after_it_was_accepted_and_no_more_often_than_allowed(
    events: Events,
) -> None:
    for life in contacts(events).values():
        rings = of(life, "callback.attempted")
        assert [ring.data.number for ring in rings] == list(range(1, len(rings) + 1))
        if rings:
            rule = service_of(rings[0]).callback
            assert rule
            assert len(rings) <= rule.attempts
            assert of(life, "callback.accepted")[0] < rings[0]
        for settled in of(life, "callback.cancelled", "callback.expired"):
            assert not any(settled < event for event in life)


def test_the_caller_decides_on_a_callback_at_most_once_and_while_waiting(events: Events) -> None:
    for life in contacts(events).values():
        decided = of(life, "callback.accepted", "callback.declined")
        assert len(decided) <= len(of(life, "callback.offered"))
        for decision in decided:
            last = of((e for e in life if e < decision), *TAKEN, "agent.ring_no_answer")[-1:]
            assert not last or last[0].type == "agent.ring_no_answer"
            assert not any(e < decision for e in of(life, "queue.left"))


def test_a_promised_window_holds_the_plan(events: Events) -> None:
    promised = 0
    for life in contacts(events).values():
        for accepted in of(life, "callback.accepted"):
            offered = of(life, "callback.offered")[0]
            plan = millis(offered.time) + (offered.data.seconds or 0) * SECOND
            if accepted.data.promise_from and accepted.data.promise_until:
                promised += 1
                start = millis(accepted.data.promise_from)
                until = millis(accepted.data.promise_until)
                assert start <= plan <= until
                assert start % (15 * MINUTE) == 0
    assert 0 < promised < len(of(events, "callback.accepted"))
