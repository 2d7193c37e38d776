"""Programs beside us: what they say when they die, and that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.errors import Stop
from streams.runtimes.beam.flink import flink
from streams.runtimes.beam.programs import free_ports, listens, running

LISTENS = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        server.accept()
"""
# Begins another that waits, says its number, and waits itself.
PARENT = "sleep 1000 & echo $! > child; wait"


def never() -> bool:
    return False


def gone(pid: int) -> bool:
    """No such process runs; one that nobody has reaped yet does not."""
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_for(condition: Callable[[], bool]) -> None:
    while not condition():
        os.sched_yield()


def test_what_dies_before_it_is_ready_leaves_its_last_words(tmp_path: Path) -> None:
    dies = ["sh", "-c", "echo no such setting >&2; exit 3"]
    with running("flink", dies, tmp_path) as program, pytest.raises(Stop) as raised:
        program.wait_for(never, 60, "a port")
    assert "flink ended before a port" in str(raised.value)
    assert str(raised.value).endswith("no such setting")


def test_what_is_not_ready_in_time_is_not_waited_for(tmp_path: Path) -> None:
    with running("flink", ["sleep", "1000"], tmp_path) as program:
        with pytest.raises(Stop, match="after 0 s there is no sign of a port"):
            program.wait_for(never, 0, "a port")
        assert program.alive
    assert gone(program.pid)


def test_what_dies_later_is_told_at_the_end(tmp_path: Path) -> None:
    with running("flink", ["sleep", "1000"], tmp_path) as program:
        program.demand()
        program.kill()
        with pytest.raises(Stop, match="flink ended"):
            program.demand()


def test_what_is_about_to_end_is_waited_for_a_little(tmp_path: Path) -> None:
    """Sockets close before a process has ended: who sees the one asks for the other too early."""
    with (
        running("flink", ["sleep", "0.5"], tmp_path) as program,
        pytest.raises(Stop, match="flink ended"),
    ):
        program.demand(60)


def test_a_program_is_ready_when_it_listens_on_its_port(tmp_path: Path) -> None:
    port, other = free_ports(2)
    with running("server", [sys.executable, "-c", LISTENS, f"{port}"], tmp_path) as program:
        program.wait_for(lambda: listens(port), 60, "a port")
        assert not listens(other)
    assert not listens(port)


@pytest.mark.parametrize("killed_before", [False, True])
def test_what_a_program_began_ends_with_it(tmp_path: Path, killed_before: bool) -> None:
    """Also where it was killed, as a test kills a TaskManager: its workers are ended then."""
    child = tmp_path / "child"
    parent = f"cd {tmp_path}; {PARENT}"
    with running("parent", ["sh", "-c", parent], tmp_path) as program:
        program.wait_for(lambda: child.exists() and bool(child.read_text()), 60, "a child")
        begun = int(child.read_text())
        if killed_before:
            program.kill()
        assert not gone(begun)
    wait_for(lambda: gone(begun))


def test_programs_end_where_we_are_killed(tmp_path: Path) -> None:
    us = f"""
import os, sys, time
from pathlib import Path
from streams.runtimes.beam.programs import running
with running("one", ["sleep", "1000"], Path({str(tmp_path)!r})) as program:
    name = Path(f"/proc/{{program.pid}}/comm")
    program.wait_for(lambda: name.read_text() == "sleep\\n", 60, "its own program")
    print(program.pid, flush=True)
    time.sleep(1000)
"""
    with subprocess.Popen([sys.executable, "-c", us], stdout=subprocess.PIPE) as client:
        assert client.stdout is not None
        begun = int(client.stdout.readline())
        client.send_signal(signal.SIGKILL)
        client.wait()
    wait_for(lambda: gone(begun))


def test_without_jars_flink_says_how_to_get_them(tmp_path: Path) -> None:
    with (
        pytest.raises(Stop, match="`make flink` brings them"),
        flink(tmp_path, tmp_path, open_ports=True),
    ):
        pass
