"""Brokers that go are noticed, and those that come back."""

from __future__ import annotations

from deploy.kafka.broker import Broker
from streams.kafka.pulse import PulseJob
from streams.kafka.settings import Kafka
from streams.workers import Worker
from tests.kafka.places import until


def test_brokers_that_hang_are_told_of_until_they_go_on(own: Broker) -> None:
    asked: list[int] = []

    class Counted(PulseJob):
        def step(self) -> bool:
            super().step()
            asked.append(1)
            return False

    kafka = Kafka(brokers=own.addresses, development=True)
    worker = Worker("brokers", lambda: Counted(kafka), pause_s=0.1, failed=lambda: None)
    worker.start()
    try:
        until(lambda: len(asked) > 1)
        assert worker.trouble is None
        own.pause()
        until(lambda: worker.trouble is not None)
        assert f"{own.addresses[0]}: the brokers do not answer" in str(worker.trouble)
        own.resume()
        until(lambda: worker.trouble is None)
    finally:
        own.resume()
        worker.stop()
