"""`apply` and `advance` on examples: what leaves memory, comes back, or cannot be read."""

from __future__ import annotations

from schemas.instants import HOUR, MINUTE, SECOND
from schemas.record import ContactRecord
from streams.core.process import advance, apply, restore
from streams.core.state import State
from tests.core.examples import START, raw, row
from tests.core.harness import Partition, solid

ANSWERED = [
    raw("contact.arrived", 0, department="ircc", channel="phone"),
    raw("queue.entered", 10, queue="q1"),
    raw("agent.connected", 40, agent="a1"),
    raw("contact.ended", 100, by="agent"),
]


def test_a_late_fact_is_folded_with_those_that_left_memory() -> None:
    partition = Partition()
    partition.apply([row(n, value) for n, value in enumerate(ANSWERED)])
    partition.advance(START + HOUR)
    assert not partition.state.contacts
    partition.apply([row(4, raw("hold.started", 50)), row(5, raw("hold.ended", 60))])
    assert partition.looked_up == {"c"}
    record = partition.records["c"]
    assert isinstance(record, ContactRecord)
    assert (record.revision, record.hold_ms, record.talk_ms) == (6, 10_000, 50_000)


def test_what_is_known_already_is_passed_over_even_when_looked_up() -> None:
    partition = Partition()
    partition.apply([row(n, value) for n, value in enumerate(ANSWERED)])
    partition.advance(START + HOUR)
    changes = partition.apply([row(4 + n, value) for n, value in enumerate(ANSWERED)])
    assert (changes.touched, changes.records, solid(changes.registers)) == ({}, {}, {})


def test_silence_speaks_at_twelve_hours_and_not_a_millisecond_before() -> None:
    partition = Partition()
    partition.apply([row(0, raw("contact.arrived")), row(1, raw("queue.entered", 10, queue="q"))])
    silent = START + 10 * SECOND + 12 * HOUR
    assert not partition.advance(silent - 1).records
    record = partition.advance(silent).records["c"]
    assert isinstance(record, ContactRecord)
    assert (record.place, record.exit_reason, record.exit_ms) == (
        "other_exit",
        "lost_sight",
        silent,
    )
    assert not partition.state.contacts


def test_an_open_promise_is_broken_by_the_clock_alone() -> None:
    promise = {
        "promise_from": "2026-01-05T15:00:00.000Z",
        "promise_until": "2026-01-05T15:30:00.000Z",
    }
    partition = Partition()
    partition.apply(
        [row(0, raw("contact.arrived")), row(1, raw("callback.accepted", 5, **promise))]
    )
    until = START + 90 * MINUTE
    assert not partition.advance(until).registers
    changes = partition.advance(until + 1)
    judged = [register.sums.get("promise_judged", 0) for register in changes.registers.values()]
    assert judged.count(1) == 2  # by cohort and by interval


def test_the_clock_never_goes_back() -> None:
    state = State()
    apply(state, [row(0, ANSWERED[0])], lambda _: {})
    advance(state, START - HOUR)
    assert state.now == START


def test_a_batch_of_nothing_changes_nothing() -> None:
    state = State()
    assert not apply(state, [], lambda _: {}).registers
    assert state.now is None


def test_values_that_cannot_be_read_are_named_and_say_nothing() -> None:
    state = State()
    batch = [row(0, b"{"), row(1, b'{"a":\n1}'), row(2, ANSWERED[0], "d")]
    changes = apply(state, batch, lambda _: {"c": [b"{"]})
    assert changes.unreadable == {"c"}
    assert set(state.contacts) == {"d"}


def test_one_that_cannot_be_read_does_not_hide_the_others() -> None:
    partition = Partition()
    spread = ANSWERED[1].replace(b",", b",\n")  # the same fact over several lines
    partition.apply([row(0, ANSWERED[0]), row(1, b"\xff"), row(2, spread)])
    folded = partition.state.contacts["c"].folded
    assert isinstance(folded, ContactRecord)
    assert (folded.revision, folded.queue) == (2, "q1")


def test_a_value_that_holds_two_events_holds_none() -> None:
    partition = Partition()
    partition.apply([row(0, ANSWERED[0]), row(1, ANSWERED[1] + ANSWERED[2])])
    folded = partition.state.contacts["c"].folded
    assert isinstance(folded, ContactRecord)
    assert folded.revision == 1


def test_a_state_is_restored_from_its_clock_and_the_bytes() -> None:
    partition = Partition()
    partition.apply([row(n, value) for n, value in enumerate(ANSWERED[:2])])
    saved = {key: contact.values or [] for key, contact in partition.state.contacts.items()}
    again = restore(partition.state.now, {**saved, "unreadable": [b"{"]})
    assert again == partition.state
    assert restore(None, {}) == State()
