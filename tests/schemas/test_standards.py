"""Standards and commitments: their dates, their targets, and when nothing can be judged."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from schemas.errors import Malformed
from schemas.measures import MEASURES
from schemas.standards import STANDARDS, Commitment, Standard, Standards, applies, checked, judge

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
    assert applies(replace(IRCC, effective_to=date(2023, 3, 31)), start, end) == why


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
    assert judge(row, 1, value).result == result


def test_figures_of_another_version_are_not_comparable() -> None:
    verdict = judge(IRCC, 2, "99.00")
    assert verdict.result == "NA"
    assert verdict.reason.startswith("not comparable")


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (replace(IRCC, measure="no.such"), "measure"),
        (replace(IRCC, where={"colour": "red"}), "where.colour"),
        (replace(IRCC, effective_to=date(2020, 3, 31)), "effective_to"),
    ],
)
def test_a_wrong_row_is_named(bad: Standard, field: str) -> None:
    with pytest.raises(Malformed, match=field):
        checked(Standards(standard=(bad,)))


def test_one_id_has_one_row_at_a_time() -> None:
    later = replace(IRCC, version=2, effective_from=date(2023, 4, 1))
    with pytest.raises(Malformed, match="in force then"):
        checked(Standards(standard=(IRCC, later)))
    closed = replace(IRCC, effective_to=date(2023, 3, 31))
    assert len(checked(Standards(standard=(closed, later))).standard) == 2
