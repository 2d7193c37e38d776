"""An archive role to be stopped and killed, and what it reads.

    python -m tests.kafka.archive_world ROOT FACTS WAIT SETTINGS

SETTINGS is JSON of `streams.kafka.settings.Kafka`. The role commits what has waited for WAIT
milliseconds, and replaces FACTS by where it is, after every step. It ends in order on SIGTERM.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive.reader import tail
from sinks.archive.writer import PartitionWriter
from streams.clock import now_ms
from streams.kafka import topics
from streams.kafka.archive import MOST_WAITING, ArchiveRole
from streams.kafka.clients import producer
from streams.kafka.facts import Facts
from streams.kafka.settings import Kafka
from tests.archive.world import archived, row

HERE = Path(__file__).parents[2]
LIMIT_S = 60.0


@cache
def log_of(topic: str, broker: str) -> str:
    """The log of a topic, asked for once."""
    return (
        topics.log_id(Kafka(brokers=[broker], development=True, prefix=topic))
        .replace("/", "_")
        .replace("+", "-")
    )


def log_id(kafka: Kafka) -> str:
    """Its log."""
    return log_of(kafka.prefix, kafka.brokers[0])


def role(
    root: Path, kafka: Kafka, facts: Facts, *, wait_ms: int = 0, most: int = MOST_WAITING
) -> ArchiveRole:
    """A role in this process; it commits what has waited for so long."""

    def opened(number: int) -> PartitionWriter:
        made = writer(root, kafka, number)
        made.longest_wait = wait_ms
        return made

    return ArchiveRole(kafka, opened, facts, now_ms, most)


def writer(root: Path, kafka: Kafka, number: int) -> PartitionWriter:
    """The writer of a partition, as a role opens it."""
    return PartitionWriter(root, log_id(kafka), EVENTS, number, writer=f"test/{os.getpid()}")


def produce(kafka: Kafka, rows: dict[int, list[Row]]) -> None:
    """Put rows in partitions, and wait until they are acknowledged."""
    into = producer(kafka, "test")
    for number, some in rows.items():
        for one in some:
            into.produce(kafka.topic(EVENTS), one.value, one.key, number)
    assert into.flush(LIMIT_S) == 0


def values(start: int, stop: int) -> list[Row]:
    """Rows whose values tell them apart."""
    return [row(at) for at in range(start, stop)]


def until(what: Callable[[], bool], step: Callable[[], object] = lambda: time.sleep(0.05)) -> None:
    """Go on until something holds."""
    end = time.monotonic() + LIMIT_S
    while not what():
        assert time.monotonic() < end, "waited for too long"
        step()


def committed(root: Path, kafka: Kafka, number: int) -> int:
    """How far the commit log of a partition goes."""
    found = tail(root, log_id(kafka), EVENTS, number)
    return found.next if found else 0


def held(root: Path) -> list[bytes]:
    """Every value in the archive."""
    return [one.value for one in archived(root)]


@dataclass
class Process:
    """A role in a process of its own.

    Attributes:
        facts: the file of where it is.
        words: the file of what it logs.
    """

    run: subprocess.Popen[bytes]
    facts: Path
    words: Path

    def now(self) -> Facts:
        """Where it was after its newest step."""
        text = self.facts.read_bytes() if self.facts.exists() else b"{}"
        return msgspec.json.decode(text, type=Facts)

    def said(self, words: str) -> list[str]:
        """The lines of its log that begin so."""
        return [line for line in self.words.read_text().split("\n") if line.startswith(words)]

    def end(self, how: int = signal.SIGKILL) -> int:
        """Send it a signal, and wait for its end."""
        self.run.send_signal(how)
        return self.run.wait(LIMIT_S)


@contextmanager
def process(root: Path, kafka: Kafka, name: str, wait_ms: int = 0) -> Iterator[Process]:
    """Start one; it is killed at the end."""
    facts, words = root.with_name(f"{name}.json"), root.with_name(f"{name}.log")
    settings = msgspec.json.encode(kafka).decode()
    command = [sys.executable, "-m", __name__, f"{root}", f"{facts}", f"{wait_ms}", settings]
    with words.open("wb") as log:
        run = subprocess.Popen(command, cwd=HERE, stderr=log)
    try:
        yield Process(run, facts, words)
    finally:
        run.kill()
        run.wait()


def main(root: Path, file: Path, wait_ms: int, kafka: Kafka) -> None:
    """Be the process."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    ended, facts, draft = threading.Event(), Facts(), file.with_suffix(".draft")
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with closing(role(root, kafka, facts, wait_ms=wait_ms)) as running:
        while not ended.is_set():
            running.step()
            draft.write_bytes(msgspec.json.encode(facts))
            draft.replace(file)


if __name__ == "__main__":
    settings = msgspec.json.decode(sys.argv[4], type=Kafka)
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), settings)
