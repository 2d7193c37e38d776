"""The door to the disk: the six calls on which the archive's durability rests.

Tests put a recording, failing or crashing door in its place.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_EXCHANGE = 2  # RENAME_EXCHANGE of Linux


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
        """Take away the name of a file or of an empty folder; one that is gone already is fine."""
        ...

    def exchange(self, one: Path, other: Path) -> None:
        """Swap two folders, with all that is in them, in one step.

        Raises:
            OSError: nothing was changed. ENOSYS or EINVAL: this file system cannot do it.
        """
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
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)

    def exchange(self, one: Path, other: Path) -> None:
        """Call renameat2 of Linux with RENAME_EXCHANGE."""
        import ctypes  # noqa: PLC0415  # slow to load, for what happens once a day

        call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        here = -100  # AT_FDCWD: a relative path starts from the working directory
        if call is None:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(one))
        if call(here, os.fsencode(one), here, os.fsencode(other), _EXCHANGE):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(one), None, str(other))


DISK = Disk()
