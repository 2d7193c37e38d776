from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from schemas.event import Event
from schemas.instants import MINUTE, SECOND, millis
from schemas.periods import midnight
from streams.simulator import simulate
from streams.simulator.demonstration import IRCC
from tests.simulator.example import (
    HISTORIES,
    SEED,
    START,
    STRAINED,
    calls,
    days,
    department,
    is_open,
    of,
    service_of,
    strained_days,
    team_of,
    wall,
)

TAKEN = ("agent.offered", "callback.attempted")
Events = tuple[Event, ...]
SERVED = ("agent.connected", "callback.connected")
AFTER = {
    *("wrapup.started", "wrapup.ended", "topic.assigned", "contact.resolved"),
    *("survey.invited", "survey.answered", "escalation.raised", "escalation.referred"),
}


@pytest.fixture(params=[days, strained_days], ids=["demonstration", "strained"])
def events(request: pytest.FixtureRequest) -> Events:
    found: Events = request.param()
    return found


def test_a_life_begins_once_and_ends_once(events: Events) -> None:
    for life in calls(events).values():
        kinds = [event.type for event in life]
        assert life == sorted(life)
        assert kinds[0] == "contact.arrived"
        assert kinds.count("contact.arrived") == 1
        assert kinds.count("contact.ended") <= 1
        if "contact.ended" in kinds:
            after = kinds[kinds.index("contact.ended") + 1 :]
            assert set(after) <= AFTER


def test_nobody_is_lost(events: Events) -> None:
    """Arrivals = ended + callbacks given up + callbacks owed + callers in the menu at midnight."""
    for life in calls(events).values():
        kinds = {event.type for event in life}
        if kinds & {"contact.ended", "callback.cancelled", "callback.expired"}:
            continue
        last = life[-1]
        owed = "callback.accepted" in kinds and not kinds & {"callback.connected"}
        end = midnight(service_of(last).zone, 2026, 1, 13)
        assert owed or (last.type == "ivr.entered" and millis(last.time) > end - 20 * MINUTE)


def test_facts_come_in_pairs(events: Events) -> None:
    for life in calls(events).values():
        counts = Counter(event.type for event in life)
        assert counts["hold.started"] == counts["hold.ended"]
        assert counts["transfer.requested"] == counts["transfer.completed"]
        assert counts["wrapup.started"] == counts["wrapup.ended"]
        assert counts["wrapup.started"] == counts["agent.connected"] + counts["callback.connected"]
        flows = sum(event.data.how == "flow" for event in of(life, "queue.left"))
        assert counts["queue.entered"] <= 1 + counts["transfer.completed"] + flows


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
        if source.count("/") > 1:
            continue
        if event.type == "contact.arrived":
            assert (event.subject in blocked) == (taken[source] == lines)
            taken[source] += event.subject not in blocked
        elif event.type in frees and event.subject not in lineless:
            taken[source] -= 1
            lineless.add(event.subject)
        assert 0 <= taken[source] <= lines


def test_a_team_refuses_exactly_when_its_room_is_taken(events: Events) -> None:
    waiting: dict[str, set[str]] = defaultdict(set)
    full = 0
    for event in events:
        if not event.data.queue:
            continue
        team = department(event) + team_of(event, event.data.queue).name
        capacity = service_of(event).capacity
        if event.type == "queue.entered":
            waiting[team].add(event.subject)
            assert len(waiting[team]) <= capacity
        elif event.type in ("agent.connected", "queue.left", "callback.accepted"):
            waiting[team].discard(event.subject)
        elif event.type == "contact.turned_away" and event.data.reason == "full":
            full += 1
            assert len(waiting[team]) == capacity
    assert full


def test_agents_serve_one_at_a_time(events: Events) -> None:
    serving: set[tuple[str, str | None]] = set()
    for event in events:
        agent = (event.source, event.data.agent)
        if event.type in TAKEN:
            assert agent not in serving
        elif event.type in SERVED:
            serving.add(agent)
        elif event.type == "wrapup.ended":
            serving.remove(agent)


def test_agents_come_back_from_whatever_happened() -> None:
    """From a caller who gave up while it rang, for instance: else fewer are left every day."""
    served = Counter(
        (event.time[:10], str(event.data.agent)[:-4]) for event in of(strained_days(), *SERVED)
    )
    for team in STRAINED.teams:
        assert served["2026-01-12", team.name] > served["2026-01-05", team.name] / 2


def test_places_of_a_team_have_their_turn_in_order(events: Events) -> None:
    """Live or virtual: a callback is rung when its place comes up, not before and not after."""
    waiting: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    entered: dict[str, tuple[str, tuple[int, int]]] = {}
    for number, event in enumerate(events):
        rule = service_of(event).callback
        if rule and rule.by_estimate:
            continue
        if event.type == "queue.entered":
            team = department(event) + team_of(event, str(event.data.queue)).name
            entered[event.subject] = team, (event.data.priority or 0, number)
            waiting[team][event.subject] = entered[event.subject][1]
        elif event.type in TAKEN and event.data.number in (None, 1):
            team = entered[event.subject][0]
            assert min(waiting[team], key=lambda name: waiting[team][name]) == event.subject
            del waiting[team][event.subject]
        elif event.type == "agent.ring_no_answer":
            team, place = entered[event.subject]
            waiting[team][event.subject] = place
        elif event.type in ("queue.left", "callback.cancelled", "callback.expired"):
            waiting[entered[event.subject][0]].pop(event.subject, None)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_callback_by_estimate_is_rung_once_the_announced_wait_is_over(share: float) -> None:
    """And one by its place when its turn comes, often before."""
    assert IRCC.callback
    service = replace(IRCC, callback=replace(IRCC.callback, by_estimate=share))
    early = []
    for life in calls(simulate(START, 2, SEED, [service])).values():
        for ring in of(life, "callback.attempted")[:1]:
            (offer,) = of(life, "callback.offered")
            told = (offer.data.seconds or 0) * SECOND
            early.append(millis(ring.time) < millis(offer.time) + told)
    assert len(early) > 50
    assert any(early) == (share == 0)


def test_the_urgent_go_before_the_others() -> None:
    priorities = {event.data.priority for event in of(days(), "queue.entered")}
    assert priorities == {None, 1, 2}
    waits: dict[int, list[int]] = defaultdict(list)
    for life in calls(days()).values():
        for place in of(life, "queue.entered")[:1]:
            for answer in of(life, "agent.connected")[:1]:
                if place.data.priority:
                    waits[place.data.priority].append(millis(answer.time) - millis(place.time))
    assert sum(waits[1]) / len(waits[1]) < 0.7 * sum(waits[2]) / len(waits[2])


def test_who_waits_long_flows_to_another_queue_and_stays_in_line() -> None:
    flows = [event for event in of(days(), "queue.left") if event.data.how == "flow"]
    assert len(flows) > 20
    lives = calls(days())
    for flow in flows:
        life = lives[flow.subject]
        after = life[life.index(flow) + 1]
        assert (after.type, after.time) == ("queue.entered", flow.time)
        assert after.data.queue != flow.data.queue


def test_an_interpreter_joins_after_a_wait_and_only_for_who_speaks_neither() -> None:
    waits = []
    for life in calls(days()).values():
        for asked in of(life, "interpreter.requested"):
            assert of(life, "ivr.entered", "agent.requested")[0].data.language == "other"
            assert asked.data.language in service_of(asked).spoken
            assert of(life, *SERVED)[0] < asked
            joined = of(life, "interpreter.joined")
            waits += [millis(one.time) - millis(asked.time) for one in joined if one > asked]
    assert len(waits) > 20
    assert 40 * SECOND < sum(waits) / len(waits) < 300 * SECOND


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
    teams: dict[str, str] = {}
    for event in events:
        rule = service_of(event).callback
        if event.type == "callback.offered":
            assert rule
            assert (event.data.seconds or 0) >= rule.above
            assert wall(event).hour < rule.until
            assert owed[_team(event)] < rule.room
        elif event.type == "callback.accepted":
            teams[event.subject] = _team(event)
            owed[_team(event)] += 1
        elif event.type in ("callback.connected", "callback.cancelled", "callback.expired"):
            owed[teams[event.subject]] -= 1
    offering = {name for name, history in HISTORIES.items() if history.rows[0].callback}
    assert {department(e) for e in of(events, "callback.offered")} == offering & {
        department(event) for event in events
    }


def _team(event: Event) -> str:
    return department(event) + team_of(event, str(event.data.queue)).name


def test_a_callback_is_rung_after_it_was_accepted_and_no_more_often_than_allowed(
    events: Events,
) -> None:
    for life in calls(events).values():
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
    for life in calls(events).values():
        decided = of(life, "callback.accepted", "callback.declined")
        assert len(decided) <= len(of(life, "callback.offered"))
        for decision in decided:
            last = of((e for e in life if e < decision), *TAKEN, "agent.ring_no_answer")[-1:]
            assert not last or last[0].type == "agent.ring_no_answer"
            assert not any(e < decision for e in of(life, "queue.left"))


def test_a_promised_window_holds_the_plan(events: Events) -> None:
    promised = 0
    for life in calls(events).values():
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
