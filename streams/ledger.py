"""The ledger of final figures: what was recorded as final, and every change of it, with a reason.

One JSON line for each record, only ever appended and synced to disk. A line that a crash cut
short was never acknowledged: it is ignored, and removed by the next record.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from schemas.board import Figure
from schemas.errors import DeadLetter, Stop
from streams.core.standing import Key, Recorded, key_of

Kind = Literal["final", "restated", "corrected"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a figure as it was recorded, as what, when (event time) and why."""

    figure: Figure
    attribution: str
    kind: Kind
    reason: str = ""


_decode = msgspec.json.Decoder(Record).decode
_encode = msgspec.json.Encoder().encode


class Ledger:
    """The ledger of a data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def records(self) -> list[Record]:
        """Every record in order.

        Raises:
            Stop: a line that was acknowledged cannot be read.
        """
        return [self._read(number, line) for number, line in enumerate(self._lines(), 1)]

    def latest(self) -> dict[Key, Recorded]:
        """The last record of every figure."""
        return {
            key_of(r.figure, r.attribution): Recorded(
                r.figure.numerator, r.figure.denominator, r.kind
            )
            for r in self.records()
        }

    def record(
        self, figures: Iterable[Figure], attribution: str, kind: Kind, reason: str
    ) -> list[Record]:
        """Record those that are final for the first time, or that changed; durable on return.

        Raises:
            DeadLetter: a figure changed and no reason is given, or a first record has one of
                another kind than final; nothing was recorded.
        """
        known = self.latest()
        new = [
            record
            for figure in figures
            if (record := _record(figure, attribution, known, kind, reason)) is not None
        ]
        _refuse_silence(new)
        self._append([_encode(record) + b"\n" for record in new])
        return new

    def _lines(self) -> list[bytes]:
        whole = self._path.read_bytes() if self._path.exists() else b""
        return whole.split(b"\n")[:-1]

    def _read(self, number: int, line: bytes) -> Record:
        try:
            return _decode(line)
        except msgspec.MsgspecError as error:
            msg = f"{self._path.name}, line {number} cannot be read: {error}"
            raise Stop(msg) from error

    def _append(self, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        whole = sum(len(line) + 1 for line in self._lines())
        with self._path.open("ab") as file:
            file.truncate(whole)
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())


def _record(
    figure: Figure, attribution: str, known: Mapping[Key, Recorded], kind: Kind, reason: str
) -> Record | None:
    """A figure's next record; None where there is nothing to record."""
    before = known.get(key_of(figure, attribution))
    if before is None:
        final = figure.status == "final"
        return Record(figure=figure, attribution=attribution, kind="final") if final else None
    if (before.numerator, before.denominator) == (figure.numerator, figure.denominator):
        return None
    changed: Kind = "restated" if kind == "final" else kind
    return Record(figure=figure, attribution=attribution, kind=changed, reason=reason)


def _refuse_silence(records: Sequence[Record]) -> None:
    silent = [record for record in records if record.kind != "final" and not record.reason]
    if silent:
        one = silent[0].figure
        msg = (
            f"{len(silent)} figures were recorded as final and have changed, the first "
            f"{one.measure} of {one.period.start}: say why with --reason"
        )
        raise DeadLetter(msg)
