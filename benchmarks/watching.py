"""A command watched from outside: its time by the wall and of processors, and the most memory.

What counts is the process and all that it starts, for as long as they are its descendants.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

_LOOK_S = 0.2


class Stage(NamedTuple):
    """What a stage took.

    Attributes:
        peak_mib: what its processes held together, shared pages counted once in each of them.
        said: its standard output.
    """

    wall_s: float
    processor_s: float
    peak_mib: float
    said: bytes


def watch(module: str, *words: str, statuses: Collection[int] = (0,)) -> Stage:
    """A module's command, from its start to its end; `statuses` are those of success.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    before, began, peak = _children(), time.perf_counter(), 0
    with TemporaryFile() as said:
        call = [sys.executable, "-m", module, *words]
        with subprocess.Popen(call, stdout=said) as process:
            while process.poll() is None:
                peak = max(peak, _held(process.pid))
                time.sleep(_LOOK_S)
        if process.returncode not in statuses:
            raise subprocess.CalledProcessError(process.returncode, call)
        said.seek(0)
        wall = time.perf_counter() - began
        return Stage(wall, _children() - before, peak / 1024, said.read())


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _held(root: int) -> int:
    """KiB in memory of a process and all that it started, shared pages counted once each time."""
    status = [found for found in map(_status, Path("/proc").glob("[0-9]*")) if found]
    tree = {root}
    while more := {one for one, (parent, _) in status if parent in tree} - tree:
        tree |= more
    return sum(kib for one, (_, kib) in status if one in tree)


def _status(process: Path) -> tuple[int, tuple[int, int]] | None:
    """Process, parent and KiB; None where it has ended, or holds nothing."""
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:
        return None
    found = dict(line.split(":", 1) for line in lines)
    held = found.get("VmRSS", "0 kB").split()[0]
    return int(process.name), (int(found["PPid"]), int(held))
