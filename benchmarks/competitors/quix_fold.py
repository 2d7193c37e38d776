"""Quix Streams: a stateful function by contact, its state in RocksDB with a changelog topic."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

from quixstreams import Application, State

from benchmarks.competitors.each import Contacts, Meter, asked
from benchmarks.competitors.fetching import FETCHING


def main() -> None:
    """Run the application."""
    job = asked()
    meter = Meter(job)

    contacts = Contacts(meter.registers)

    def fold(value: bytes, key: bytes, _timestamp: int, _headers: object, state: State) -> None:
        state.set("values", contacts.add(key.decode(), state.get("values", []), value))
        meter.seen()

    with TemporaryDirectory() as folder:
        application = Application(
            broker_address=job.broker,
            consumer_group=f"quix-{os.getpid()}",
            auto_offset_reset="earliest",
            consumer_extra_config=dict(FETCHING),
            state_dir=folder,
            loglevel="ERROR",
        )
        topic = application.topic(job.topic, value_deserializer="bytes", key_deserializer="bytes")
        application.dataframe(topic).update(fold, stateful=True, metadata=True)
        application.run()


if __name__ == "__main__":
    main()
