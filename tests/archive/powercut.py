"""A door to the archive's disk that records what a power cut would have left of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from sinks.archive.files import Files
from tests.archive.world import QUICK
from tests.crash.disk import ALL, Flushes, Kept


@dataclass
class Recorder:
    """Does every call, and keeps the state of a disk that forgets what was not flushed."""

    below: Files = QUICK
    flushes: Flushes = ALL
    disks: list[Kept] = field(default_factory=list)
    now: Kept = field(default_factory=Kept)

    def mkdir(self, path: Path) -> None:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        self.below.mkdir(path)
        for folder in reversed(missing):
            self._keep("mkdir", folder, self.now.mkdir(folder))

    def write(self, path: Path, data: bytes | memoryview) -> None:
        self.below.write(path, data)
        self._keep("write", path, self.now.write(path, bytes(data)))

    def sync(self, path: Path) -> None:
        self.below.sync(path)
        if self.flushes.folders if path.is_dir() else self.flushes.files:
            self._keep("sync", path, self.now.sync(path))

    def link(self, source: Path, target: Path) -> None:
        self.below.link(source, target)
        self._keep("link", target, self.now.link(source, target))

    def unlink(self, path: Path) -> None:
        self.below.unlink(path)
        self._keep("unlink", path, self.now.unlink(path))

    def exchange(self, one: Path, other: Path) -> None:
        self.below.exchange(one, other)
        self._keep("exchange", one, self.now.exchange(one, other))

    def acknowledge(self, committed: int) -> None:
        done = replace(self.now, acknowledged=committed, durable=committed)
        self._keep("acknowledge", Path(str(committed)), done)

    def _keep(self, call: str, path: Path, disk: Kept) -> None:
        self.now = replace(disk, last=f"{call} {path.name}")
        self.disks.append(self.now)
