"""Written messages, and delays in business days: `docs/definitions.md` section 6."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import pytest

from schemas.instants import DAY, HOUR, SECOND, millis
from sinks.published import events_from, text
from tests.sql.events import AS_OF, BASE, event, fractions, rows, since, table

WEEK = 7 * DAY
Opening = tuple[str, str]


def when(written: str) -> int:
    """Milliseconds after BASE of an instant written to the minute, UTC."""
    return millis(f"{written}:00.000Z") - BASE


def received(ms: int, subject: str = "c1", **data: Any) -> bytes:
    return event(
        "email.received", ms, subject, **{"department": "ircc", "intake": "mailbox", **data}
    )


def message(*raws: bytes, as_of: int = AS_OF) -> dict[str, Any]:
    (found,) = rows(raws, "messages", as_of)
    return found


def days(opening: str, response: str, department: str = "ircc") -> tuple[int, int, int]:
    """Business days, whole days and hours of opening from receipt to response, in UTC."""
    raws = [
        received(when(opening), department=department),
        event("email.responded", when(response)),
    ]
    found = message(*raws, as_of=BASE + when(response))
    return found["elapsed_days"], found["elapsed_whole_days"], found["worked_ms"] // HOUR


@pytest.mark.parametrize(
    ("opening", "response", "expected"),
    [  # 8 to 17 in Toronto, from 2021-03-14 to 2021-11-07 four hours behind UTC
        ("2021-06-09T13:00", "2021-06-09T20:59", (0, 0, 7)),
        ("2021-06-09T20:59", "2021-06-09T21:00", (1, 0, 0)),  # at closing: the next day
        ("2021-06-09T21:00", "2021-06-10T20:59", (0, 0, 8)),  # and that is day 0
        ("2021-06-11T22:00", "2021-06-14T13:00", (0, 2, 1)),  # Friday evening, Monday morning
        ("2021-06-12T15:00", "2021-06-15T13:00", (1, 2, 10)),
        # Good Friday is 2 April and Easter Monday the 5th: Thursday, then Tuesday.
        ("2021-04-01T20:00", "2021-04-06T12:30", (1, 4, 1)),
        ("2021-04-01T21:00", "2021-04-06T12:30", (0, 4, 0)),
        ("2021-04-05T13:00", "2021-04-07T13:00", (1, 2, 10)),
        ("2022-09-16T20:00", "2022-09-20T13:00", (1, 3, 2)),  # the day of mourning between
        # The night of a change of clocks: 08:00 is 13:00 UTC before, 12:00 after.
        ("2021-03-12T21:00", "2021-03-15T12:30", (1, 2, 1)),
        ("2020-02-28T21:00", "2020-03-02T21:00", (1, 3, 9)),  # over 29 February, a Saturday
    ],
)
def test_business_days(opening: str, response: str, expected: tuple[int, int, int]) -> None:
    assert days(opening, response) == expected


def test_a_department_without_a_calendar_keeps_weekdays() -> None:
    assert days("2021-04-01T20:00", "2021-04-06T12:30", "elsewhere")[0] == 3


def made(raws: Iterable[bytes], as_of: int, openings: Sequence[Opening]) -> dict[str, Any]:
    """The only message, by business days written by hand and not by the package."""
    with duckdb.connect() as db:
        db.register("archived", table(raws))
        db.execute(events_from("archived"))
        db.execute(f"SET VARIABLE as_of = {as_of}")
        db.execute(text("kept"))
        db.execute(text("contacts"))
        db.execute(
            "CREATE TABLE business_days (department VARCHAR, number BIGINT, opens_ms BIGINT, "
            "closes_ms BIGINT, worked_ms BIGINT)"
        )
        worked = 0
        for number, (opens, closes) in enumerate(openings):
            span = [BASE + when(opens), BASE + when(closes)]
            db.execute(
                "INSERT INTO business_days VALUES (NULL, ?, ?, ?, ?)", [number, *span, worked]
            )
            worked += span[1] - span[0]
        db.execute(text("messages"))
        (found,) = db.sql("FROM messages").to_arrow_table().to_pylist()
    return found  # type: ignore[no-any-return]


#: A Friday that closes at noon, a Monday, a Tuesday.
AFTERNOON = [
    ("2026-01-09T13:00", "2026-01-09T17:00"),
    ("2026-01-12T13:00", "2026-01-12T22:00"),
    ("2026-01-13T13:00", "2026-01-13T22:00"),
]


@pytest.mark.parametrize(
    ("opening", "response", "expected"),
    [
        ("2026-01-09T16:59", "2026-01-12T13:00", (1, 1)),
        ("2026-01-09T17:00", "2026-01-12T13:00", (0, 0)),  # closed for the afternoon
        ("2026-01-09T20:00", "2026-01-12T14:00", (0, 60)),
        ("2026-01-01T00:00", "2026-01-09T14:00", (0, 60)),  # before the table
        ("2026-01-13T21:00", "2026-01-20T14:00", (0, 60)),  # after it
        ("2026-01-13T21:59", "2026-01-13T22:00", (0, 1)),
        ("2026-02-01T00:00", "2026-02-02T00:00", (0, 0)),
    ],
)
def test_a_closure_in_the_afternoon(opening: str, response: str, expected: tuple[int, int]) -> None:
    raws = [received(when(opening)), event("email.responded", when(response))]
    found = made(raws, BASE + when(response), AFTERNOON)
    assert (found["elapsed_days"], found["worked_ms"] // 60_000) == expected


@pytest.mark.parametrize(
    ("as_of", "counted"),
    [("2026-01-09T16:59", 0), ("2026-01-09T17:00", 1), ("2026-01-12T21:59", 1)],
)
def test_the_age_of_an_open_message_grows_at_closing(as_of: str, counted: int) -> None:
    found = made([received(when("2026-01-09T14:00"))], BASE + when(as_of), AFTERNOON)
    assert (found["elapsed_days"], found["open"], found["worked_ms"]) == (counted, True, None)


@pytest.mark.parametrize(
    ("raws", "facts"),
    [
        ([], (None, None, True, 0, 0)),
        ([event("email.acknowledged", 5)], (None, None, True, 0, 0)),
        ([event("email.responded", 9)], (9, None, False, 1, 0)),
        ([event("email.responded", 9), event("email.responded", 7)], (7, None, False, 2, 0)),
        ([event("email.responded", 9), event("email.reopened", 12)], (9, None, False, 1, 1)),
        ([event("email.excluded", 8, reason="spam", actor="x")], (None, 8, False, 0, 0)),
        ([event("email.responded", 0, key="a")], (None, None, True, 1, 0)),  # before the receipt
        ([event("email.responded", 0, key="z")], (0, None, False, 1, 0)),
        ([received(20, intake="fax"), event("email.responded", 30)], (30, None, False, 1, 0)),
    ],
)
def test_what_became_of_a_message(raws: list[bytes], facts: tuple[Any, ...]) -> None:
    found = message(received(0), *raws)
    names = ("responded_ms", "excluded_ms", "open", "responses", "reopened")
    assert since(found, *names) == facts
    assert since(found, "received_ms", "intake") == (0, "mailbox")
    responded = found["responded_ms"]
    assert found["delay_ms"] == (None if responded is None else responded - BASE)


def test_without_a_receipt_the_first_event_is_the_receipt_and_no_reply_counts() -> None:
    raws = [event("contact.arrived", 0, department="ircc"), event("email.responded", 9)]
    found = message(*raws)
    assert since(found, "received_ms", "intake", "responded_ms", "open") == (0, None, None, True)
    assert (found["responses"], found["delay_ms"], found["worked_ms"]) == (1, None, None)


def test_of_an_exclusion_the_first_reason_and_actor() -> None:
    found = message(
        received(0),
        event("email.excluded", 9, reason="late", actor="b"),
        event("email.excluded", 5, reason="spam", actor="a"),
        event("email.acknowledged", 3),
        event("email.acknowledged", 2),
    )
    names = ("excluded_ms", "excluded_reason", "excluded_actor", "acknowledged_ms")
    assert since(found, *names) == (5, "spam", "a", 2)


def test_an_exclusion_before_the_receipt_has_no_age() -> None:
    raws = [event("email.excluded", 0, reason="spam", actor="a"), received(WEEK)]
    found = message(*raws, as_of=BASE + 2 * WEEK)
    assert (found["elapsed_days"], found["elapsed_whole_days"]) == (0, 0)


def test_a_message_is_parliamentary_by_its_channel_and_by_nothing_else() -> None:
    assert message(received(0, channel="parliamentary"))["parliamentary"] is True
    assert message(received(0, channel="email"))["parliamentary"] is False
    assert message(received(0))["parliamentary"] is False
    assert message(received(5), event("contact.arrived", 0, channel="phone"))["open"] is True
    assert rows([event("contact.arrived", 0, channel="email")], "messages") == []


def _cohort() -> list[bytes]:
    """Received on Monday at 9:00 in Toronto, after which the week has five closings."""
    replies = {  # business days later, at 9:00
        "same": 0,
        "first": 1,
        "third": 3,
        "fourth": 4,
    }
    raws = [received(0, name) for name in (*replies, "open", "out", "out and answered")]
    raws += [event("email.responded", n * DAY, name) for name, n in replies.items()]
    raws += [event("email.excluded", HOUR, "out", reason="spam", actor="a")]
    raws += [event("email.excluded", HOUR, "out and answered", reason="spam", actor="a")]
    raws += [event("email.responded", 2 * DAY, "out and answered")]
    raws += [received(0, "mp", channel="parliamentary", intake="letter")]
    return raws


def test_the_email_standard_with_and_without_exclusions() -> None:
    raws = _cohort()
    names = [f"email.within_{n}{more}" for n in (1, 3, 5) for more in ("", ".all")]
    friday = BASE + 4 * DAY + HOUR  # 10:00: four business days are gone
    found = fractions(raws, *names, *(f"email.pending_{n}" for n in (1, 3, 5)), as_of=friday)
    assert found == {
        "email.within_1": (2, 5),
        "email.within_1.all": (2, 7),
        "email.within_3": (3, 5),
        "email.within_3.all": (4, 7),
        "email.within_5": (4, 4),  # the open one is not due
        "email.within_5.all": (5, 6),
        "email.pending_1": (0, None),
        "email.pending_3": (0, None),
        "email.pending_5": (1, None),
    }


def test_the_measures_of_messages() -> None:
    raws = [*_cohort(), event("email.reopened", DAY, "first"), event("email.reopened", 5, "first")]
    raws += [event("email.acknowledged", SECOND, "open")]
    friday = BASE + 4 * DAY + HOUR
    of_email = "received acknowledged answered excluded reopened open exclusion_rate delay_mean "
    of_email += "delay_p90 delay_business_mean delay_business_p90 working_mean lower_bound_mean "
    of_email += "lower_bound_business_mean age_mean age_p90 age_business_mean"
    names = [f"{kind}.{name}" for kind in ("email", "parliamentary") for name in of_email.split()]
    found = fractions(raws, *names, "message.received", as_of=friday)
    assert found.pop("message.received") == (8, None)
    email = {name.split(".")[1]: pair for name, pair in found.items() if name.startswith("email.")}
    assert email == {
        "received": (7, None),
        "acknowledged": (1, None),
        "answered": (5, None),
        "excluded": (2, None),
        "reopened": (1, None),
        "open": (1, None),
        "exclusion_rate": (2, 7),
        "delay_mean": ((0 + 1 + 3 + 4 + 2) * DAY, 5),
        "delay_p90": (4, 5),
        "delay_business_mean": (10, 5),
        "delay_business_p90": (4, 5),
        "working_mean": (10 * 9 * HOUR, 5),  # 8 to 17
        "lower_bound_mean": (10 * DAY + 4 * DAY, 6),
        "lower_bound_business_mean": (14, 6),
        "age_mean": (4, 1),
        "age_p90": (4, 1),
        "age_business_mean": (4, 1),
    }
    enquiry = {name.split(".")[1]: pair for name, pair in found.items() if name.startswith("p")}
    assert enquiry["received"] == enquiry["open"] == (1, None)
    assert enquiry["delay_mean"] == (0, 0)
    assert enquiry["delay_p90"] == (None, 0)
    assert enquiry["lower_bound_mean"] == (4 * DAY, 1)
