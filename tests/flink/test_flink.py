"""Flink inside a job server gives the figures that this process gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.flink.conftest import ALONE

EVENTS = 4_000


@pytest.mark.usefixtures("room")
def test_flink_gives_the_figures_of_the_local_runner(
    jars: Path, home: Path, local: bytes, tmp_path: Path
) -> None:
    job = [sys.executable, "-m", "tests.flink.jobs", f"{home}", f"{jars}", f"{tmp_path}"]
    done = subprocess.run([*ALONE, *job], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == local
