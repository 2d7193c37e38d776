"""The tables of openings say what `schemas.business` and `schemas.hours` say, and no more."""

from __future__ import annotations

from bisect import bisect_right

import pytest

from schemas.business import business_days, number
from schemas.hours import session
from schemas.instants import DAY, HOUR, millis
from sinks.openings import OPENINGS, departments, rows

START = millis("2021-03-28T05:00:00.000Z")
END = START + 21 * DAY
ALL = ["ircc", "bank", None, "elsewhere"]


@pytest.mark.parametrize("department", ALL)
def test_an_instant_counts_to_the_first_day_that_closes_after_it(department: str | None) -> None:
    found = list(rows("business_days", [department], START, END))
    assert len(found) < 21
    closes = [int(row[3] or 0) for row in found]
    edges = [moment + away for moment in closes for away in (-1, 0, 1)]
    for ms in (*range(START, END + 1, HOUR), *edges, END):
        if START <= ms <= END:
            assert found[bisect_right(closes, ms)][1] == number(department, ms)


@pytest.mark.parametrize("department", ALL)
def test_an_instant_belongs_to_the_last_session_that_began(department: str | None) -> None:
    found = list(rows("sessions", [department], START, END))
    starts = [int(row[1] or 0) for row in found]
    edges = [moment + away for moment in starts for away in (-1, 0, 1)]
    for ms in (*range(START, END + 1, HOUR), *edges, END):
        if START <= ms <= END:
            assert starts[bisect_right(starts, ms) - 1] == session(department, ms)


def test_beyond_the_tables_the_last_day_and_before_them_the_first_session() -> None:
    far = 2**42
    assert list(rows("business_days", [None], far, far)) == [(None, *business_days(None)[-1])]
    assert len(list(rows("business_days", [None], 0, far))) == len(business_days(None))
    assert next(rows("sessions", [None], 0, far)) == (None, 0)


def test_the_rows_have_the_columns_and_every_listed_department_is_there() -> None:
    for name, columns in OPENINGS.items():
        found = list(rows(name, departments(), START, START))
        assert {len(row) for row in found} == {len(columns)}
        assert list(dict.fromkeys(row[0] for row in found)) == departments()
    assert {"ircc", "esdc", "vac", "bank", None} <= set(departments())
    assert "elsewhere" not in departments()
