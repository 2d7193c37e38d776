"""When a figure may go out again."""

from __future__ import annotations

from streams.kafka.marks import Changed, Place
from streams.kafka.turns import Turns
from tests.core.examples import START


def test_a_group_has_its_turn_once_a_second_and_others_do_not_wait_for_it() -> None:
    first, second = ("ircc", "q1"), ("ircc", "q2")
    turns, one, other, both = Turns(), at(first), at(second), at(first, second)
    assert turns.due(one, 10) == one
    turns.published(one, 10)
    assert turns.due(both, 10.5) == other
    turns.published(other, 10.5)
    assert turns.due(both, 10.6) == {}
    assert turns.due(both, 11) == one
    assert turns.due(both, 12) == both


def at(*places: Place) -> Changed:
    return {START: {*places}}
