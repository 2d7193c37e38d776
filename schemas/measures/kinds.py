"""What a measure is made of: terms that are counted, and rows that combine them.

A *term* is an integer that adds up: over contacts, partitions, intervals, restarts. A
*measure* is a row of data that names terms; its figure is integers until one division.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Kind(StrEnum):
    """The five kinds of measure, and no more."""

    COUNT = "count"
    RATIO = "ratio"
    MEAN = "mean"
    PERCENTILE = "percentile"
    ACROSS = "across"


@dataclass(frozen=True, slots=True)
class Term:
    """An integer that every contact adds, or does not, to an interval.

    Attributes:
        id: its name in accumulators.
        population: a predicate on the fields of `ContactRecord`, as an expression.
        value: the field that is summed; "" counts contacts instead.
        moment: the field that says when it happened (attribution by interval).
        spread: keep a histogram of floored seconds of `value` too, for percentiles.
    """

    id: str
    population: str
    value: str = ""
    moment: str = "arrived_ms"
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The name of a measure and what it says, in one language."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: a versioned, public definition.

    Attributes:
        numerator, denominator: sums of terms, such as "answered + abandoned - short". A
            count has no denominator. A percentile has the term whose values are ranked as
            numerator.
        rank: of a percentile, in hundredths: 90 is the 90th, 100 the longest.
        unit: "contacts", "events", "%", "s"; values in seconds come from milliseconds.
        effective_from: the first day it may be published for.
    """

    id: str
    kind: Kind
    en: Words
    fr: Words
    numerator: str
    denominator: str = ""
    rank: int = 0
    unit: str = "contacts"
    version: int = 1
    effective_from: str = "1999-01-01"
    exclusions: str = ""

    @property
    def rounding(self) -> str:
        """The rounding rule, in words."""
        return ROUNDING[self.kind]


ROUNDING = {
    Kind.COUNT: "none: an integer",
    Kind.RATIO: "one division in decimal, times 100, to 2 decimals, half up",
    Kind.MEAN: "one division in decimal, milliseconds to seconds, to 3 decimals, half up",
    Kind.PERCENTILE: "nearest rank over whole seconds, floored",
    Kind.ACROSS: "none: an integer",
}


def quotient(kind: Kind, unit: str, numerator: int, denominator: int) -> str | None:
    """The one division of a ratio or a mean; null over nothing, never zero."""
    if not denominator:
        return None
    exact = Decimal(numerator) / Decimal(denominator)
    if kind is Kind.RATIO:
        return str((exact * 100).quantize(Decimal("0.01"), ROUND_HALF_UP))
    scaled = exact / 1000 if unit == "s" else exact
    return str(scaled.quantize(Decimal("0.001"), ROUND_HALF_UP))


def nearest_rank(histogram: dict[int, int], rank: int) -> int | None:
    """The value at the nearest rank: the ceil(n * rank / 100)-th smallest; null of nothing.

    `histogram` maps whole seconds to how many; counts below 1 must not occur.
    """
    total = sum(histogram.values())
    target = -(-total * rank // 100)
    seen = 0
    for second in sorted(histogram):
        seen += histogram[second]
        if seen >= target:
            return second
    return None
