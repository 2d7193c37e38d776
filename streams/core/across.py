"""The second fold: what is known of contacts only from other contacts, added up.

To add a relation across contacts, add its row to `schemas.across`, its line to
`schemas.relations`, and a function here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from schemas.relations import RELATIONS
from streams.core.fidelity import fidelity
from streams.core.glimpse import Contact
from streams.core.registers import Registers, add_row, dims_of
from streams.core.repeats import repeats


class Fold(Protocol):
    """Rows of a relation, each with the record it belongs to; blind to the order of records."""

    def __call__(self, records: Iterable[Contact], as_of: int) -> Iterable[tuple[Contact, Struct]]:
        """The rows at an instant, in milliseconds."""
        ...


FOLDS: dict[str, Fold] = {"fidelity": fidelity, "repeats": repeats}


def across_registers(records: Sequence[Contact], as_of: int, relations: Iterable[str]) -> Registers:
    """What the rows of some relations across contacts add up to.

    Args:
        records: all contacts, in any order, as they stand at `as_of`.
        as_of: in milliseconds.
        relations: names of relations that are `across`.
    """
    registers: Registers = {}
    for name in relations:
        relation = RELATIONS[name]
        for record, row in FOLDS[name](records, as_of):
            add_row(name, dims_of(record, relation, row), row, 1, registers)
    return registers
