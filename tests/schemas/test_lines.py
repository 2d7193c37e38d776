"""Lines as data: when one is open, which rows are refused, and whose rows count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schemas.errors import Malformed
from schemas.lines import FILE, PACKAGED, Line, Table, checked, over
from schemas.tables import read

CRISIS = """
[[line]]
id = "ircc-crisis"
department = "ircc"
en = "Crisis line"
fr = "Ligne de crise"
effective_from = 2026-01-08
event = { en = "Earthquake", fr = "Tremblement de terre" }
"""
CLOSED = CRISIS + "effective_to = 2026-02-06\n"


def bind(toml: str) -> tuple[Line, ...]:
    return checked(read(FILE, toml, Table))


@pytest.mark.parametrize(("toml", "last"), [(CRISIS, date.max), (CLOSED, date(2026, 2, 6))])
def test_a_line_is_open_from_its_first_day_to_its_last(toml: str, last: date) -> None:
    (line,) = bind(toml)
    assert [line.open_on(day) for day in (date(2026, 1, 7), date(2026, 1, 8), last)] == [
        False,
        True,
        True,
    ]
    assert last == date.max or not line.open_on(last + timedelta(days=1))


def test_a_line_may_open_again_and_not_twice_at_once() -> None:
    again = CRISIS.replace("2026-01-08", "2026-02-07")
    assert [row.effective_from.month for row in bind(again + CLOSED)] == [1, 2]
    for first in (CRISIS, CLOSED.replace("02-06", "02-07")):
        with pytest.raises(Malformed) as refused:
            bind(again + first)
        assert str(refused.value) == (
            "lines.toml: line 1: effective_from: ircc-crisis has not closed then"
        )
    with pytest.raises(Malformed, match=r"lines.toml: line 1: effective_to: is before 2026-01-08"):
        bind(CLOSED.replace("02-06", "01-07").replace("2026-01-07", "2026-01-07"))


def test_rows_of_ones_own_replace_all_of_their_id_and_no_others() -> None:
    again = bind(CRISIS.replace("ircc-crisis", "ircc-ukraine"))
    found = over(PACKAGED, again)
    assert [row.id for row in found] == [row.id for row in PACKAGED]
    assert [row for row in found if row.id == "ircc-ukraine"] == [*again]
    assert over(PACKAGED, ()) == PACKAGED
