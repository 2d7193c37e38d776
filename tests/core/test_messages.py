"""Written messages: business time, what stops the clock, and how they grow older."""

from __future__ import annotations

import pytest

from schemas.business import following
from schemas.event import Data, Event, encode
from schemas.instants import DAY, HOUR, instant, millis
from schemas.parts import Message
from schemas.record import ContactRecord
from streams.core.fold import fold
from tests.core.examples import START, raw, row
from tests.core.harness import Partition, from_scratch, solid

WORKING_DAY = 9 * HOUR


def _event(kind: str, time: str, **data: object) -> bytes:
    return encode(
        Event(
            time=f"{time}:00.000Z",
            source="mail",
            id=f"{kind}@{time}",
            type=kind,
            subject="m",
            data=Data(**data),  # type: ignore[arg-type]
        )
    )


def _received(time: str, **data: object) -> bytes:
    return _event("email.received", time, **{"department": "ircc", "intake": "mailbox", **data})


def _message(as_of: str, *values: bytes) -> Message:
    record = fold(values, millis(f"{as_of}:00.000Z"))
    assert isinstance(record, ContactRecord)
    assert record.message is not None
    return record.message


@pytest.mark.parametrize(
    ("received", "responded", "days", "whole_days", "worked"),
    [
        # Toronto closes at 17:00, which is 22:00 in winter and 21:00 in summer.
        ("2026-01-05T14:00", "2026-01-05T21:59", 0, 0, 7 * HOUR + 59 * 60_000),
        ("2026-01-05T14:00", "2026-01-05T22:00", 1, 0, 8 * HOUR),
        ("2026-01-05T22:00", "2026-01-06T15:00", 0, 0, 2 * HOUR),  # counts to Tuesday
        ("2026-01-09T21:00", "2026-01-12T15:00", 1, 2, 3 * HOUR),  # over a weekend
        ("2026-01-10T12:00", "2026-01-12T15:00", 0, 2, 2 * HOUR),  # on a Saturday: Monday
        ("2025-04-17T20:00", "2025-04-22T13:00", 1, 4, 2 * HOUR),  # Good Friday, Easter Monday
        ("2022-09-16T20:00", "2022-09-20T13:00", 1, 3, 2 * HOUR),  # 19 September 2022
        ("2026-03-06T21:30", "2026-03-09T20:30", 1, 2, 9 * HOUR),  # the clock goes forward
        ("2025-10-31T20:30", "2025-11-03T21:30", 1, 3, 9 * HOUR),  # and back
    ],
)
def test_a_delay_in_business_days_and_in_whole_days(
    received: str, responded: str, days: int, whole_days: int, worked: int
) -> None:
    found = _message(
        "2027-01-01T00:00", _received(received), _event("email.responded", responded, agent="a")
    )
    assert (found.elapsed_days, found.elapsed_whole_days) == (days, whole_days)
    assert found.worked_ms == worked
    delay = millis(f"{responded}:00.000Z") - millis(f"{received}:00.000Z")
    assert (found.delay_ms, found.open) == (delay, False)


def test_an_acknowledgement_stops_nothing_and_a_reopening_keeps_the_first_receipt() -> None:
    values = [
        _received("2026-01-05T14:00"),
        _received("2026-01-06T14:00", intake="fax"),
        _event("email.acknowledged", "2026-01-05T14:01"),
    ]
    found = _message("2026-01-07T15:00", *values)
    assert (found.open, found.elapsed_days, found.elapsed_whole_days) == (True, 2, 2)
    assert (found.acknowledged_ms, found.delay_ms) == (millis("2026-01-05T14:01:00.000Z"), None)
    values += [
        _event("email.responded", "2026-01-06T15:00"),
        _event("email.reopened", "2026-01-06T16:00"),
        _event("email.responded", "2026-01-08T15:00"),
    ]
    found = _message("2026-01-30T15:00", *values)
    assert (found.intake, found.elapsed_days, found.delay_ms) == ("mailbox", 1, 25 * HOUR)
    assert (found.responses, found.reopened) == (2, 1)


def test_a_reply_counts_only_after_a_receipt() -> None:
    early = _event("email.responded", "2026-01-05T13:00")
    found = _message("2026-01-05T18:00", early, _received("2026-01-05T14:00"))
    assert (found.responded_ms, found.responses, found.open) == (None, 1, True)
    alone = _message("2026-01-05T18:00", early)
    assert (alone.responded_ms, alone.received_ms) == (None, millis("2026-01-05T13:00:00.000Z"))
    assert alone.intake is None


def test_an_exclusion_stops_the_clock_and_names_who_and_why() -> None:
    excluded = _event("email.excluded", "2026-01-07T15:00", reason="spam", actor="lead")
    found = _message("2026-01-30T15:00", _received("2026-01-05T14:00"), excluded)
    assert (found.open, found.elapsed_days, found.excluded_reason) == (False, 2, "spam")
    assert found.excluded_actor == "lead"
    before = _event("email.excluded", "2026-01-02T15:00", reason="spam", actor="lead")
    found = _message("2026-01-30T15:00", _received("2026-01-05T14:00"), before)
    assert (found.elapsed_days, found.elapsed_whole_days) == (0, 0)


def test_the_channel_of_a_message() -> None:
    implied = fold([_event("email.bounced", "2026-01-05T14:00")], START + HOUR)
    assert isinstance(implied, ContactRecord)
    assert (implied.channel, implied.place) == ("email", None)
    assert implied.message is not None
    received = _received("2026-01-05T14:00", channel="parliamentary")
    assert _message("2026-01-05T15:00", received).parliamentary


def test_an_open_message_is_looked_at_again_at_closing_and_after_whole_days() -> None:
    """By the clock alone, and it never leaves memory."""
    partition, received = Partition(), raw("email.received", department="ircc", intake="mailbox")
    partition.apply([row(0, received)])
    expected = [
        "2026-01-05T22:00:00.000Z",
        "2026-01-06T14:00:00.000Z",
        "2026-01-06T22:00:00.000Z",
        "2026-01-07T14:00:00.000Z",
    ]
    for at in map(millis, expected):
        assert partition.state.next_due == at
        partition.advance(at - 1)
        partition.advance(at)
        assert solid(partition.registers) == solid(from_scratch([received], at))
    partition.advance(START + 400 * DAY)
    assert set(partition.state.contacts) == {"c"}
    assert (partition.state.next_due or 0) > START + 400 * DAY


def test_one_that_is_answered_leaves_memory_like_a_contact_that_has_ended() -> None:
    partition = Partition()
    partition.apply([row(0, raw("email.received", department="ircc", intake="mailbox"))])
    partition.apply([row(1, raw("email.responded", 100))])
    partition.advance(START + HOUR)
    assert not partition.state.contacts
    record = partition.records["c"]
    assert isinstance(record, ContactRecord)
    assert record.message is not None
    assert record.message.delay_ms == 100_000


def test_the_instant_of_closing_belongs_to_the_next_day() -> None:
    closing = following("ircc", START)
    assert instant(closing) == "2026-01-05T22:00:00.000Z"
    assert _message("2026-01-05T22:00", _received("2026-01-05T14:00")).elapsed_days == 1
