"""The briefing's totals are not the sums of its parts, and a missing figure is no zero."""

from __future__ import annotations

from math import isnan

from benchmarks.briefing import PARTS, SCALE, TABLE, compare, totals

PRINTED = {part: TABLE[part].values for part in PARTS}


def test_printed_totals_sums_and_differences_stand_side_by_side() -> None:
    found = {
        part: [None if cell is None else cell * SCALE for cell in cells]
        for part, cells in PRINTED.items()
    }
    rows = totals(found)
    values = [round(row.value * (1 if row.holds is None else 1 / SCALE)) for row in rows]
    assert [values[n : n + 4] for n in range(0, len(values), 5)] == [
        [6_500_000, 6_450_000, 50_000, 6_450_000],
        [5_400_000, 5_483_000, -83_000, 5_483_000],
        [5_900_000, 5_836_000, 64_000, 5_836_000],
        [6_800_000, 6_776_000, 24_000, 6_776_000],
    ]
    assert [row.holds for row in rows] == [None, None, None, True, None] * 4
    assert [round(row.value / SCALE) for row in rows[4::5]] == values[2::5]


def test_what_is_missing_is_unknown_and_misses_its_goal() -> None:
    found = {part: [None if part == PARTS[0] else 1.0] for part in PARTS}
    simulated, difference = totals(found)[3:]
    assert (isnan(simulated.value), isnan(difference.value)) == (True, True)
    assert simulated.holds is False
    (rate,) = compare(TABLE["answer.rate"], [None])
    assert (isnan(rate.value), rate.goal, rate.holds) == (True, "25 (unknown)", False)
    unknown = compare(TABLE["email.delay_business_mean"], [None] * 4)[3]
    assert (isnan(unknown.value), unknown.goal, unknown.holds) == (True, None, None)
