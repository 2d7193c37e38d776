"""The ledger of final figures: what was recorded as final, and every change of it, with a reason.

One JSON line for each record, only ever appended, and synced to disk. A line that a crash cut
short was never acknowledged: it is ignored, and removed by the next record.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
from msgspec.structs import replace

from schemas.board import Figure
from schemas.errors import DeadLetter, Stop
from streams.core.basis import Basis
from streams.core.standing import Key, Recorded, key_of
from streams.keyring.keyfiles import sync

FILE = "finals.jsonl"
Kind = Literal["final", "restated", "corrected"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a figure as it was recorded, as what, and why; its `as_of` says when.

    `basis` is what it rested on; null in lines of before that was kept.
    """

    figure: Figure
    attribution: str
    kind: Kind
    reason: str = ""
    basis: Basis | None = None


_decode = msgspec.json.Decoder(Record).decode
_encode = msgspec.json.Encoder().encode


class Ledger:
    """The ledger of a data folder."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE

    def records(self) -> list[Record]:
        """Every record in order.

        Raises:
            Stop: a line that was acknowledged cannot be read.
        """
        return self._read(self._path.read_bytes() if self._path.exists() else b"")

    def latest(self) -> dict[Key, Recorded]:
        """The last record of every figure."""
        return latest(self.records())

    def record(
        self,
        figures: Iterable[Figure],
        attribution: str,
        kind: Kind,
        reason: str,
        basis: Callable[[Figure], Basis] | None = None,
    ) -> list[Record]:
        """Record those that are final for the first time, or that changed; durable on return.

        Whoever else records waits meanwhile, so that no figure is recorded twice.

        Args:
            figures: as they are now.
            attribution: of all of them.
            kind: of changes: `corrected` where something had been wrong; else restated.
            reason: why recorded figures have changed.
            basis: what a figure rests on.

        Raises:
            DeadLetter: a figure changed and no reason is given; nothing was recorded.
            Stop: as `records`.
        """
        with self._alone() as file:
            known = latest(self._read(file.read()))
            new = [
                record
                for figure in figures
                if (record := _record(figure, attribution, known, kind, reason)) is not None
            ]
            _refuse_silence(new)
            if basis is not None:
                new = [replace(record, basis=basis(record.figure)) for record in new]
            _append(file, [_encode(record) + b"\n" for record in new])
        return new

    @contextmanager
    def _alone(self) -> Iterator[BinaryIO]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            yield file

    def _read(self, whole: bytes) -> list[Record]:
        return [self._line(number, line) for number, line in enumerate(_lines(whole), 1)]

    def _line(self, number: int, line: bytes) -> Record:
        try:
            return _decode(line)
        except msgspec.MsgspecError as error:
            msg = f"{self._path.name}, line {number} cannot be read: {error}"
            raise Stop(msg) from error


def _lines(whole: bytes) -> list[bytes]:
    """Those that end; what follows the last newline was cut short."""
    return whole.split(b"\n")[:-1]


def latest(records: Iterable[Record]) -> dict[Key, Recorded]:
    """The last record of every figure."""
    return {key_of(r.figure, r.attribution): Recorded(r.figure, r.kind, r.reason) for r in records}


def bases(records: Iterable[Record]) -> dict[Key, Basis | None]:
    """What the last record of every figure rested on; null where that was not kept."""
    return {key_of(r.figure, r.attribution): r.basis for r in records}


def unrecorded(
    figures: Iterable[Figure], attribution: str, known: Mapping[Key, Recorded]
) -> Iterator[Figure]:
    """Those whose next record would be a change, for which a reason would be asked."""
    for figure in figures:
        record = _record(figure, attribution, known, "final", "")
        if record is not None and record.kind != "final":
            yield figure


def _append(file: BinaryIO, lines: Sequence[bytes]) -> None:
    """After the last whole line; what was cut short goes."""
    if not lines:
        return
    file.seek(0)
    file.truncate(file.read().rfind(b"\n") + 1)
    file.write(b"".join(lines))
    file.flush()
    os.fsync(file.fileno())
    sync(Path(file.name).parent)  # a new file's name is durable too


def _record(
    figure: Figure, attribution: str, known: Mapping[Key, Recorded], kind: Kind, reason: str
) -> Record | None:
    """A figure's next record; None where there is nothing to record."""
    before = known.get(key_of(figure, attribution))
    changed: Kind = "restated" if kind == "final" else kind
    if before is None:  # restated already: by a version that was not in force then
        if figure.status == "restated":
            return _changed(figure, attribution, changed, reason)
        final = figure.status == "final"
        return Record(figure=figure, attribution=attribution, kind="final") if final else None
    then = before.figure
    if figure.status == "live":  # facts were lost: the clock stands before the period's end
        return None
    if (then.numerator, then.denominator) == (figure.numerator, figure.denominator):
        return None
    return _changed(figure, attribution, changed, reason)


def _changed(figure: Figure, attribution: str, kind: Kind, reason: str) -> Record:
    now = replace(figure, status=kind, why=reason)
    return Record(figure=now, attribution=attribution, kind=kind, reason=reason)


def _refuse_silence(records: Sequence[Record]) -> None:
    silent = [record for record in records if record.kind != "final" and not record.reason]
    if silent:
        one = silent[0].figure
        msg = (
            f"{len(silent)} figures were recorded as final and have changed, the first "
            f"{one.measure} of {one.period.start}: say why with --reason"
        )
        raise DeadLetter(msg)
