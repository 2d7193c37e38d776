from __future__ import annotations

from collections import Counter, defaultdict

from schemas.instants import MINUTE, SECOND, millis
from schemas.periods import midnight
from tests.simulator.example import (
    BY_SOURCE,
    contacts,
    days,
    is_open,
    of,
    on_shift,
    service_of,
)

TAKEN = ("agent.offered", "callback.attempted")
SERVED = ("agent.connected", "callback.connected")


def test_a_life_begins_once_and_ends_once() -> None:
    for life in contacts(days()).values():
        kinds = [event.type for event in life]
        assert kinds[0] == "contact.arrived"
        assert kinds.count("contact.arrived") == 1
        assert kinds.count("contact.ended") <= 1
        if "contact.ended" in kinds:
            after = kinds[kinds.index("contact.ended") + 1 :]
            assert set(after) <= {"wrapup.started", "wrapup.ended"}


def test_nobody_is_lost() -> None:
    """Arrivals = ended + callbacks given up + callbacks owed + callers in the menu at midnight."""
    for life in contacts(days()).values():
        kinds = {event.type for event in life}
        if kinds & {"contact.ended", "callback.cancelled", "callback.expired"}:
            continue
        last = life[-1]
        owed = "callback.accepted" in kinds and not kinds & {"callback.connected"}
        end = midnight(service_of(last).zone, 2026, 1, 13)
        assert owed or (last.type == "ivr.entered" and millis(last.time) > end - 20 * MINUTE)


def test_facts_come_in_pairs() -> None:
    for life in contacts(days()).values():
        counts = Counter(event.type for event in life)
        assert counts["hold.started"] == counts["hold.ended"]
        assert counts["transfer.requested"] == counts["transfer.completed"]
        assert counts["wrapup.started"] == counts["wrapup.ended"]
        assert counts["wrapup.started"] == counts["agent.connected"] + counts["callback.connected"]
        assert counts["queue.entered"] <= 1 + counts["transfer.completed"]


def test_outside_opening_hours_callers_are_turned_away_and_nobody_queues() -> None:
    assert all(is_open(event) for event in of(days(), "queue.entered"))
    closed = [e for e in of(days(), "contact.turned_away") if e.data.reason == "closed"]
    assert closed
    assert not any(is_open(event) for event in closed)


def test_lines_are_blocked_exactly_when_all_are_taken() -> None:
    taken: Counter[str] = Counter()
    blocked = {e.subject for e in of(days(), "contact.turned_away") if e.data.reason == "blocked"}
    lineless = set(blocked)
    frees = {"callback.accepted", "contact.ended"}
    for event in days():
        source, lines = event.source, service_of(event).lines
        if event.type == "contact.arrived":
            assert (event.subject in blocked) == (taken[source] == lines)
            taken[source] += event.subject not in blocked
        elif event.type in frees and event.subject not in lineless:
            taken[source] -= 1
            lineless.add(event.subject)
        assert 0 <= taken[source] <= lines


def test_a_queue_refuses_exactly_when_it_is_full() -> None:
    waiting: dict[str, set[str]] = defaultdict(set)
    full = 0
    for event in days():
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


def test_agents_serve_one_at_a_time_and_no_more_than_are_on_shift() -> None:
    serving: dict[str, set[str]] = defaultdict(set)
    for event in days():
        agent = event.data.agent or ""
        queue = agent[:-4]
        if event.type in TAKEN:
            assert agent not in serving[queue]
            assert len(serving[queue]) < on_shift(event, queue)
        elif event.type in SERVED:
            serving[queue].add(agent)
        elif event.type == "wrapup.ended":
            serving[queue].remove(agent)


def test_places_of_a_queue_have_their_turn_in_order() -> None:
    """Live or virtual: a callback is rung when its place comes up, not before and not after."""
    entries: dict[str, list[str]] = defaultdict(list)
    last: dict[str, int] = {}
    seen: set[tuple[str, str, int]] = set()
    for event in days():
        queue = str(event.data.queue)
        if event.type == "queue.entered":
            entries[queue].append(event.subject)
        elif event.type in TAKEN:
            place = len(entries[queue]) - 1 - entries[queue][::-1].index(event.subject)
            if (queue, event.subject, place) not in seen:
                seen.add((queue, event.subject, place))
                assert place > last.get(queue, -1)
                last[queue] = place


def test_positions_and_estimates() -> None:
    for event in of(days(), "queue.entered"):
        assert event.data.position
    for event in of(days(), "estimate.announced", "callback.offered"):
        assert event.data.seconds
        assert event.data.seconds % 60 == 0
    for event in of(days(), "estimate.announced"):
        assert (event.data.seconds or 0) >= (service_of(event).estimate or 0)


def test_callbacks_are_offered_only_for_long_waits_in_the_working_day() -> None:
    owed: Counter[str] = Counter()
    queues: dict[str, str] = {}
    for event in days():
        rule = service_of(event).callback
        if event.type == "callback.offered":
            assert rule
            assert (event.data.seconds or 0) >= rule.above
            assert owed[str(event.data.queue)] < rule.room
        elif event.type == "callback.accepted":
            queues[event.subject] = str(event.data.queue)
            owed[str(event.data.queue)] += 1
        elif event.type in ("callback.connected", "callback.cancelled", "callback.expired"):
            owed[queues[event.subject]] -= 1
    assert {e.source for e in of(days(), "callback.offered")} == {
        source for source, service in BY_SOURCE.items() if service.callback
    }


def test_a_callback_is_rung_after_it_was_accepted_and_no_more_often_than_allowed() -> None:
    for life in contacts(days()).values():
        rings = of(life, "callback.attempted")
        assert [ring.data.number for ring in rings] == list(range(1, len(rings) + 1))
        if rings:
            rule = service_of(rings[0]).callback
            assert rule
            assert len(rings) <= rule.attempts
            assert of(life, "callback.accepted")[0] < rings[0]
        for settled in of(life, "callback.cancelled", "callback.expired"):
            assert not any(settled < event for event in life)
        if of(life, "callback.declined"):
            assert not of(life, "callback.accepted")


def test_a_promised_window_holds_the_plan() -> None:
    promised = 0
    for life in contacts(days()).values():
        for accepted in of(life, "callback.accepted"):
            offered = of(life, "callback.offered")[0]
            plan = millis(offered.time) + (offered.data.seconds or 0) * SECOND
            if accepted.data.promise_from and accepted.data.promise_until:
                promised += 1
                start = millis(accepted.data.promise_from)
                until = millis(accepted.data.promise_until)
                assert start <= plan <= until
                assert start % (15 * MINUTE) == 0
    assert 0 < promised < len(of(days(), "callback.accepted"))
