"""What a measure is made of: terms that are counted, and rows that combine them.

A *term* is an integer that adds up: over contacts, partitions, intervals, restarts. A
*measure* is a row of data that names terms; its figure is integers until one division.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Kind(StrEnum):
    """The five kinds of measure, and no more.

    A *remainder* is what others declared, less what was counted. Measures of the relations across
    contacts are of the other kinds.
    """

    COUNT = "count"
    RATIO = "ratio"
    MEAN = "mean"
    PERCENTILE = "percentile"
    REMAINDER = "remainder"


@dataclass(frozen=True, slots=True)
class Term:
    """An integer that every row of a relation adds, or does not, to an interval.

    Attributes:
        id: its name in accumulators.
        population: a predicate on the fields of the row, as an expression.
        value: the field that is summed; "" counts rows instead.
        moment: the field that says when it happened (attribution by interval); "" is the
            relation's `cohort`.
        spread: keep a histogram of `value`, divided by this and floored, for percentiles:
            `SECOND` for milliseconds in seconds, 1 for whole days. 0: none.
        relation: of `schemas.relations`. The terms of one measure are of one relation.
    """

    id: str
    population: str
    value: str = ""
    moment: str = ""
    spread: int = 0
    relation: str = "contacts"


@dataclass(frozen=True, slots=True)
class Words:
    """The name of a measure and what it says, in one language."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Both:
    """A remark in both languages."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: a versioned, public definition. Its other versions: `schemas.definitions`.

    Attributes:
        id: its name. Where a version is computed that is not the packaged one, its name for
            engines is `id@version` (`schemas.definitions.Edition.asked`).
        numerator, denominator: sums of terms, such as "answered + abandoned - short". A
            count has no denominator. A percentile has the term whose values are ranked as
            numerator. A term can be multiplied by an integer: "a + 86_400_000 * b".
        rank: of a percentile, in hundredths: 90 is the 90th, 100 the longest.
        unit: one of `UNITS`, or what is counted: "contacts", "messages" and the like.
        version, effective_from: which version the row is, and the first day it may be published
            for.
        exclusions: what is left out of the population; None where nothing is.
        beside: the measures without which it must not be shown: alone it would mislead.
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
    exclusions: Both | None = None
    beside: tuple[str, ...] = ()

    @property
    def rounding(self) -> Both:
        """The rounding rule, in words."""
        return ROUNDING[self.kind]


_WHOLE = Both("none: an integer", "aucun : un nombre entier")
ROUNDING = {
    Kind.COUNT: _WHOLE,
    Kind.RATIO: Both(
        "one division in decimal, times 100, to 2 decimals, half up",
        "une division en décimal, multipliée par 100, à 2 décimales, la moitié vers le haut",
    ),
    Kind.MEAN: Both(
        "one division in decimal, to 3 decimals of its unit, half up",
        "une division en décimal, à 3 décimales de l’unité, la moitié vers le haut",
    ),
    Kind.PERCENTILE: Both(
        "nearest rank over whole units, floored",
        "rang le plus proche sur des unités entières, arrondies vers le bas",
    ),
    Kind.REMAINDER: _WHOLE,
}


#: What a mean is divided by for its unit: values are milliseconds, days, or points.
UNITS = {
    "s": 1_000,
    "days": 86_400_000,  # of 24 hours, from milliseconds
    "whole days": 1,  # of 24 hours, floored before
    "business days": 1,
    "working hours": 3_600_000,
    "points": 1,
    "attempts": 1,
}


def quotient(kind: Kind, unit: str, numerator: int, denominator: int) -> str | None:
    """The one division of a ratio or a mean; null over nothing, never zero."""
    if not denominator:
        return None
    exact = Decimal(numerator) / Decimal(denominator)
    if kind is Kind.RATIO:
        return str((exact * 100).quantize(Decimal("0.01"), ROUND_HALF_UP))
    scaled = exact / UNITS[unit]
    return str(scaled.quantize(Decimal("0.001"), ROUND_HALF_UP))


def nearest_rank(histogram: dict[int, int], rank: int) -> int | None:
    """The value at the nearest rank: the ceil(n * rank / 100)-th smallest; null of nothing.

    `histogram` maps whole values (seconds, days, attempts) to how many rows have them; counts
    below 1 must not occur.
    """
    total = sum(histogram.values())
    target = -(-total * rank // 100)
    seen = 0
    for value in sorted(histogram):
        seen += histogram[value]
        if seen >= target:
            return value
    return None
