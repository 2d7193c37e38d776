"""The five forms of a row, so that a module of measures is nothing but words and terms.

The words come first in English, then in French. `exclusions` and `beside` are those of `Measure`.
"""

from schemas.measures.kinds import Both, Kind, Measure, Words

Names = tuple[str, ...]


def count(name: str, unit: str, en: Words, fr: Words, term: str = "") -> Measure:
    """How many, or how much: the sum of one term, which has the measure's name by default."""
    return Measure(name, Kind.COUNT, en, fr, term or name, unit=unit)


def share(
    name: str,
    numerator: str,
    denominator: str,
    en: Words,
    fr: Words,
    *,
    exclusions: Both | None = None,
    beside: Names = (),
) -> Measure:
    """One sum of terms in percent of another."""
    return Measure(
        name,
        Kind.RATIO,
        en,
        fr,
        numerator,
        denominator,
        unit="%",
        exclusions=exclusions,
        beside=beside,
    )


def mean(
    name: str,
    numerator: str,
    denominator: str,
    unit: str,
    en: Words,
    fr: Words,
    *,
    exclusions: Both | None = None,
    beside: Names = (),
) -> Measure:
    """A sum of values over how many there are, in a unit of `kinds.UNITS`."""
    return Measure(
        name,
        Kind.MEAN,
        en,
        fr,
        numerator,
        denominator,
        unit=unit,
        exclusions=exclusions,
        beside=beside,
    )


def rank(
    name: str,
    term: str,
    at: int,
    unit: str,
    en: Words,
    fr: Words,
    *,
    exclusions: Both | None = None,
) -> Measure:
    """The value at a nearest rank, in hundredths, of a term that keeps a spread."""
    return Measure(name, Kind.PERCENTILE, en, fr, term, rank=at, unit=unit, exclusions=exclusions)


def remainder(name: str, terms: str, unit: str, en: Words, fr: Words) -> Measure:
    """What others declared (the term `declared`), less what was counted."""
    return Measure(name, Kind.REMAINDER, en, fr, terms, unit=unit)
