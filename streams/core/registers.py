"""Accumulators: what the rows of relations add to quarter-hours. They form a group: order is free.

A register belongs to a kind, to a quarter of an hour (its start, in milliseconds), and to the
values of the dimensions. The kind names a relation (`schemas.relations`) and an attribution:
`cohort` (the quarter to which the row itself belongs) or `interval` (the quarter in which the
thing happened). It holds sums of terms, and histograms of floored values for the terms that
percentiles rest on. A revised contact subtracts its old self and adds its new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct

from schemas.measures import TERMS
from schemas.parts import Shift
from schemas.record import DIMENSIONS, ContactRecord
from schemas.relations import RELATIONS, Relation
from streams.core.terms import (
    COHORT,
    INTERVAL,
    WITHIN,
    AddRow,
    Dims,
    Key,
    Register,
    Registers,
    compile_terms,
    kind,
)

PHONE = (None, "phone")


def _dims(relation: Relation) -> Callable[[Struct, Struct], Dims]:
    """How to find the dimensions of a row, unrolled, for it is asked of every row."""
    own = relation.row.__struct_fields__ if relation.part else ()
    fields = [f"{'row' if name in own else 'whole'}.{name}" for name in DIMENSIONS[:-1]]
    category = f"row.{relation.category}" if relation.category else "None"
    return eval(f"lambda whole, row: ({', '.join(fields)}, {category})")  # type: ignore[no-any-return]


class _Rows(NamedTuple):
    """The rows of a relation: of the contact, their dimensions, and how to add one."""

    part: str
    dims: Callable[[Struct, Struct], Dims]
    add: AddRow


_ROWS = {
    name: _Rows(
        relation.part,
        _dims(relation),
        compile_terms(relation, [term for term in TERMS if term.relation == name]),
    )
    for name, relation in RELATIONS.items()
}
_CONTACTS = _ROWS["contacts"]
_PARTS = {
    whole: [rows for rows in _ROWS.values() if rows.part in whole.__struct_fields__]
    for whole in (ContactRecord, Shift)
}

_NAMED = {
    whole: [
        (name, rows.part, rows.dims)
        for name, rows in _ROWS.items()
        if rows.part in whole.__struct_fields__
    ]
    for whole in (ContactRecord, Shift)
}


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
    return _ROWS[relation.name].dims(folded, row)


def rows_of(folded: ContactRecord | Shift) -> Iterator[tuple[str, Dims, Struct]]:
    """Every row of a contact or a shift: its relation, its dimensions, and the row."""
    if isinstance(folded, ContactRecord) and folded.channel in PHONE:
        yield "contacts", _CONTACTS.dims(folded, folded), folded
    for name, part, dims in _NAMED[type(folded)]:
        found = getattr(folded, part)
        if found:
            for row in found if isinstance(found, tuple) else (found,):
                yield name, dims(folded, row), row


def add_row(name: str, dims: Dims, row: Struct, sign: int, registers: Registers) -> None:
    """Add (sign 1) or take back (sign -1) what one row of the relation of that name contributes."""
    found: Registers = {}
    _ROWS[name].add(row, dims, sign, found)
    combine(registers, attribute(found))


def add(folded: ContactRecord | Shift, sign: int, registers: Registers) -> None:
    """Add (sign 1) or take back (sign -1) what a contact or a shift, and its parts, contribute.

    The relation `contacts` has the contacts by phone, and those that name no channel.
    """
    found: Registers = {}
    add_unattributed(folded, sign, found)
    combine(registers, attribute(found))


def add_unattributed(folded: ContactRecord | Shift, sign: int, registers: Registers) -> None:
    """As `add`, for many: twice as fast, but `attribute` must be called when all are added."""
    if isinstance(folded, ContactRecord) and folded.channel in PHONE:
        _CONTACTS.add(folded, _CONTACTS.dims(folded, folded), sign, registers)
    for part, dims, add_one in _PARTS[type(folded)]:
        found = getattr(folded, part)
        if found:
            for row in found if isinstance(found, tuple) else (found,):
                add_one(row, dims(folded, row), sign, registers)


def attribute(registers: Registers) -> Registers:
    """The same, in place: what was added once counts by cohort and by interval."""
    for name, quarter, dims in list(registers):
        relation, _, by = name.rpartition(".")
        if by == WITHIN:
            register = registers.pop((name, quarter, dims))
            for attribution in (COHORT, INTERVAL):
                key = (kind(relation, attribution), quarter, dims)
                merge(registers.setdefault(key, Register()), register)
    return registers


def combine(into: Registers, other: Registers) -> Registers:
    """Add all registers to others, in place."""
    for key, register in other.items():
        merge(into.setdefault(key, Register()), register)
    return into


__all__ = [
    "COHORT",
    "INTERVAL",
    "Dims",
    "Key",
    "Register",
    "Registers",
    "add",
    "add_row",
    "add_unattributed",
    "attribute",
    "combine",
    "dims_of",
    "kind",
    "merge",
    "rows_of",
]
