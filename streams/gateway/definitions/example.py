"""The worked example as a picture: one bar for each formula, from the highest to the lowest."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from schemas.instants import SECOND
from schemas.measures.example import COUNTED, Reported, reported
from schemas.measures.service_level import THRESHOLD
from schemas.record import SHORT_ABANDON
from streams.gateway.definitions.measures import formula
from streams.gateway.definitions.words import say, text
from streams.gateway.typography import Language, number, percent


@dataclass(frozen=True, slots=True)
class Bar:
    """One formula: its words, and how wide its bar is in percent."""

    measure: str
    label: str
    by: str
    formula: str
    computed: str
    value: str
    width: str
    lowest: bool


@dataclass(frozen=True, slots=True)
class Example:
    """The picture and the words beside it."""

    text: str
    range: str
    bars: list[Bar]


def example(language: Language) -> Example:
    """The same calls by every formula."""
    rows = sorted(reported(), key=lambda row: Decimal(row.value), reverse=True)
    counted = {term: number(count, language) for term, count in COUNTED.items()}
    limits = {"threshold": THRESHOLD // SECOND, "short": SHORT_ABANDON // SECOND}
    high, low = (percent(_tenths(row), language) for row in (rows[0], rows[-1]))
    return Example(
        text=say(language, "example_text", **counted, **limits),
        range=say(language, "example_range", low=low, high=high),
        bars=[_bar(row, row is rows[-1], language) for row in rows],
    )


def _bar(row: Reported, lowest: bool, language: Language) -> Bar:
    words, by = (row.measure.en, row.by.en) if language == "en" else (row.measure.fr, row.by.fr)
    above = formula(row.measure.numerator, language)
    below = formula(row.measure.denominator, language)
    return Bar(
        measure=row.measure.id,
        label=text(words.name, language).rpartition(": ")[2],
        by=text(by, language),
        formula=f"{_grouped(above)} ÷ {_grouped(below)}",
        computed=f"{number(row.numerator, language)} ÷ {number(row.denominator, language)}",
        value=percent(_tenths(row), language),
        width=row.value,
        lowest=lowest,
    )


def _tenths(row: Reported) -> str:
    """As the published example says it: to one decimal, half up."""
    return str(Decimal(row.value).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _grouped(terms: str) -> str:
    return f"({terms})" if " " in terms else terms
