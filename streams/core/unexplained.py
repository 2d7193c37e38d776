"""Declared totals against what was counted, like with like (`docs/definitions.md` section 1).

A declaration is compared with the contacts that arrived in its own interval and match all of
its own dimensions. Where several authorities declare, the widest speaks; where one declares
at several levels of detail, the coarsest does. Where a contact could then still be in two of
the declarations, they cannot be added, and the remainder is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from schemas.instants import QUARTER_HOUR
from schemas.record import DIMENSIONS, Declaration
from streams.core.figures import Counted, Group, Question, Ratio, span_at
from streams.core.registers import Dims

PHONE = (None, "phone")
CHANNEL = DIMENSIONS.index("channel")
AUTHORITIES = ("carrier", "switch", "workforce")


def unexplained(
    question: Question, declarations: Sequence[Declaration], counted: Counted
) -> dict[Group, Ratio]:
    """Declared less counted for every group in which somebody declared a total.

    `counted` are registers of contacts by cohort that cover the spans asked about.
    """
    arrived: dict[int, list[tuple[Dims, int]]] = {}
    for quarter, dims, register in counted:
        arrived.setdefault(quarter, []).append((dims, register.sums.get("arrived", 0)))
    return {
        group: Ratio(sum(d.count - _counted(d, arrived) for d in found), None)
        for group, found in _choose(question, declarations).items()
    }


def _counted(declaration: Declaration, arrived: dict[int, list[tuple[Dims, int]]]) -> int:
    declared = _dims(declaration)
    return sum(
        count
        for quarter in range(declaration.start_ms, declaration.end_ms, QUARTER_HOUR)
        for dims, count in arrived.get(quarter, ())
        if _match(declared, dims)
    )


def _dims(declaration: Declaration) -> Dims:
    return tuple(getattr(declaration, name, None) for name in DIMENSIONS)  # category: none


def _detail(declaration: Declaration) -> int:
    return sum(value is not None for value in _dims(declaration))


def _match(declared: Dims, counted: Dims) -> bool:
    """Whether contacts are among those declared; all that are counted came by phone."""
    pairs = enumerate(zip(declared, counted, strict=True))
    return all(d is None or d == c or index == CHANNEL for index, (d, c) in pairs)


def _choose(
    question: Question, declarations: Sequence[Declaration]
) -> dict[Group, list[Declaration]]:
    by_zone = question.by_zone()
    groups: dict[Group, list[Declaration]] = {}
    for declaration in declarations:
        span = span_at(by_zone.get(question.zone_of(_dims(declaration)), ()), declaration.start_ms)
        dims = tuple(getattr(declaration, name, None) for name in question.by)
        if span is None or declaration.end_ms > span.end_ms or None in dims:
            continue  # it speaks of more than a span, or of no single group
        known = declaration.authority in AUTHORITIES and declaration.of == "arrived"
        if known and declaration.channel in PHONE:
            groups.setdefault(Group(span, dims), []).append(declaration)
    chosen = {group: _coarsest(_widest(found)) for group, found in groups.items()}
    return {group: found for group, found in chosen.items() if _disjoint(found)}


def _disjoint(found: list[Declaration]) -> bool:
    """Whether no contact can be in two of the declarations, so that they may be added."""
    running: list[Declaration] = []
    for declaration in sorted(found, key=attrgetter("start_ms")):
        running = [other for other in running if other.end_ms > declaration.start_ms]
        if any(_meet(_dims(other), _dims(declaration)) for other in running):
            return False
        running.append(declaration)
    return True


def _meet(one: Dims, other: Dims) -> bool:
    """Whether no dimension tells the contacts of two declarations apart."""
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


def _widest(found: list[Declaration]) -> list[Declaration]:
    speaks = min((declaration.authority for declaration in found), key=AUTHORITIES.index)
    return [declaration for declaration in found if declaration.authority == speaks]


def _coarsest(found: list[Declaration]) -> list[Declaration]:
    least = min(map(_detail, found))
    return [declaration for declaration in found if _detail(declaration) == least]
