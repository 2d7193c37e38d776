"""Repeat contacts and attempts: `docs/definitions.md` section 5."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.across import REPEAT_WINDOW
from schemas.instants import DAY, HOUR, MINUTE
from tests.sql.events import BASE, event, fractions, rows, since

LATE = BASE + 30 * DAY


def arrived(subject: str, ms: int, **data: Any) -> bytes:
    facts = {"department": "ircc", "channel": "phone", "caller": "k"}
    return event("contact.arrived", ms, subject, **{**facts, **data})


def served(subject: str, ms: int, end: int | None = None, **data: Any) -> list[bytes]:
    """A call answered a second later, which ends a minute after it arrived."""
    raws = [arrived(subject, ms, **data), event("agent.connected", ms + 1_000, subject)]
    return [*raws, event("contact.ended", ms + MINUTE if end is None else end, subject, by="agent")]


def mail(subject: str, ms: int, **data: Any) -> bytes:
    facts = {"department": "ircc", "caller": "k", "intake": "mailbox"}
    return event("email.received", ms, subject, **{**facts, **data})


def repeated(*raws: bytes, of: str = "a", as_of: int = LATE) -> tuple[Any, ...]:
    found = {row["contact_id"]: row for row in rows(raws, "repeats", as_of)}
    return since(found[of], "repeated_ms", "repeated_contact")


NOBODY = (None, None)
FIRST = served("a", 0)  # ends at MINUTE


@pytest.mark.parametrize(
    ("ms", "back"),
    [
        (MINUTE, False),
        (MINUTE + 1, True),
        (MINUTE + REPEAT_WINDOW, True),
        (MINUTE + REPEAT_WINDOW + 1, False),
    ],
)
def test_a_repeat_arrives_after_the_end_and_at_most_168_hours_after_it(ms: int, back: bool) -> None:
    assert repeated(*FIRST, arrived("b", ms)) == ((ms, "b") if back else NOBODY)


@pytest.mark.parametrize(
    ("data", "back"),
    [
        ({}, True),
        ({"caller": "other"}, False),
        ({"caller": None}, False),
        ({"department": "esdc"}, False),
        ({"department": None}, False),
        ({"caller": "new", "caller_before": "k"}, True),
        ({"caller": None, "caller_before": "k"}, False),
        ({"caller": "new", "caller_before": "other"}, False),
        ({"channel": "web"}, False),
        ({"channel": "email"}, False),  # by that channel, and yet no message
        ({"topic": "visa"}, True),
    ],
)
def test_who_comes_back(data: dict[str, Any], back: bool) -> None:
    assert repeated(*FIRST, arrived("b", HOUR, **data)) == ((HOUR, "b") if back else NOBODY)


def test_a_key_changes_forwards_and_not_backwards() -> None:
    """The later contact says what its caller was called before, not the earlier one."""
    raws = [*served("a", 0, caller="k", caller_before="older"), arrived("b", HOUR, caller="older")]
    assert repeated(*raws) == NOBODY
    both = [*served("a", 0, caller_before="k"), arrived("b", HOUR, caller_before="k")]
    assert repeated(*both) == (HOUR, "b")


def test_contacts_of_no_department_belong_together() -> None:
    raws = [*served("a", 0, department=None), arrived("b", HOUR, department=None)]
    assert repeated(*raws) == (HOUR, "b")


@pytest.mark.parametrize(
    ("first", "then", "back"),
    [("visa", "visa", True), ("visa", "other", False), ("visa", None, True), (None, "visa", True)],
)
def test_topics_agree_where_both_are_known(first: str | None, then: str | None, back: bool) -> None:
    raws = [*served("a", 0, topic=first), arrived("b", HOUR, topic=then)]
    assert repeated(*raws) == ((HOUR, "b") if back else NOBODY)


def test_of_several_repeats_the_first_that_qualifies_and_of_equals_the_first_by_id() -> None:
    raws = [*served("a", 0, topic="visa"), arrived("b", HOUR, topic="other")]
    raws += [arrived("d", 2 * HOUR), arrived("c", 2 * HOUR, topic="visa"), arrived("e", 3 * HOUR)]
    assert repeated(*raws) == (2 * HOUR, "c")


def test_every_served_contact_can_have_its_repeat() -> None:
    raws = [*FIRST, *served("b", HOUR), *served("c", 2 * HOUR)]
    assert [repeated(*raws, of=name)[1] for name in "abc"] == ["b", "c", None]


def test_messages_repeat_calls_and_calls_messages() -> None:
    answered = [mail("m", 0), event("email.responded", HOUR, "m")]
    assert repeated(*FIRST, mail("b", HOUR)) == (HOUR, "b")
    assert repeated(*answered, arrived("b", HOUR), of="m") == NOBODY
    assert repeated(*answered, arrived("b", HOUR + 1), of="m") == (HOUR + 1, "b")


@pytest.mark.parametrize(
    ("closing", "back"),
    [
        ([], False),
        ([event("callback.connected", 3 * HOUR, "open")], True),
        ([event("callback.connected", 3 * HOUR + 1, "open")], False),
        ([event("callback.cancelled", 3 * HOUR, "open", by="customer")], True),
        ([event("callback.expired", 3 * HOUR, "open")], True),
        ([event("callback.expired", 4 * HOUR, "open")], False),
    ],
)
def test_a_call_made_while_a_callback_is_open_is_no_repeat(
    closing: list[bytes], back: bool
) -> None:
    """Another contact of the caller accepted it; `b` arrives three hours on."""
    waiting = [
        arrived("open", -HOUR),
        event("agent.requested", -HOUR + 1, "open"),
        event("callback.accepted", 2 * HOUR, "open"),
    ]
    found = repeated(*FIRST, *waiting, *closing, arrived("b", 3 * HOUR))
    assert found == ((3 * HOUR, "b") if back else NOBODY)


def test_a_callback_hinders_neither_its_own_contact_nor_other_keys() -> None:
    own = [event("callback.accepted", HOUR, "b"), arrived("b", 2 * HOUR)]  # accepted before
    assert repeated(*FIRST, *own) == (2 * HOUR, "b")
    accepted = event("callback.accepted", HOUR, "o")
    for other in ({"caller": "other"}, {"department": "esdc"}):
        assert (
            repeated(*FIRST, arrived("o", 0, **other), accepted, arrived("b", 2 * HOUR))[1] == "b"
        )
    late = event("callback.accepted", 2 * HOUR + 1, "o")
    assert repeated(*FIRST, arrived("o", 0), late, arrived("b", 2 * HOUR))[1] == "b"


def row(*raws: bytes, of: str = "a", as_of: int = LATE) -> dict[str, Any]:
    return {found["contact_id"]: found for found in rows(raws, "repeats", as_of)}[of]


def test_when_a_contact_ended() -> None:
    unended = [arrived("a", 0), event("agent.connected", 5, "a"), event("hold.started", 9, "a")]
    assert since(row(*unended), "ended_ms") == (9,)
    assert since(row(*FIRST), "ended_ms", "arrived_ms") == (MINUTE, 0)
    replied = [mail("a", 3), event("email.responded", 7, "a"), event("email.reopened", 9, "a")]
    assert since(row(*replied), "ended_ms", "arrived_ms") == (7, 3)
    back = [
        arrived("a", 0),
        event("callback.accepted", 5, "a"),
        event("contact.ended", 6, "a", by="customer"),
        event("callback.connected", 9, "a"),
        event("contact.ended", 11, "a", by="customer"),
    ]
    assert since(row(*back), "ended_ms") == (11,)


def test_only_served_contacts_have_a_row() -> None:
    raws = [
        arrived("menu", 0),
        arrived("gone", 0),
        event("queue.entered", 1, "gone", queue="q"),
        mail("open", 0),
        mail("out", 0),
        event("email.excluded", 5, "out", reason="spam", actor="a"),
        event("web.task_completed", 5, "web", tool="t"),
        *FIRST,
    ]
    assert [found["contact_id"] for found in rows(raws, "repeats")] == ["a"]


def test_the_window_is_open_until_168_hours_are_over() -> None:
    closes = BASE + MINUTE + REPEAT_WINDOW
    assert row(*FIRST, as_of=closes)["window_open"] is True
    assert row(*FIRST, as_of=closes + 1)["window_open"] is False


def test_an_unknown_caller_has_no_repeat_and_no_attempts() -> None:
    raws = [*served("a", 0, caller=None), *served("b", HOUR, caller=None)]
    found = row(*raws)
    assert (found["known"], found["representative"], found["attempts"]) == (False, False, None)
    assert repeated(*raws) == NOBODY


@pytest.mark.parametrize(
    ("away", "others", "apart"), [(DAY, 5, False), (DAY - 1, 5, True), (DAY - 1, 4, False)]
)
def test_representatives_have_more_than_five_contacts_in_24_hours(
    away: int, others: int, apart: bool
) -> None:
    raws = [*served("a", 0)]
    raws += [mail(f"m{number}", -away) for number in range(others)]
    assert row(*raws)["representative"] is apart


def test_of_24_hours_up_to_the_arrival_and_of_the_department() -> None:
    raws = [*FIRST, *(arrived(f"c{number}", 1) for number in range(9))]
    assert row(*raws)["representative"] is False
    raws = [*FIRST, *(arrived(f"c{number}", 0) for number in range(5))]
    assert row(*raws)["representative"] is True
    raws = [*FIRST, *(arrived(f"c{number}", 0, department="esdc") for number in range(5))]
    assert row(*raws)["representative"] is False


def attempts(*raws: bytes, of: str = "a") -> int | None:
    found: int | None = row(*raws, of=of)["attempts"]
    return found


def test_attempts_before_being_served() -> None:
    tries = [arrived("x", -HOUR), arrived("y", -2 * HOUR)]
    assert attempts(*FIRST) == 1
    assert attempts(*FIRST, *tries) == 3
    assert attempts(*FIRST, *tries, arrived("z", -HOUR, caller="other")) == 3
    assert attempts(*FIRST, *tries, mail("z", -HOUR)) == 3
    assert attempts(*FIRST, *tries, arrived("z", -HOUR, department=None)) == 3
    assert attempts(*FIRST, *tries, arrived("z", 1)) == 3


def test_attempts_are_counted_in_168_hours_and_since_the_last_time_served() -> None:
    week = 168 * HOUR
    assert attempts(*FIRST, arrived("x", -week)) == 1
    assert attempts(*FIRST, arrived("x", 1 - week)) == 2
    before = [arrived("w", -4 * HOUR), *served("x", -3 * HOUR), arrived("y", -2 * HOUR)]
    assert attempts(*FIRST, *before) == 2
    assert attempts(*FIRST, *before, of="x") == 2
    assert attempts(*FIRST, *served("z", HOUR), of="z") == 1


def test_attempts_that_arrived_at_once_stand_by_id() -> None:
    assert attempts(*FIRST, arrived("0", 0), arrived("z", 0)) == 3
    assert attempts(*FIRST, *served("0", 0)) == 1  # served just before
    assert attempts(*FIRST, *served("z", 0)) == 2  # served just after
    assert attempts(*FIRST, *served("z", 0), of="z") == 1


def test_attempts_across_a_change_of_key() -> None:
    raws = [*served("a", 0, caller="new", caller_before="k"), arrived("x", -HOUR, caller="k")]
    assert attempts(*raws) == 2
    assert attempts(*raws, arrived("y", -2 * HOUR, caller="new")) == 3
    assert attempts(*served("a", 0, caller_before="k"), arrived("x", -HOUR)) == 2  # no change
    back = [*served("a", 0, caller="k"), arrived("x", -HOUR, caller="new", caller_before="k")]
    assert attempts(*back) == 1  # the earlier says what it was called, and not the later


def test_a_message_has_no_attempts() -> None:
    raws = [mail("a", 0), event("email.responded", HOUR, "a"), arrived("x", -HOUR)]
    assert row(*raws)["attempts"] is None


def test_a_contact_does_not_repeat_itself() -> None:
    """One whose arrival was recorded after its end, and one that arrived in between."""
    odd = [event("agent.connected", 0, "a", key="0"), event("contact.ended", 5, "a", by="agent")]
    odd += [arrived("a", HOUR)]
    assert repeated(*odd) == NOBODY
    assert repeated(*odd, arrived("b", MINUTE)) == (MINUTE, "b")
    assert repeated(*odd, arrived("b", MINUTE, caller="new", caller_before="k")) == NOBODY


def test_the_measures_of_repeats_and_persistence() -> None:
    raws = [
        arrived("x", -HOUR),
        *FIRST,
        *served("b", HOUR),
        *served("c", 0, caller="other", topic="visa"),
        *served("d", 0, caller=None),
        mail("e", 0, caller="third"),
        event("email.responded", HOUR, "e"),
        *(raw for n in range(7) for raw in served(f"r{n}", n * HOUR, caller="law firm")),
    ]
    names = "repeat.served repeat.known repeat.coverage repeat.representatives repeat.rate "
    names += "repeat.representative_rate repeat.open persistence.mean persistence.first_attempt "
    names += "persistence.p90"
    # Of the firm's seven, the sixth and the seventh have more than five in 24 hours.
    assert fractions(raws, *names.split(), as_of=LATE) == {
        "repeat.served": (12, None),
        "repeat.known": (11, None),
        "repeat.coverage": (11, 12),
        "repeat.representatives": (2, None),
        "repeat.rate": (1 + 5, 9),
        "repeat.representative_rate": (1, 2),
        "repeat.open": (0, None),
        "persistence.mean": (2 + 1 + 1 + 5, 8),
        "persistence.first_attempt": (7, 8),
        "persistence.p90": (2, 8),
    }
    assert fractions(raws, "repeat.open", as_of=BASE + DAY) == {"repeat.open": (12, None)}
