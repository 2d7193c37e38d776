"""Each event of a queue log, and the place in the funnel that it leads to."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest

from schemas.event import Data
from schemas.instants import SECOND, millis
from streams.sources import source
from streams.sources.port import Rejected, Settings, Tally
from tests.sources.queue_lines import (
    CALL,
    KEY,
    NOW,
    T,
    connected,
    entered,
    entries,
    events,
    fixture,
    found,
    line,
    record,
    records,
    rejected,
    shifts,
)

UNFIT = "contains a control character, or is too long"
HASHED = hmac.digest(KEY, b"5145550100", sha256).hex()[:32]


def told(*lines: str) -> list[tuple[str, int]]:
    """Types of a contact's events and their seconds after T, in the order of events."""
    contact = [event for event in events(*lines) if event.type != "agent.state_changed"]
    return [(event.type, millis(event.time) // SECOND - T) for event in contact]


def test_an_answered_call_has_every_step_in_order() -> None:
    assert told(
        connected(20, 20), line(80, "COMPLETECALLER", 20, 60, 1, who="SIP/1"), entered()
    ) == [
        ("contact.arrived", 0),
        ("agent.requested", 0),
        ("queue.entered", 0),
        ("agent.offered", 15),
        ("queue.left", 20),
        ("agent.connected", 20),
        ("contact.ended", 80),
    ]


def test_what_the_events_of_a_call_carry() -> None:
    given = {event.type: event for event in events(entered(position=3), connected(20, 20))}
    assert {event.source for event in given.values()} == {"queue_log/pbx"}
    assert given["contact.arrived"].subject == f"pbx-{CALL}"
    assert given["contact.arrived"].data == Data(department="esdc", channel="phone", caller=HASHED)
    assert given["agent.requested"].data == Data(department="esdc", queue="a")
    assert given["queue.entered"].data == Data(queue="a", position=3)
    assert given["queue.left"].data == Data(how="answered", queue="a")
    assert given["agent.connected"].data == Data(agent="SIP/1", queue="a")


@pytest.mark.parametrize(
    ("last", "place", "reason"),
    [
        (line(30, "ABANDON", 1, 1, 30), "abandoned", None),
        (line(30, "EXITWITHTIMEOUT", 1, 1, 30), "other_exit", "timeout"),
        (line(30, "EXITEMPTY", 1, 1, 30), "other_exit", "empty"),
        (line(30, "LEAVEEMPTY"), "other_exit", "empty"),
        (line(30, "WITHDRAW", 1, 1, 30, "moved elsewhere"), "other_exit", "withdrawn"),
        (line(30, "EXITWITHKEY", 1, 1, 1, 30), "other_exit", "key"),
        (line(30, "SYSCOMPAT", "", who="SIP/1"), "other_exit", "system"),
        (connected(30, 30), "answered", None),
    ],
)
def test_every_way_out_has_its_place(last: str, place: str, reason: str | None) -> None:
    call = record(entered(), last)
    assert (call.place, call.exit_reason, call.queue_ms) == (place, reason, 30_000)
    assert [segment.wait_ms for segment in call.segments] == [30_000]


@pytest.mark.parametrize("by", ["AGENT", "CALLER"])
def test_who_ended_the_conversation(by: str) -> None:
    call = record(entered(), connected(9, 9), line(69, f"COMPLETE{by}", 9, 60, 1, who="SIP/1"))
    assert (call.place, call.talk_ms) == ("answered", 60_000)
    assert call.ended_by == {"AGENT": "agent", "CALLER": "customer"}[by]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("FULL", "full"),
        ("CLOSED", "closed"),
        ("JOINEMPTY", "no_agent"),
        ("DIVERT_CA_RATIO", "deflected"),
        ("DIVERT_HOLDTIME", "deflected"),
        ("DIVERT_WAITTIME", "deflected"),
    ],
)
def test_whoever_never_entered_was_turned_away(event: str, reason: str) -> None:
    call = record(line(0, event))
    assert (call.place, call.turned_away_reason, call.queue) == ("turned_away", reason, "a")
    assert (call.department, call.arrived_ms) == ("esdc", T * SECOND)
    overflow = record(entered(), line(60, "EXITWITHTIMEOUT", 1, 1, 60), line(60, event, q="0"))
    assert (overflow.place, overflow.exit_reason) == ("other_exit", "timeout")
    for queue in ("a", "z"):
        refused = line(0, event, q=queue)
        taken = record(refused, entered(0, "m"), line(9, "ABANDON", 1, 1, 9, q="m"))
        assert (taken.place, taken.exit_reason) == ("abandoned", None)


def test_a_call_that_the_system_dropped_was_not_abandoned() -> None:
    """Asterisk logs an ABANDON after every SYSCOMPAT, in the same second."""
    call = record(entered(), line(9, "SYSCOMPAT", "", who="SIP/1"), line(9, "ABANDON", 1, 1, 9))
    assert (call.place, call.exit_reason, call.ended_by) == ("other_exit", "system", "system")


def test_an_abandonment_that_is_logged_twice_is_one() -> None:
    """Once with the agent who was about to be connected, and once with none."""
    twice = [entered(), line(9, "ABANDON", 1, 1, 9, who="SIP/1"), line(9, "ABANDON", 1, 1, 9)]
    assert record(*twice) == record(twice[0], twice[2])


def test_several_queues_in_one_call() -> None:
    call = record(
        entered(),
        line(60, "EXITWITHTIMEOUT", 1, 1, 60),
        entered(60, "b"),
        line(90, "EXITEMPTY", 1, 1, 30, q="b"),
        entered(90, "a"),
        connected(100, 10),
        line(160, "BLINDTRANSFER", 620, "from-internal", 10, 60, 1, who="SIP/1"),
        entered(160, "c"),
        line(200, "ABANDON", 1, 1, 40, q="c"),
    )
    assert (call.place, call.queue, call.visits, call.transfers) == ("answered", "a", 4, 1)
    assert (call.wait_ms, call.talk_ms) == (100_000, 60_000)
    assert [(segment.queue, segment.how) for segment in call.segments] == [
        ("a", "timeout"),
        ("b", "empty"),
        ("a", "answered"),
        ("c", "abandoned"),
    ]


@pytest.mark.parametrize("first", ["a", "z"])
@pytest.mark.parametrize(
    ("exit_event", "data"),
    [("EXITWITHTIMEOUT", (1, 1, 60)), ("EXITEMPTY", (1, 1, 60)), ("EXITWITHKEY", (1, 1, 1, 60))],
)
def test_leaving_one_queue_and_entering_another_in_one_second(
    first: str, exit_event: str, data: tuple[int, ...]
) -> None:
    call = record(
        entered(0, first),
        line(60, exit_event, *data, q=first),
        line(60, "LEAVEEMPTY", q=first),
        entered(60, "m"),
        line(75, "ABANDON", 1, 1, 15, q="m"),
    )
    assert (call.place, call.queue_ms) == ("abandoned", 75_000)
    assert [segment.wait_ms for segment in call.segments] == [60_000, 15_000]


def test_steps_of_one_second_keep_the_order_of_a_call() -> None:
    short = record(entered(), connected(0, 0), line(0, "COMPLETECALLER", 0, 0, 1, who="SIP/1"))
    assert (short.place, short.wait_ms, short.talk_ms) == ("answered", 0, 0)
    late = record(entered(), connected(9, 9), line(9, "COMPLETECALLER", 9, 0, 1, who="SIP/1"))
    assert (late.place, late.wait_ms, late.talk_ms) == ("answered", 9_000, 0)
    uneven = record(entered(), connected(9, 9), line(9, "COMPLETECALLER", 9, 1, 1, who="SIP/1"))
    assert (uneven.place, uneven.ended_by, uneven.talk_ms) == ("answered", "customer", 1_000)
    gone = record(entered(), line(0, "ABANDON", 1, 1, 0))
    assert (gone.place, gone.queue_ms, gone.segments[0].how) == ("abandoned", 0, "abandoned")
    refused = record(entered(), line(0, "EXITEMPTY", 1, 1, 0))
    assert (refused.place, refused.exit_reason) == ("other_exit", "empty")


def test_what_happened_in_one_queue_stays_together() -> None:
    """Of two queues entered in one second, no line says which was first: their names decide."""
    call = record(
        entered(0, "a"),
        line(0, "EXITEMPTY", 1, 1, 0, q="a"),
        entered(0, "b"),
        line(40, "ABANDON", 1, 1, 40, q="b"),
    )
    assert (call.place, call.exit_reason) == ("abandoned", None)


@pytest.mark.parametrize(
    ("data", "target"),
    [
        (("BRIDGE", "5f0b-11", 10, 60, 1), None),
        (("APP", "Queue", 10, 60, 1), "Queue"),
        (("LINK", "Local/1@d;1", "Local/1@d;2", 10, 60, 1), None),
    ],
)
def test_attended_transfers_have_five_or_six_fields(
    data: tuple[object, ...], target: str | None
) -> None:
    lines = (entered(), connected(10, 10), line(70, "ATTENDEDTRANSFER", *data, who="SIP/1"))
    assert (record(*lines).transfers, record(*lines).place) == (1, "answered")
    (passed,) = (event for event in events(*lines) if event.type.startswith("transfer."))
    assert (passed.type, passed.data) == (
        "transfer.completed",
        Data(agent="SIP/1", target=target),
    )


def test_an_outside_number_is_not_kept_as_the_target_of_a_transfer() -> None:
    targets = [
        next(
            event.data.target
            for event in events(line(70, event, extension, "out", 10, 60, 1, who="SIP/1"))
            if event.type == "transfer.requested"
        )
        for event in ("BLINDTRANSFER", "TRANSFER")
        for extension in ("620", "+1 (514) 555-0100", "voicemail")
    ]
    outside = hmac.digest(KEY, b"15145550100", sha256).hex()[:32]
    assert targets == ["620", outside, "voicemail"] * 2


def test_an_end_under_the_id_of_another_channel_makes_no_contact() -> None:
    """The lines of asterisk issue 759: a channel that was made during the conversation."""
    other = line(
        132, "ATTENDEDTRANSFER", "APP", "Queue", 12, 120, 1, call=f"{T + 131}.9", who="S/1"
    )
    tally = Tally()
    lines = (entered(), connected(12, 12, who="S/1"), other)
    assert set(records(lines)) == {CALL}
    (shift,) = shifts(lines).values()
    assert [(spell.state, spell.spent_ms) for spell in shift.spells] == [
        ("ringing", 5_000),
        ("talking", 120_000),
    ]
    entries([other, other.replace("S/1", "NONE")], tally)
    assert (tally.accepted, tally.contacts, tally.dirty.total()) == (1, 0, 1)
    assert (tally.left_out.total(), tally.unaccounted) == (1, 0)


def test_rings_that_nobody_answered() -> None:
    rung = line(20, "RINGNOANSWER", 15_000, who="SIP/2")
    assert ("agent.offered", 5) in told(entered(), rung)
    assert ("agent.ring_no_answer", 20) in told(entered(), rung)
    cancelled = told(entered(), rung.replace("RINGNOANSWER", "RINGCANCELED"))
    assert "agent.ring_no_answer" not in dict(cancelled)
    assert ("agent.offered", 20) in told(entered(), line(20, "AGENTDUMP", "", who="SIP/2"))
    waiting = record(entered(), rung, line(30, "AGENTDUMP", "", who="SIP/2"))
    assert (waiting.place, waiting.exit_reason) == ("other_exit", "lost_sight")


def test_the_number_that_was_dialled() -> None:
    call = record(line(-2, "DID", "18005550199", q="NONE"), entered())
    assert (call.line, call.arrived_ms) == ("18005550199", (T - 2) * SECOND)
    assert record(line(0, "DID", "18005550199", q="NONE")).place == "left_in_ivr"


@pytest.mark.parametrize(
    ("caller", "digits"),
    [
        ("5145550100", b"5145550100"),
        ("+1 (514) 555-0100", b"15145550100"),
        ('"Jane Doe" <5145550100>', b"5145550100"),
        ("anonymous", None),
        ("", None),
        ("5", None),
    ],
)
def test_callers_are_keyed_hashes_and_have_no_names(caller: str, digits: bytes | None) -> None:
    raw = line(0, "ENTERQUEUE", "", caller, 1, "Jane | Doe")
    hashed = None if digits is None else hmac.digest(KEY, digits, sha256).hex()[:32]
    assert record(raw).caller == hashed
    values = b"".join(value for _, value in entries([raw]))
    assert b"Jane" not in values
    assert b"555" not in values


def test_not_even_a_dead_letter_keeps_a_caller() -> None:
    lines = [
        line(0, "ENTERQUEUE", "", "5145550100", "?", "Jane"),
        line(0, "BLINDTRANSFER", "5145550100", "out", "?", 1, 1),
        line(0, "ABANDON", 1, 1, "?"),
    ]
    raws = [one.raw.decode() for one in found(lines) if isinstance(one, Rejected)]
    assert raws[0].endswith("|ENTERQUEUE|(left out)")
    assert raws[1].endswith("|BLINDTRANSFER|(left out)")
    assert raws[2] == lines[2]


def test_a_key_is_needed() -> None:
    with pytest.raises(ValueError, match="key"):
        source("queue_log", Settings(now=0))


def test_two_systems_do_not_share_contacts_and_a_department_is_optional() -> None:
    raw = entered().encode()
    for name, subject in (("", f"pbx-{CALL}"), ("gatineau", f"gatineau-{CALL}")):
        (facts,) = source("queue_log", Settings(NOW, KEY, name=name)).read([raw], "f", Tally())
        assert not isinstance(facts, Rejected)
        assert {found for found, _ in facts} == {subject}
        assert b'"department":"unknown"' in facts[0][1]


MIDDLE = {
    "CONNECT": (connected(30, 30), "answered", 30_000),
    "COMPLETEAGENT": (line(90, "COMPLETEAGENT", 30, 60, 1, who="SIP/1"), "answered", 30_000),
    "BLINDTRANSFER": (line(90, "BLINDTRANSFER", 9, "x", 30, 60, 1), "answered", 30_000),
    "ABANDON": (line(30, "ABANDON", 1, 1, 30), "abandoned", 30_000),
    "EXITWITHTIMEOUT": (line(30, "EXITWITHTIMEOUT", 1, 1, 30), "other_exit", 30_000),
    "LEAVEEMPTY": (line(30, "LEAVEEMPTY"), "other_exit", 0),
}


@pytest.mark.parametrize("event", MIDDLE)
def test_a_log_that_begins_in_the_middle_of_a_call_knows_what_its_lines_say(event: str) -> None:
    raw, place, waited = MIDDLE[event]
    call = record(raw)
    assert (call.place, call.queue_ms, call.visits) == (place, waited, 0)
    assert call.talk_ms == (60_000 if event == "COMPLETEAGENT" else None)


def test_a_log_that_ends_in_the_middle_of_a_call_makes_nothing_up() -> None:
    talking = record(entered(), connected(30, 30))
    assert (talking.place, talking.talk_ms, talking.ended_ms) == ("answered", None, None)
    assert record(entered(), line(9, "RINGNOANSWER", 5000, who="S/1")).exit_reason == "lost_sight"
    assert record(line(9, "RINGNOANSWER", 5000, who="S/1")).place == "other_exit"


def test_a_day_of_everything_closes_to_the_unit() -> None:
    tally = Tally()
    entries(fixture("day"), tally)
    calls = records(fixture("day"))
    places = [call.place for call in calls.values()]
    assert {place: places.count(place) for place in places} == {
        "answered": 7,
        "abandoned": 2,
        "other_exit": 5,
        "turned_away": 5,
    }
    assert sorted(str(call.exit_reason) for call in calls.values() if call.exit_reason) == [
        "empty",
        "key",
        "lost_sight",
        "system",
        "withdrawn",
    ]
    assert (tally.read, tally.unaccounted, tally.rejected) == (66, 0, {})
    assert dict(tally.left_out) == {
        "QUEUESTART: the system began": 1,
        "CONFIGRELOAD: the configuration was read again": 1,
        "PENALTY: a member's rank in a queue": 1,
        "RINGINUSE: whether a busy member is rung": 1,
        "OUTCALL: a call that was made, and did not arrive": 1,
        "SURVEYSCORE: not a known event": 1,
    }
    assert sum(call.conflicting for call in calls.values()) == 0


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("17", "fewer than the five fields of every line"),
        (line(0, "ENTERQUEUE", "", "", "x"), "position: not a whole number"),
        (line(0, "ABANDON", 1, 1, -4), "waited: not a whole number"),
        (line(0, "ABANDON", 1, 1, 700_000), "waited: more than can be meant"),
        (line(0, "CONNECT", "?", "", 1), "holdtime: not a whole number"),
        (line(0, "COMPLETEAGENT", 1, "1.5", 1), "talktime: not a whole number"),
        (line(0, "RINGNOANSWER", "long"), "ringing time: not a whole number"),
        (line(0, "ATTENDEDTRANSFER", "MAGIC", 1), "method: not one of BRIDGE, APP, LINK"),
        (line(0, "ENTERQUEUE", "", "", 1, q="NONE"), "queue: names no queue"),
        (line(0, "ABANDON", 1, 1, 1, call="NONE"), "callid: names no call"),
        (line(0, "FULL", call="REALTIME"), "callid: names no call"),
        (line(0, "PAUSE"), "agent: names nobody"),
        (line(0, "not an event"), "event: not the name of an event"),
        (line(0, "ABANDON", call="1\x1b[2J"), f"callid: {UNFIT}"),
        (line(0, "ABANDON", q="q" * 101), f"queue: {UNFIT}"),
        (line(0, "PAUSE", "a\x00b", who="S/1"), f"reason: {UNFIT}"),
        (line(0, "DID", "x" * 2**20), "longer than 1 MiB, of which the first is kept"),
        ('2026-01-05 09:00:00,"a', "fewer than the five fields of every line"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_understood_is_a_dead_letter(raw: str, reason: str) -> None:
    assert rejected([raw, entered()]) == [reason]


@pytest.mark.parametrize(
    ("raw", "dirt"),
    [
        (line(0, "ENTERQUEUE", "", "5145550100"), "ENTERQUEUE without position"),
        (line(0, "ABANDON", 1, 1), "ABANDON without waited"),
        (line(0, "CONNECT", 9), "CONNECT without ringtime"),
        (line(0, "COMPLETEAGENT", 9), "COMPLETEAGENT without talktime"),
    ],
)
def test_a_field_that_is_missing_is_dirt(raw: str, dirt: str) -> None:
    tally = Tally()
    assert entries([raw], tally)
    assert (tally.accepted, dict(tally.dirty)) == (1, {dirt: 1})


def test_names_of_callers_in_any_encoding() -> None:
    tally = Tally()
    plain = line(0, "ENTERQUEUE", "", "5145550100", 1, "Zoé")
    given = entries([plain.encode("latin-1"), plain.encode()], tally)
    assert len(set(given)) == len(given) / 2
    assert dict(tally.dirty) == {"not UTF-8, read as Latin-1": 1}


def test_line_ends_and_spaces_change_nothing() -> None:
    plain = connected(9, 9)
    padded = plain.replace("|", " | ") + " | \r\n"
    assert set(entries([plain])) == set(entries([padded])) == set(entries([plain + "\n"]))


def test_an_account_that_never_ends_stays_small() -> None:
    tally = Tally()
    for number in range(10):
        entries([line(0, "FULL", call=f"{T}.{number}")] * 2, tally)
        tally.forget(3)
    assert (tally.contacts, tally.accepted) == (10, 20)
    assert len(tally._seen) <= 3
    entries([line(0, "FULL", call=f"{T}.0")], tally)
    assert tally.contacts == 11
