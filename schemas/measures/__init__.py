"""Measures as rows of data. To add one, add a row to a module here, and its SQL."""

from __future__ import annotations

from schemas.measures import (
    agents,
    callbacks,
    estimates,
    fidelity,
    funnel,
    handling,
    ivr,
    messages,
    repeats,
    resolution,
    segments,
    service_level,
    surveys,
    waits,
    work,
)
from schemas.measures.kinds import Both, Kind, Measure, Term, Words

#: In the order in which the measures are listed.
MODULES = (
    *(funnel, service_level, waits, handling, ivr, segments, estimates),
    *(callbacks, fidelity, repeats, resolution, messages, surveys, work, agents),
)

TERMS: tuple[Term, ...] = tuple(term for module in MODULES for term in module.TERMS)
MEASURES: dict[str, Measure] = {
    measure.id: measure for module in MODULES for measure in module.MEASURES
}

#: By relation, the terms that count what may still change by itself. A figure is provisional
#: while there are any in its cohort. A relation that is not here waits with `contacts`: it has
#: nothing of its own that a deadline or a window would close.
OPEN: dict[str, str] = {
    "contacts": "waiting + in_ivr + callback_pending",
    # Delays and ages change until the last one is answered or excluded, also past the deadline.
    "messages": "email.open + parliamentary.open",
    "repeats": "repeat.open",
}


def combination(terms: str) -> list[tuple[int, str]]:
    """A sum of terms as (times, term) pairs: "a + b - 2 * c" is 1 a, 1 b, -2 c."""
    pairs, sign, times = [], 1, 1
    for word in terms.split():
        if word in "+-":
            sign = 1 if word == "+" else -1
        elif word.replace("_", "").isdecimal():
            times = int(word)
        elif word != "*":
            pairs.append((sign * times, word))
            sign = times = 1
    return pairs


def relation_of(measure: Measure) -> str:
    """The relation whose rows a measure counts: that of its terms.

    Raises:
        ValueError: its terms are of several relations, or it has none.
    """
    pairs = combination(f"{measure.numerator} + {measure.denominator}")
    found = {_TERM_RELATIONS[name] for _, name in pairs if name in _TERM_RELATIONS}
    if len(found) != 1:
        msg = f"the terms of {measure.id} are of these relations: {sorted(found)}"
        raise ValueError(msg)
    return found.pop()


_TERM_RELATIONS = {term.id: term.relation for term in TERMS}

__all__ = [
    "MEASURES",
    "MODULES",
    "OPEN",
    "TERMS",
    "Both",
    "Kind",
    "Measure",
    "Term",
    "Words",
    "combination",
    "relation_of",
]
