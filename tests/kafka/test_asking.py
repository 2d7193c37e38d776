"""Asking for figures where no worker is: of copies that several workers left."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path

import pytest

from schemas.admission import admit
from schemas.event import encode
from schemas.topics import EVENTS
from streams.home import Home
from streams.kafka.settings import Kafka
from streams.kafka.worker import LiveRole
from streams.simulator import deliver, simulate
from tests.e2e.folder import Folder

NOW, LIMIT_S = 1_768_000_000_000, 60
ASKED = ("measures", "--from", "2026-01-05", "--to", "2026-01-06", "--by", "department,queue")


def told(kafka: Kafka, state: Path, copies: Path) -> str:
    return (
        f"[kafka]\nbrokers = {kafka.brokers}\ndevelopment = true\n"
        f'prefix = "{kafka.prefix}"\npartitions = {kafka.partitions}\n'
        f'state = "{state}"\ncopies = "{copies}"\ncopy_s = 1\n'
    )


def counted(home: Home) -> int:
    """How many events the copies are of."""
    with closing(home.log()) as log:
        found = [home.copies(log).newest(number) for number in range(log.partitions)]
    return sum(copy[1] for copy in found if copy)


def test_two_workers_and_one_who_asks(
    tmp_path: Path, kafka: Kafka, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    delivered = deliver(simulate(date(2026, 1, 5), 1, seed=8, scale=0.05), 8)
    events = [(event.subject, value) for event, value in (admit(encode(e), NOW) for e in delivered)]
    homes = {name: Home(tmp_path / name) for name in ("one", "other", "asker", "alone")}
    for name, home in homes.items():
        home.data.mkdir()
        text = told(kafka, tmp_path / f"state-{name}", tmp_path / "copies")
        text = text if name != "alone" else f"[log]\npartitions = {kafka.partitions}\n"
        (home.data / "vouch.toml").write_text(text)
    with ExitStack() as running:
        for name in ("one", "other"):
            role = LiveRole(homes[name], kafka_of(homes[name]), lambda: None)
            role.start()
            running.callback(role.stop)
        for home in (homes["asker"], homes["alone"]):
            with closing(home.log()) as log:
                for start in range(0, len(events), 200):
                    log.append(EVENTS, events[start : start + 200], NOW)
        until = time.monotonic() + LIMIT_S
        while counted(homes["asker"]) < len(events):
            assert time.monotonic() < until
            time.sleep(0.1)
        asked, expected = (
            Folder(homes[name].data, capfdbinary).raw(*ASKED, "--format", "json")
            for name in ("asker", "alone")
        )
    assert asked == expected
    assert not (tmp_path / "state-asker").exists()


def kafka_of(home: Home) -> Kafka:
    assert home.kafka is not None
    return home.kafka
