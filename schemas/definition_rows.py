"""Rows of `definitions.toml`: versions of measures, and what can be wrong about one by itself."""

from __future__ import annotations

import re
from datetime import date

from schemas.measures import MEASURES, TERMS, Kind, Measure, combination, relation_of
from schemas.tables import Row

_TERMS = {term.id: term for term in TERMS}
_TERM = r"(?:[0-9][0-9_]* \* )?[a-z][a-z0-9_.]*"
_SUM = re.compile(rf"{_TERM}(?: [+-] {_TERM})*")
#: A field, and what is wrong with it.
Problem = tuple[str, str] | None


class Remark(Row, frozen=True, kw_only=True):
    """A remark in both languages."""

    en: str
    fr: str


class Version(Row, frozen=True, kw_only=True):
    """One version of a measure, as a row of the file.

    Attributes:
        number: 1 is the first.
        effective_from: its first local day; it holds until the day before the next version's.
        numerator, denominator, rank: as of a `Measure`; empty for the packaged version.
        sql: its published SQL, as the files of `schemas/sql/measures`; likewise.
        breaks: figures before and after it are not one series.
        parallel_until: before this day the version before is computed too, beside it.
        changed, reason: against the version before: what, and why.
    """

    measure: str
    number: int
    effective_from: date
    numerator: str = ""
    denominator: str = ""
    rank: int = 0
    sql: str = ""
    breaks: bool = False
    parallel_until: date | None = None
    changed: Remark | None = None
    reason: Remark | None = None


class Table(Row, frozen=True, kw_only=True):
    """`definitions.toml`."""

    version: tuple[Version, ...] = ()


def wrong(row: Version) -> Problem:
    """The first field of a row that is wrong by itself, and why."""
    base = MEASURES.get(row.measure)
    if base is None:
        return "measure", f"there is no {row.measure}"
    if row.number < 1:
        return "number", "the first version is 1"
    if row.number == base.version:
        return _wrong_packaged(row, base)
    return _wrong_formula(row, base) or _wrong_words(row)


def _wrong_packaged(row: Version, base: Measure) -> Problem:
    """The packaged version has its formula elsewhere."""
    for field in ("numerator", "denominator", "rank", "sql"):
        if getattr(row, field):
            return field, f"version {row.number} of {row.measure} is packaged, and not changed here"
    if row.effective_from.isoformat() != base.effective_from:
        return "effective_from", f"the packaged version is in force from {base.effective_from}"
    return _wrong_words(row)


def _wrong_words(row: Version) -> Problem:
    for field in ("changed", "reason"):
        if (getattr(row, field) is None) != (row.number == 1):
            only = "the first version changes nothing" if row.number == 1 else "is missing"
            return field, only
    if row.parallel_until is not None and row.parallel_until <= row.effective_from:
        return "parallel_until", "is not after effective_from"
    if row.number == 1 and (row.breaks or row.parallel_until):
        return "breaks" if row.breaks else "parallel_until", "there is none before the first"
    return None


def _wrong_formula(row: Version, base: Measure) -> Problem:
    if base.kind is Kind.REMAINDER:
        return "measure", f"{row.measure} is a remainder, which has one version"
    for field in ("numerator", "denominator"):
        if words := _wrong_sum(getattr(row, field), relation_of(base)):
            return field, words
    if not row.numerator:
        return "numerator", "is missing"
    if bool(row.denominator) != (base.kind in {Kind.RATIO, Kind.MEAN}):
        return "denominator", "is missing" if base.denominator else f"a {base.kind} has none"
    problem = _wrong_rank(row, base) or _wrong_moment(row, base)
    return problem or (None if row.sql.strip() else ("sql", "is missing"))


def _wrong_sum(terms: str, relation: str) -> str:
    """Why a sum of terms is none; "" where it is one, or empty."""
    if terms and not _SUM.fullmatch(terms):
        return f"{terms!r} is no sum of terms, such as 'answered + 2 * abandoned'"
    for _, name in combination(terms):
        if name not in _TERMS:
            return f"there is no term {name}"
        if (of := _TERMS[name].relation) != relation:
            return f"the term {name} is of {of}; the measure counts {relation}"
    return ""


def _wrong_moment(row: Version, base: Measure) -> Problem:
    """By interval a count is attributed to one moment, whatever its version."""
    if base.kind is not Kind.COUNT or _moments(row.numerator) == _moments(base.numerator):
        return None
    return "numerator", f"its terms happen at another moment than those of {base.numerator}"


def _moments(terms: str) -> set[str]:
    return {_TERMS[name].moment for _, name in combination(terms)}


def _wrong_rank(row: Version, base: Measure) -> Problem:
    if base.kind is not Kind.PERCENTILE:
        return ("rank", f"a {base.kind} has none") if row.rank else None
    if not 0 < row.rank <= 100:
        return "rank", "is not 1 to 100"
    if (term := _TERMS.get(row.numerator)) is None:
        return "numerator", "a percentile ranks the values of one term"
    if term.spread != _TERMS[base.numerator].spread:
        return "numerator", f"the values of {term.id} are not kept in {base.unit}"
    return None
