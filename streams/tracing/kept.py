"""Kept figures that a contact is part of: those recorded as final, and those of the gate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from schemas.board import Period
from streams.finals.ledger import Record
from streams.tracing.contact import Held


class Recorded(Struct, frozen=True, kw_only=True):
    """A recorded figure that a contact is part of.

    Attributes:
        reference, attribution: which one.
        kind, reason, as_of: as what it was recorded, why, and when.
        numerator, denominator: as they were recorded.
        contributes: what the contact contributes now, numerator and denominator.
    """

    reference: str
    attribution: str
    kind: str
    reason: str
    as_of: str
    numerator: int | None
    denominator: int | None
    contributes: tuple[int | None, int | None]


class Gated(Struct, frozen=True, kw_only=True):
    """A report of the gate, as far as a contact is in it.

    Attributes:
        file: of the report, relative to the data folder.
        as_of, verdict: of the report; `unreadable`, and nothing else, where it cannot be read.
        figures: how many of its figures the contact is part of.
        differ: those of them on which the computations do not agree.
    """

    file: str
    as_of: str
    verdict: str
    figures: int
    differ: list[str]


class _Row(Struct):
    """What is needed of `streams.gate.report.Row`."""

    figure: str
    measure: str
    version: int
    start: str
    end: str
    zone: str
    dimensions: dict[str, str | None]
    agrees: bool


class _Report(Struct):
    """What is needed of `streams.gate.report.Report`."""

    as_of: str
    verdict: str
    figures: list[_Row]


_UNREADABLE = "unreadable"
_decode = msgspec.json.Decoder(_Report).decode


def recorded(held: Held, records: Iterable[Record]) -> Iterator[Recorded]:
    """The recorded figures that a contact is part of, in the order of the record."""
    for record in records:
        figure = record.figure
        place = (figure.measure, figure.version, figure.period, figure.dimensions)
        part = held.part(*place, record.attribution)
        if part is not None:
            yield Recorded(
                reference=part.reference,
                attribution=record.attribution,
                kind=record.kind,
                reason=record.reason,
                as_of=figure.as_of,
                numerator=figure.numerator,
                denominator=figure.denominator,
                contributes=(part.numerator, part.denominator),
            )


def gated(held: Held, data: Path) -> Iterator[Gated]:
    """The reports of the gate that a contact is in, by their names, and those that nobody can read.

    Raises:
        OSError: the disk refused.
    """
    for path in sorted(data.glob("gate/*/*.json")):
        report = _read(path)
        rows = [row for row in report.figures if _holds(held, row)]
        if rows or report.verdict == _UNREADABLE:
            yield Gated(
                file=path.relative_to(data).as_posix(),
                as_of=report.as_of,
                verdict=report.verdict,
                figures=len(rows),
                differ=[row.figure for row in rows if not row.agrees],
            )


def _read(path: Path) -> _Report:
    try:
        return _decode(path.read_bytes())
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Report("", _UNREADABLE, [])


def _holds(held: Held, row: _Row) -> bool:
    period = Period(row.start, row.end, row.zone)
    return held.part(row.measure, row.version, period, row.dimensions) is not None
