"""The record of disposals: which periods' keys were destroyed, why, and in which order.

    disposals/000000000000.json      canonical JSON, each naming the hash of the one before

An entry is made durable before the key is destroyed. From then on what that key sealed counts
as disposed of, wherever a copy of the key may turn up again.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from schemas.instants import instant
from sinks.archive import records
from sinks.archive.entry import Digest, Number
from sinks.archive.files import DISK, Files
from sinks.archive.layout import DISPOSALS


class Disposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One disposal.

    Attributes:
        version: of this form.
        seq: number of the entry, from 0, without a gap.
        period: of the key that was destroyed.
        time: when that was decided, as an instant.
        reason: in words.
        prev: hash of the entry before; null in the first.
    """

    version: int = records.VERSION
    seq: Number
    period: str
    time: str
    reason: str
    prev: Digest | None


def disposals(root: Path) -> list[Disposal]:
    """All of them, in order.

    Raises:
        Stop: one is missing or unreadable, or does not name the hash of the one before.
    """
    return records.follow(root / DISPOSALS, Disposal)


def disposed(root: Path) -> set[str]:
    """The periods whose keys were destroyed.

    Raises:
        Stop: as `disposals` does.
    """
    return {entry.period for entry in disposals(root)}


def record(root: Path, period: str, reason: str, now: int, files: Files = DISK) -> Disposal:
    """Record a disposal durably, once; a period that is recorded already keeps its entry.

    Raises:
        OSError: the disk refused; nothing is recorded.
        Retry: another process records one.
        Stop: the record contradicts itself.
    """
    found = disposals(root)
    for entry in found:
        if entry.period == period:
            return entry
    prev = records.digest(found[-1]) if found else None
    entry = Disposal(seq=len(found), period=period, time=instant(now), reason=reason, prev=prev)
    records.append(root, root / DISPOSALS, entry, files)
    return entry
