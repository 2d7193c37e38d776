"""The limit: librdkafka fetches, every event is decoded, and nothing is done with it."""

from __future__ import annotations

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from benchmarks.competitors.each import Meter, asked
from benchmarks.competitors.fetching import AT_ONCE, FETCHING
from schemas.event import decoder


def main() -> None:
    """Read and decode."""
    job = asked()
    meter = Meter(job)
    consumer = Consumer(
        {
            "bootstrap.servers": job.broker,
            "group.id": "bare",
            "enable.auto.commit": "false",
            "auto.offset.reset": "earliest",
            **FETCHING,
        }
    )
    parts = consumer.list_topics(job.topic).topics[job.topic].partitions
    consumer.assign([TopicPartition(job.topic, part, OFFSET_BEGINNING) for part in parts])
    while True:
        values = [message.value() or b"" for message in consumer.consume(AT_ONCE, 1.0)]
        if values:
            decoder.decode_lines(b"\n".join(values))
            meter.seen(len(values))


if __name__ == "__main__":
    main()
