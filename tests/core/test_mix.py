"""The difference of two rates taken apart: exact, and empty where nothing of the kind happened."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.figures import Ratio
from streams.core.mix import ZERO, counts, rate, rates

_integers = st.integers(-50, 500)
_groups = st.dictionaries(
    st.sampled_from([None, "a", "b", "c"]), st.builds(Ratio, _integers, _integers), max_size=4
)


def _whole(groups: dict[str | None, Ratio]) -> Ratio:
    return Ratio(
        sum(ratio.numerator or 0 for ratio in groups.values()),
        sum(ratio.denominator or 0 for ratio in groups.values()),
    )


@given(_groups, _groups)
def test_the_parts_are_the_difference_exactly(
    before: dict[str | None, Ratio], after: dict[str | None, Ratio]
) -> None:
    was, now = _whole(before), _whole(after)
    found = rates(before, after)
    if not was.denominator or not now.denominator:
        assert found is None
        return
    assert found is not None
    assert found.rate_mix + found.rate_within == rate(now) - rate(was)
    added = (now.numerator or 0) - (was.numerator or 0)
    assert found.volume + found.mix + found.within == added
    shares = found.groups.values()
    assert sum((share.mix for share in shares), ZERO) == found.rate_mix
    assert sum((share.within for share in shares), ZERO) == found.rate_within
    assert sum((share.volume for share in shares), ZERO) == found.volume


def test_by_hand() -> None:
    """Half of the calls were long, then three in four; the short ones became worse."""
    before: dict[str | None, Ratio] = {"long": Ratio(40, 50), "short": Ratio(10, 50)}
    after: dict[str | None, Ratio] = {"long": Ratio(120, 150), "short": Ratio(15, 50)}
    found = rates(before, after)
    assert found is not None
    assert (rate(found.before), rate(found.after)) == (Fraction(1, 2), Fraction(27, 40))
    # within: (1/2 + 1/4)/2 * (3/10 - 2/10); mix: 1/4 * (8/10 - 1/4), for the short rate is 1/4.
    assert found.rate_within == Fraction(3, 80)
    assert found.rate_mix == Fraction(1, 4) * (Fraction(8, 10) - Fraction(1, 4))
    assert found.volume == 100 * (Fraction(1, 2) + Fraction(27, 40)) / 2
    assert [*found.groups] == ["long", "short"]


@pytest.mark.parametrize(
    ("after", "mix", "within"),
    [
        ({"a": Ratio(2, 20), "b": Ratio(16, 20)}, False, False),  # twice as much of the same
        ({"a": Ratio(1, 10), "b": Ratio(4, 5)}, True, False),  # fewer of b
        ({"a": Ratio(3, 10), "b": Ratio(8, 10)}, False, True),  # a is worse
    ],
)
def test_each_part_is_there_when_its_cause_is(
    after: dict[str | None, Ratio], mix: bool, within: bool
) -> None:
    found = rates({"a": Ratio(1, 10), "b": Ratio(8, 10)}, after)
    assert found is not None
    assert (bool(found.rate_mix), bool(found.rate_within)) == (mix, within)


def test_a_group_that_is_new_is_mix() -> None:
    found = rates({"a": Ratio(1, 10)}, {"a": Ratio(1, 10), None: Ratio(9, 10)})
    assert found is not None
    assert (found.rate_within, found.rate_mix) == (ZERO, Fraction(4, 10))
    assert [*found.groups] == [None, "a"]
    assert found.groups[None].before is None


def test_one_that_is_unknown_is_not_taken_apart() -> None:
    assert rates({"a": Ratio(None, 0)}, {"a": Ratio(1, 2)}) is None
    assert rates({"a": Ratio(1, 2)}, {}) is None


def test_a_count_is_volume_by_group() -> None:
    found = counts({"a": Ratio(3, None), "b": Ratio(1, None)}, {"a": Ratio(5, None)})
    assert (found.before, found.after, found.volume) == (
        Ratio(4, None),
        Ratio(5, None),
        Fraction(1),
    )
    assert {name: share.volume for name, share in found.groups.items()} == {"a": 2, "b": -1}
    assert (found.mix, found.within) == (ZERO, ZERO)
