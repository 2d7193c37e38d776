"""Totals that somebody else counted, beside ours, like with like (`definitions.md` section 3).

A total is compared with what was counted over its own interval, by its own attribution, of
contacts that match all the dimensions it names. Its remainder is the declared less the counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
_CHANNEL = DIMENSIONS.index("channel")


class Line(NamedTuple):
    """One declared total beside ours; `remainder` is declared less counted."""

    declaration: Declaration
    counted: int

    @property
    def remainder(self) -> int:
        """Declared less counted: positive where we have not seen all that they have."""
        return self.declaration.count - self.counted


def reconcile(declarations: Sequence[Declaration], counted: Callable[[str], Counted]) -> list[Line]:
    """Every declaration beside what was counted, by department, interval and authority.

    `counted` gives the registers of a kind (`contacts.cohort`) over all that is declared.
    """
    wanted = {_kind(d): COUNTED_AS[d.of][1] for d in declarations if d.of in COUNTED_AS}
    found = {name: _index(counted(name)) for name in wanted}
    lines = [
        Line(d, _count(d, found[_kind(d)], COUNTED_AS[d.of][1]))
        for d in declarations
        if d.of in COUNTED_AS
    ]
    return sorted(lines, key=_order)


_Index = dict[int, list[tuple[Dims, dict[str, int]]]]


def _kind(declaration: Declaration) -> str:
    return kind(COUNTED_AS[declaration.of][0], declaration.attribution)


def _index(counted: Counted) -> _Index:
    quarters: _Index = {}
    for quarter, dims, register in counted:
        quarters.setdefault(quarter, []).append((dims, register.sums))
    return quarters


def _count(declaration: Declaration, index: _Index, term: str) -> int:
    declared = _declared(declaration)
    return sum(
        sums.get(term, 0)
        for quarter in range(declaration.start_ms, declaration.end_ms, QUARTER_HOUR)
        for dims, sums in index.get(quarter, ())
        if _match(declared, dims)
    )


def _declared(declaration: Declaration) -> Dims:
    """The dimensions that a declaration names; a total has no category."""
    return tuple(getattr(declaration, name, None) for name in DIMENSIONS)


def _match(declared: Dims, counted: Dims) -> bool:
    """Whether something counted is among what was declared; no channel is that of the relation."""
    pairs = enumerate(zip(declared, counted, strict=True))
    return all(
        d is None or d == c or (index == _CHANNEL and c is None and d == "phone")
        for index, (d, c) in pairs
    )


def _order(line: Line) -> tuple[object, ...]:
    d = line.declaration
    return (d.department or "", d.of, d.attribution, d.authority, d.start_ms, d.subject)


#: The authorities that stand where we stand: a carrier sees calls that never reached us, so its
#: remainder is published and cannot be reconciled.
SAME_VIEW = ("switch", "workforce")


class Total(NamedTuple):
    """How far apart declared and counted are, over all totals of the same dimensions.

    Attributes:
        of_messages: of written messages; else of phone contacts.
        apart: all differences taken as positive, so that they cannot cancel out.
    """

    of_messages: bool
    dims: Dims
    apart: int


def totals(lines: Iterable[Line]) -> list[Total]:
    """The totals of switch and workforce system, by what and by the dimensions they name."""
    found: dict[tuple[bool, Dims], int] = {}
    for line in lines:
        if line.declaration.authority in SAME_VIEW:
            key = (line.declaration.of == "received", _declared(line.declaration))
            found[key] = found.get(key, 0) + abs(line.remainder)
    return [Total(*key, apart) for key, apart in found.items()]
