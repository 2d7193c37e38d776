"""What a data directory has taken is in its log or in its archive, in every state after a cut."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from schemas.topics import EVENTS
from tests.archive.world import Door, archived, row
from tests.crash.forgetting import archiver, opened
from tests.crash.replay import Replay
from tests.crash.states import enumerated
from tests.crash.strace import traced


def violation(data: Path, promised: int) -> str | None:
    """What is wrong in a state; None where nothing is."""
    with closing(opened(data)) as log:
        writer = archiver(data, Door())
        start, end = log.bounds(EVENTS, 0)
        reached = max(end, writer.committed)
        if reached < promised or writer.committed < start:
            return f"of {promised}, the archive holds {writer.committed}, the log {start} to {end}"
        if start < end:
            writer.append(log.read(EVENTS, 0, writer.next, end))
        while writer.commit(0):
            pass
        offsets = [(each.offset, each.value) for each in archived(data / "archive")]
    rows = [row(offset) for offset in range(reached)]
    return None if offsets == [(each.offset, each.value) for each in rows] else "not every row"


@pytest.mark.slow
def test_the_log_forgets_only_what_survives_in_the_archive(tmp_path: Path) -> None:
    calls = traced("tests.crash.forgetting", [str(tmp_path)], tmp_path.with_suffix(".strace"))
    found = enumerated(Replay(tmp_path, ("-shm",)).disks(calls), tmp_path, violation, seeds=1)
    assert found.wrong == []
    assert found.states >= 300
