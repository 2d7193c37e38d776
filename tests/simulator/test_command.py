"""Which days `vouch simulate` sends."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from itertools import islice

import pytest

from schemas.errors import DeadLetter
from streams.commands.simulate import arguments, events_of
from streams.simulator import SCENARIOS


def _parsed(*words: str) -> Namespace:
    parser = ArgumentParser()
    arguments(parser)
    return parser.parse_args(words)


def _first(*words: str) -> str:
    return next(iter(events_of(_parsed("--clean", *words)))).time[:10]


def test_the_briefing_starts_with_its_first_year_or_any_other() -> None:
    assert _first("--scenario", "briefing") == "2018-04-01"
    assert _first("--scenario", "briefing", "--from-year", "2020") == "2020-04-01"
    assert _first("--scenario", "briefing", "--start", "2021-12-31") == "2021-12-31"


def test_the_briefing_ends_with_its_last_day() -> None:
    *_, last = events_of(
        _parsed("--scenario", "briefing", "--start", "2021-12-30", "--days", "9", "--clean")
    )
    assert last.time == "2022-01-01T05:00:00.000Z"


def test_the_briefing_is_at_1_to_100_and_others_at_full_size() -> None:
    assert {name: row.scale for name, row in SCENARIOS.items()} == {
        "demonstration": 1,
        "surge": 1,
        "briefing": 0.01,
    }
    one, more = (
        sum(
            event.type == "contact.arrived"
            for event in events_of(
                _parsed("--scenario", "briefing", "--start", "2021-12-30", "--clean", *words)
            )
        )
        for words in ((), ("--scale", "0.02"))
    )
    assert 1.7 < more / one < 2.3


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--start", "2018-04-01", "--from-year", "2018"), "one first day at a time"),
        (("--scenario", "briefing", "--from-year", "2022"), "2022-04-01 is not a day of"),
        (("--scenario", "briefing", "--start", "2018-03-31"), "2018-03-31 is not a day of"),
    ],
)
def test_a_first_day_that_cannot_be_meant_is_refused(words: tuple[str, ...], problem: str) -> None:
    with pytest.raises(DeadLetter, match=problem):
        list(islice(events_of(_parsed(*words)), 1))


@pytest.mark.parametrize("words", [("--from-year", "soon"), ("--from-year", "99999")])
def test_what_is_no_year_is_refused(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        _parsed(*words)
    assert f"'{words[1]}' is not a year" in capsys.readouterr().err
