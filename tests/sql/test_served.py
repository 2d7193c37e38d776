"""Arrival, menu, dimensions, conversation, after-call work and callbacks."""

from __future__ import annotations

import pytest

from schemas.instants import HOUR
from tests.sql.events import AS_OF, BASE, at, contact, event

ARRIVED = event("contact.arrived", 0, channel="phone", department="D")
ACCEPTED = event("callback.accepted", 10_000)
LEG = event("agent.connected", 10_000)
END = event("contact.ended", 100_000, by="customer")


def attempt(ms: int) -> bytes:
    return event("callback.attempted", ms, number=1)


def test_without_an_arrival_the_first_event_is_the_arrival() -> None:
    late = event("contact.arrived", 9_000)
    queued = event("queue.entered", 4_000, queue="q")
    assert contact(queued)["arrived_ms"] == BASE + 4_000
    assert contact(queued, late)["arrived_ms"] == BASE + 9_000
    assert contact(queued, late)["first_ms"] == BASE + 4_000


def test_a_dimension_is_of_the_first_event_that_carries_it() -> None:
    found = contact(
        event("contact.arrived", 0, channel="phone"),
        event("ivr.entered", 1, department="A", language="fr"),
        event("ivr.left", 2, department="B", language="en", program="P", line="L"),
        event("agent.requested", 3, caller="k"),
    )
    dims = ("department", "program", "channel", "language", "line", "caller")
    assert [found[name] for name in dims] == ["A", "P", "phone", "fr", "L", "k"]


def test_the_queue_is_of_the_first_event_about_a_queue() -> None:
    arrived = event("contact.arrived", 0, queue="menu")
    assert contact(arrived)["queue"] == "menu"
    found = contact(
        arrived,
        event("ivr.left", 1, queue="menu"),
        event("agent.requested", 2),
        event("contact.turned_away", 3, reason="full", queue="first"),
        event("queue.entered", 4, queue="second"),
    )
    assert found["queue"] == "first"


@pytest.mark.parametrize(
    ("ends", "ivr_ms"),
    [
        ([], None),
        ([event("ivr.left", 61_000)], 60_000),
        ([event("contact.ended", 31_000, by="customer"), event("ivr.left", 61_000)], 30_000),
        ([event("ivr.left", 500)], None),
        ([event("ivr.left", 500), event("ivr.left", 2_000), event("ivr.entered", 3_000)], 1_000),
    ],
)
def test_time_in_the_menu(ends: list[bytes], ivr_ms: int | None) -> None:
    assert contact(ARRIVED, event("ivr.entered", 1_000), *ends)["ivr_ms"] == ivr_ms


def test_self_served_remains_known_of_one_who_asked() -> None:
    found = contact(ARRIVED, event("ivr.self_served", 1), event("agent.requested", 2))
    assert (found["self_served_ms"], found["place"]) == (found["arrived_ms"] + 1, "waiting")
    assert contact(ARRIVED)["self_served_ms"] is None


@pytest.mark.parametrize(
    ("raws", "talk", "hold"),
    [
        ([], None, None),
        ([END], None, None),
        ([LEG], None, None),
        ([LEG, END], 90_000, 0),
        ([LEG, event("callback.connected", 40_000), END], 90_000, 0),
        ([LEG, event("queue.entered", 40_000, queue="q")], 30_000, 0),
        (
            [LEG, event("queue.entered", 40_000, queue="q"), event("agent.connected", 50_000)],
            None,
            None,
        ),
        (
            [
                LEG,
                event("queue.entered", 40_000, queue="q"),
                event("agent.connected", 60_000),
                END,
                event("contact.ended", 200_000, by="agent"),
            ],
            70_000,
            0,
        ),
        ([LEG, event("hold.started", 20_000), event("hold.ended", 25_000), END], 85_000, 5_000),
        ([LEG, event("hold.started", 20_000), END], 10_000, 80_000),
        (
            [
                LEG,
                event("hold.started", 20_000),
                event("hold.started", 30_000),
                event("hold.ended", 35_000),
                event("hold.ended", 50_000),
                END,
            ],
            75_000,
            15_000,
        ),
        ([LEG, END, event("hold.started", 110_000)], None, None),
        (
            [LEG, END, event("hold.started", 110_000), event("hold.ended", 310_000)],
            0,
            200_000,
        ),
        ([END, event("hold.started", 110_000), event("hold.ended", 310_000)], None, None),
    ],
)
def test_talk_and_hold(raws: list[bytes], talk: int | None, hold: int | None) -> None:
    found = contact(ARRIVED, *raws)
    assert (found["talk_ms"], found["hold_ms"]) == (talk, hold)


@pytest.mark.parametrize(
    ("raws", "after_call", "handle"),
    [
        ([], None, 90_000),
        ([event("wrapup.started", 100_000)], None, None),
        ([event("wrapup.started", 100_000), event("wrapup.ended", 130_000)], 30_000, 120_000),
        (
            [
                event("wrapup.started", 100_000),
                event("wrapup.started", 110_000),
                event("wrapup.ended", 130_000),
            ],
            30_000,
            120_000,
        ),
        (
            [
                event("wrapup.started", 100_000),
                event("wrapup.ended", 130_000),
                event("wrapup.started", 140_000),
            ],
            None,
            None,
        ),
        ([event("wrapup.ended", 130_000)], None, 90_000),
    ],
)
def test_after_call_work(raws: list[bytes], after_call: int | None, handle: int | None) -> None:
    found = contact(ARRIVED, LEG, END, *raws)
    assert (found["after_call_ms"], found["handle_ms"]) == (after_call, handle)


def test_without_talk_there_is_no_handle_time() -> None:
    wrapup = event("wrapup.started", 1), event("wrapup.ended", 11)
    found = contact(ARRIVED, *wrapup)
    assert (found["after_call_ms"], found["handle_ms"]) == (10, None)


def test_transfers_and_end() -> None:
    found = contact(
        ARRIVED,
        LEG,
        event("transfer.requested", 20_000),
        event("transfer.completed", 21_000),
        event("transfer.completed", 22_000),
        END,
        event("contact.ended", 200_000, by="agent"),
    )
    assert (found["transfers"], found["ended_ms"], found["ended_by"]) == (
        2,
        BASE + 100_000,
        "customer",
    )


def test_a_callback_connects_only_after_it_was_accepted() -> None:
    early = event("callback.connected", 5_000)
    found = contact(ARRIVED, early, ACCEPTED)
    assert (found["callback_connected_ms"], found["callback_connected_attempt"]) == (None, None)
    assert (found["connected_ms"], found["callback_pending"]) == (None, True)
    found = contact(ARRIVED, early, ACCEPTED, event("callback.connected", 30_000))
    assert (found["connected_ms"], found["wait_ms"]) == (BASE + 30_000, 20_000)
    assert (found["callback_pending"], found["callback_connected_attempt"]) == (False, 0)


def test_attempts_before_the_connection() -> None:
    found = contact(
        ARRIVED,
        attempt(1_000),
        ACCEPTED,
        attempt(20_000),
        attempt(30_000),
        event("callback.connected", 31_000),
        attempt(40_000),
        event("callback.connected", 41_000),
    )
    assert (found["callback_attempts"], found["callback_connected_attempt"]) == (4, 3)
    assert found["callback_attempted_ms"] == BASE + 1_000


def test_an_answer_comes_before_a_later_callback() -> None:
    found = contact(ARRIVED, LEG, event("callback.accepted", 20_000), attempt(30_000))
    assert (found["place"], found["connected_ms"]) == ("answered", BASE + 10_000)
    again = event("callback.connected", 40_000)
    found = contact(ARRIVED, LEG, event("callback.accepted", 20_000), again)
    assert (found["connected_ms"], found["callback_connected_ms"]) == (BASE + 10_000, BASE + 40_000)


def test_an_abandoned_contact_can_be_connected_by_callback() -> None:
    found = contact(
        ARRIVED,
        event("queue.entered", 1_000, queue="q"),
        event("queue.left", 2_000, how="abandoned"),
        ACCEPTED,
        event("callback.connected", 50_000),
    )
    assert (found["place"], found["wait_ms"]) == ("abandoned", 49_000)


@pytest.mark.parametrize(
    "closing",
    [
        event("callback.cancelled", 20_000, by="agent"),
        event("callback.expired", 20_000),
        event("callback.connected", 20_000),
    ],
)
def test_what_ends_a_pending_callback(closing: bytes) -> None:
    assert contact(ARRIVED, ACCEPTED)["callback_pending"] is True
    assert contact(ARRIVED, ACCEPTED, closing)["callback_pending"] is False


def test_the_first_of_each_callback_event() -> None:
    found = contact(
        ARRIVED,
        event("callback.offered", 1),
        event("callback.offered", 2),
        event("callback.declined", 3),
        event("callback.cancelled", 20_000, by="agent"),
        event("callback.cancelled", 21_000, by="customer"),
        event("callback.expired", 30_000),
    )
    assert found["callback_offered_ms"] == BASE + 1
    assert found["callback_declined_ms"] == BASE + 3
    assert (found["callback_cancelled_ms"], found["callback_cancelled_by"]) == (
        BASE + 20_000,
        "agent",
    )
    assert (found["callback_expired_ms"], found["callback_accepted_ms"]) == (BASE + 30_000, None)


PROMISED = event(
    "callback.accepted", 0, key="p", promise_from=at(60_000), promise_until=at(120_000)
)


@pytest.mark.parametrize(
    ("raws", "as_of", "promise"),
    [
        ([attempt(60_000)], AS_OF, "kept"),
        ([attempt(120_000)], AS_OF, "kept"),
        ([attempt(59_999)], AS_OF, "broken"),
        ([attempt(120_001)], AS_OF, "broken"),
        ([attempt(59_999), attempt(70_000)], AS_OF, "broken"),
        ([], BASE + 120_000, None),
        ([], BASE + 120_001, "broken"),
        ([event("callback.expired", 1_000)], BASE + 2_000, "broken"),
        ([event("callback.cancelled", 1_000, by="customer")], AS_OF, None),
        ([event("callback.cancelled", 1_000, by="customer"), attempt(60_000)], AS_OF, None),
        ([event("callback.cancelled", 1_000, by="system")], AS_OF, "broken"),
    ],
)
def test_promise(raws: list[bytes], as_of: int, promise: str | None) -> None:
    found = contact(ARRIVED, PROMISED, *raws, as_of=as_of)
    assert found["promise"] == promise
    assert (found["promise_from_ms"], found["promise_until_ms"]) == (BASE + 60_000, BASE + 120_000)


def test_without_both_bounds_of_the_first_acceptance_there_is_no_promise() -> None:
    half = event("callback.accepted", 0, key="h", promise_until=at(120_000))
    assert contact(ARRIVED, half, as_of=AS_OF)["promise"] is None
    bare = event("callback.accepted", 0, key="a")
    found = contact(ARRIVED, bare, PROMISED, attempt(70_000))
    assert (found["promise"], found["promise_from_ms"]) == (None, None)


def test_a_promise_of_version_1_is_an_instant() -> None:
    old = (
        b'{"specversion":"1.0","time":"%s","source":"acd","id":"o","type":"callback.accepted",'
        b'"subject":"c1","data":{"promise":"%s"}}' % (at(0).encode(), at(HOUR).encode())
    )
    found = contact(ARRIVED, old)
    assert found["promise_from_ms"] == found["promise_until_ms"] == BASE + HOUR
