"""What subscribers see of records, whoever has them in hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from confluent_kafka import Consumer

from deploy.kafka.broker import Broker
from schemas.errors import Retry
from schemas.topics import RECORDS
from streams.kafka.records import GivenUp, Records
from streams.kafka.settings import Kafka
from streams.kafka.transport.membership import is_member
from tests.kafka.places import member, on_topic, until

OLD, NEW = (b'{"revision":1}', b'{"revision":2}')


@contextmanager
def publisher(kafka: Kafka, membership: bytes, patience_s: float = 10) -> Iterator[Records]:
    """One that goes on to show a membership, whatever has become of it."""
    with closing(Records(kafka, lambda: membership, patience_s)) as records:
        yield records


def seen(kafka: Kafka) -> list[tuple[int, bytes]]:
    return [(number, row.value) for number, row in on_topic(kafka, RECORDS)]


def test_one_whom_the_group_has_given_up_publishes_nothing(kafka: Kafka) -> None:
    with member(kafka) as first:
        known = first.consumer_group_metadata()
    with (
        publisher(kafka, known) as zombie,
        member(kafka) as heir,
        publisher(kafka, heir.consumer_group_metadata()) as rightful,
    ):
        rightful.publish(1, [("c", NEW)], 2)
        for _ in range(2):
            with pytest.raises(GivenUp, match=r"generation|member"):
                zombie.publish(1, [("c", OLD)], 1)
        rightful.publish(1, [("c", NEW)], 3)
        until(lambda: len(seen(kafka)) == 2)  # brokers tell of a commit a moment later
        assert seen(kafka) == [(1, NEW), (1, NEW)]


def test_what_was_sent_before_a_partition_was_lost_is_not_seen_after_it(kafka: Kafka) -> None:
    """It sleeps between sending and asking, and wakes when another has the partition."""
    with member(kafka) as sleeper:
        known: bytes = sleeper.consumer_group_metadata()
        slept: list[bytes] = []

        def asked() -> bytes:
            sleeper.close()
            with member(kafka) as heir, publisher(kafka, heir.consumer_group_metadata()) as other:
                other.publish(1, [("c", NEW)], 2)
            slept.append(known)
            return known

        with closing(Records(kafka, asked)) as records, pytest.raises(GivenUp):
            records.publish(1, [("c", OLD)], 1)
    assert slept == [known]
    until(lambda: bool(seen(kafka)))
    assert seen(kafka) == [(1, NEW)]


def test_a_save_without_records_asks_nobody() -> None:
    away = Kafka(brokers=["127.0.0.1:1"], development=True)
    with publisher(away, b"", 0.2) as records:
        records.publish(0, [], 1)
        began = time.monotonic()
        with pytest.raises(Retry, match="do not answer"):
            records.publish(0, [("c", NEW)], 1)
        assert time.monotonic() > began


def test_more_than_the_queue_holds_is_published_whole(kafka: Kafka) -> None:
    with (
        member(kafka) as joined,
        closing(Records(kafka, joined.consumer_group_metadata, room=10)) as records,
    ):
        records.publish(2, [(f"c{n}", NEW) for n in range(100)], 7)
        until(lambda: seen(kafka) == [(2, NEW)] * 100)
        until(lambda: position(joined, 2) == 7)


def position(joined: Consumer, partition: int) -> int:
    """What the group was told, of the partition."""
    places = [place for place in joined.assignment() if place.partition == partition]
    return int(joined.committed(places, timeout=10)[0].offset)


def test_a_coordinator_that_goes_is_not_waited_for_without_end(own: Broker) -> None:
    alone = Kafka(brokers=own.addresses, development=True, partitions=1, replication=1, in_sync=1)
    with member(alone) as joined:
        known: bytes = joined.consumer_group_metadata()

        def asked() -> bytes:
            if own.pids:
                own.kill()
            return known

        with closing(Records(alone, asked, patience_s=2)) as records:
            with pytest.raises(Retry, match="coordinator"):
                records.publish(0, [("c", OLD)], 1)
            own.restart()
            again = Records(alone, joined.consumer_group_metadata)
            until(lambda: published(again))
            until(lambda: seen(alone) == [(0, NEW)])


def published(records: Records) -> bool:
    """Whether it could be; the member may have to join again."""
    try:
        records.publish(0, [("c", NEW)], 2)
    except Retry:
        return False
    return True


def test_a_membership_without_a_generation_is_none(kafka: Kafka) -> None:
    """Brokers would take it for that of a client that knows of none, and refuse nothing."""
    with member(kafka) as joined:
        assert is_member(joined.consumer_group_metadata())
        left = Consumer({"bootstrap.servers": kafka.brokers[0], "group.id": "none"})
        assert not is_member(left.consumer_group_metadata())
        left.close()
    assert not is_member(b"")
    assert not is_member(b"something else\0\0\0\0\0\0")
