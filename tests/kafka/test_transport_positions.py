"""What is committed never runs ahead of the work, in whatever order batches are done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.transport.positions import Positions


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, list[int], list[int]]:
    """(where a partition begins, ends of its batches, the order in which some are done)."""
    start = draw(st.integers(0, 1_000))
    sizes = draw(st.lists(st.integers(1, 50), max_size=12))
    ends = [start + sum(sizes[: i + 1]) for i in range(len(sizes))]
    done = draw(st.permutations(ends))
    return start, ends, done[: draw(st.integers(0, len(ends)))]


@given(histories())
def test_what_is_due_is_the_end_of_the_last_batch_done_with_all_before(
    history: tuple[int, list[int], list[int]],
) -> None:
    start, ends, done = history
    positions = Positions(start)
    for end in ends:
        positions.handed(end)
    for i, end in enumerate(done):
        before = positions.done
        positions.acked(end)
        finished = set(done[: i + 1])
        held = [start, *ends]
        expected = next((held[j] for j, e in enumerate(ends) if e not in finished), held[-1])
        assert positions.done == expected
        assert positions.done >= before
        assert positions.out == (finished != set(ends))


@given(histories(), st.data())
def test_what_was_not_confirmed_stays_due(
    history: tuple[int, list[int], list[int]], data: st.DataObject
) -> None:
    start, ends, done = history
    positions = Positions(start)
    confirmed: int | None = None
    for end in ends:
        positions.handed(end)
    for end in done:
        positions.acked(end)
        due = positions.due()
        assert due == (positions.done if positions.done != confirmed else None)
        if due is not None and data.draw(st.booleans(), label="the commit succeeds"):
            positions.committed(due)
            confirmed = due


def test_where_a_partition_begins_is_told_at_once() -> None:
    assert Positions(7).due() == 7


def test_handed_over_one_by_one_with_each_done_in_between() -> None:
    positions = Positions(0)
    for end in (5, 6, 900):
        positions.handed(end)
        assert positions.out
        positions.acked(end)
        assert (positions.out, positions.done) == (False, end)


def test_a_gap_moves_on_where_the_group_is_told() -> None:
    positions = Positions(0)
    positions.skipped(40)
    assert positions.due() == 40
