"""A network of our own: nothing leads out, and where there is none, nothing is begun."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from schemas.errors import Stop
from streams.runtimes.beam import alone
from streams.runtimes.beam.cluster import cluster
from streams.runtimes.beam.flink import flink

pytestmark = pytest.mark.skipif(alone.alone(), reason="this machine has no network to be left")
INSIDE = """
import socket
from streams.runtimes.beam.alone import alone
print(alone())
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
try:
    socket.create_connection(("192.0.2.1", 9), timeout=60)
except OSError as error:
    print(error.strerror)
"""


def run(command: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "streams.runtimes.beam.alone", *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.usefixtures("room")
def test_inside_there_is_loopback_and_nothing_else() -> None:
    assert run([sys.executable, "-c", INSIDE]).stdout == "True\nNetwork is unreachable\n"


@pytest.mark.usefixtures("room")
def test_the_status_of_the_command_is_ours() -> None:
    assert run(["sh", "-c", "exit 7"]).returncode == 7


def test_without_the_tools_it_says_what_is_missing(tmp_path: Path) -> None:
    done = run(["true"], PATH=str(tmp_path))
    assert done.returncode == 1
    assert "needs unshare and ip and sh" in done.stderr
    assert "--allow-open-ports" in done.stderr


def test_a_network_that_is_not_closed_is_not_made_again() -> None:
    done = run(["true"], VOUCH_BEGUN_ALONE="1")
    assert done.returncode == 1
    assert "leads outside" in done.stderr


def test_flink_is_not_begun_where_others_reach_its_ports(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="--allow-open-ports"), flink(tmp_path, tmp_path):
        pass
    with pytest.raises(Stop, match="--allow-open-ports"), cluster(tmp_path, tmp_path):
        pass
