"""Departments: rows in order, zones that exist, and the row in force on a day."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from schemas.departments import DEPARTMENTS, department, zone_of
from schemas.zones import table


def test_rows_are_sorted_and_whole() -> None:
    keys = [(row.id, row.effective_from) for row in DEPARTMENTS]
    assert all(before < after for before, after in pairwise(keys))
    assert all(table(row.zone) and row.en and row.fr and row.en != row.fr for row in DEPARTMENTS)


def test_a_departments_zone_does_not_change() -> None:
    zones = {(row.id, row.zone) for row in DEPARTMENTS}
    assert len(zones) == len({row.id for row in DEPARTMENTS}) < len(DEPARTMENTS)
    assert all(zone_of(row.id) == row.zone for row in DEPARTMENTS)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("ircc", "America/Toronto"),
        ("esdc", "America/Toronto"),
        ("vac", "America/Halifax"),
        ("bank", "Asia/Jerusalem"),
        ("not listed", "America/Toronto"),
        (None, "America/Toronto"),
    ],
)
def test_zone_of_a_department(name: str | None, zone: str) -> None:
    assert zone_of(name) == zone


def test_a_department_has_the_name_of_the_day() -> None:
    before = department("ircc", date(2015, 11, 3))
    after = department("ircc", date(2015, 11, 4))
    assert before is not None
    assert after is not None
    assert before.en == "Citizenship and Immigration Canada"
    assert after.en == "Immigration, Refugees and Citizenship Canada"
    assert after == department("ircc")
    assert department("ircc", date(1990, 1, 1)) is None
