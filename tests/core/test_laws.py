"""The laws of the core, on random lives: whatever the order, the repeats and the batches."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.json import decode

from schemas.business import business_days
from schemas.event import Event, encode
from schemas.instants import HOUR, QUARTER_HOUR, millis
from schemas.parts import Shift
from schemas.record import PLACES, ContactRecord
from schemas.rows import Row
from schemas.topics import partition_of
from streams.core.fold import fold
from streams.core.registers import Registers
from tests.core.harness import Partition, combine, from_scratch, solid
from tests.strategies import DEPARTMENTS, deliveries, lives, shifts, worlds


def _rows(raws: list[bytes]) -> list[Row]:
    return [Row(n, 0, decode(raw)["subject"], raw) for n, raw in enumerate(raws)]


def _newest(raws: list[bytes]) -> int:
    return max(millis(decode(raw)["time"]) for raw in raws)


def _batches(rows: list[Row], cuts: list[int]) -> list[list[Row]]:
    bounds = [0, *sorted(cut % (len(rows) + 1) for cut in cuts), len(rows)]
    return [rows[a:b] for a, b in pairwise(bounds)]


@pytest.fixture(scope="module", autouse=True)
def calendars() -> None:
    """Built once and kept: not in the time of the example that happens to be first."""
    for department in (*DEPARTMENTS, None):
        business_days(department)


DELIVERED = worlds().flatmap(deliveries)
CUTS = st.lists(st.integers(0, 1_000), max_size=8)


@given(raws=DELIVERED, cuts=CUTS, later=st.sampled_from([0, 1, HOUR, 12 * HOUR, 50 * HOUR]))
def test_replay_is_incremental(raws: list[bytes], cuts: list[int], later: int) -> None:
    partition = Partition()
    for batch in _batches(_rows(raws), cuts):
        partition.apply(batch)
    now = _newest(raws) + later
    partition.advance(now)
    assert partition.state.now == now
    assert solid(partition.registers) == solid(from_scratch(raws, now))


@given(raws=DELIVERED, cuts=CUTS, clocks=st.lists(st.integers(0, 40 * HOUR), max_size=5))
def test_the_clock_may_run_between_batches(
    raws: list[bytes], cuts: list[int], clocks: list[int]
) -> None:
    """Events come late: the clock is ahead of them, silence has spoken, and is taken back."""
    partition, start = Partition(), min(millis(decode(raw)["time"]) for raw in raws)
    for number, batch in enumerate(_batches(_rows(raws), cuts)):
        partition.apply(batch)
        if clocks:
            partition.advance(start + clocks[number % len(clocks)])
    now = partition.state.now or 0
    assert solid(partition.registers) == solid(from_scratch(raws, now))


@given(raws=DELIVERED, cuts=CUTS)
def test_a_repeat_changes_nothing(raws: list[bytes], cuts: list[int]) -> None:
    once, twice = Partition(), Partition()
    once.apply(_rows(raws))
    twice.apply(_rows(raws))
    for batch in _batches(_rows(raws), cuts):
        changes = twice.apply(batch)
        assert not solid(changes.registers)
        assert not changes.outcomes
    assert solid(twice.registers) == solid(once.registers)


@given(raws=DELIVERED, seed=st.integers(0, 2**32))
def test_order_does_not_matter(raws: list[bytes], seed: int) -> None:
    shuffled = raws.copy()
    random.Random(seed).shuffle(shuffled)
    as_of = _newest(raws)
    for subject in {decode(raw)["subject"] for raw in raws}:
        mine = [raw for raw in raws if decode(raw)["subject"] == subject]
        other = [raw for raw in shuffled if decode(raw)["subject"] == subject]
        assert fold(mine, as_of) == fold(other, as_of)


@given(raws=DELIVERED, partitions=st.integers(1, 4))
def test_split_and_merge_is_the_whole(raws: list[bytes], partitions: int) -> None:
    parts = [Partition() for _ in range(partitions)]
    for row in _rows(raws):
        parts[partition_of(row.key, partitions)].apply([row])
    now = _newest(raws)
    merged: Registers = {}
    for part in parts:
        part.advance(now)
        combine(merged, part.registers)
    assert solid(merged) == solid(from_scratch(raws, now))


@given(raws=DELIVERED, cuts=CUTS)
def test_outcomes_never_fall(raws: list[bytes], cuts: list[int]) -> None:
    partition = Partition()
    for batch in _batches(_rows(raws), cuts):
        changes = partition.apply(batch)
        assert all(count > 0 for count in changes.outcomes.values())


@given(raws=DELIVERED)
def test_memory_empties_once_all_is_closed(raws: list[bytes]) -> None:
    """All but messages that nobody has answered: they grow older for ever."""
    partition = Partition()
    partition.apply(_rows(raws))
    partition.advance(_newest(raws) + 400 * HOUR)
    for contact in partition.state.contacts.values():
        assert isinstance(contact.folded, ContactRecord)
        assert contact.folded.message is not None
        assert contact.folded.message.open


@given(events=lives("c"), ahead=st.integers(0, 40 * HOUR))
def test_the_funnel_closes(events: list[Event], ahead: int) -> None:
    raws = [encode(event) for event in events]
    record = fold(raws, _newest(raws) + ahead)
    assume(isinstance(record, ContactRecord))  # and no shift
    assert isinstance(record, ContactRecord)
    never_asked = {"blocked_before_asking", "self_served", "left_in_ivr", "in_ivr"}
    if record.channel in {None, "phone"}:
        assert record.place in PLACES
        assert (record.asked_ms is None) == (record.place in never_asked)
        queued = record.place not in never_asked | {"turned_away"}
        assert (record.queued_ms is not None) == queued
        assert len(record.segments) == record.visits
    else:
        funnel = (record.place, record.asked_ms, record.exit_ms, record.queued_ms, record.wait_ms)
        assert funnel == (None,) * 5
        assert (record.segments, record.estimates) == ((), ())
    assert (record.queue_ms or 0) >= 0
    assert (record.wait_ms or 0) >= 0


@given(events=shifts("s"), ahead=st.integers(0, 14 * HOUR))
def test_spells_tile_the_work_of_a_shift(events: list[Event], ahead: int) -> None:
    raws = [encode(event) for event in events]
    shift = fold(raws, _newest(raws) + ahead)
    assert isinstance(shift, Shift)
    for spell, following in pairwise(shift.spells):
        assert spell.from_ms + spell.spent_ms <= following.from_ms
    for spell in shift.spells:
        last = spell.from_ms + spell.spent_ms - 1
        assert spell.from_ms // QUARTER_HOUR == last // QUARTER_HOUR


@given(events=lives("c"), cut=st.integers(0, 40 * HOUR))
def test_events_after_as_of_say_nothing(events: list[Event], cut: int) -> None:
    as_of = millis(min(event.time for event in events)) + cut
    raws = [encode(event) for event in events]
    known = [encode(event) for event in events if millis(event.time) <= as_of]
    assert fold(raws, as_of) == fold(known, as_of)
