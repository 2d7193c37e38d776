"""What a recorded figure rested on, and the words for what has changed since."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from schemas.board import Figure, Period
from streams.core.basis import CHANGES, Basis, changed, explained, superseded, words
from streams.core.standing import Key, Recorded, key_of

THEN = Basis(
    log="l",
    positions=[3, 4],
    as_of=1_000,
    definition="d",
    calendars="c",
    hours="h",
    standards="s",
    rules="r",
)
FIGURE = Figure(
    measure="abandon.rate",
    version=1,
    status="final",
    as_of="",
    period=Period("2026-01-01", "2026-02-01", "UTC"),
    dimensions={"queue": "q"},
    numerator=1,
    denominator=9,
    value="11.11",
    unit="%",
)
LATE = replace(FIGURE, status="restated", denominator=10, why="recorded as 1 / 9")


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ({}, []),
        ({"definition": "x"}, ["definition"]),
        ({"calendars": "x", "hours": "x", "standards": "x"}, ["calendars", "hours"]),
        ({"standards": "x"}, []),
        ({"standards": "x", "rules": "x"}, ["rules"]),
        ({"hours": "x", "rules": "x"}, ["hours", "rules"]),
        ({"positions": [3, 5], "as_of": 2_000}, ["events"]),
        ({"as_of": 2_000}, ["clock"]),
        ({"log": "m", "positions": [9, 9]}, ["log"]),
        ({"rules": "x"}, ["rules"]),
        ({"rules": "x", "calendars": "x", "positions": [4, 4]}, ["calendars", "rules", "events"]),
    ],
)
def test_what_has_changed(now: dict[str, object], found: list[str]) -> None:
    assert changed(THEN, replace(THEN, **now)) == found
    assert set(found) <= set(CHANGES)


def test_the_words() -> None:
    now = replace(THEN, calendars="x", positions=[1_003, 240])
    assert words(THEN, now, "en") == (
        "changed since then: the calendars, the facts (events added: 1,236)"
    )
    assert words(THEN, now, "fr").startswith("changé depuis : les calendriers, les faits (")
    assert words(None, now, "en") == "what it rested on was not recorded"
    assert words(THEN, THEN, "en") == ""


def test_the_words_are_true_of_one_event_too() -> None:
    now = replace(THEN, positions=[3, 5])
    assert words(THEN, now, "en") == "changed since then: the facts (events added: 1)"
    assert words(THEN, now, "fr") == "changé depuis : les faits (événements ajoutés : 1)"
    later = replace(THEN, as_of=2_000)
    assert words(THEN, later, "fr") == "changé depuis : l’instant de référence"


def _explained(figure: Figure, basis: Basis | None) -> str:
    key = key_of(FIGURE, "cohort")
    recorded, bases = {key: Recorded(FIGURE, "final")}, {key: basis}
    now = replace(THEN, definition="x")
    (found,) = explained([figure], recorded, bases, lambda _: now, "cohort", "en")
    return found.why


def test_a_restated_figure_says_what_changed() -> None:
    assert _explained(LATE, THEN) == "recorded as 1 / 9; changed since then: the definition"
    assert _explained(LATE, None) == "recorded as 1 / 9; what it rested on was not recorded"
    assert _explained(FIGURE, THEN) == ""
    other = replace(LATE, version=2)
    assert _explained(other, THEN) == "recorded as 1 / 9"
    kept = replace(FIGURE, status="restated", why="a late switch")
    assert _explained(kept, THEN) == "a late switch"


def _superseded(*figures: Figure, recorded: Figure = FIGURE) -> list[tuple[str, str]]:
    before: dict[Key, Recorded] = {key_of(recorded, "cohort"): Recorded(recorded, "final")}
    return [(f.status, f.why) for f in superseded(figures, before, "cohort", "en")]


def test_a_version_in_force_where_another_was_final_restates_it() -> None:
    now = replace(FIGURE, version=2, numerator=0)
    said = "recorded as 1 / 9 by version 1; version 2 is in force"
    assert _superseded(now) == [("restated", said)]
    assert _superseded(replace(now, status="live")) == [("live", "")]
    beside = replace(FIGURE, in_force=False)
    assert _superseded(now, beside) == [("final", ""), ("final", "")]
    assert _superseded(replace(now, dimensions={"queue": "p"})) == [("final", "")]
    assert _superseded(now, recorded=beside) == [("final", "")]
    assert _superseded(now, recorded=now) == [("final", "")]
    assert superseded([now], {}, "cohort", "en") == [now]
