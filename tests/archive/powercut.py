"""A disk that remembers, call by call, what a power cut would have left of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from sinks.archive.files import Files
from tests.archive.world import QUICK

Names = dict[Path, int]
Contents = dict[Path, bytes | None]  # null for a folder
FOLDER = -1


@dataclass(frozen=True)
class Kept:
    """A disk: the names as seen and as flushed, and which contents are flushed."""

    seen: Names = field(default_factory=dict)
    flushed: Names = field(default_factory=dict)
    contents: tuple[bytes, ...] = ()
    whole: frozenset[int] = frozenset()
    acknowledged: int = 0

    def _with(self, **changes: object) -> Kept:
        return Kept(**{**vars(self), **changes})

    def mkdir(self, path: Path) -> Kept:
        return self._with(seen={**self.seen, path: FOLDER})

    def write(self, path: Path, data: bytes) -> Kept:
        seen = {**self.seen, path: len(self.contents)}
        return self._with(seen=seen, contents=(*self.contents, data))

    def link(self, source: Path, target: Path) -> Kept:
        return self._with(seen={**self.seen, target: self.seen[source]})

    def unlink(self, path: Path) -> Kept:
        return self._with(seen={name: kept for name, kept in self.seen.items() if name != path})

    def sync(self, path: Path) -> Kept:
        if path in self.seen and self.seen[path] != FOLDER:
            return self._with(whole=self.whole | {self.seen[path]})
        elsewhere = {name: kept for name, kept in self.flushed.items() if name.parent != path}
        here = {name: kept for name, kept in self.seen.items() if name.parent == path}
        return self._with(flushed={**elsewhere, **here})

    def left(self) -> dict[str, Contents]:
        """What a cut may leave of it, by model."""
        return {
            "killed": self.killed(),
            "forgotten": self.forgotten(),
            "emptied": self.emptied(),
            **{f"torn ({seed})": self.torn(seed) for seed in range(3)},
        }

    def killed(self) -> Contents:
        """The process is gone, the machine goes on."""
        return self._fill(self.seen, self.contents)

    def forgotten(self) -> Contents:
        """The power is gone, and with it all that was not flushed."""
        return self._fill(self.flushed, self._empty_unless_whole())

    def emptied(self) -> Contents:
        """The names are kept, contents that were not flushed are not."""
        return self._fill(self.seen, self._empty_unless_whole())

    def torn(self, seed: int) -> Contents:
        """Some names are kept and some are not; contents that were not flushed are torn."""
        chance = random.Random(seed)
        names = dict(self.flushed)
        for name in sorted({*self.seen, *self.flushed}):
            if self.seen.get(name) != self.flushed.get(name) and chance.random() < 0.5:
                names.pop(name, None)
                names |= {name: self.seen[name]} if name in self.seen else {}
        contents = [
            data if at in self.whole else data[: chance.randrange(len(data))]
            for at, data in enumerate(self.contents)
        ]
        return self._fill(names, contents)

    def _empty_unless_whole(self) -> list[bytes]:
        return [data if at in self.whole else b"" for at, data in enumerate(self.contents)]

    def _fill(self, names: Names, contents: list[bytes] | tuple[bytes, ...]) -> Contents:
        return {
            name: None if at == FOLDER else contents[at]
            for name, at in sorted(names.items())
            if all(above in names for above in name.parents if above in self.seen)
        }


@dataclass
class Recorder:
    """Does every call, and keeps the state of a disk that forgets what was not flushed."""

    below: Files = QUICK
    flushes_files: bool = True
    flushes_folders: bool = True
    disks: list[Kept] = field(default_factory=list)
    now: Kept = field(default_factory=Kept)

    def mkdir(self, path: Path) -> None:
        self.below.mkdir(path)
        self._keep(self.now.mkdir(path))

    def write(self, path: Path, data: bytes | memoryview) -> None:
        self.below.write(path, data)
        self._keep(self.now.write(path, bytes(data)))

    def sync(self, path: Path) -> None:
        if self.flushes_folders if path.is_dir() else self.flushes_files:
            self._keep(self.now.sync(path))

    def link(self, source: Path, target: Path) -> None:
        self.below.link(source, target)
        self._keep(self.now.link(source, target))

    def unlink(self, path: Path) -> None:
        self.below.unlink(path)
        self._keep(self.now.unlink(path))

    def acknowledge(self, committed: int) -> None:
        self._keep(Kept(**{**vars(self.now), "acknowledged": committed}))

    def _keep(self, disk: Kept) -> None:
        self.disks.append(disk)
        self.now = disk
