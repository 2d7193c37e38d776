"""Measures as rows of data. To add one, add a row to a module here, and its SQL."""

from __future__ import annotations

from schemas.measures import callbacks, funnel, handling, ivr, service_level, waits
from schemas.measures.kinds import Kind, Measure, Term, Words

_MODULES = (funnel, service_level, waits, handling, ivr, callbacks)

TERMS: tuple[Term, ...] = tuple(term for module in _MODULES for term in module.TERMS)
MEASURES: dict[str, Measure] = {
    measure.id: measure for module in _MODULES for measure in module.MEASURES
}


def combination(terms: str) -> list[tuple[int, str]]:
    """A sum of terms as (sign, term) pairs: "a + b - c" is +a, +b, -c."""
    signed, sign = [], 1
    for word in terms.split():
        if word in "+-":
            sign = 1 if word == "+" else -1
        else:
            signed.append((sign, word))
            sign = 1
    return signed


__all__ = ["MEASURES", "TERMS", "Kind", "Measure", "Term", "Words", "combination"]
