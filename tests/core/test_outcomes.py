"""First outcomes only ever grow; what is taken back is a correction."""

from __future__ import annotations

from schemas.instants import HOUR
from tests.core.examples import START, raw, row
from tests.core.harness import Partition

ABANDONED = [
    raw("contact.arrived", 0, department="ircc"),
    raw("queue.entered", 10, queue="q1"),
    raw("queue.left", 40, queue="q1", how="abandoned"),
    raw("contact.ended", 41, by="customer"),
]
ANSWERED_BEFORE = raw("agent.connected", 30, agent="a1")
FIRST = {"arrived|ircc": 1, "abandoned|ircc": 1}
CORRECTED = {**FIRST, "answered|ircc": 1, "corrections|ircc": 1}


def abandoned() -> Partition:
    partition = Partition()
    partition.apply([row(n, value) for n, value in enumerate(ABANDONED)])
    return partition


def test_a_pending_contact_has_arrived_and_nothing_else() -> None:
    partition = Partition()
    partition.apply([row(n, value) for n, value in enumerate(ABANDONED[:2])])
    assert partition.outcomes == {"arrived|ircc": 1}
    partition.apply([row(n + 2, value) for n, value in enumerate(ABANDONED[2:])])
    assert partition.outcomes == FIRST


def test_a_late_answer_counts_in_both_outcomes_and_once_as_a_correction() -> None:
    partition = abandoned()
    assert partition.outcomes == FIRST
    partition.apply([row(4, ANSWERED_BEFORE)])
    assert partition.outcomes == CORRECTED


def test_so_does_one_of_a_contact_that_had_left_memory() -> None:
    partition = abandoned()
    partition.advance(START + HOUR)
    assert not partition.state.contacts
    partition.apply([row(4, ANSWERED_BEFORE)])
    assert partition.outcomes == CORRECTED


def test_repeats_and_the_clock_count_nothing_again() -> None:
    partition = abandoned()
    partition.apply([row(4, ANSWERED_BEFORE)])
    partition.apply([row(5 + n, value) for n, value in enumerate([*ABANDONED, ANSWERED_BEFORE])])
    partition.advance(START + 20 * HOUR)
    partition.apply([row(10, ANSWERED_BEFORE)])
    assert partition.outcomes == CORRECTED


def test_a_callback_that_connects_is_an_outcome_beside_the_place() -> None:
    partition = Partition()
    values = [
        raw("contact.arrived", 0, department="ircc"),
        raw("callback.accepted", 10),
        raw("callback.attempted", 20),
        raw("callback.connected", 30),
    ]
    partition.apply([row(n, value) for n, value in enumerate(values)])
    assert partition.outcomes == {
        "arrived|ircc": 1,
        "callback_accepted|ircc": 1,
        "callback_connected|ircc": 1,
    }


def test_a_message_is_received_and_answered_once() -> None:
    partition = Partition()
    values = [
        raw("email.received", 0, department="ircc", intake="mailbox"),
        raw("email.acknowledged", 1),
        raw("email.responded", 50),
        raw("email.responded", 60),
    ]
    partition.apply([row(n, value) for n, value in enumerate(values[:2])])
    assert partition.outcomes == {"message_received|ircc": 1}
    partition.apply([row(2, values[2]), row(3, values[3])])
    assert partition.outcomes == {"message_received|ircc": 1, "message_answered|ircc": 1}


def test_a_task_with_a_digital_tool_has_no_outcome() -> None:
    partition = Partition()
    partition.apply([row(0, raw("web.task_completed", tool="status"))])
    assert partition.outcomes == {}
