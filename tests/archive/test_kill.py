"""Two writer processes on one partition, killed without warning, again and again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

from sinks.archive.verifier import verify
from tests.archive.world import archived, rows, writer

HERE = Path(__file__).parents[2]
TOTAL = 4_000


def start(root: Path, seed: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.archive.child", str(root), str(seed), str(TOTAL)]
    return subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True)


def kill_in_the_midst(root: Path, children: list[subprocess.Popen[str]], lines: int) -> int:
    """Kill them once one has said so much; returns the most that any has called safe."""
    first = children[0]
    assert first.stdout is not None
    for _ in range(lines):
        first.stdout.readline()
        assert verify(root).faults == []  # beside writers at work
    for child in children:
        child.kill()
    assert {child.wait() for child in children} <= {0, -signal.SIGKILL}
    said = [line for child in children for line in child.communicate()[0].split("\n")[:-1]]
    return max(map(int, said), default=0)


def test_killed_writers_leave_every_row_once(tmp_path: Path) -> None:
    chance, safe = random.Random(1), 0
    for seed in range(0, 6, 2):
        children = [start(tmp_path, seed), start(tmp_path, seed + 1)]
        safe = max(safe, kill_in_the_midst(tmp_path, children, chance.randint(1, 8)))
        assert verify(tmp_path).faults == []
    last = writer(tmp_path)
    assert last.committed >= safe > 0
    last.append(rows(last.next, TOTAL))
    last.commit(0)
    assert archived(tmp_path) == rows(0, TOTAL)
    report = verify(tmp_path)
    assert (report.faults, report.pending) == ([], [])
    assert report.entries > 3
