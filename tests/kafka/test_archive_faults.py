"""Several archive processes on a real broker: killed, stopped and woken, and every row once."""

from __future__ import annotations

import logging
import random
import signal
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from schemas.topics import EVENTS
from sinks.archive.layout import Chain
from sinks.archive.reader import entries
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
from streams.kafka.facts import Facts
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure
from tests.archive.world import Crash, Door
from tests.kafka.archive_world import (
    Process,
    committed,
    held,
    log_id,
    process,
    produce,
    role,
    until,
    values,
)

NEVER = 10**9


@pytest.fixture
def ready(kafka: Kafka) -> Kafka:
    ensure(kafka)
    return replace(kafka, session_s=1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "archive"
    made.mkdir()
    return made


def fill(kafka: Kafka, start: int, stop: int) -> None:
    """Rows for every partition, by turns."""
    every = range(kafka.partitions)
    produce(kafka, {number: values(start, stop)[number :: len(every)] for number in every})


def whole(root: Path, kafka: Kafka, total: int) -> None:
    """Every row of so many is in the archive once, in its place."""
    for number in range(kafka.partitions):
        commits = entries(root, log_id(kafka), EVENTS, number)
        assert sum(entry.rows for entry in commits) == commits[-1].next
    assert sorted(held(root)) == sorted(row.value for row in values(0, total))
    report = verify(root)
    assert (report.faults, report.losses, report.rows) == ([], [], total)


def rows(root: Path, kafka: Kafka) -> int:
    """How many rows are committed."""
    return sum(committed(root, kafka, number) for number in range(kafka.partitions))


def taken(*processes: Process) -> int:
    """How many rows they took in, together."""
    return sum(one.now().events for one in processes)


def test_a_zombie_is_fenced_and_doubles_nothing(root: Path, ready: Kafka) -> None:
    """One that took rows is stopped; another takes over and commits them; it wakes."""
    fill(ready, 0, 400)
    with process(root, ready, "zombie", NEVER) as zombie:
        until(lambda: taken(zombie) == 400)
        zombie.run.send_signal(signal.SIGSTOP)
        with process(root, ready, "heir") as heir:
            until(lambda: rows(root, ready) == 400)
            zombie.run.send_signal(signal.SIGCONT)
            until(lambda: zombie.now().fenced == ready.partitions)
            assert len(zombie.said("fenced: ")) == ready.partitions
            fill(ready, 400, 600)
            until(lambda: taken(zombie, heir) == 400 + 400 + 200)
            assert zombie.end(signal.SIGTERM) == heir.end(signal.SIGTERM) == 0
    whole(root, ready, 600)


def test_processes_killed_at_random_leave_every_row_once(root: Path, ready: Kafka) -> None:
    chance, total = random.Random(4), 0
    with ExitStack() as opened:
        slots = [opened.enter_context(process(root, ready, f"{slot}")) for slot in "ab"]
        for life in range(4):
            fill(ready, total, total + 400)
            total += 400
            slot, some = chance.randrange(2), chance.randrange(total)
            until(lambda: rows(root, ready) >= some)  # noqa: B023  # called at once
            slots[slot].end()
            assert verify(root).faults == []
            slots[slot] = opened.enter_context(process(root, ready, f"{life}"))
        until(lambda: rows(root, ready) == total)
    whole(root, ready, total)


def test_two_processes_share_and_one_that_ends_hands_over(root: Path, ready: Kafka) -> None:
    with process(root, ready, "one", NEVER) as one, process(root, ready, "two", NEVER) as two:
        until(lambda: len(one.now().positions) == len(two.now().positions) == 2)
        fill(ready, 0, 80)
        until(lambda: taken(one, two) == 80)
        assert one.end(signal.SIGTERM) == 0
        assert verify(root).rows == 40
        fill(ready, 80, 120)
        until(lambda: taken(two) == 40 + 40)
        assert two.end(signal.SIGTERM) == 0
        assert one.said("fenced") == two.said("fenced") == []
    whole(root, ready, 120)


def test_what_a_killed_writer_left_is_finished_and_said(
    root: Path, ready: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    produce(ready, {0: values(0, 10)})
    door = Door()
    killed = PartitionWriter(root, log_id(ready), EVENTS, 0, writer="killed", files=door)
    killed.append(values(0, 10))
    published = f"/{Chain(log_id(ready), EVENTS, 0)}/ingest_month"

    def at_publishing() -> None:
        if not list(root.glob(f"data{published}*/*")) and committed(root, ready, 0):
            door.crash()

    door.at(0, at_publishing, lasting=True)
    with pytest.raises(Crash):
        killed.commit(0)
    assert [fault.seq for fault in verify(root).pending] == [0]
    with caplog.at_level(logging.WARNING), closing(role(root, ready, Facts())) as archive:
        until(lambda: "rolled forward: " in caplog.text, archive.step)
    assert f"rolled forward: {ready.topic(EVENTS)}/0 0..9, committed by killed" in caplog.text
    whole_of_one = verify(root)
    assert (whole_of_one.faults, whole_of_one.pending, whole_of_one.rows) == ([], [], 10)
