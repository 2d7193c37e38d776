"""Declared totals against what was counted, like with like (`definitions.md` section 1).

A declaration is compared with the contacts that arrived in its own interval and match all of
its own dimensions. Where several authorities declare, the widest speaks; where one declares
at several levels of detail, the coarsest does: nothing is added twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.periods import Span
from schemas.record import DIMENSIONS, Declaration
from streams.core.figures import Counted, Group, Question, Ratio
from streams.core.registers import Dims

AUTHORITIES = ("carrier", "switch", "workforce")


def unexplained(
    question: Question, declarations: Sequence[Declaration], counted: Counted
) -> dict[Group, Ratio]:
    """Declared less counted for every group in which somebody declared a total.

    `counted` are registers by cohort that cover the spans asked about.
    """
    chosen = _choose(question, declarations)
    totals = {group: sum(d.count for d in found) for group, found in chosen.items()}
    wanted = [(d, _dims(d), group) for group, found in chosen.items() for d in found]
    for quarter, dims, register in counted:
        arrived = register.sums.get("arrived", 0)
        for declaration, declared, group in wanted:
            if declaration.start_ms <= quarter < declaration.end_ms and _match(declared, dims):
                totals[group] -= arrived
    return {group: Ratio(total, None) for group, total in totals.items()}


def _dims(declaration: Declaration) -> Dims:
    return tuple(getattr(declaration, name) for name in DIMENSIONS)


def _detail(declaration: Declaration) -> int:
    return sum(value is not None for value in _dims(declaration))


def _match(declared: Dims, counted: Dims) -> bool:
    return all(d is None or d == c for d, c in zip(declared, counted, strict=True))


def _choose(
    question: Question, declarations: Sequence[Declaration]
) -> dict[Group, list[Declaration]]:
    groups: dict[Group, list[Declaration]] = {}
    for declaration in declarations:
        group = _group(question, declaration)
        if group is not None:
            groups.setdefault(group, []).append(declaration)
    return {group: _coarsest(_widest(found)) for group, found in groups.items()}


def _group(question: Question, declaration: Declaration) -> Group | None:
    """The group a declaration speaks of, if it lies in a span and names every dimension."""
    dims = tuple(getattr(declaration, name) for name in question.by)
    if declaration.of != "arrived" or None in dims:
        return None
    span = _span(question, declaration)
    return None if span is None else Group(span, dims)


def _span(question: Question, declaration: Declaration) -> Span | None:
    zone = question.zone_of(_dims(declaration))
    for span in question.spans:
        inside = span.start_ms <= declaration.start_ms and declaration.end_ms <= span.end_ms
        if span.zone == zone and inside:
            return span
    return None


def _widest(found: list[Declaration]) -> list[Declaration]:
    present = {declaration.authority for declaration in found}
    speaks = next((name for name in AUTHORITIES if name in present), None)
    return [declaration for declaration in found if declaration.authority == speaks]


def _coarsest(found: list[Declaration]) -> list[Declaration]:
    least = min((_detail(declaration) for declaration in found), default=0)
    return [declaration for declaration in found if _detail(declaration) == least]
