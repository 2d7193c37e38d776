"""Saves of a state on a disk that fails at the n-th call of a kind, for every n.

Usage: python -m tests.crash.failing FOLDER ERROR PATIENT, under `tests.crash.strace.failing`.

strace counts the calls of a process by kind, those that have to do with the `watched` paths. So
every n gets a process of its own, which first makes LIMIT - n calls that mean nothing: the n-th
that means something then fails.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Never

import msgspec

from schemas.errors import Retry, VouchError
from streams.runtimes.store_sqlite import SqliteStore
from tests.crash.saves import CHANGES, FILE, IDENTITY

LIMIT = 120
SAVES = 3
RUNNING, DECOY = Path("running"), Path("decoy")
KINDS = ("openat", "pread64", "pwrite64", "fsync", "fdatasync", "ftruncate", "unlink")


def idle(decoy: Path) -> dict[str, Callable[[], object]]:
    """Calls that mean nothing, by kind."""
    file = os.open(decoy, os.O_RDWR | os.O_CREAT)
    return {
        "openat": lambda: os.close(os.open(decoy, os.O_RDONLY)),
        "pread64": lambda: os.pread(file, 1, 0),
        "pwrite64": lambda: os.pwrite(file, b"", 0),
        "fsync": lambda: os.fsync(file),
        "fdatasync": lambda: os.fdatasync(file),
        "ftruncate": lambda: os.ftruncate(file, 0),
        "unlink": lambda: os.unlink(decoy),
    }


def watched(folder: Path) -> list[Path]:
    """What calls are counted on."""
    state = [RUNNING / (FILE + end) for end in ("", "-journal", "-wal", "-shm")]
    return [folder / path for path in (DECOY, RUNNING, *state)]


class Outcome(msgspec.Struct):
    """What became of one run.

    Attributes:
        kind, n: which call failed.
        untouched: none did, since there were fewer.
        acknowledged: the last save that was.
        words: what was said of failures.
    """

    kind: str
    n: int
    untouched: bool = False
    acknowledged: int = 0
    words: list[str] = []

    @property
    def folder(self) -> str:
        """Where, below that of all runs."""
        return f"{self.kind}-{self.n}"


def main(folder: Path, error: int, patient: bool) -> None:
    """Every kind and every n, until a run of the kind passes untouched."""
    for kind in KINDS:
        for n in count(1):
            assert n < LIMIT, f"too many calls of {kind}"
            if _told(Outcome(kind, n), folder, error, patient):
                break


def _told(outcome: Outcome, folder: Path, error: int, patient: bool) -> bool:
    """One run, in a process of its own that prints its outcome; whether it passed untouched."""
    (folder / RUNNING).mkdir()
    child = os.fork()
    if not child:
        _live(outcome, folder, error, patient)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 1), f"{outcome}: {code}"
    (folder / RUNNING).rename(folder / outcome.folder)
    return code == 1


def _live(outcome: Outcome, folder: Path, error: int, patient: bool) -> Never:
    code = 2
    try:
        call = idle(folder / DECOY)[outcome.kind]
        _fails(call, LIMIT - outcome.n - (outcome.kind == "openat"), error)
        _run(outcome, folder / RUNNING / FILE, patient)
        outcome.untouched = _fails(call, outcome.n, error)
        os.write(1, msgspec.json.encode(outcome) + b"\n")
        code = int(outcome.untouched)
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def _fails(call: Callable[[], object], times: int, error: int) -> bool:
    """Whether one of so many calls that mean nothing fails as it was told to."""
    failed = False
    for _ in range(times):
        try:
            call()
        except OSError as why:
            failed = failed or why.errno == error
    return failed


def _run(outcome: Outcome, path: Path, patient: bool) -> None:
    store = None
    try:
        store = SqliteStore(path, identity=IDENTITY, wait_ms=0)
        for change in CHANGES[store.load().position : SAVES]:
            try:
                store.save(change)
            except Retry as error:
                outcome.words.append(f"Retry: {error}")
                if not patient:
                    raise
                store.save(change)
            outcome.acknowledged = change.position
    except VouchError as error:
        outcome.words.append(f"{type(error).__name__}: {error}")
    finally:
        if store:
            store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), getattr(errno, sys.argv[2]), sys.argv[3] == "patient")
