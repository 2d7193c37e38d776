"""Accumulators: what the rows of relations add to quarter-hours. They form a group: order is free.

A register belongs to a kind, to a quarter of an hour (its start, in milliseconds), and to the
values of the dimensions. The kind names a relation (`schemas.relations`) and an attribution:
`cohort` (the quarter to which the row itself belongs) or `interval` (the quarter in which the
thing happened). It holds sums of terms, and histograms of floored values for the terms that
percentiles rest on. A revised contact subtracts its old self and adds its new one.
"""

from __future__ import annotations

from operator import attrgetter

from msgspec import Struct

from schemas.measures import TERMS
from schemas.parts import Shift
from schemas.record import DIMENSIONS, ContactRecord
from schemas.relations import RELATIONS, Relation
from streams.core.terms import (
    COHORT,
    INTERVAL,
    Dims,
    Key,
    Register,
    Registers,
    compile_terms,
    kind,
)

PHONE = (None, "phone")
_ADD = {
    name: compile_terms(relation, [term for term in TERMS if term.relation == name])
    for name, relation in RELATIONS.items()
}
_CONTACTS = RELATIONS["contacts"]
_PARTS = {
    whole: [row for row in RELATIONS.values() if row.part in whole.__struct_fields__]
    for whole in (ContactRecord, Shift)
}
_parts = {whole: attrgetter(*(row.part for row in rows)) for whole, rows in _PARTS.items()}


def merge(into: Register, other: Register) -> None:
    """Add a register to another."""
    for term, value in other.sums.items():
        into.sums[term] = into.sums.get(term, 0) + value
    for term, spread in other.spreads.items():
        mine = into.spreads.setdefault(term, {})
        for value, count in spread.items():
            mine[value] = mine.get(value, 0) + count


def dims_of(folded: Struct, relation: Relation, row: Struct) -> Dims:
    """The dimensions of a row of a relation: of what it is part of, save those of its own.

    `folded` is the contact record or the shift; of the relation `contacts` it is the row too.
    """
    own = {"queue": row} if "queue" in relation.row.__struct_fields__ else {}
    known = [getattr(own.get(name, folded), name, None) for name in DIMENSIONS[:-1]]
    return (*known, getattr(row, relation.category) if relation.category else None)


def add_row(name: str, dims: Dims, row: Struct, sign: int, registers: Registers) -> None:
    """Add (sign 1) or take back (sign -1) what one row of the relation of that name contributes."""
    _ADD[name](row, dims, sign, registers)


def add(folded: ContactRecord | Shift, sign: int, registers: Registers) -> None:
    """Add (sign 1) or take back (sign -1) what a contact or a shift, and its parts, contribute.

    The relation `contacts` has the contacts by phone, and those that name no channel.
    """
    whole = type(folded)
    if whole is ContactRecord and folded.channel in PHONE:
        dims = dims_of(folded, _CONTACTS, folded)
        _ADD["contacts"](folded, dims, sign, registers)
    for relation in _PARTS[whole]:
        found = getattr(folded, relation.part)
        for row in found if isinstance(found, tuple) else (found,) * (found is not None):
            _ADD[relation.name](row, dims_of(folded, relation, row), sign, registers)


__all__ = [
    "COHORT",
    "INTERVAL",
    "Dims",
    "Key",
    "Register",
    "Registers",
    "add",
    "add_row",
    "dims_of",
    "kind",
    "merge",
]
