"""Who may change which names of a chain: locks that the system takes back from who is killed.

Writers publish side by side; whoever replaces the folder of a month does so alone, since a name
that was given in the old folder meanwhile would be lost with it. Nothing else rests on these
locks: what was committed is decided by names that can be taken only once.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import Retry


@contextmanager
def publishing(folder: Path) -> Iterator[None]:
    """Others may do the same; who replaces is waited for: it takes moments."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else meanwhile.

    Raises:
        Retry: somebody else is at it.
    """
    try:
        with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield
    except BlockingIOError as error:
        msg = f"{folder}: another process is at work"
        raise Retry(msg) from error


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)
