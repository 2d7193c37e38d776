"""What a figure was, what it is, and the steps between."""

from __future__ import annotations

from msgspec import Struct

from schemas.board import Figure, Period
from schemas.definitions import Definitions, Edition
from schemas.errors import DeadLetter
from schemas.periods import spans
from schemas.reference import Reference
from streams.commands.questions import found_for
from streams.core.basis import Basis, changed
from streams.core.editions import versions_at
from streams.core.figures import Group, Ratio
from streams.core.why import Step, steps
from streams.finals.kept import Kept
from streams.finals.since import Sought, states
from streams.home import Home
from streams.recounting.recompute import everywhere
from streams.runtimes.asking import Request

_NOTHING = Ratio(None, None)


class Since(Struct, frozen=True, kw_only=True):
    """What a figure was, what it is, and the steps between, in one zone.

    Attributes:
        figure: its reference.
        kept: what it was, and where that was kept.
        version: of its measure now.
        ratio: its integers now, by the live state.
        basis: what it rests on now.
        changes: which of `streams.core.basis.CHANGES` there were; null where it was not kept what
            it rested on.
        steps: from what it was to what it is; they add up to what the evidence says now.
        agrees: whether that is what the live state says.
    """

    figure: str
    kept: Kept
    version: int
    ratio: Ratio
    basis: Basis
    changes: list[str] | None
    steps: list[Step]
    agrees: bool


def since(
    home: Home, named: Reference, definitions: Definitions, before: dict[str, list[Kept]]
) -> list[Since]:
    """Every zone's figure since it was kept.

    Of what was kept of a figure the newest is taken that says otherwise than now, else the newest.

    Raises:
        DeadLetter: nothing was counted yet.
        Retry: the log has moved on; ask again.
        Stop: a file was changed.
    """
    version = "" if named.version is None else f"@{named.version}"
    now = versions_at(definitions, f"{named.measure}{version}", named.start)[0]
    request = _request(named, now, definitions)
    found = found_for(home, request, "live")
    if found.basis is None:
        msg = f"nothing was counted yet in {home.data}"
        raise DeadLetter(msg)
    basis = found.basis(_blank(now))
    ratios = {
        figure.period.zone: Ratio(figure.numerator, figure.denominator)
        for figure in found.figures
        if figure.dimensions == named.dims and figure.version == now.number
    }
    rows = []
    for zone, kept in sorted(before.items()):
        ratio = ratios.get(zone, _NOTHING)
        then = next((one for one in reversed(kept) if one.ratio != ratio), kept[-1])
        sought = _sought(named, zone, definitions, then, now, basis)
        rows.append(_since(home, named, sought, ratio))
    return rows


def _request(named: Reference, now: Edition, definitions: Definitions) -> Request:
    name = f"{named.measure}@{now.number}"
    return Request(
        named.start, named.end, None, tuple(named.dims), (name,), definitions=definitions
    )


def _blank(now: Edition) -> Figure:
    """A figure of which nothing is known but its definition, for what it rests on."""
    return Figure(
        measure=now.measure.id,
        version=now.number,
        status="",
        as_of="",
        period=Period("", "", ""),
        dimensions={},
        numerator=None,
        denominator=None,
        value=None,
        unit=now.measure.unit,
    )


def _sought(
    named: Reference,
    zone: str,
    definitions: Definitions,
    kept: Kept,
    now: Edition,
    basis: Basis,
) -> Sought:
    (span,) = spans(zone, named.start, named.end, None)
    return Sought(
        question=everywhere(_request(named, now, definitions), basis.as_of).question,
        group=Group(span, tuple(named.dims.values())),
        kept=kept,
        then=definitions.edition(named.measure, kept.version),
        now=now,
        basis=basis,
    )


def _since(home: Home, named: Reference, sought: Sought, ratio: Ratio) -> Since:
    found = states(home, sought)
    before = sought.kept.basis
    return Since(
        figure=str(named),
        kept=sought.kept,
        version=sought.now.number,
        ratio=ratio,
        basis=sought.basis,
        changes=changed(before, sought.basis) if before else None,
        steps=steps(sought.kept.ratio, found),
        agrees=found[-1].ratio == ratio,
    )
