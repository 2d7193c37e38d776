"""Copies of state files in a folder that all machines share, for whoever has a partition next.

    <log>-<rules>/partition-03.00000000000000001234.sqlite     the state at position 1234

The name says how far a copy goes, so that an older one never takes the place of a newer one,
whoever writes it: the furthest is the one that is used.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path

from schemas.errors import Retry
from streams.runtimes.store_file import back_up

_log = logging.getLogger(__name__)


class Copies:
    """The copies of one log's states, by one set of rules.

    Args:
        folder: of all copies; None where there are none.
        name: of log and rules.
    """

    def __init__(self, folder: Path | None, name: str) -> None:
        self._folder = folder / name if folder else None

    def newest(self, number: int) -> tuple[Path, int] | None:
        """The furthest copy of a partition, and its position; none, where the folder is away."""
        try:
            found = [(path, _position(path)) for path in self._of(number)]
        except OSError as error:  # all is right without copies, too
            _log.warning("the copies of partition %d cannot be looked at: %s", number, error)
            return None
        return max(found, key=lambda copy: copy[1], default=None)

    def put(self, number: int, state: Path, position: int) -> None:
        """Copy a state file, of which at least `position` is saved; from any thread.

        Raises:
            Retry: that could not be done; the copies are as they were.
        """
        newest = self.newest(number)
        if self._folder is None or (newest and newest[1] > position):
            return
        with _retrying(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f".{secrets.token_hex(8)}.draft"
            try:
                reached = back_up(state, draft)
                _sync(draft)
                draft.rename(self._folder / f"partition-{number:02d}.{reached:020d}.sqlite")
                _sync(self._folder)
            finally:
                draft.unlink(missing_ok=True)
            self._clear(number)

    def fetch(self, copy: Path, state: Path) -> None:
        """Put a copy in the place of a state file that nobody has open.

        Raises:
            Retry: that could not be done; the state file is as it was.
        """
        draft = state.with_name(f".{state.name}.{secrets.token_hex(8)}.draft")
        with _retrying(state):
            try:
                shutil.copyfile(copy, draft)
                _sync(draft)
                for companion in ("-wal", "-shm"):
                    state.with_name(state.name + companion).unlink(missing_ok=True)
                draft.replace(state)
                _sync(state.parent)
            finally:
                draft.unlink(missing_ok=True)

    def _of(self, number: int) -> list[Path]:
        if self._folder is None:
            return []
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:  # nobody has copied anything yet
            return []
        return [
            self._folder / name
            for name in names
            if fnmatch(name, f"partition-{number:02d}.*.sqlite")
        ]

    def _clear(self, number: int) -> None:
        """All but the furthest."""
        newest = self.newest(number)
        for path in self._of(number):
            if newest and _position(path) < newest[1]:
                with suppress(FileNotFoundError):
                    path.unlink()


def _position(path: Path) -> int:
    return int(path.name.split(".")[1])


def _sync(path: Path) -> None:
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


@contextmanager
def _retrying(what: Path) -> Iterator[None]:
    """Errors of the file system in this project's words."""
    try:
        yield
    except OSError as error:
        msg = f"{what}: {error}"
        raise Retry(msg) from error
