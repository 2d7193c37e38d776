"""One row of the bank's call log, and the events it becomes."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest

from schemas.event import Data
from streams.sources import source
from streams.sources.port import Settings, Tally
from streams.sources.technion import STEPS
from tests.sources.calls import (
    ABANDONED,
    DIRECT,
    HEADER,
    KEY,
    LEFT,
    NO_SERVICE,
    QUEUED,
    dirt,
    entries,
    events,
    line,
    record,
    rejected,
)


def test_an_answered_call_with_a_queue_has_every_step() -> None:
    told = [(event.type, event.time[11:19], event.sequence) for event in events(QUEUED)]
    assert told == [
        ("contact.arrived", "07:00:00", "01"),
        ("ivr.entered", "07:00:00", "02"),
        ("ivr.left", "07:00:10", "03"),
        ("agent.requested", "07:00:10", "04"),
        ("queue.entered", "07:00:10", "05"),
        ("queue.left", "07:01:00", "06"),
        ("agent.connected", "07:01:00", "07"),
        ("contact.ended", "07:03:00", "08"),
    ]
    assert [event.type for event in sorted(events(QUEUED))] == list(STEPS)


def test_what_the_events_of_a_call_carry() -> None:
    found = events(QUEUED)
    assert {event.source for event in found} == {"technion/BB0301"}
    assert {event.subject for event in found} == {"BB0301-70001-990210"}
    assert found[4].id == "BB0301-70001-990210/09:00:00/queue.entered"
    assert [event.data for event in found] == [
        Data(
            department="bank",
            program="PS",
            channel="phone",
            language="he",
            line="BB0301",
            caller=hmac.digest(KEY, b"123456", sha256).hex()[:32],
            priority=2,
        ),
        Data(),
        Data(),
        Data(queue="PS"),
        Data(queue="PS"),
        Data(how="answered"),
        Data(agent="NOAM", reported_start="1999-02-10T07:00:59.000Z"),
        Data(by="system", reason="not_recorded"),
    ]


def test_the_funnel_of_each_kind_of_call() -> None:
    answered, direct, abandoned, left = map(record, (QUEUED, DIRECT, ABANDONED, LEFT))
    assert (answered.place, answered.queue_ms, answered.talk_ms) == ("answered", 50_000, 120_000)
    assert (direct.place, direct.queue_ms, direct.talk_ms) == ("answered", 0, 170_000)
    assert (direct.queue, direct.visits) == ("PS", 0)
    assert (abandoned.place, abandoned.queue_ms) == ("abandoned", 50_000)
    assert (left.place, left.asked_ms, left.ivr_ms) == ("left_in_ivr", None, 10_000)
    assert [call.ended_by for call in (answered, abandoned, left)] == [
        "system",
        "customer",
        "customer",
    ]


def test_english_has_a_type_of_its_own() -> None:
    assert record(QUEUED | {"type": "PE"}).language == "en"
    assert record(QUEUED | {"type": " TT "}).program == "TT"


@pytest.mark.parametrize(
    ("number", "dirty"), [("0", {}), ("6.02E+11", {"customer id unreadable": 1})]
)
def test_a_caller_who_is_not_known_has_no_key(number: str, dirty: dict[str, int]) -> None:
    row = QUEUED | {"customer_id": number}
    assert record(row).caller is None
    assert dirt(row) == dirty


def test_a_key_is_needed() -> None:
    with pytest.raises(ValueError, match="key"):
        source("technion", Settings(now=0))


def test_midnight_is_crossed_at_any_step() -> None:
    late = {"vru_entry": "23:58:50", "vru_exit": "23:59:00", "q_start": "23:59:00"}
    in_queue = late | {"q_exit": "0:00:30", "q_time": "90", "ser_start": "0:00:29"}
    served = in_queue | {"ser_exit": "0:01:30", "ser_time": "61"}
    crossed = record(QUEUED | served)
    assert (crossed.queue_ms, crossed.talk_ms) == (90_000, 60_000)
    in_menu = {"vru_entry": "23:59:55", "vru_exit": "0:00:05", "q_start": "0:00:05"}
    crossed = record(ABANDONED | in_menu | {"q_exit": "0:00:55"})
    assert (crossed.ivr_ms, crossed.queue_ms) == (10_000, 50_000)
    assert crossed.arrived_ms == 918_683_995_000  # 10 February, 23:59:55 in Jerusalem
    assert dirt(QUEUED | served, ABANDONED | in_menu | {"q_exit": "0:00:55", "call_id": "2"}) == {}


def test_midnight_itself_is_not_taken_for_no_queue_where_the_call_was_answered() -> None:
    at_midnight = {"vru_entry": "23:59:50", "vru_exit": "0:00:00", "q_start": "0:00:00"}
    service = {"ser_start": "0:00:20", "ser_exit": "0:01:00", "ser_time": "40"}
    row = QUEUED | at_midnight | {"q_exit": "0:00:20", "q_time": "20"} | service
    assert (record(row).queue_ms, record(row).talk_ms) == (20_000, 40_000)
    assert dirt(row) == {"queue exit without start": 1}
    assert record(QUEUED | {"q_start": "0:00:00"}).queue_ms == 50_000  # no midnight: from the menu


def test_a_menu_left_before_it_was_entered_has_no_length() -> None:
    row = QUEUED | {"vru_entry": "9:00:47", "vru_time": "-37"}
    call = record(row)
    assert (call.place, call.ivr_ms, call.queue_ms) == ("answered", None, 50_000)
    assert call.arrived_ms % 60_000 == 47_000
    assert not {"ivr.entered", "ivr.left"} & {event.type for event in events(row)}
    assert dirt(row) == {"vru exit before entry": 1}
    assert record(LEFT | {"vru_entry": "9:00:47", "vru_time": "-37"}).place == "left_in_ivr"


@pytest.mark.parametrize(
    ("changed", "talk_ms", "reasons"),
    [
        ({"ser_start": "9:00:55", "ser_exit": "9:00:58", "ser_time": "3"}, 3_000, {
            "service start before connection", "service exit before connection"}),
        ({"ser_start": "9:01:00", "ser_exit": "9:01:00", "ser_time": "0"}, 0, {"service of 0 s"}),
        ({"ser_start": "0:00:00", "ser_exit": "0:00:00", "ser_time": "0"}, None, {
            "answered without service times"}),
        ({"ser_start": "9:02:00", "ser_time": "60"}, 120_000, {"service start after connection"}),
        ({"server": "NO_SERVER"}, 120_000, {"answered without server"}),
        ({"ser_time": "7"}, 120_000, {"ser_time disagrees"}),
        ({"ser_start": "9:01:00", "ser_exit": "9:00:30", "ser_time": "-30"}, 0, {
            "service exit before start", "service exit before connection"}),
        ({"ser_exit": "0:00:00"}, None, {"answered without service times"}),
    ],
)  # fmt: skip
def test_an_answered_call_is_answered_whatever_its_service(
    changed: dict[str, str], talk_ms: int | None, reasons: set[str]
) -> None:
    row = QUEUED | changed
    assert (record(row).place, record(row).talk_ms) == ("answered", talk_ms)
    assert set(dirt(row)) == reasons


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        (ABANDONED | {"server": "NOAM"}, {"hung up with server"}),
        (
            ABANDONED | {"ser_start": "9:01:00", "ser_exit": "9:01:05"},
            {"hung up with service times"},
        ),
        (ABANDONED | {"type": "AA"}, {"type unknown"}),
        (ABANDONED | {"type": ""}, {"type unknown"}),
        (ABANDONED | {"priority": "high"}, {"priority unreadable"}),
        (ABANDONED | {"vru_time": "x"}, {"vru_time disagrees"}),
        (ABANDONED | {"q_time": ""}, {"q_time disagrees"}),
        (ABANDONED | {"q_exit": "9:00:00", "q_time": "-10"}, {"queue exit before start"}),
        (ABANDONED | {"vru_exit": "9:00:05", "vru_time": "5"}, {"queue start is not vru exit"}),
    ],
)
def test_an_abandoned_call_is_abandoned_whatever_its_dirt(
    row: dict[str, str], reasons: set[str]
) -> None:
    assert record(row).place == "abandoned"
    assert set(dirt(row)) == reasons


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"vru_entry": "25:00:00"}, "vru_entry: not a time of day (H:MM:SS)"),
        ({"vru_exit": "٩:00:00"}, "vru_exit: not a time of day (H:MM:SS)"),
        ({"q_exit": "9:0:0"}, "q_exit: not a time of day (H:MM:SS)"),
        ({"ser_exit": ""}, "ser_exit: not a time of day (H:MM:SS)"),
        ({"date": "990230"}, "date: not a day of the calendar"),
        ({"date": "210101"}, "date: not a date of 1991 to 1999 (YYMMDD)"),
        ({"outcome": "ANSWER"}, "outcome: not one of AGENT, HANG, PHANTOM"),
        ({"call_id": ""}, "call_id: not 1 to 20 letters and digits"),
        ({"server": "NO\x00AM"}, "server: contains a control character, or is too long"),
        ({"server": "N" * 201}, "server: contains a control character, or is too long"),
        ({"server": "N\tM"}, "another number of columns than the header"),
        ({"server": "N" * 2**20}, "longer than 1 MiB, of which the first is kept"),
    ],
)
def test_a_row_that_cannot_be_understood_is_a_dead_letter(
    changed: dict[str, str], reason: str
) -> None:
    raw, tally = line(QUEUED | changed), Tally()
    letters = rejected([HEADER, raw, line(QUEUED)], tally)
    assert [(letter.file, letter.line, letter.reason, letter.raw) for letter in letters] == [
        ("test.txt", 2, reason, raw)
    ]
    assert (tally.accepted, dict(tally.rejected), tally.examples) == (1, {reason: 1}, letters)


def test_bytes_that_are_not_text_are_a_dead_letter() -> None:
    assert [letter.reason for letter in rejected([b"BB0301\t\xff\xfe\n"])] == ["not UTF-8"]


def test_a_start_of_service_that_nobody_logged_is_not_reported() -> None:
    connected = events(QUEUED | NO_SERVICE)[-1]
    assert (connected.type, connected.data) == ("agent.connected", Data())


def test_every_line_is_accounted_for() -> None:
    tally = Tally()
    phantom = line(QUEUED | {"outcome": "PHANTOM", "vru_entry": "?"})
    lines = [
        HEADER,
        line(QUEUED),
        phantom,
        b"\n",
        line(QUEUED),
        b"what?\n",
        line(LEFT | {"call_id": "2"}),
    ]
    found = entries(lines, tally)
    assert (tally.read, tally.accepted, tally.contacts, tally.events) == (7, 2, 2, len(found))
    assert dict(tally.left_out) == {"header": 1, "PHANTOM": 1, "blank line": 1, "same row again": 1}
    assert (tally.rejected.total(), tally.unaccounted) == (1, 0)


def test_line_ends_spaces_and_widths_change_nothing() -> None:
    plain = line(QUEUED)
    padded = plain.replace(b"\t", b" \t ").replace(b"\n", b"\r\n").replace(b"9:0", b"09:0")
    century = line(QUEUED | {"date": "19990210"})
    assert entries([plain]) == entries([padded]) == entries([century]) == entries([plain[:-1]])


def test_a_header_may_have_another_order_and_must_have_every_column() -> None:
    names = sorted(QUEUED)
    while names[0] != "vru+line":
        names.append(names.pop(0))
    header = "\t".join(names).encode()
    row = "\t".join(QUEUED[name] for name in names).encode()
    assert entries([header, row]) == entries([line(QUEUED)])
    short = header.replace(b"\tserver", b"")
    letters = rejected([short, row, row.replace(b"\tNOAM", b"")])
    assert [letter.reason for letter in letters] == [
        "another number of columns than the header",
        "server: the header has no such column",
    ]


def test_two_calls_of_one_id_become_one_contact_in_either_order() -> None:
    later = LEFT | {"vru_entry": "15:00:00", "vru_exit": "15:00:10"}
    assert record(QUEUED, later) == record(later, QUEUED)
    assert (record(later, QUEUED).place, record(later, QUEUED).conflicting) == ("answered", 0)
    assert dirt(QUEUED, later) == dirt(later, QUEUED) == {"repeated id": 1}


def test_one_call_told_in_two_ways_is_conflicting_in_either_order() -> None:
    other = QUEUED | {"ser_exit": "9:04:00", "ser_time": "181"}
    assert record(QUEUED, other) == record(other, QUEUED)
    assert record(QUEUED, other).conflicting == 1
    three = (QUEUED, other, other), (other, other, QUEUED), (other, QUEUED, other)
    tallies = []
    for rows in three:
        tallies.append(Tally())
        entries(map(line, rows), tallies[-1])
    assert {(tally.contacts, tally.accepted) for tally in tallies} == {(1, 2)}
    assert all(tally.dirty == {"repeated id": 1} for tally in tallies)
    assert all(tally.left_out == {"same row again": 1} for tally in tallies)
