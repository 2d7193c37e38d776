"""`vouch run --roles`: all in one process, or each in its own, killed and begun again."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, takewhile
from pathlib import Path
from urllib.error import HTTPError

import msgspec
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from schemas.instants import instant, millis
from schemas.topics import INTERVALS
from streams.kafka.settings import Kafka
from streams.process import ROLES
from tests.e2e.world import ROOT, Server, archived, said, until, vouch
from tests.gateway.support import TOKEN, event

_ARRIVED = re.compile(
    r'^vouchline_figure_value{department="ircc",measure="funnel.arrived",version="1",'
    r'window="today"} (\S+)$',
    re.MULTILINE,
)
_START = millis("2026-01-05T14:00:00.000Z")
_numbers = count()


def settle(data: Path, kafka: Kafka) -> None:
    """Write the settings of a data folder."""
    shared = msgspec.to_builtins(msgspec.structs.replace(kafka, session_s=3))
    sections = {
        "gateway.tokens": {"switch": TOKEN},
        "archive": {"longest_wait_s": 1},
        "kafka": shared,
    }
    data.mkdir()
    with (data / "vouch.toml").open("w") as file:
        for section, fields in sections.items():
            file.write(f"[{section}]\n")
            for name, value in fields.items():
                file.write(f"{name} = {msgspec.json.encode(value).decode()}\n")


class Line:
    """Processes of one installation, each with some of the roles."""

    def __init__(self, data: Path, kafka: Kafka) -> None:
        self.data, self.kafka = data, kafka
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.servers: dict[str, Server] = {}
        self.posted = 0

    def start(self, *groups: str) -> None:
        """Processes side by side, and wait until each answers."""
        for roles in groups:
            command = [sys.executable, "-m", "streams.cli", "run", "--roles", roles]
            with self.data.with_name(f"{self.data.name}.stderr").open("ab") as words:
                self.processes[roles] = subprocess.Popen(
                    [*command, "--data", str(self.data), "--port", "0"],
                    cwd=ROOT,
                    stdout=subprocess.PIPE,
                    stderr=words,
                    text=True,
                )
        for roles in groups:
            self.servers[roles] = self._ready(self.processes[roles])

    def _ready(self, process: subprocess.Popen[str]) -> Server:
        assert process.stdout
        with process.stdout as lines:
            greeting = "".join(takewhile(lambda line: line != "Stop with Ctrl-C.\n", lines))
        found = re.search(r"http://[^/]+", greeting)
        assert found, said(self.data)
        return Server(process, found[0], TOKEN)

    def of(self, role: str) -> Server:
        return next(server for roles, server in self.servers.items() if role in roles)

    def post(self, contacts: int) -> None:
        """Some contacts arrive, a second apart; said again until it is acknowledged."""
        numbers = [next(_numbers) for _ in range(contacts)]
        values = [
            msgspec.json.encode(event(n, time=instant(_START + 1_000 * (self.posted + at))))
            for at, n in enumerate(numbers)
        ]
        until(lambda: self.of("gateway").post(values)[0] == 200)
        self.posted += contacts

    def arrived(self) -> None:
        """Everything posted is a figure: on the topic, on `/metrics` and on the page."""
        until(lambda: on_topic(self.kafka) == self.posted)
        until(lambda: self.on_metrics() == self.posted)
        until(lambda: f">{self.posted}<" in re.sub(r"\s", "", self.of("page").get("/en")))

    def on_metrics(self) -> float | None:
        found = _ARRIVED.search(self.of("merge").get("/metrics"))
        return float(found[1]) if found else None

    def stop(self) -> None:
        for roles, process in self.processes.items():
            process.terminate()
            assert process.wait(60) == 0, (roles, said(self.data))

    def kill(self, roles: str) -> None:
        self.processes[roles].kill()
        self.processes[roles].wait(60)


@contextmanager
def line(data: Path, kafka: Kafka, *groups: str) -> Iterator[Line]:
    settle(data, kafka)
    found = Line(data, kafka)
    try:
        found.start(*groups)
        yield found
    finally:
        for process in found.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait(60)


def on_topic(kafka: Kafka) -> int:
    """Contacts that arrived, by the newest message of every key of `measure.intervals.v1`."""
    found = newest(kafka, kafka.topic(INTERVALS)).values()
    rows = [row for value in found for row in msgspec.json.decode(value)["figures"]]
    return sum(row["numerator"] or 0 for row in rows if row["measure"] == "funnel.arrived")


def newest(kafka: Kafka, topic: str) -> dict[bytes, bytes]:
    """The newest value of every key, read by a plain client."""
    address = ",".join(kafka.brokers)
    consumer = Consumer(
        {"bootstrap.servers": address, "group.id": "any", "enable.partition.eof": True}
    )
    consumer.assign([TopicPartition(topic, n, OFFSET_BEGINNING) for n in range(kafka.partitions)])
    found: dict[bytes, bytes | None] = {}
    ended: set[int | None] = set()
    while len(ended) < kafka.partitions:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if (error := message.error()) is not None:
            assert error.code() == KafkaError._PARTITION_EOF, error
            ended.add(message.partition())
        else:
            found[message.key() or b""] = message.value()
    consumer.close()
    return {key: value for key, value in found.items() if value is not None}


def test_all_roles_in_one_process(tmp_path: Path, kafka: Kafka) -> None:
    every = ",".join(ROLES)
    with line(tmp_path / "data", kafka, every) as found:
        until(lambda: ready(found.of("page")))  # also while there is nothing to count
        found.post(40)
        found.arrived()
        for roles in ("live", "archive", "merge", "page", "brokers"):
            assert f'vouchline_role_ready{{role="{roles}"}} 1.0' in found.of("page").get("/metrics")
        until(lambda: evidence(found.data) == 40)
        found.stop()


def test_each_role_in_its_own_process_killed_and_begun_again(tmp_path: Path, kafka: Kafka) -> None:
    with line(tmp_path / "data", kafka, *ROLES) as found:
        found.post(40)
        found.arrived()
        assert "vouchline_figure_value{" not in found.of("live").get("/metrics")
        for role in ROLES:
            found.kill(role)
            if role != "gateway":
                found.post(10)
            found.start(role)
        found.post(10)
        found.arrived()
        until(lambda: evidence(found.data) == found.posted == 90)
        found.stop()


def ready(server: Server) -> bool:
    try:
        return server.get("/readyz") == "ready\n"
    except HTTPError:
        return False


def evidence(data: Path) -> int:
    """Rows in the archive, each at a position of its own."""
    found = archived(data)
    positions = [(partition, offset) for partition, rows in found.items() for offset, _ in rows]
    assert len(positions) == len(set(positions))
    return len(positions)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--roles", "live"), "without [kafka] in vouch.toml, all roles are one process"),
        (("--roles", "gateway,lives"), "'lives' is none of gateway, live, archive, merge, page"),
    ],
)
def test_roles_that_cannot_be_are_refused_in_words(
    tmp_path: Path, words: Sequence[str], said: str
) -> None:
    done = vouch(tmp_path / "data", "run", *words)
    assert done.returncode != 0
    assert said in done.stderr.decode()


def test_a_connection_without_encryption_is_refused_at_the_start(tmp_path: Path) -> None:
    settle(tmp_path / "data", Kafka(brokers=["127.0.0.1:1"]))
    done = vouch(tmp_path / "data", "run", "--roles", "page")
    assert done.returncode != 0
    assert "the connection would not be encrypted" in done.stderr.decode()
