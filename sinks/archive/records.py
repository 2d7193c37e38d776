"""Small logs of the archive: numbered files in one folder, each naming the hash of the one before.

Disposals, seals and days are such logs. A file is canonical JSON (RFC 8785), is linked under its
number once, and is never changed.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
import rfc8785

from schemas.errors import Retry, Stop
from sinks.archive.files import Files
from sinks.archive.layout import record, seq_of

VERSION = 1


class Record(Protocol):
    """What every one of them says."""

    @property
    def version(self) -> int:
        """Of the form."""
        ...

    @property
    def seq(self) -> int:
        """Number of the record, from 0, without a gap."""
        ...

    @property
    def prev(self) -> str | None:
        """Hash of the record before; null in the first."""
        ...


Some = TypeVar("Some", bound=Record)


def follow(folder: Path, kind: type[Some], after: Some | None = None) -> list[Some]:
    """The records that come after one of them (all of them after None), in order.

    Raises:
        Stop: one is missing or unreadable, or does not name the hash of the one before.
    """
    found: list[Some] = []
    start = after.seq + 1 if after else 0
    prev = digest(after) if after else None
    if after and not (folder / record(start)).exists():  # as always but once a day
        return found
    for seq in range(start, newest(folder) + 1):
        one = _read(folder / record(seq), kind)
        if (one.version, one.seq, one.prev) != (VERSION, seq, prev):
            msg = f"{folder / record(seq)}: does not go on from the {_name(kind)} before"
            raise Stop(msg)
        prev = digest(one)
        found.append(one)
    return found


def newest(folder: Path) -> int:
    """The number of the newest record; -1 where there is none."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return max((seq for seq in map(seq_of, names) if seq is not None), default=-1)


def append(root: Path, folder: Path, new: Record, files: Files) -> None:
    """Make a record the next one, durably; of two that try, one is refused.

    Raises:
        OSError: the disk refused; the record may be there or not.
        Retry: the number is taken; nothing was changed.
    """
    path = folder / record(new.seq)
    draft = path.with_name(f".{path.name}")
    files.mkdir(folder)
    files.unlink(draft)  # of one that was killed
    files.write(draft, form(new))
    files.sync(draft)
    try:
        files.link(draft, path)
    except FileExistsError as error:
        msg = f"{path}: another process was faster"
        raise Retry(msg) from error
    files.unlink(draft)
    settle(root, folder, files)


def settle(root: Path, folder: Path, files: Files) -> None:
    """Make the records that are seen durable, whoever wrote them."""
    for above in (folder, *folder.parents):
        if above.is_relative_to(root.parent):
            files.sync(above)


def form(some: Record) -> bytes:
    """The bytes of a record."""
    return rfc8785.dumps(msgspec.to_builtins(some))


def digest(some: Record) -> str:
    """The SHA-256 of its bytes, in hex: the `prev` of the next."""
    return sha256(form(some)).hexdigest()


def _read(path: Path, kind: type[Some]) -> Some:
    try:
        raw = path.read_bytes()
        found: Some = msgspec.json.decode(raw, type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        msg = f"{path}: not a {_name(kind)}: {error}"
        raise Stop(msg) from error
    if form(found) != raw:
        msg = f"{path}: not a {_name(kind)} in canonical form"
        raise Stop(msg)
    return found


def _name(kind: type[Any]) -> str:
    return kind.__name__.lower()
