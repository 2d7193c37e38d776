"""What a figure was: as it was recorded as final, or kept in a gate's report or in a baseline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from schemas.board import Figure
from schemas.errors import DeadLetter
from schemas.instants import millis
from schemas.reference import Reference
from streams.core.basis import Basis
from streams.core.figures import Ratio
from streams.core.registers import COHORT
from streams.finals import baselines
from streams.finals.ledger import Ledger, Record
from streams.gate.forms import Report, Row

FINALS = "finals"
_LIVE = "live"
_report = msgspec.json.Decoder(Report).decode


class Kept(Struct, frozen=True, kw_only=True):
    """A figure as it was.

    Attributes:
        source: where it was kept, and as what.
        version: of its measure.
        zone: of its period.
        ratio: its integers.
        as_of: when it was true, in milliseconds.
        basis: what it rested on; null where that was not kept.
    """

    source: str
    version: int
    zone: str
    ratio: Ratio
    as_of: int
    basis: Basis | None


def kept(data: Path, named: Reference, where: str = FINALS) -> dict[str, list[Kept]]:
    """All that was kept of the figures that a reference names, by zone, oldest first.

    Args:
        data: the folder.
        named: without a version, every version that was in force.
        where: `finals`, the file of a gate's report, or the name of a baseline.

    Raises:
        DeadLetter: nothing was kept of them there, or there is no such place.
        Stop: it cannot be read.
    """
    found: dict[str, list[Kept]] = {}
    for one in _read(data, named, where):
        found.setdefault(one.zone, []).append(one)
    if not found:
        msg = f"{named}: not among the {where}" if where == FINALS else f"{named}: not in {where}"
        raise DeadLetter(msg)
    return found


def _read(data: Path, named: Reference, where: str) -> Iterator[Kept]:
    if where == FINALS:
        for record in Ledger(data).records():
            if record.attribution == COHORT and _is(named, record.figure):
                yield _recorded(record)
    elif where.endswith(".json"):
        yield from _reported(named, Path(where))
    else:
        for figure in baselines.load(data, where).figures:
            if _is(named, figure):
                yield _figure(f"baseline {where}", figure, None)


def _recorded(record: Record) -> Kept:
    reason = f": {record.reason}" if record.reason else ""
    return _figure(f"recorded as {record.kind}{reason}", record.figure, record.basis)


def _figure(source: str, figure: Figure, basis: Basis | None) -> Kept:
    return Kept(
        source=source,
        version=figure.version,
        zone=figure.period.zone,
        ratio=Ratio(figure.numerator, figure.denominator),
        as_of=basis.as_of if basis else _instant(figure.as_of),
        basis=basis,
    )


def _instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000)


def _is(named: Reference, figure: Figure) -> bool:
    period = figure.period
    return (
        (figure.measure, figure.dimensions) == (named.measure, named.dims)
        and (period.start[:10], period.end[:10]) == (str(named.start), str(named.end))
        and (figure.in_force if named.version is None else figure.version == named.version)
    )


def _reported(named: Reference, path: Path) -> Iterator[Kept]:
    """The live reading of a gate's report; of several versions, the highest."""
    try:
        report = _report(path.read_bytes())
    except FileNotFoundError as error:
        msg = f"there is no report {path}"
        raise DeadLetter(msg) from error
    except msgspec.MsgspecError as error:
        msg = f"{path} is no report of a gate: {error}"
        raise DeadLetter(msg) from error
    rows = [row for row in report.figures if _names(named, row)]
    newest = max((row.version for row in rows), default=0)
    for row in rows:
        reading = row.readings.get(_LIVE)
        if row.version == newest and reading is not None:
            yield Kept(
                source=f"gate of {report.period} as of {report.as_of}",
                version=row.version,
                zone=row.zone,
                ratio=Ratio(*reading),
                as_of=millis(report.as_of),
                basis=_basis(report, row),
            )


def _names(named: Reference, row: Row) -> bool:
    return (
        (row.measure, row.dimensions) == (named.measure, named.dims)
        and (row.start[:10], row.end[:10]) == (str(named.start), str(named.end))
        and named.version in {None, row.version}
    )


def _basis(report: Report, row: Row) -> Basis:
    return Basis(
        log=report.log,
        positions=report.positions,
        as_of=millis(report.as_of),
        definition=report.definitions.get(f"{row.measure}@{row.version}", ""),
        **report.tables,
    )
