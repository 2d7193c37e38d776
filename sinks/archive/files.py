"""The door to the disk: the five calls on which the archive's durability rests.

Tests put a recording, failing or crashing door in its place.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """What the writer does to a disk. Every call may raise OSError."""

    def mkdir(self, path: Path) -> None:
        """Make a folder, and those above it; one that exists is fine."""
        ...

    def write(self, path: Path, data: bytes | memoryview) -> None:
        """Write a new file whole.

        Raises:
            FileExistsError: nothing was written.
        """
        ...

    def sync(self, path: Path) -> None:
        """Make the content of a file, or the names in a folder, survive a loss of power."""
        ...

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name, in one step.

        Raises:
            FileExistsError: the name is taken; nothing was changed.
        """
        ...

    def unlink(self, path: Path) -> None:
        """Take a name away; one that is gone already is fine."""
        ...


class Disk:
    """The real one."""

    def mkdir(self, path: Path) -> None:
        """Make a folder."""
        path.mkdir(parents=True, exist_ok=True)

    def write(self, path: Path, data: bytes | memoryview) -> None:
        """Write a new file whole; of a failure, no file remains."""
        try:
            with path.open("xb", buffering=0) as file:
                left = memoryview(data).cast("B")
                while left:
                    left = left[file.write(left) :]
        except FileExistsError:
            raise
        except OSError:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise

    def sync(self, path: Path) -> None:
        """Flush a file or a folder to the disk."""
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def link(self, source: Path, target: Path) -> None:
        """Make a hard link."""
        os.link(source, target)

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        path.unlink(missing_ok=True)


DISK = Disk()
