"""A period that something lost can belong to is never complete."""

from __future__ import annotations

from schemas.admission import AHEAD
from schemas.instants import DAY
from sinks.archive.layout import Chain
from sinks.archive.losses import Lost
from streams.gate.completeness import completeness, of_period

START, END = 20_000 * DAY, 20_031 * DAY
CHAIN = Chain("cluster.topic", "contact.events.v1", 3)


def lost(after_ms: int | None, before_ms: int) -> Lost:
    return Lost(CHAIN, 10, 25, after_ms, before_ms)


def test_a_loss_keeps_every_period_back_that_it_can_be_of() -> None:
    within = [lost(START, END), lost(None, START), lost(END, END + DAY)]
    around = [lost(START - DAY, START - AHEAD + 1), lost(END + 98 * DAY, END + 99 * DAY)]
    other = [lost(START - DAY, START - AHEAD)]
    assert of_period([*within, *around, *other], START) == [*within, *around]


def test_what_is_lost_is_said_and_nothing_is_complete() -> None:
    assert completeness([], set(), {}, [], 0).complete
    found = completeness([], set(), {}, [], 0, [lost(START, END)])
    assert not found.complete
    [words] = found.lost
    assert words.startswith(f"{CHAIN}: 15 positions, 10 to 24, taken in between 2024-")
