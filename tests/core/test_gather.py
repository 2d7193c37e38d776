"""Gathering the facts of a subject: the times of its events, in bounded memory."""

from __future__ import annotations

import pytest

from schemas.instants import HOUR, MINUTE
from streams.core import gather
from streams.core.fold import fold
from tests.core.examples import START, raw

GOOD = "2026-01-05T14:00:00.000Z"
NO_INSTANTS = [
    "garbage",
    "2026-02-30T14:00:00.000Z",
    "2026-01-05T24:00:00.000Z",
    "2026-01-05T14:00:60.000Z",
    "2026-01-05T14:00:00.000+",
    "2026-01-05T14:00:00Z",
    "２026-01-05T14:00:00.000Z",
    "0000-01-05T14:00:00.000Z",
]


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


def untimely(text: str) -> list[bytes]:
    """Events of which an instant is none."""
    return [
        raw("contact.ended", 61).replace(b"2026-01-05T14:01:01.000Z", text.encode()),
        raw("callback.accepted", 20, promise_from=text, promise_until=GOOD),
        raw("callback.accepted", 20, promise_from=GOOD, promise_until=text),
        raw("control.total_declared", 20, period_start=text, period_end=GOOD),
        raw("control.total_declared", 20, period_start=GOOD, period_end=text),
    ]


@pytest.mark.parametrize("text", NO_INSTANTS)
@pytest.mark.parametrize("which", range(5))
def test_an_event_with_an_instant_that_is_none_is_not_read(text: str, which: int) -> None:
    """Nobody can tell when that was, and no event may keep the others from being counted."""
    bad, arrived = untimely(text)[which], raw("contact.arrived")
    assert gather.unread(bad)
    assert fold([bad], START + HOUR) is None
    facts = gather.gather([bad, arrived, b"not json"])
    assert facts is not None
    assert [event.type for event in facts.events] == ["contact.arrived"]
    assert facts.unread == 2


def test_a_promise_may_be_absent_and_an_interval_not() -> None:
    assert not gather.unread(raw("callback.accepted"))
    assert not gather.unread(raw("callback.accepted", promise_from=GOOD, promise_until=GOOD))
    assert gather.unread(raw("control.total_declared", period_start=GOOD))
    assert not gather.unread(raw("control.total_declared", period_start=GOOD, period_end=GOOD))
