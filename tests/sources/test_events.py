"""JSON lines of CloudEvents, sound and otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.event import Data, Event, encode
from streams.sources import SOURCES, source
from streams.sources.port import KEPT_EXAMPLES, LONGEST_LINE, Facts, Rejected, Settings, Tally
from tests.sources.calls import NOW

GOOD = encode(
    Event(
        time="2026-01-05T14:00:00.000Z",
        source="acd/1",
        id="1",
        type="queue.entered",
        subject="c-1",
        data=Data(queue="q1"),
    )
)


def read(lines: list[bytes], tally: Tally | None = None) -> list[Facts | Rejected]:
    found = source("events", Settings(NOW)).read(
        lines, "f.jsonl", Tally() if tally is None else tally
    )
    return list(found)


def test_good_lines_keep_their_bytes_and_blank_ones_are_counted() -> None:
    other, tally = GOOD.replace(b"c-1", b"c-2"), Tally()
    found = read([GOOD + b"\n", b"\r\n", b"  \n", GOOD + b"\r\n", other], tally)
    assert found == [[("c-1", GOOD)], [("c-1", GOOD)], [("c-2", other)]]
    assert (tally.read, tally.accepted, tally.events, tally.contacts) == (5, 3, 3, 2)
    assert (tally.left_out, tally.unaccounted) == ({"blank line": 2}, 0)


def test_times_become_canonical() -> None:
    [facts] = read([GOOD.replace(b"14:00:00.000Z", b"09:00:00-05:00")])
    assert facts == [("c-1", GOOD)]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (GOOD[:-9], ""),
        (GOOD.replace(b"q1", b"q\x00"), ""),
        (GOOD.replace(b"q1", b"q\\u0000"), "data.queue"),
        (GOOD.replace(b"q1", b"q\xff"), ""),
        (GOOD[:-1] + b',"extra":"\xff"}', ""),
        (GOOD.decode().encode("utf-16"), ""),
        (GOOD.replace(b'"queue":"q1"', b""), "data.queue"),
        (GOOD.replace(b"2026-", b"2126-"), "time"),
        (GOOD.replace(b'"subject":"c-1",', b""), "subject"),
        (b"[" * 100_000, ""),
        (GOOD[:-1] + b',"extra":"' + b"x" * LONGEST_LINE + b'"}', ""),
        (b"null", ""),
    ],
)
def test_a_bad_line_is_a_dead_letter_that_names_the_field(line: bytes, field: str) -> None:
    tally = Tally()
    letter, facts = read([line, GOOD], tally)
    assert isinstance(letter, Rejected)
    assert (letter.file, letter.line, letter.field, letter.raw) == ("f.jsonl", 1, field, line)
    assert facts == [("c-1", GOOD)]
    assert (tally.rejected, tally.unaccounted) == ({letter.reason: 1}, 0)


def test_only_the_first_of_many_bad_lines_are_kept_as_examples() -> None:
    tally = Tally()
    assert len(read([b"{}"] * (KEPT_EXAMPLES + 5), tally)) == KEPT_EXAMPLES + 5
    assert [letter.line for letter in tally.examples] == list(range(1, KEPT_EXAMPLES + 1))


@given(st.lists(st.one_of(st.binary(), st.just(GOOD))))
def test_nothing_raises_and_every_line_is_accounted_for(lines: list[bytes]) -> None:
    tally = Tally()
    assert len(read(lines, tally)) + tally.left_out.total() == tally.read == len(lines)
    assert tally.unaccounted == 0


def test_every_source_can_be_made() -> None:
    for name in SOURCES:
        assert list(source(name, Settings(NOW, b"key")).read([], "f", Tally())) == []
