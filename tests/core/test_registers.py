"""Registers: what a contact adds it takes back, and which contacts add anything."""

from __future__ import annotations

import pytest

from schemas.across import Repeat
from schemas.instants import HOUR, QUARTER_HOUR
from schemas.record import ContactRecord
from schemas.relations import RELATIONS
from streams.core.fold import fold
from streams.core.registers import COHORT, INTERVAL, Registers, add, add_row, dims_of, kind
from tests.core.examples import START, raw, row
from tests.core.harness import Partition, solid


def contact(channel: str | None) -> list[bytes]:
    return [
        raw("contact.arrived", 0, department="ircc", channel=channel),
        raw("queue.entered", 10, queue="q1"),
        raw("agent.connected", 40, agent="a1"),
        raw("contact.ended", 100, by="agent"),
    ]


def folded(channel: str | None) -> Partition:
    partition = Partition()
    partition.apply([row(n, value) for n, value in enumerate(contact(channel))])
    return partition


def test_a_contact_of_another_channel_is_not_counted_with_those_by_phone() -> None:
    partition = folded("email")
    assert isinstance(partition.state.contacts["c"].folded, ContactRecord)
    assert partition.registers == {}


@pytest.mark.parametrize("channel", ["phone", None])
def test_one_by_phone_or_of_unknown_channel_does(channel: str | None) -> None:
    sums = [sums for sums, _ in solid(folded(channel).registers).values()]
    assert [found["arrived"] for found in sums if "arrived" in found] == [1, 1]


def test_a_contact_that_turns_out_to_be_by_email_takes_back_what_it_added() -> None:
    partition = folded(None)
    assert solid(partition.registers)
    partition.apply([row(4, raw("agent.requested", 5, channel="email"))])
    assert solid(partition.registers) == {}


def test_what_was_added_is_taken_back_whole() -> None:
    record = folded("phone").state.contacts["c"].folded
    assert isinstance(record, ContactRecord)
    registers: Registers = {}
    add(record, 1, registers)
    assert {kind for kind, _, _ in solid(registers)} == {
        "contacts.cohort",
        "contacts.interval",
        "segments.cohort",
        "segments.interval",
    }
    add(record, -1, registers)
    assert solid(registers) == {}


def test_a_row_has_the_dimensions_of_its_contact_save_those_of_its_own() -> None:
    values = [
        *contact("phone"),
        raw("queue.entered", 5, queue="q0"),
        raw("escalation.raised", 50, kind="urgent"),
    ]
    record = fold(values, START + HOUR)
    assert isinstance(record, ContactRecord)
    whole = ("ircc", None, "q0", "phone", None, None, None)
    assert dims_of(record, RELATIONS["contacts"], record) == (*whole, None)
    queues = [dims_of(record, RELATIONS["segments"], row)[2] for row in record.segments]
    assert queues == ["q0", "q1"]
    (escalation,) = record.escalations
    assert dims_of(record, RELATIONS["escalations"], escalation) == (*whole, "urgent")


def test_a_row_can_be_added_by_itself() -> None:
    """As the rows of the second fold are, whose dimensions are their contact's."""
    record = fold(contact("phone"), START + HOUR)
    assert isinstance(record, ContactRecord)
    relation = RELATIONS["repeats"]
    repeat = Repeat(contact_id="c", arrived_ms=START, ended_ms=START + 1, known=True)
    dims, registers = dims_of(record, relation, repeat), Registers()
    add_row("repeats", dims, repeat, 1, registers)
    assert {name for name, _, _ in solid(registers)} == {
        kind("repeats", COHORT),
        kind("repeats", INTERVAL),
    }
    add_row("repeats", dims, repeat, -1, registers)
    assert solid(registers) == {}


def test_what_happens_in_a_later_quarter_counts_there_by_interval() -> None:
    values = [
        raw("contact.arrived", 0, department="ircc", channel="phone"),
        raw("queue.entered", 899, queue="q1"),
        raw("agent.connected", 900, agent="a1"),
    ]
    partition = Partition()
    partition.apply([row(n, value) for n, value in enumerate(values)])
    answered = {
        (name, (quarter - START) // QUARTER_HOUR): sums["answered"]
        for (name, quarter, _), (sums, _) in solid(partition.registers).items()
        if "answered" in sums
    }
    assert answered == {("contacts.cohort", 0): 1, ("contacts.interval", 1): 1}
    waits = [
        spreads["segment.wait"]
        for _, spreads in solid(partition.registers).values()
        if spreads.get("segment.wait")
    ]
    assert waits == [{1: 1}, {1: 1}]
