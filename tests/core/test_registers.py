"""Registers: what a contact adds it takes back, and which contacts add anything."""

from __future__ import annotations

import pytest

from schemas.record import ContactRecord
from streams.core.registers import Registers, add
from tests.core.examples import raw, row
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


def test_a_contact_by_email_adds_nothing() -> None:
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
