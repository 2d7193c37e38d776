"""Faust as it comes: an agent for each event, and a Table of contacts with its changelog."""

from __future__ import annotations

import os
import sys
from typing import Any

import faust

from benchmarks.competitors.each import Contacts, Meter, asked


def main() -> None:
    """Run a worker."""
    job = asked()
    meter = Meter(job)
    app = faust.App(
        f"faust-table-{os.getpid()}",
        broker=f"kafka://{job.broker}",
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 << 20,
        broker_max_poll_records=20_000,
        stream_buffer_maxsize=131_072,
        topic_partitions=4,
    )
    topic = app.topic(job.topic, value_type=bytes, value_serializer="raw", key_type=bytes)
    table = app.Table("contacts", default=list, partitions=4)
    contacts = Contacts(meter.registers)

    @app.agent(topic)  # type: ignore[untyped-decorator]  # Faust has no types here
    async def fold(stream: Any) -> None:
        async for key, value in stream.items():
            name = key.decode()
            table[name] = contacts.add(name, table[name], value)
            meter.seen()

    sys.argv = ["faust-table", "worker", "-l", "error", "--without-web"]
    app.main()


if __name__ == "__main__":
    main()
