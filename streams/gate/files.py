"""Reports and incidents on disk: written in one step, kept, and never rewritten."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from schemas.board import Gated
from streams.keyring.keyfiles import sync

GATE, INCIDENTS = "gate", "incidents"
_NAME = re.compile(r"(.*Z)(?:-([1-9][0-9]*))?\.json", re.ASCII)


def kept(folder: Path, stem: str, content: bytes) -> Path:
    """The file that holds a report or an incident, a JSON text; durable on return.

    Where the newest file of that stem says something else, another is written, with a number.

    Args:
        folder: it is made where there is none.
        stem: of the name; ends with an instant.
        content: what is to be kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sync(folder.parent, folder.parent.parent)
    while True:
        found = [number for name, number in _numbered(os.listdir(folder)) if name == stem]
        newest = max(found, default=0)
        if newest and (path := folder / _named(stem, newest)).read_bytes() == content:
            return path
        path = folder / _named(stem, newest + 1)
        with suppress(FileExistsError):  # another gate was quicker: look at what it says
            _write(path, content)
            return path


def _write(path: Path, content: bytes) -> None:
    """A whole file under a name that is free, or none."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def _named(stem: str, number: int) -> str:
    return f"{stem}.json" if number == 1 else f"{stem}-{number}.json"


def _numbered(names: Iterable[str]) -> list[tuple[str, int]]:
    """Stems and numbers of the files that are kept, oldest first."""
    found = (_NAME.fullmatch(name) for name in names if not name.startswith("."))
    return sorted((match[1], int(match[2] or 1)) for match in found if match)


class _Head(Struct):
    """What the gauges need of a report."""

    whole: bool
    agreed: int
    mismatched: int


#: What nobody can read may have found something: at least one figure, so that it stays open.
_UNREADABLE = _Head(whole=False, agreed=0, mismatched=1)
_head = msgspec.json.Decoder(_Head).decode


class Gates:
    """The newest word of the gate on each period; a report is read once, whatever its size."""

    def __init__(self, data: Path) -> None:
        self._folder = data / GATE
        self._heads: dict[Path, _Head] = {}

    def now(self) -> list[Gated]:
        """By period; a report that cannot be read blocks, like one that does not agree."""
        with suppress(FileNotFoundError), os.scandir(self._folder) as found:
            periods = sorted(entry.name for entry in found if entry.is_dir())
            return [gated for name in periods if (gated := self._look(name)) is not None]
        return []

    def _look(self, period: str) -> Gated | None:
        """The newest report speaks; one on some measures only where they do not agree."""
        folder = self._folder / period
        for stem, number in reversed(_numbered(os.listdir(folder))):
            path = folder / _named(stem, number)
            head = self._heads.get(path) or _head_of(path)
            if head is not _UNREADABLE:  # that may be mended
                self._heads[path] = head
            if head.whole or head.mismatched:
                return Gated(period=period, agreed=head.agreed, mismatched=head.mismatched)
        return None


def _head_of(path: Path) -> _Head:
    try:
        return _head(path.read_bytes())
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError):
        return _UNREADABLE  # changed by hand: no reason to stop counting
