"""The broker that deploy/kafka starts: it comes, hangs, dies, comes back, and leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.kafka.broker import HERE, Broker, BrokerFailed
from schemas.errors import Retry
from streams.kafka.clients import admin, check
from streams.kafka.settings import Kafka
from tests.kafka.conftest import kafka_jars, running

__all__ = ["kafka_jars"]
LIMIT_S = 60


@pytest.fixture(scope="module")
def three(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    yield from running(tmp_path_factory.mktemp("broker") / "three", brokers=3)


def test_it_listens_on_this_machine_only(three: Broker) -> None:
    assert len(three.addresses) == 3
    listening = [line for pid in three.pids for line in _listening(pid)]
    assert len(listening) == 6  # one for clients and one for controllers each
    # As the kernel writes it: IPv4, or IPv6 that stands for it.
    assert {address for address, _ in listening} <= {"0100007F", f"{'0' * 16}FFFF00000100007F"}


def test_a_node_that_was_killed_comes_back_on_its_port(three: Broker) -> None:
    (pid,) = {*three.pids} - {*three.pids[1:]}
    three.kill(0)
    assert pid not in three.pids
    _until(lambda: _known(three, 1) == 2)
    three.restart(0)
    assert _known(three, 0) == 3


def test_a_node_that_hangs_answers_nothing_and_then_again(three: Broker) -> None:
    alone = Kafka(brokers=three.addresses[2:], development=True)
    three.pause(2)
    with pytest.raises(Retry):
        check(alone, patience_s=0.5)
    three.resume(2)
    check(alone, patience_s=LIMIT_S)


def test_it_dies_with_the_process_that_started_it(kafka_jars: Path, tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from deploy.kafka.broker import Broker\n"
        "print(*Broker.start(Path(sys.argv[1]), bound=True).pids, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, f"{tmp_path}/bound"],
        cwd=HERE.parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    try:
        _until(lambda: not Broker(tmp_path / "bound").pids)
        _until(lambda: not Path(f"/proc/{pid}").exists())
    finally:
        Broker(tmp_path / "bound").stop()


def test_as_a_command_it_outlives_it_and_can_be_stopped(kafka_jars: Path, tmp_path: Path) -> None:
    command = [sys.executable, f"{HERE}/broker.py"]
    folder = tmp_path / "commanded"
    said = subprocess.run(
        [*command, "start", f"{folder}"], capture_output=True, text=True, check=True
    )
    try:
        check(Kafka(brokers=said.stdout.split(), development=True))
        assert (folder / "addresses").read_text() == said.stdout
    finally:
        subprocess.run([*command, "stop", f"{folder}"], check=True)
    assert Broker(folder).pids == []


def test_a_broker_that_cannot_start_says_why(kafka_jars: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokerFailed, match=r"log\.retention\.check\.interval\.ms"):
        Broker.start(tmp_path / "bad", extra={"log.retention.check.interval.ms": "none"})


def test_another_program_of_the_same_number_is_left_alone(kafka_jars: Path, tmp_path: Path) -> None:
    node = tmp_path / "node-1"
    node.mkdir()
    (node / "server.properties").write_text("listeners=CLIENTS://127.0.0.1:1\n")
    (node / "pid").write_text(f"{os.getpid()}\n")
    stale = Broker(tmp_path)
    assert stale.pids == []
    stale.nodes[0].signal(signal.SIGKILL)  # and we live to tell of it


def test_without_java_the_tests_are_skipped_with_words_or_fail(tmp_path: Path) -> None:
    def tried(**more: str) -> str:
        run = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]
        one = "tests/kafka/test_clients.py::test_check_is_content_with_a_broker_that_answers"
        bare = {"PATH": f"{tmp_path}", **more}
        done = subprocess.run(
            [*run, one], env=bare, cwd=HERE.parents[1], capture_output=True, text=True, check=False
        )
        return done.stdout

    assert "Kafka needs Java; there is no `java` on the PATH" in (skipped := tried())
    assert "1 skipped" in skipped
    assert "1 error" in tried(CI="true")


def _known(broker: Broker, n: int) -> int:
    """How many nodes that one knows of."""
    client = admin(Kafka(brokers=[broker.addresses[n]], development=True))
    return len(client.list_topics(timeout=LIMIT_S).brokers)


def _listening(pid: int) -> Iterator[tuple[str, str]]:
    """Address and port, in hexadecimal digits, of everything that a process listens on."""
    held = {os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in held:
                address, port = fields[1].split(":")
                yield address, port


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
