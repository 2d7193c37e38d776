"""The record of disposals: which periods' keys were destroyed, why, and in which order.

    disposals/000000000000.json      canonical JSON, each naming the hash of the one before

An entry is made durable before the key is destroyed. From then on what that key sealed counts
as disposed of, wherever a copy of the key may turn up again.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec
import rfc8785
from msgspec import Struct
from msgspec.json import Decoder

from schemas.errors import Stop
from schemas.instants import instant
from sinks.archive.entry import Digest, Number
from sinks.archive.files import DISK, Files
from sinks.archive.layout import DISPOSALS, disposal, seq_of

VERSION = 1


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

    version: int = VERSION
    seq: Number
    period: str
    time: str
    reason: str
    prev: Digest | None


_decoder = Decoder(Disposal)


def disposals(root: Path) -> list[Disposal]:
    """All of them, in order.

    Raises:
        Stop: one is missing or unreadable, or does not name the hash of the one before.
    """
    folder = root / DISPOSALS
    numbers = [seq_of(path.name) for path in folder.iterdir()] if folder.is_dir() else []
    found: list[Disposal] = []
    prev = None
    for seq in range(max((seq for seq in numbers if seq is not None), default=-1) + 1):
        path = root / disposal(seq)
        try:
            raw = path.read_bytes()
            entry = _decoder.decode(raw)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            msg = f"{path}: not a disposal: {error}"
            raise Stop(msg) from error
        if (entry.version, entry.seq, entry.prev) != (VERSION, seq, prev) or _form(entry) != raw:
            msg = f"{path}: does not go on from the disposal before"
            raise Stop(msg)
        prev = sha256(raw).hexdigest()
        found.append(entry)
    return found


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
        Stop: the record contradicts itself.
    """
    found = disposals(root)
    for entry in found:
        if entry.period == period:
            return entry
    prev = sha256(_form(found[-1])).hexdigest() if found else None
    entry = Disposal(seq=len(found), period=period, time=instant(now), reason=reason, prev=prev)
    path = root / disposal(entry.seq)
    draft = path.with_name(f".{path.name}")
    files.mkdir(path.parent)
    files.unlink(draft)  # of one that was killed
    files.write(draft, _form(entry))
    files.sync(draft)
    files.link(draft, path)
    files.unlink(draft)
    for folder in (path.parent, root, root.parent):
        files.sync(folder)
    return entry


def _form(entry: Disposal) -> bytes:
    return rfc8785.dumps(msgspec.to_builtins(entry))
