"""The briefing's table comes out, by staffing and behaviour, at 1:100.

The first year through the whole system, by `vouch simulate` and `vouch measures`; all four by
counting events. `python -m benchmarks briefing` has all four through the whole system.
"""

from __future__ import annotations

import pytest

from benchmarks import briefing
from benchmarks.calibrate import GOALS, Found, Goal, found
from streams.simulator.briefing import YEARS


@pytest.mark.slow
def test_a_year_of_the_briefing_comes_out_of_vouch_measures() -> None:
    held = [result for result in briefing.results(years=1) if result.goal]
    assert len(held) == len(briefing.TABLE) + 1  # the cells, and the sum of the parts
    assert [result.name for result in held if not result.holds] == []


@pytest.mark.slow
def test_all_years_of_the_briefing_come_out_of_the_events() -> None:
    cells = found(YEARS, seed=briefing.SEED)
    assert [year for year in zip(cells, GOALS, strict=True) if not _is_near(*year)] == []


def _is_near(cell: Found, goal: Goal) -> bool:
    return all(
        wanted is None or abs(value / wanted - 1) <= briefing.NEAR
        for value, wanted in zip(cell, goal, strict=True)
    )
