"""The bank's own call log: its known figures come out of the events, whatever the order."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from schemas.event import Event, decoder
from schemas.instants import millis
from streams.sources.files import lines_of
from streams.sources.port import Tally
from tests.sources.calls import entries

DATA = Path(os.environ.get("VOUCH_DATA") or Path(__file__).parents[3] / "shared" / "data")
FOLDER = DATA / "technion" if (DATA / "technion").is_dir() else DATA
MONTHS = sorted(path for path in FOLDER.glob("*_*.txt*")) if FOLDER.is_dir() else []
JANUARY = [path for path in MONTHS if path.name.startswith("01_January")]
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not MONTHS, reason=f"the bank's call log is not in {FOLDER.name}/ (VOUCH_DATA)"
    ),
]


class Figures(NamedTuple):
    """What a month comes to, counted from the rows and from the events."""

    arrived: int
    answered: int
    asked: int
    abandoned: int
    hung_up: int
    queue_ms_of_answered: int


def from_rows(lines: Iterable[bytes]) -> Figures:
    rows = [line.decode().rstrip("\r\n").split("\t") for line in lines]
    calls = [row for row in rows if row[12] in ("AGENT", "HANG")]
    answered = [row for row in calls if row[12] == "AGENT"]
    abandoned = [row for row in calls if row[12] == "HANG" and row[9] != "0:00:00"]
    return Figures(
        arrived=len(calls),
        answered=len(answered),
        asked=len(answered) + len(abandoned),
        abandoned=len(abandoned),
        hung_up=len(calls) - len(answered),
        queue_ms_of_answered=sum(int(row[11]) for row in answered) * 1_000,
    )


def from_events(values: Iterable[bytes]) -> Figures:
    contacts: dict[str, dict[str, Event]] = defaultdict(dict)
    for value in values:
        event = decoder.decode(value)
        contacts[event.subject][event.type] = event
    calls = contacts.values()
    answered = [call for call in calls if "agent.connected" in call]
    ended_by = [call["contact.ended"].data.by for call in calls if "contact.ended" in call]
    return Figures(
        arrived=sum("contact.arrived" in call for call in calls),
        answered=len(answered),
        asked=sum("agent.requested" in call for call in calls),
        abandoned=sum(
            "queue.left" in call and call["queue.left"].data.how == "abandoned" for call in calls
        ),
        hung_up=ended_by.count("customer"),
        queue_ms_of_answered=sum(
            millis(call["queue.left"].time) - millis(call["queue.entered"].time)
            for call in answered
            if "queue.left" in call
        ),
    )


@cache
def imported(path: Path) -> tuple[list[bytes], Tally]:
    tally = Tally()
    return [value for _, value in entries(lines_of(path), tally)], tally


@pytest.mark.parametrize("path", MONTHS, ids=lambda path: path.name)
def test_the_events_of_a_month_come_to_the_figures_of_its_rows(path: Path) -> None:
    values, tally = imported(path)
    assert from_events(values) == from_rows(lines_of(path))
    assert (tally.unaccounted, tally.rejected.total()) == (0, 0)
    assert tally.events == len(values)


@pytest.mark.parametrize("path", JANUARY, ids=lambda path: path.name)
def test_the_verified_figures_of_january(path: Path) -> None:
    values, tally = imported(path)
    figures = from_events(values)
    assert (tally.read, tally.accepted, tally.contacts) == (31_600, 31_359, 31_359)
    assert tally.left_out == {"header": 1, "PHANTOM": 240}
    assert (figures.arrived, figures.hung_up, figures.abandoned) == (31_359, 4_299, 3_101)
    assert figures.asked == 27_060 + 3_101
    assert round(figures.queue_ms_of_answered / figures.answered) == 35_028
    assert tally.dirty == {
        "vru exit before entry": 32,  # and one PHANTOM
        "queue start is not vru exit": 1,
        "service start before connection": 163,
        "service start after connection": 65,
        "service exit before connection": 182,
        "service of 0 s": 235,
        "answered without service times": 42,
        "answered without server": 490,
        "hung up with service times": 83,
        "hung up with server": 1,
        "type unknown": 2,
        "customer id unreadable": 24,
    }


@pytest.mark.parametrize("path", JANUARY, ids=lambda path: path.name)
def test_the_order_of_the_rows_changes_no_event(path: Path) -> None:
    lines = list(lines_of(path))
    values, _ = imported(path)
    backwards = entries(reversed(lines))
    assert {value for _, value in backwards} == set(values)
