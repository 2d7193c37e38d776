"""Room for the moment: what is made of the evidence goes when its reader does, however it ends.

    scratch/<name>/      held (flock) by the process that made it

Copies of sealed files in the clear lie there. What a killed process left is removed by the next
one that needs room; it lies in the data folder, where whoever keeps the data has an eye on it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

SCRATCH = "scratch"
#: A data folder that cannot be written, or is not there; or a file system without locks.
_NOT_HERE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOLCK, errno.EOPNOTSUPP}
#: Held, of somebody else, gone meanwhile, or no folder.
_NOT_OURS = (BlockingIOError, PermissionError, FileNotFoundError, NotADirectoryError)


@contextmanager
def scratch(data: Path) -> Iterator[Path]:
    """A folder of one's own (0700) in a data folder, or where temporary files go if need be.

    Raises:
        OSError: there is no room for it.
    """
    with ExitStack() as held:
        try:
            folder = held.enter_context(_held(data / SCRATCH))
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
            folder = Path(held.enter_context(TemporaryDirectory(prefix="vouch-")))
        yield folder


@contextmanager
def _held(root: Path) -> Iterator[Path]:
    root.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as held:
        with _locked(root):  # nobody tidies up between the making of a folder and its lock
            _tidy(root)
            folder = Path(mkdtemp(dir=root))
            held.enter_context(_locked(folder))
        held.callback(shutil.rmtree, folder)
        yield folder


def _tidy(root: Path) -> None:
    """Remove the folders that nobody holds."""
    for left in root.iterdir():
        with suppress(*_NOT_OURS), _locked(left, fcntl.LOCK_NB):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(handle)
