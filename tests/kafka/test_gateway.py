"""The gateway before Kafka: what it answers is there, whatever becomes of a broker."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from schemas.topics import EVENTS
from streams.kafka.log import KafkaLog
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure
from tests.gateway.support import Running, encoded, event, fresh, letters, rows, running
from tests.kafka.conftest import running as started

LIMIT_S = 60
_numbers = count(1)


@pytest.fixture(scope="module")
def own(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker to be killed."""
    yield from started(tmp_path_factory.mktemp("own") / "broker")


@pytest.fixture
def kafka(own: Broker) -> Kafka:
    made = Kafka(brokers=own.addresses, development=True, prefix=f"{next(_numbers)}.", partitions=4)
    ensure(made)
    return made


def patient(kafka: Kafka) -> KafkaLog:
    return KafkaLog(kafka, patience_s=2)


async def accepted(gateway: Running, body: bytes) -> None:
    """Send until it is taken."""
    until = time.monotonic() + LIMIT_S
    while (await gateway.send(body))[0] == 503 and time.monotonic() < until:
        await asyncio.sleep(0.1)
    status, told = await gateway.send(body)
    assert status == 200, told


def test_what_is_answered_is_on_kafka(kafka: Kafka) -> None:
    async def story() -> None:
        async with running(factory=lambda: KafkaLog(kafka)) as gateway:
            told = await asyncio.gather(*(gateway.send(encoded(fresh(20))) for _ in range(20)))
            assert {status for status, _ in told} == {200}
            assert (await gateway.send(encoded([event(1, type=None)])))[0] == 422
            assert (await gateway.text("/readyz")) == (200, "ready\n")

    asyncio.run(story())
    with closing(KafkaLog(kafka)) as log:
        found = rows(log)
        assert len(found) == len({row.value for row in found}) == 400
        assert len(letters(log)) == 1


@pytest.mark.parametrize("ending", ["killed", "hung"])
def test_a_broker_that_goes_and_comes_back(own: Broker, kafka: Kafka, ending: str) -> None:
    acknowledged: list[bytes] = []

    async def story() -> None:
        async with running(factory=lambda: patient(kafka)) as gateway:
            await store(gateway)
            if ending == "killed":
                own.kill()
            else:
                own.pause()
            status, told = await gateway.send(encoded(fresh(2)))
            assert (status, "send it again later" in told["error"]) == (503, True)
            status, why = await gateway.text("/readyz")
            assert (status, EVENTS in why) == (503, True)
            if ending == "killed":
                own.restart()  # here: it would end with any other thread
            else:
                own.resume()
            await accepted(gateway, encoded(fresh(1)))
            assert (await gateway.text("/readyz")) == (200, "ready\n")
            await store(gateway)

    async def store(gateway: Running) -> None:
        events = fresh(50)
        assert (await gateway.send(encoded(events)))[0] == 200
        acknowledged.extend(encoded([one])[1:-1] for one in events)

    asyncio.run(story())
    with closing(patient(kafka)) as log:
        found = Counter(row.value for row in rows(log))
    assert all(found[value] == 1 for value in acknowledged)
