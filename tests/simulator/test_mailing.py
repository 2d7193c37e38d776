"""Written messages: received at any time, answered by who is at work, oldest first."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from statistics import mean

from schemas.business import following, number, opening_time
from schemas.event import Event
from schemas.instants import MINUTE, millis
from streams.simulator import simulate
from streams.simulator.demand import Demand
from streams.simulator.demonstration import VAC
from streams.simulator.parts import Mailroom
from tests.simulator.example import SEED, START, by_subject, days, department, of

ROOM = Mailroom(
    channel="email",
    demand=Demand((1.0,) * 24, (1.0,) * 7),
    intakes=(("web_form", 1),),
    programs=(("veterans", 1),),
    clerks=0.4,
    excluded=0,
    reopened=0,
)
EASTER = date(2026, 3, 30)  # Good Friday and Easter Monday are in its two weeks


def _events(room: Mailroom, start: date = START, days: int = 28) -> list[Event]:
    quiet = replace(VAC, calls=Demand((0.0,) * 24), mail=(room,), aftermath=None)
    return [e for e in simulate(start, days, SEED, [quiet]) if e.type.startswith("email.")]


def _delays(events: list[Event]) -> list[int]:
    """Business days from receipt to reply."""
    lives = by_subject(events).values()
    return [
        number("vac", millis(reply.time)) - number("vac", millis(life[0].time))
        for life in lives
        for reply in of(life, "email.responded")[:1]
    ]


def test_messages_come_at_any_time_and_are_answered_in_business_hours() -> None:
    events = _events(ROOM, EASTER, 14)
    received = {millis(event.time) for event in of(events, "email.received")}
    opening = opening_time("vac")
    assert sum(not opening.opened(ms) for ms in received) > len(received) / 2
    replies = [millis(event.time) for event in of(events, "email.responded")]
    assert replies
    assert all(opening.opened(ms) for ms in replies)
    days = {event.time[:10] for event in of(events, "email.responded")}
    assert days == {
        *("2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02"),
        *("2026-04-07", "2026-04-08", "2026-04-09", "2026-04-10"),
    }


def test_the_oldest_is_answered_first() -> None:
    """One clerk: replies come in the order of receipt."""
    events = _events(replace(ROOM, clerks=1, seconds=1_500))
    received = [event.subject for event in of(events, "email.received")]
    replied = [event.subject for event in of(events, "email.responded")]
    assert replied == received[: len(replied)]


def test_delays_come_from_staffing() -> None:
    few, some, many = (mean(_delays(_events(replace(ROOM, clerks=n)))) for n in (0.3, 0.4, 2))
    assert few > some > many
    assert many < 1
    assert few > 3


def test_overtime_is_worked_only_while_too_much_waits() -> None:
    held = _events(replace(ROOM, clerks=0.25, overtime=(60, 0.5)), days=84)
    open_at: list[int] = []
    waiting = 0
    for event in held:
        waiting += (event.type == "email.received") - (event.type == "email.responded")
        open_at.append(waiting)
    late = open_at[len(open_at) // 2 :]
    assert 25 < mean(late) < 100
    assert max(_delays(held)) < 8


def test_acknowledgements_are_automatic_and_stop_nothing() -> None:
    lives = by_subject(_events(ROOM)).values()
    for life in lives:
        for sent in of(life, "email.acknowledged"):
            assert millis(sent.time) - millis(life[0].time) < 10 * MINUTE
    assert not of(_events(replace(ROOM, acknowledged=None)), "email.acknowledged")


def test_exclusions_have_a_reason_and_an_actor_and_some_are_answered_by_others() -> None:
    lives = by_subject(_events(replace(ROOM, excluded=0.5, clerks=2))).values()
    reasons: Counter[str | None] = Counter()
    answered: Counter[str | None] = Counter()
    for life in lives:
        for excluded in of(life, "email.excluded"):
            assert str(excluded.data.actor).startswith("email-")
            reasons[excluded.data.reason] += 1
            answered[excluded.data.reason] += bool(of(life, "email.responded"))
    assert set(reasons) == {"duplicate", "not_for_us", "coordination"}
    assert answered["duplicate"] == answered["not_for_us"] == 0
    assert answered["coordination"] > reasons["coordination"] / 2


def test_who_writes_again_waits_again() -> None:
    events = _events(replace(ROOM, reopened=0.5, clerks=2))
    again = [life for life in by_subject(events).values() if of(life, "email.reopened")]
    assert len(again) > 50
    for life in again:
        kinds = [event.type for event in life if event.type != "email.acknowledged"]
        assert kinds[:3] == ["email.received", "email.responded", "email.reopened"]


def test_what_is_not_answered_by_the_end_stays_open() -> None:
    lives = by_subject(_events(ROOM)).values()
    assert sum(not of(life, "email.responded") for life in lives) > 10


def test_some_of_the_demonstration_falls_due_within_its_days() -> None:
    """Three business days, by the calendar of each department: some in time, some late."""
    end = millis("2026-01-13T00:00:00.000Z")
    met: Counter[bool] = Counter()
    for life in by_subject(days()).values():
        if life[0].type == "email.received" and life[0].data.channel == "email":
            due = millis(life[0].time)
            for _ in range(4):
                due = following(department(life[0]), due)
            if due < end:
                reply = of(life, "email.responded")[:1]
                met[bool(reply) and millis(reply[0].time) < due] += 1
    assert met[True] > 20
    assert met[False] > 20


def test_the_parliamentary_centre_has_its_channel_and_its_intakes() -> None:
    received = [e for e in of(days(), "email.received") if e.data.channel == "parliamentary"]
    assert {event.data.intake for event in received} == {"mailbox", "phone", "fax"}
    assert {event.source for event in received} == {"sim/ircc/parliamentary"}
