"""A disk that fails at the n-th call, for every n until a run passes untouched.

Each failure is told in words, takes nothing away that was acknowledged, and after it the work
goes on to the exact result: in a second run, or when the same objects are asked again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from schemas.errors import Retry
from sinks.archive.files import Files
from sinks.archive.layout import LOG
from sinks.archive.upkeep import upkeep
from sinks.archive.verifier import verify
from tests.archive.test_crash_states import LATER, globbed, log_rows
from tests.archive.world import QUICK, Door, archived, writer

COMMITS = (2, 4)  # rows that there are after each
Asked = TypeVar("Asked")


class Work:
    """Writing an archive, and compacting it.

    Attributes:
        acknowledged: rows that are safe.
        words: what was said of failures.
    """

    def __init__(self, root: Path, files: Files, *, patient: bool = False) -> None:
        self.acknowledged = 0
        self.words: list[str] = []
        self._root, self._files, self._patient = root, files, patient

    def run(self) -> None:
        """All that is left of it; who is not patient ends it with the first failure."""
        one = self._ask(lambda: writer(self._root, self._files))
        for stop in COMMITS:
            one.append(log_rows(one.next, max(stop, one.next)))
            self.acknowledged = one.committed
            while self._ask(lambda: one.commit(0)):
                self.acknowledged = one.committed
        self._ask(self._compact)

    def _compact(self) -> None:
        done = upkeep(self._root, LATER, month_end=True, files=self._files)
        if done.waits:
            raise Retry(done.waits[0])

    def _ask(self, call: Callable[[], Asked]) -> Asked:
        """Ask, and the patient once more."""
        try:
            return call()
        except Retry as error:
            self.words.append(str(error))
            if not self._patient:
                raise
            return call()


def whole(root: Path) -> bool:
    """Whether all rows are there once, to every reader, and nothing is left to be done."""
    report, expected = verify(root), log_rows(0, COMMITS[-1])
    return not report.faults and archived(root) == expected == globbed(root)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "late", "patient"),
    [
        pytest.param(errno.EIO, False, False, id="an error"),
        pytest.param(errno.ENOSPC, False, True, id="a full disk, asked again"),
        pytest.param(errno.EIO, True, True, id="an error though it was done, asked again"),
    ],
)
def test_a_failing_disk_is_told_of_and_nothing_is_lost(
    tmp_path: Path, code: int, late: bool, patient: bool
) -> None:
    def fail() -> None:
        raise OSError(code, os.strerror(code))

    for n in count():
        root, door = tmp_path / str(n), Door(QUICK)
        work = Work(root, door, patient=patient)
        door.at(n, fail, late=late)
        try:
            work.run()
        except Retry:
            assert not patient
        if door.calls <= n:
            break
        assert work.words, f"call {n} failed, and nothing was said"
        assert os.strerror(code) in work.words[0]
        assert not (root / LOG).is_dir() or verify(root).faults == []
        assert archived(root)[: work.acknowledged] == log_rows(0, work.acknowledged)
        if not patient:
            Work(root, QUICK).run()
        assert whole(root)
    assert work.words == []
    assert whole(root)
    assert n > 50
