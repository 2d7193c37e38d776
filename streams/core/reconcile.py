"""Totals that somebody else counted, beside ours, like with like (`docs/definitions.md` section 3).

A total is compared with what was counted over its own interval, by its own attribution, of
contacts that match all the dimensions it names. Its remainder is the declared less the counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from schemas.instants import QUARTER_HOUR
from schemas.record import DIMENSIONS, Declaration
from streams.core.registers import Dims, kind

if TYPE_CHECKING:
    from streams.core.figures import Counted

#: What can be declared -> the relation and the term in which we count it.
COUNTED_AS = {
    "arrived": ("contacts", "arrived"),
    "asked": ("contacts", "asked"),
    "queued": ("contacts", "queued"),
    "answered": ("contacts", "answered"),
    "abandoned": ("contacts", "abandoned"),
    "received": ("messages", "message.received"),
}
#: The authorities that stand where we stand: a carrier sees calls that never reached us, so its
#: remainder is published and cannot be reconciled.
SAME_VIEW = ("switch", "workforce")
_named = attrgetter(*DIMENSIONS[:-1])  # all but the category
_CHANNEL = DIMENSIONS.index("channel")


class Line(NamedTuple):
    """One declared total beside ours."""

    declaration: Declaration
    counted: int

    @property
    def remainder(self) -> int:
        """Declared less counted: positive where we have not seen all that they have."""
        return self.declaration.count - self.counted


class _Wanted(NamedTuple):
    """What is to be counted: a term of a kind of registers, under the dimensions declared."""

    kind: str
    term: str
    dims: Dims


def reconcile(declarations: Iterable[Declaration], counted: Callable[[str], Counted]) -> list[Line]:
    """Every declaration beside what was counted, by department, interval and authority.

    `counted` gives the registers of a kind (`contacts.cohort`) over all that is declared; it is
    read once for each kind.
    """
    known = [(d, _wanted(d)) for d in declarations if d.of in COUNTED_AS]
    tallies = _tallies({wanted for _, wanted in known}, counted)
    lines = [Line(d, _between(tallies[wanted], d.start_ms, d.end_ms)) for d, wanted in known]
    return sorted(lines, key=_order)


def _wanted(declaration: Declaration) -> _Wanted:
    relation, term = COUNTED_AS[declaration.of]
    return _Wanted(kind(relation, declaration.attribution), term, declared_dims(declaration))


def declared_dims(declaration: Declaration) -> Dims:
    """The dimensions that a declaration names; a total has no category."""
    return (*_named(declaration), None)


def _tallies(
    wanted: Iterable[_Wanted], counted: Callable[[str], Counted]
) -> dict[_Wanted, dict[int, int]]:
    """Of each that is wanted, how many were counted by quarter of an hour."""
    tallies: dict[_Wanted, dict[int, int]] = {row: {} for row in wanted}
    for name in sorted({row.kind for row in tallies}):
        of_kind = [row for row in tallies if row.kind == name]
        fitting: dict[Dims, Sequence[_Wanted]] = {}  # few dimensions, in many quarters
        for quarter, dims, register in counted(name):
            if dims not in fitting:
                fitting[dims] = [row for row in of_kind if match(row.dims, dims)]
            for row in fitting[dims]:
                tally = tallies[row]
                tally[quarter] = tally.get(quarter, 0) + register.sums.get(row.term, 0)
    return tallies


def match(declared: Dims, counted: Dims) -> bool:
    """Whether something counted is among what was declared; no channel is that of the relation."""
    pairs = enumerate(zip(declared, counted, strict=True))
    return all(
        d is None or d == c or (index == _CHANNEL and c is None and d == "phone")
        for index, (d, c) in pairs
    )


def _between(tally: dict[int, int], start: int, end: int) -> int:
    return sum(tally.get(quarter, 0) for quarter in range(start, end, QUARTER_HOUR))


def _order(line: Line) -> tuple[object, ...]:
    d = line.declaration
    return (d.department or "", d.of, d.attribution, d.authority, d.start_ms, d.subject)
