"""Gathering the facts of a subject: the times of its events, in bounded memory."""

from __future__ import annotations

from schemas.instants import HOUR, MINUTE
from streams.core import gather
from tests.core.examples import START, raw


def test_facts_are_in_event_order_with_the_time_of_each() -> None:
    facts = gather.gather([raw("contact.ended", 61.5, by="agent"), raw("contact.arrived")])
    assert facts is not None
    assert [event.type for event in facts.events] == ["contact.arrived", "contact.ended"]
    assert facts.times == [START, START + MINUTE + 1_500]


def test_minutes_are_remembered_up_to_a_bound() -> None:
    minutes = gather._Minutes({str(n): n for n in range(100_001)})
    assert minutes["2026-01-05T15:00"] == START + HOUR
    assert minutes == {"2026-01-05T15:00": START + HOUR}


def test_two_events_in_one_value_are_none_even_beside_a_value_that_holds_nothing() -> None:
    arrived, ended = raw("contact.arrived"), raw("contact.ended", 1, by="agent")
    assert gather.gather([arrived + b"\n" + ended, b" "]) is None
