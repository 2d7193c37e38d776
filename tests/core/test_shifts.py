"""Shifts: spells cut at the edges of quarter-hours, and what the clock does to them."""

from __future__ import annotations

from msgspec.json import Decoder, encode

from schemas.instants import HOUR, MINUTE
from schemas.parts import Shift, Spell
from schemas.record import ContactRecord, Declaration
from streams.core.fold import fold
from streams.core.registers import kind
from tests.core.examples import START, raw, row
from tests.core.harness import Partition, from_scratch, solid


def _state(minute: float, state: str, **data: str) -> bytes:
    return raw("agent.state_changed", minute * 60, agent="a1", state=state, **data)


def _shift(as_of_minute: float, *values: bytes) -> Shift:
    shift = fold(values, START + round(as_of_minute * MINUTE))
    assert isinstance(shift, Shift)
    return shift


def _spells(shift: Shift) -> list[tuple[str, float, float]]:
    return [(s.state, (s.from_ms - START) / MINUTE, s.spent_ms / MINUTE) for s in shift.spells]


def test_a_state_is_cut_at_the_edges_of_quarter_hours() -> None:
    shift = _shift(60, _state(7, "ready"), _state(31, "talking"), _state(31.5, "offline"))
    assert _spells(shift) == [
        ("ready", 7, 8),
        ("ready", 15, 15),
        ("ready", 30, 1),
        ("talking", 31, 0.5),
    ]
    assert (shift.agent, shift.open, shift.unended) == ("a1", False, False)


def test_offline_is_no_work_and_a_state_of_no_length_is_none() -> None:
    moment = _state(0, "talking").replace(b"@0", b"@~")  # the last of two at one instant
    values = [_state(0, "ready"), moment, _state(5, "offline"), _state(9, "ready")]
    shift = _shift(10, *values, _state(10, "offline"))
    assert _spells(shift) == [("talking", 0, 5), ("ready", 9, 1)]


def test_the_last_state_goes_on_until_the_last_edge() -> None:
    assert _spells(_shift(14, _state(7, "ready"))) == []
    assert _spells(_shift(15, _state(7, "ready"))) == [("ready", 7, 8)]
    assert _spells(_shift(31, _state(7, "ready"))) == [("ready", 7, 8), ("ready", 15, 15)]
    assert _shift(31, _state(7, "ready")).open


def test_of_a_shift_that_fell_silent_the_last_state_is_unknown() -> None:
    shift = _shift(12 * 60 + 7, _state(0, "ready"), _state(7, "talking"))
    assert (shift.open, shift.unended, _spells(shift)) == (False, True, [("ready", 0, 7)])


def test_the_dimensions_are_of_the_first_event_that_carries_them() -> None:
    values = [
        _state(0, "ready"),
        _state(1, "talking", department="ircc", queue="q1", origin="o"),
        _state(2, "ready", department="vac", queue="q2"),
    ]
    shift = _shift(3, *values)
    assert (shift.department, shift.queue, shift.origin, shift.channel) == ("ircc", "q1", "o", None)
    assert (shift.shift_id, shift.revision, shift.first_ms) == ("c", 3, START)


def test_the_clock_alone_adds_a_quarter_at_a_time_and_silence_takes_the_last_state_back() -> None:
    partition, values = Partition(), [_state(0, "ready"), _state(7, "talking")]
    partition.apply([row(n, value) for n, value in enumerate(values)])
    assert partition.state.next_due == START + 15 * MINUTE
    for minute in (15, 30, 12 * 60):
        partition.advance(START + minute * MINUTE)
        assert solid(partition.registers) == solid(from_scratch(values, START + minute * MINUTE))
    assert partition.state.next_due == START + (12 * 60 + 7) * MINUTE
    partition.advance(START + (12 * 60 + 7) * MINUTE)
    shift = partition.records["c"]
    assert isinstance(shift, Shift)
    assert shift.unended
    assert not partition.state.contacts
    assert not partition.outcomes


def test_a_shift_that_is_over_leaves_memory_and_a_late_state_revises_it() -> None:
    partition = Partition()
    partition.apply([row(0, _state(0, "ready")), row(1, _state(10, "offline"))])
    assert partition.records["c"].revision == 2
    partition.advance(START + 40 * MINUTE)
    assert not partition.state.contacts
    partition.apply([row(2, _state(5, "paused"))])
    shift = partition.records["c"]
    assert isinstance(shift, Shift)
    assert shift.spells[-1] == Spell(
        state="paused", from_ms=START + 5 * MINUTE, spent_ms=5 * MINUTE
    )
    cohort = {
        dims[-1]: register.sums["agent.spells"]
        for (name, _, dims), register in partition.registers.items()
        if name == kind("spells", "cohort")
    }
    assert cohort == {"ready": 1, "paused": 1}


def test_a_shift_or_a_declaration_that_turns_out_a_contact_is_none() -> None:
    partition = Partition()
    partition.apply([row(0, _state(0, "ready")), row(1, _state(10, "offline"))])
    arrived = raw("contact.arrived", 1, department="ircc", channel="phone")
    partition.apply([row(2, arrived)])
    assert isinstance(partition.state.contacts["c"].folded, ContactRecord)
    assert {name for name, _, _ in solid(partition.registers)} == {
        kind("contacts", "cohort"),
        kind("contacts", "interval"),
    }


def test_a_declaration_among_states_makes_neither() -> None:
    declared = raw(
        "control.total_declared",
        of="arrived",
        count=1,
        period_start="2026-01-05T14:00:00.000Z",
        period_end="2026-01-05T15:00:00.000Z",
        attribution="cohort",
        authority="switch",
        origin="abroad",
    )
    alone = fold([declared], START + HOUR)
    assert isinstance(alone, Declaration)
    assert alone.origin == "abroad"
    partition = Partition()
    partition.apply([row(0, declared)])
    assert set(partition.declarations) == {"c"}
    partition.apply([row(1, _state(0, "ready"))])
    assert partition.declarations == {}
    assert isinstance(partition.state.contacts["c"].folded, ContactRecord)


def test_records_and_shifts_can_be_told_apart_by_their_json() -> None:
    decode = Decoder(ContactRecord | Shift).decode
    shift = _shift(20, _state(7, "ready"))
    contact = fold([raw("contact.arrived", 30)], START + HOUR)
    assert [decode(encode(folded)) for folded in (shift, contact)] == [shift, contact]
