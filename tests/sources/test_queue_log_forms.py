"""The forms in which a queue log comes: the file, tables that were printed, CSV; and its times."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from schemas.errors import Malformed
from schemas.instants import millis
from streams.sources import source
from streams.sources.port import Settings, Tally
from streams.sources.queue_log.lines import fields_of
from streams.sources.queue_log.times import born, earlier, moment
from tests.sources.queue_lines import (
    CALL,
    KEY,
    NOW,
    TORONTO,
    T,
    connected,
    entered,
    entries,
    fixture,
    record,
    records,
    rejected,
)


def at(text: str, call: str = "NONE", zone: ZoneInfo | None = TORONTO) -> tuple[int, str]:
    return moment(text, call, zone, NOW)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1767621600", "2026-01-05T14:00:00.000Z"),
        ("1767621600.250999", "2026-01-05T14:00:00.250Z"),
        ("2026-01-05 09:00:00", "2026-01-05T14:00:00.000Z"),
        ("2026-01-05T09:00:00.5", "2026-01-05T14:00:00.500Z"),
        ("2026-07-05 09:00:00.000001", "2026-07-05T13:00:00.000Z"),
        ("2026-01-05 14:00:00.008464+00", "2026-01-05T14:00:00.008Z"),
        ("2026-01-05 19:30:00+05:30", "2026-01-05T14:00:00.000Z"),
        ("2026-01-05 10:30:00-0330", "2026-01-05T14:00:00.000Z"),
        ("2026-01-05 14:00:00Z", "2026-01-05T14:00:00.000Z"),
    ],
)
def test_times(text: str, instant: str) -> None:
    assert at(text) == (millis(instant), "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "neither"),
        ("12:00", "neither"),
        ("17676216000", "neither"),
        ("١٧٦٧٦٢١٦٠٠", "neither"),
        ("2026-02-30 09:00:00", "not a time of the calendar"),
        ("915148800", "before there were"),
        ("4102445101", "ahead of"),
        ("0001-01-01 00:00:00", "before there were"),
        ("9999-12-31 23:59:59", "ahead of"),
        ("0000-01-01 00:00:00", "not a time of the calendar"),
    ],
)
def test_what_is_no_time(text: str, problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        at(text)


def test_a_local_time_needs_a_zone_which_a_department_has() -> None:
    raw = [f"2026-01-05 09:00:00|{CALL}|a|NONE|FULL|".encode()]
    for department, read in ((None, 0), ("nobody", 0), ("vac", 1)):
        tally = Tally()
        list(source("queue_log", Settings(NOW, KEY, department=department)).read(raw, "f", tally))
        assert tally.accepted == read
        assert tally.rejected.total() == 1 - read


def test_an_hour_that_the_clock_repeats_is_the_first_unless_the_channel_is_younger() -> None:
    first, second = "2026-11-01T05:30:00.000Z", "2026-11-01T06:30:00.000Z"
    older, younger = millis(first) // 1000 - 5, millis(second) // 1000 - 5
    first_ms, odd = at("2026-11-01 01:30:00", f"{older}.1")
    assert (first_ms, "repeats" in odd) == (millis(first), True)
    assert at("2026-11-01 01:30:00")[0] == millis(first)
    assert at("2026-11-01 01:30:00", f"pbx1-{younger}.2") == (millis(second), "")


def test_an_hour_that_the_clock_skips_is_read_as_if_it_had_not() -> None:
    skipped, odd = at("2026-03-08 02:30:00")
    assert (skipped, "skipped" in odd) == (millis("2026-03-08T07:30:00.000Z"), True)


@pytest.mark.parametrize(
    ("call", "second"),
    [
        (f"{T}.7", T),
        (f"pbx-1-{T}.7", T),
        ("NONE", None),
        ("abc", None),
        ("12.7", None),
        (f"{T}", None),
    ],
)
def test_when_a_channel_began(call: str, second: int | None) -> None:
    assert born(call) == second


def test_a_moment_before_a_line_is_as_exact_as_the_line() -> None:
    assert earlier(T * 1000, 20) == (T - 20) * 1000
    assert earlier(T * 1000 + 250, 20) == (T - 20) * 1000 + 999
    assert earlier(T * 1000 + 250, 0) == T * 1000 + 250


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ("1|2|q|NONE|E|", ["1", "2", "q", "NONE", "E", ""]),
        (" 1 | 2 |  q ", ["1", "2", "q"]),
        ("| 1 | 2 |  |", ["1", "2", ""]),
        ('"1","a|b","c,d"', ["1", "a|b", "c,d"]),
        ("1;2;3", ["1", "2", "3"]),
        ("1\t2\t\\N", ["1", "2", ""]),
        ("1,2,NULL", ["1", "2", ""]),
        ("----+----", []),
        ("+----+----+", []),
        ("(9 rows)", []),
        ("", []),
    ],
)
def test_fields(row: str, fields: list[str]) -> None:
    assert fields_of(row) == fields


def test_a_table_as_wazo_prints_it() -> None:
    tally = Tally()
    entries(fixture("wazo.psql"), tally)
    assert (tally.read, tally.accepted, tally.unaccounted) == (12, 9, 0)
    assert dict(tally.left_out) == {"header": 1, "blank line or border": 2}
    calls = records(fixture("wazo.psql"))
    overflowed, served, refused = (calls[name] for name in sorted(calls))
    assert (overflowed.place, overflowed.queue_ms) == ("abandoned", 30_394)
    assert [segment.how for segment in overflowed.segments] == ["empty", "abandoned"]
    assert (served.place, served.wait_ms, served.transfers) == ("answered", 12_650, 1)
    assert (refused.place, refused.turned_away_reason) == ("turned_away", "full")


def test_csv_of_a_night_on_which_the_clock_is_put_back() -> None:
    tally = Tally()
    entries(fixture("export.csv"), tally)
    assert (tally.read, tally.accepted, dict(tally.left_out)) == (7, 6, {"header": 1})
    assert tally.dirty == {"local time that the clock repeats: the first is meant": 3}
    first, second = (call for _, call in sorted(records(fixture("export.csv")).items()))
    assert (first.place, first.wait_ms, first.transfers) == ("answered", 20_000, 1)
    assert second.arrived_ms - first.arrived_ms == 3_600_000
    assert (second.place, second.queue_ms) == ("abandoned", 30_000)


def test_columns_are_found_by_their_names() -> None:
    header = "event,agent,queue,callid,time,partition,data"
    row = f'CONNECT,SIP/1,a,{CALL},{T + 20},P1,"20|{T}.8|5"'
    assert set(entries([header, row])) == set(entries([connected(20, 20)]))
    assert rejected([header, "CONNECT,SIP/1,a"]) == ["fewer than the five fields of every line"]


def test_parameters_that_are_glued_together_are_taken_apart() -> None:
    plain = f"{T + 90}|{CALL}|a|SIP/1|ATTENDEDTRANSFER|LINK|x|y|20|60|1"
    columns = "time,callid,queuename,agent,event,data1,data2,data3,data4,data5"
    glued = f'{T + 90},{CALL},a,SIP/1,ATTENDEDTRANSFER,LINK,x,y,20,"60|1"'
    assert set(entries([columns, glued])) == set(entries([plain])) == set(entries([glued]))


def test_a_table_of_mysql_is_the_same_log() -> None:
    bordered = "| " + entered().replace("|", " | ") + " |"
    assert set(entries(["+---+", bordered])) == set(entries([entered()]))
    assert record(bordered).visits == 1
