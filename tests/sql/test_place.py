"""Where a contact is in the funnel, rule by rule of `schemas.record`."""

from __future__ import annotations

import pytest

from schemas.record import PLACES, SILENCE
from tests.sql.events import AS_OF, BASE, contact, event

ARRIVED = event("contact.arrived", 0, channel="phone")
ASKED = event("agent.requested", 1_000)
QUEUED = event("queue.entered", 2_000, queue="q")
Facts = tuple[str, int | None, str | None]


def left(how: str, ms: int) -> bytes:
    return event("queue.left", ms, how=how)


def refused(reason: str, ms: int) -> bytes:
    return event("contact.turned_away", ms, reason=reason)


def ended(by: str, ms: int) -> bytes:
    return event("contact.ended", ms, by=by)


def exit_of(*raws: bytes, as_of: int = AS_OF) -> Facts:
    found = contact(*raws, as_of=as_of)
    assert found["place"] in PLACES
    left_ms = found["exit_ms"]
    return found["place"], left_ms and left_ms - BASE, found["exit_reason"]


@pytest.mark.parametrize(
    ("raws", "place"),
    [
        ([], "in_ivr"),
        ([event("ivr.left", 500)], "in_ivr"),
        ([ended("customer", 500)], "left_in_ivr"),
        ([event("ivr.self_served", 400)], "self_served"),
        ([event("ivr.self_served", 400), ended("customer", 500)], "self_served"),
        ([refused("blocked", 1)], "blocked_before_asking"),
        ([refused("blocked", 1), event("ivr.self_served", 400)], "blocked_before_asking"),
        ([event("callback.attempted", 5, number=1)], "in_ivr"),
    ],
)
def test_never_asked(raws: list[bytes], place: str) -> None:
    found = contact(ARRIVED, *raws)
    assert (found["place"], found["asked_ms"], found["exit_ms"]) == (place, None, None)
    assert (found["queued_ms"], found["queue_ms"], found["exit_reason"]) == (None, None, None)


@pytest.mark.parametrize(
    "asks",
    [
        ASKED,
        QUEUED,
        left("flow", 1_000),
        event("agent.connected", 1_000),
        event("callback.accepted", 1_000),
        refused("closed", 1_000),
    ],
)
def test_what_asks(asks: bytes) -> None:
    assert contact(ARRIVED, asks)["asked_ms"] in (BASE + 1_000, BASE + 2_000)


@pytest.mark.parametrize("kind", ["ivr.left", "callback.connected", "agent.offered"])
def test_what_does_not_ask(kind: str) -> None:
    assert contact(ARRIVED, event(kind, 1_000))["asked_ms"] is None


def test_silent_in_the_menu_at_exactly_twelve_hours() -> None:
    assert contact(ARRIVED, as_of=BASE + SILENCE - 1)["place"] == "in_ivr"
    assert contact(ARRIVED, as_of=BASE + SILENCE)["place"] == "left_in_ivr"


def test_turned_away() -> None:
    found = contact(ARRIVED, refused("closed", 1_000), ended("system", 2_000))
    assert (found["place"], found["asked_ms"]) == ("turned_away", BASE + 1_000)
    assert (found["turned_away_ms"], found["turned_away_reason"]) == (BASE + 1_000, "closed")
    assert (found["exit_ms"], found["exit_reason"], found["queued_ms"]) == (None, None, None)


def test_turned_away_has_time_and_reason_of_the_first_refusal() -> None:
    found = contact(ARRIVED, refused("blocked", 10), ASKED, refused("full", 2_000))
    assert (found["place"], found["asked_ms"]) == ("turned_away", BASE + 1_000)
    assert (found["turned_away_ms"], found["turned_away_reason"]) == (BASE + 10, "blocked")


def test_blocked_before_asking_has_its_time_and_reason() -> None:
    found = contact(refused("blocked", 10))
    assert (found["turned_away_ms"], found["turned_away_reason"]) == (BASE + 10, "blocked")
    assert (found["arrived_ms"], found["place"]) == (BASE + 10, "blocked_before_asking")


def test_blocked_after_asking_is_turned_away() -> None:
    assert exit_of(ARRIVED, ASKED, refused("blocked", 2_000))[0] == "turned_away"


def test_turned_away_then_queued_has_no_refusal_of_its_own() -> None:
    found = contact(ARRIVED, refused("closed", 500), QUEUED, event("agent.connected", 9_000))
    assert (found["place"], found["turned_away_ms"], found["turned_away_reason"]) == (
        "answered",
        None,
        None,
    )
    assert (found["asked_ms"], found["queued_ms"]) == (BASE + 500, BASE + 2_000)
    assert (found["wait_ms"], found["queue_ms"]) == (8_500, 7_000)


QUEUE = [ARRIVED, ASKED, QUEUED]


@pytest.mark.parametrize(
    ("raws", "facts"),
    [
        ([], ("waiting", None, None)),
        # (a) and (b)
        ([event("agent.connected", 5_000)], ("answered", 5_000, None)),
        ([event("callback.accepted", 5_000)], ("callback_accepted", 5_000, None)),
        (
            [event("callback.accepted", 5_000), event("agent.connected", 6_000)],
            ("callback_accepted", 5_000, None),
        ),
        (
            [left("answered", 4_000), event("agent.connected", 5_000), ended("customer", 6_000)],
            ("answered", 5_000, None),
        ),
        ([left("callback", 4_000), left("flow", 4_500)], ("waiting", None, None)),
        # (c)
        ([left("abandoned", 5_000)], ("abandoned", 5_000, None)),
        ([left("abandoned", 5_000), event("agent.connected", 6_000)], ("abandoned", 5_000, None)),
        # (d)
        ([ended("customer", 5_000)], ("abandoned", 5_000, None)),
        ([ended("agent", 5_000)], ("other_exit", 5_000, "ended_by_agent")),
        ([ended("system", 5_000)], ("other_exit", 5_000, "ended_by_system")),
        ([ended("customer", 5_000), event("agent.connected", 6_000)], ("abandoned", 5_000, None)),
        ([ended("system", 500), event("agent.connected", 6_000)], ("answered", 6_000, None)),
        ([ended("customer", 500)], ("waiting", None, None)),
        # (e)
        ([left("timeout", 5_000)], ("other_exit", 5_000, "timeout")),
        ([left("timeout", 5_000), ended("customer", 6_000)], ("other_exit", 5_000, "timeout")),
        ([ended("customer", 4_000), left("timeout", 5_000)], ("abandoned", 4_000, None)),
        ([refused("full", 5_000)], ("other_exit", 5_000, "full")),
        ([refused("blocked", 5_000)], ("other_exit", 5_000, "blocked")),
        ([refused("blocked", 500)], ("waiting", None, None)),
        ([refused("full", 5_000), left("system", 6_000)], ("other_exit", 5_000, "full")),
    ],
)
def test_exit(raws: list[bytes], facts: Facts) -> None:
    assert exit_of(*QUEUE, *raws) == facts


@pytest.mark.parametrize(
    ("after", "facts"),
    [
        (event("queue.entered", 6_000, queue="r"), ("waiting", None, None)),
        (event("agent.connected", 6_000), ("answered", 6_000, None)),
        (event("callback.accepted", 6_000), ("callback_accepted", 6_000, None)),
        (event("agent.requested", 6_000), ("other_exit", 5_000, "overflow")),
        (left("timeout", 6_000), ("other_exit", 5_000, "overflow")),
    ],
)
def test_a_removal_is_superseded_by_what_goes_on(after: bytes, facts: Facts) -> None:
    assert exit_of(*QUEUE, left("overflow", 5_000), after) == facts


def test_only_the_removal_that_lasts_is_the_exit() -> None:
    again = event("queue.entered", 6_000, queue="r")
    found = exit_of(*QUEUE, left("overflow", 5_000), again, left("key", 7_000))
    assert found == ("other_exit", 7_000, "key")


def test_a_refusal_that_asks_is_a_removal_once_the_contact_is_queued() -> None:
    assert exit_of(refused("full", 500), left("flow", 400)) == ("other_exit", 500, "full")
    assert exit_of(refused("full", 500), left("flow", 600)) == ("other_exit", 500, "full")


def test_a_refusal_before_the_ask_is_no_removal() -> None:
    assert exit_of(ARRIVED, refused("blocked", 500), left("flow", 2_000))[0] == "waiting"


@pytest.mark.parametrize("how", ["answered", "callback", "flow"])
def test_what_only_repeats_another_fact_is_no_removal(how: str) -> None:
    assert exit_of(*QUEUE, left(how, 5_000)) == ("waiting", None, None)


def test_lost_sight_at_exactly_twelve_hours() -> None:
    assert exit_of(*QUEUE, as_of=BASE + 2_000 + SILENCE - 1) == ("waiting", None, None)
    found = contact(*QUEUE, as_of=BASE + 2_000 + SILENCE)
    assert (found["place"], found["exit_reason"]) == ("other_exit", "lost_sight")
    assert found["exit_ms"] == BASE + 2_000 + SILENCE
    assert (found["queued_ms"], found["queue_ms"]) == (BASE + 2_000, None)


def test_silence_runs_from_the_last_event_of_any_type() -> None:
    later = event("lunar.eclipse", 5_000)
    assert exit_of(*QUEUE, later, as_of=BASE + 2_000 + SILENCE)[0] == "waiting"


def test_an_exit_is_not_lost_sight_of() -> None:
    long = BASE + 10 * SILENCE
    assert exit_of(*QUEUE, left("abandoned", 5_000), as_of=long)[0] == "abandoned"


def test_a_direct_connection_is_queued_with_wait_0() -> None:
    found = contact(ARRIVED, event("agent.connected", 3_000))
    assert (found["asked_ms"], found["queued_ms"], found["exit_ms"]) == (BASE + 3_000,) * 3
    assert (found["wait_ms"], found["queue_ms"]) == (0, 0)


def test_a_queue_entered_after_the_exit_is_not_where_it_queued() -> None:
    found = contact(
        ARRIVED, ASKED, event("agent.connected", 3_000), event("queue.entered", 9_000, queue="q")
    )
    assert (found["queued_ms"], found["queue_ms"]) == (BASE + 1_000, 2_000)


def test_the_first_queue_and_all_visits() -> None:
    found = contact(
        *QUEUE, left("flow", 4_000), event("queue.entered", 5_000), event("agent.connected", 9_000)
    )
    assert (found["queued_ms"], found["queue_ms"], found["visits"]) == (BASE + 2_000, 7_000, 2)


def test_a_tie_in_time_is_broken_by_source_sequence_and_id() -> None:
    def tied(answered: dict[str, str], abandoned: dict[str, str]) -> str:
        place = exit_of(
            *QUEUE,
            event("queue.left", 5_000, how="abandoned", **abandoned),
            event("agent.connected", 5_000, **answered),
        )[0]
        return place

    assert tied({"source": "a"}, {"source": "b"}) == "answered"
    assert tied({"source": "b"}, {"source": "a"}) == "abandoned"
    assert tied({"sequence": "1"}, {"sequence": "2"}) == "answered"
    assert tied({"sequence": "2"}, {"sequence": ""}) == "abandoned"
    assert tied({"key": "1"}, {"key": "2"}) == "answered"
    assert tied({"key": "2"}, {"key": "1"}) == "abandoned"
    assert tied({"source": "a", "sequence": "2"}, {"source": "b", "sequence": "1"}) == "answered"


def test_an_end_tied_with_the_ask_counts_only_after_it() -> None:
    before = event("contact.ended", 1_000, by="customer", key="a")
    after = event("contact.ended", 1_000, by="customer", key="z")
    asked = event("agent.requested", 1_000, key="m")
    assert exit_of(ARRIVED, asked, before)[0] == "waiting"
    assert exit_of(ARRIVED, asked, after)[0] == "abandoned"
