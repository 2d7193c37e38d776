"""One contact at a time: what its events add up to, by the words of `ContactRecord`."""

from __future__ import annotations

import pytest

from schemas.instants import HOUR
from schemas.record import ContactRecord
from streams.core.fold import fold
from tests.core.examples import START, raw

ARRIVED = raw("contact.arrived", department="ircc", channel="phone")


def _fold(*values: bytes, after: int = 2 * HOUR) -> ContactRecord:
    record = fold([ARRIVED, *values], START + after)
    assert isinstance(record, ContactRecord)
    return record


@pytest.mark.parametrize(
    ("events", "place", "reason"),
    [
        ([], "in_ivr", None),
        ([raw("contact.ended", 9, by="customer")], "left_in_ivr", None),
        ([raw("ivr.self_served", 5)], "self_served", None),
        ([raw("contact.turned_away", 1, reason="blocked")], "blocked_before_asking", None),
        ([raw("contact.turned_away", 1, reason="closed")], "turned_away", None),
        (
            [raw("contact.turned_away", 1, reason="full"), raw("queue.entered", 2, queue="q2")],
            "waiting",
            None,
        ),
        ([raw("agent.requested", 1)], "waiting", None),
        ([raw("agent.connected", 1)], "answered", None),
        ([raw("queue.left", 1, how="abandoned")], "abandoned", None),
        ([raw("queue.left", 1, how="flow")], "waiting", None),
        ([raw("queue.left", 1, how="key")], "other_exit", "key"),
        ([raw("queue.left", 1, how="key"), raw("callback.accepted", 2)], "callback_accepted", None),
        ([raw("queue.left", 1, how="timeout"), raw("agent.connected", 2)], "answered", None),
        (
            [raw("queue.left", 1, how="timeout"), raw("contact.ended", 2, by="customer")],
            "other_exit",
            "timeout",
        ),
        (
            [raw("queue.entered", 1, queue="q"), raw("contact.turned_away", 2, reason="closed")],
            "other_exit",
            "closed",
        ),
        (
            [raw("queue.entered", 1, queue="q"), raw("contact.ended", 2, by="customer")],
            "abandoned",
            None,
        ),
        (
            [raw("queue.entered", 1, queue="q"), raw("contact.ended", 2, by="system")],
            "other_exit",
            "ended_by_system",
        ),
        (
            [raw("queue.left", 1, how="abandoned"), raw("agent.connected", 2)],
            "abandoned",
            None,
        ),
    ],
)
def test_place_in_the_funnel(events: list[bytes], place: str, reason: str | None) -> None:
    record = _fold(*events)
    assert (record.place, record.exit_reason) == (place, reason)


def test_the_first_of_its_kind_counts() -> None:
    record = _fold(
        raw("ivr.entered", 1),
        raw("ivr.entered", 2),
        raw("ivr.left", 11),
        raw("ivr.left", 30),
        raw("contact.turned_away", 31, reason="full", queue="q1"),
        raw("contact.turned_away", 32, reason="closed"),
        raw("contact.ended", 40, by="system"),
        raw("contact.ended", 50, by="customer"),
    )
    assert (record.ivr_ms, record.turned_away_reason, record.queue) == (10_000, "full", "q1")
    assert (record.ended_ms, record.ended_by) == (START + 40_000, "system")


def test_a_refusal_before_the_menu_names_the_queue_but_asks_nothing() -> None:
    record = _fold(
        raw("contact.turned_away", 1, reason="blocked", queue="q1"),
        raw("contact.turned_away", 2, reason="blocked", queue="q2"),
    )
    assert (record.place, record.queue, record.asked_ms) == ("blocked_before_asking", "q1", None)


def test_conversation_hold_and_after_call_work() -> None:
    record = _fold(
        raw("queue.entered", 10, queue="q1"),
        raw("agent.connected", 30),
        raw("hold.started", 40),
        raw("hold.started", 45),
        raw("hold.ended", 50),
        raw("transfer.completed", 60),
        raw("queue.entered", 60, queue="q2"),
        raw("agent.connected", 80),
        raw("contact.ended", 100, by="agent"),
        raw("wrapup.started", 100),
        raw("wrapup.started", 105),
        raw("wrapup.ended", 110),
        raw("wrapup.ended", 120),
    )
    assert (record.wait_ms, record.queue_ms, record.visits) == (20_000, 20_000, 2)
    assert (record.talk_ms, record.hold_ms, record.after_call_ms) == (40_000, 10_000, 10_000)
    assert (record.handle_ms, record.transfers) == (60_000, 1)


def test_ends_of_what_never_began_say_nothing() -> None:
    record = _fold(raw("hold.ended", 1), raw("wrapup.ended", 2), raw("ivr.left", 3))
    assert (record.hold_ms, record.after_call_ms, record.ivr_ms) == (None, None, None)


def test_a_hold_or_a_wrap_up_without_end_is_unknown_and_never_zero() -> None:
    held = _fold(raw("agent.connected", 1), raw("hold.started", 2))
    assert (held.talk_ms, held.hold_ms, held.handle_ms) == (None, None, None)
    working = _fold(
        raw("agent.connected", 1), raw("contact.ended", 9, by="agent"), raw("wrapup.started", 9)
    )
    assert (working.talk_ms, working.after_call_ms, working.handle_ms) == (8_000, None, None)
    plain = _fold(raw("agent.connected", 1), raw("contact.ended", 9, by="agent"))
    assert (plain.after_call_ms, plain.handle_ms) == (None, 8_000)


def test_a_callback_from_offer_to_connection() -> None:
    record = _fold(
        raw("queue.entered", 10, queue="q1"),
        raw("callback.offered", 20),
        raw("callback.accepted", 30),
        raw("contact.ended", 31, by="customer"),
        raw("callback.attempted", 900, number=1),
        raw("callback.attempted", 1_200, number=2),
        raw("callback.connected", 1_210),
        raw("contact.ended", 1_300, by="customer"),
    )
    assert (record.place, record.wait_ms, record.queue_ms) == (
        "callback_accepted",
        1_200_000,
        20_000,
    )
    assert (record.callback_attempts, record.callback_connected_attempt) == (2, 2)
    assert (record.callback_pending, record.promise, record.talk_ms) == (False, None, 90_000)


def test_a_callback_connected_without_acceptance_answers_nobody() -> None:
    record = _fold(raw("callback.connected", 5), raw("callback.declined", 6))
    assert (record.connected_ms, record.callback_connected_ms) == (None, None)
    assert record.callback_declined_ms == START + 6_000


@pytest.mark.parametrize(
    ("then", "promise"),
    [
        ([], None),
        ([raw("callback.attempted", 600)], "kept"),
        ([raw("callback.attempted", 1_200)], "kept"),
        ([raw("callback.attempted", 1_201)], "broken"),
        ([raw("callback.attempted", 599)], "broken"),
        ([raw("callback.expired", 700)], "broken"),
        ([raw("callback.cancelled", 700, by="customer")], None),
        ([raw("callback.cancelled", 700, by="system")], None),
    ],
)
def test_a_promise_is_judged_by_the_first_attempt(then: list[bytes], promise: str | None) -> None:
    window = {
        "promise_from": "2026-01-05T14:10:00.000Z",
        "promise_until": "2026-01-05T14:20:00.000Z",
    }
    accepted = raw("callback.accepted", 30, **window)
    assert _fold(accepted, *then, after=1_201_000 if promise else 1_200_000).promise == promise
    late = _fold(accepted, *then, after=HOUR)
    by_customer = late.callback_cancelled_by == "customer"
    assert late.promise == (promise or (None if by_customer else "broken"))


def test_of_the_same_id_the_smallest_digest_is_read_and_the_conflict_counted() -> None:
    one = raw("queue.entered", 5, queue="q1")
    other = one.replace(b'"q1"', b'"q2"')
    records = [_fold(one, other), _fold(other, one, one)]
    assert records[0] == records[1]
    assert (records[0].conflicting, records[0].revision) == (1, 2)


def test_an_older_version_is_read_as_the_present_one() -> None:
    old = raw("callback.accepted", 5).replace(b":2", b":1", 1)
    old = old.replace(b"callback.accepted:2", b"callback.accepted:1").replace(
        b'"data":{}', b'"data":{"promise":"2026-01-05T15:00:00.000Z"}'
    )
    record = _fold(old)
    assert record.promise_from_ms == record.promise_until_ms == START + HOUR
