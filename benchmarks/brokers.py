"""A real broker for a benchmark: one node on this machine, with our topics on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.kafka.broker import Broker
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure


@contextmanager
def broker_for(folder: Path, partitions: int = 12) -> Iterator[Kafka]:
    """How to reach it while the block runs. It wants Java 17 and the jars (`make kafka`)."""
    broker = Broker.start(folder / "broker", bound=True)
    try:
        kafka = Kafka(
            brokers=broker.addresses,
            development=True,
            partitions=partitions,
            replication=1,
            in_sync=1,
            session_s=10,
        )
        ensure(kafka)
        yield kafka
    finally:
        broker.stop()
