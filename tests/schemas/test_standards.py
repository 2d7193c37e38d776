"""Standards and commitments: their dates, their targets, and when nothing can be judged."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from schemas.errors import Malformed
from schemas.measures import MEASURES
from schemas.standards import (
    REASONS,
    STANDARDS,
    Commitment,
    Standard,
    Standards,
    applies,
    checked,
    judge,
    over,
)

IRCC = STANDARDS.standard[0]
RATE, DELAY = STANDARDS.commitment


def test_the_sources_are_said() -> None:
    named = {row.id: (row.measure, row.target) for row in STANDARDS.standard}
    assert named == {
        "ircc.phone.queue": ("queue_time.within_1800s", "80.00"),
        "ircc.email.reply": ("email.within_3", "80.00"),
        "esdc.ei.phone": ("wait.within_600s", "80.00"),
        "esdc.pensions.phone": ("wait.within_600s", "80.00"),
        "vac.phone": ("wait.within_120s", "80.00"),
    }
    assert (RATE.baseline, RATE.target, RATE.due) == ("25.00", "50.00", date(2021, 3, 31))
    assert (DELAY.baseline, DELAY.target, DELAY.due) == ("5.000", "3.000", date(2021, 3, 31))
    assert [row.channel for row in STANDARDS.unset] == ["parliamentary"]


def test_every_standard_judges_a_measure_at_its_version() -> None:
    rows: list[Standard | Commitment] = [*STANDARDS.standard, *STANDARDS.commitment]
    for row in rows:
        assert MEASURES[row.measure].version == row.measure_version
        assert row.source and row.en.name and row.fr.name


def test_a_commitment_is_judged_over_the_year_that_ends_when_it_is_due() -> None:
    assert RATE.since == date(2020, 4, 1)


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (date(2020, 4, 1), date(2021, 4, 1), ""),
        (date(2020, 3, 31), date(2021, 4, 1), "in force only from 2020-04-01"),
        (date(2023, 3, 31), date(2023, 4, 1), ""),
        (date(2023, 3, 31), date(2023, 4, 2), "in force only until 2023-03-31"),
    ],
)
def test_outside_its_dates_a_period_is_not_applicable(start: date, end: date, why: str) -> None:
    found = applies(replace(IRCC, effective_to=date(2023, 3, 31)), start, end)
    assert (found.en if found else "") == why


@pytest.mark.parametrize(
    ("row", "value", "result"),
    [
        (IRCC, "80.00", "met"),
        (IRCC, "79.99", "not met"),
        (IRCC, None, "NA"),
        (DELAY, "3.000", "met"),
        (DELAY, "3.001", "not met"),
        (DELAY, "2.5", "met"),
    ],
)
def test_met_at_the_target_itself(
    row: Standard | Commitment, value: str | None, result: str
) -> None:
    verdict = judge(row, 1, value)
    assert verdict.result == result
    assert (verdict.reason is None) == (value is not None)


def test_figures_of_another_version_are_not_comparable() -> None:
    verdict = judge(IRCC, 2, "99.00")
    assert verdict.result == "NA"
    assert verdict.reason is not None
    assert verdict.reason.en.startswith("not comparable")
    assert verdict.reason.fr.startswith("non comparable : queue_time.within_1800s en est à la ver")


@pytest.mark.parametrize(
    ("due", "since"),
    [
        (date(2021, 3, 31), date(2020, 4, 1)),
        (date(2024, 2, 28), date(2023, 3, 1)),
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2025, 2, 28), date(2024, 3, 1)),
    ],
)
def test_the_year_of_a_commitment_ends_on_any_day(due: date, since: date) -> None:
    assert replace(RATE, due=due).since == since


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (Standards(standard=(replace(IRCC, measure="no.such"),)), "standard 1: measure"),
        (Standards(standard=(replace(IRCC, target="eighty"),)), "standard 1: target"),
        (Standards(standard=(replace(IRCC, where={"colour": "red"}),)), "where.colour"),
        (Standards(standard=(replace(IRCC, where={"channel": "web"}),)), "where.channel"),
        (Standards(standard=(replace(IRCC, effective_to=date(2020, 3, 31)),)), "effective_to"),
        (Standards(commitment=(replace(RATE, measure="no.such"),)), "commitment 1: measure"),
        (Standards(commitment=(RATE, replace(DELAY, baseline="5 days"))), "commitment 2: baseline"),
        (Standards(commitment=(RATE, RATE)), "commitment 2: id"),
        (Standards(action=(STANDARDS.action[0],) * 2), "action 2: id"),
    ],
)
def test_a_wrong_row_is_named(bad: Standards, field: str) -> None:
    with pytest.raises(Malformed, match=f"^own.toml: .*{field}"):
        checked(bad, "own.toml")


def test_one_id_has_one_row_at_a_time() -> None:
    later = replace(IRCC, version=2, effective_from=date(2023, 4, 1))
    with pytest.raises(Malformed, match="in force then"):
        checked(Standards(standard=(IRCC, later)))
    closed = replace(IRCC, effective_to=date(2023, 3, 31))
    for rows in ((closed, later), (later, closed)):
        assert len(checked(Standards(standard=rows)).standard) == 2
    with pytest.raises(Malformed, match="in force then"):
        checked(Standards(standard=(replace(later, effective_from=date(2023, 3, 31)), closed)))


def test_rows_of_an_id_replace_those_of_the_package() -> None:
    easier, new = replace(IRCC, target="60.00"), replace(IRCC, id="own")
    found = over(STANDARDS, Standards(standard=(easier, new), commitment=(RATE,)))
    assert [row.target for row in found.standard if row.id == IRCC.id] == ["60.00"]
    assert len(found.standard) == len(STANDARDS.standard) + 1
    assert set(found.commitment) == {RATE, DELAY}
    assert found.action == STANDARDS.action


def test_a_standard_takes_the_place_of_the_word_that_none_is_set() -> None:
    own = replace(IRCC, id="own", channel="parliamentary")
    assert over(STANDARDS, Standards(standard=(own,))).unset == ()
    (unset,) = STANDARDS.unset
    assert over(STANDARDS, Standards(unset=(unset,))).unset == (unset,)


def test_every_reason_is_in_both_languages() -> None:
    for words in REASONS.values():
        values = {"day": 1, "measure": 2, "version": 3, "asked": 4}
        assert words.en.format(**values) != words.fr.format(**values)
