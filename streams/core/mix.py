"""The difference of a figure between two periods: volume, mix, and change within groups; exact.

For a rate or a mean R = sum(n) / sum(d) over groups, with the group's rate r = n / d and its
share s = d / sum(d), from period 0 to period 1:

    within = sum((s0 + s1) / 2 * (r1 - r0))
    mix    = sum((s1 - s0) * ((r0 + r1) / 2 - (R0 + R1) / 2))

which together are R1 - R0 (E. M. Kitagawa, "Components of a Difference Between Two Rates", Journal
of the American Statistical Association 50 (1955), 1168-1194; the weights are midpoints, as in the
index of Marshall and Edgeworth). The numerator N = D * R is taken apart by the same midpoints:

    N1 - N0 = (D1 - D0) * (R0 + R1) / 2  +  (D0 + D1) / 2 * (mix + within)

of which the first is volume. It moves no rate. A count has no denominator: all of it is volume.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from streams.core.figures import Ratio

ZERO = Fraction(0)
_NOBODY = Ratio(0, 0)
FORMULA = "Kitagawa 1955, midpoint weights (Marshall-Edgeworth)"


class Share(NamedTuple):
    """What one group adds to a difference.

    Attributes:
        before, after: its integers in the two periods; null where it had no rows.
        volume: of the numerator.
        mix, within: of the rate, in its own unit: a numerator over a denominator.
    """

    before: Ratio | None
    after: Ratio | None
    volume: Fraction = ZERO
    mix: Fraction = ZERO
    within: Fraction = ZERO


class Parts(NamedTuple):
    """A difference taken apart.

    Attributes:
        before, after: the sums of all groups.
        groups: by the group's value.
        volume, mix, within: of the numerator; their sum is the difference of the numerators.
        rate_mix, rate_within: of the rate; their sum is the difference of the rates.
    """

    before: Ratio
    after: Ratio
    groups: Mapping[str | None, Share]
    volume: Fraction
    mix: Fraction = ZERO
    within: Fraction = ZERO
    rate_mix: Fraction = ZERO
    rate_within: Fraction = ZERO


def rate(ratio: Ratio) -> Fraction:
    """A numerator over its denominator, neither of which is unknown."""
    return Fraction(ratio.numerator or 0, ratio.denominator or 1)


def counts(before: Mapping[str | None, Ratio], after: Mapping[str | None, Ratio]) -> Parts:
    """The difference of a count by group; what is unknown counts as nothing."""
    groups = {
        name: Share(was, now, Fraction(_top(now) - _top(was)))
        for name in _in_order(before, after)
        for was, now in [(before.get(name), after.get(name))]
    }
    return Parts(
        Ratio(sum(map(_top, before.values())), None),
        Ratio(sum(map(_top, after.values())), None),
        groups,
        sum((share.volume for share in groups.values()), ZERO),
    )


def rates(before: Mapping[str | None, Ratio], after: Mapping[str | None, Ratio]) -> Parts | None:
    """The difference of a rate or a mean; None where one of the two is unknown.

    A group that has no denominator in one of the periods has no rate there: all that it adds is
    mix.
    """
    was, now = _sum(before), _sum(after)
    if not was.denominator or not now.denominator:
        return None
    r0, r1 = rate(was), rate(now)
    between = Fraction(was.denominator + now.denominator, 2)
    found = {
        name: _share(before.get(name), after.get(name), was, now)
        for name in _in_order(before, after)
    }
    mix = sum((share.mix for share in found.values()), ZERO)
    within = sum((share.within for share in found.values()), ZERO)
    volume = (now.denominator - was.denominator) * (r0 + r1) / 2
    return Parts(was, now, found, volume, between * mix, between * within, mix, within)


def _share(one: Ratio | None, other: Ratio | None, was: Ratio, now: Ratio) -> Share:
    (n0, d0), (n1, d1) = _integers(one), _integers(other)
    whole0, whole1 = was.denominator or 1, now.denominator or 1
    s0, s1 = Fraction(d0, whole0), Fraction(d1, whole1)
    middle = (rate(was) + rate(now)) / 2
    added = Fraction(n1, whole1) - Fraction(n0, whole0)
    within = (s0 + s1) / 2 * (Fraction(n1, d1) - Fraction(n0, d0)) if d0 and d1 else ZERO
    volume = (d1 - d0) * middle
    return Share(one, other, volume, added - within - (s1 - s0) * middle, within)


def _integers(ratio: Ratio | None) -> tuple[int, int]:
    numerator, denominator = ratio or _NOBODY
    return numerator or 0, denominator or 0


def _top(ratio: Ratio | None) -> int:
    return _integers(ratio)[0]


def _sum(groups: Mapping[str | None, Ratio]) -> Ratio:
    found = [_integers(ratio) for ratio in groups.values()]
    return Ratio(sum(n for n, _ in found), sum(d for _, d in found))


def _in_order(*groups: Mapping[str | None, Ratio]) -> list[str | None]:
    names = {name for found in groups for name in found}
    return sorted(names, key=lambda name: (name is not None, name or ""))
