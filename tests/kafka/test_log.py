"""Kafka as a log: what every log promises, and what is its own."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import NewPartitions
from msgspec.structs import replace

from schemas.errors import Retry, Stop, VouchError
from schemas.topics import EVENTS
from streams.kafka.clients import admin, producer
from streams.kafka.log import KafkaLog
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure
from streams.logs.port import Log
from tests.kafka.places import until
from tests.logs.test_contract import *  # noqa: F403  # of another kind
from tests.logs.test_contract import PARTITIONS, Kind, Opener, append, keys_of, values

NOW = 1_767_621_600_000


@pytest.fixture  # type: ignore[no-redef]
def kind(kafka: Kafka) -> Kind:
    def new(place: Path) -> Opener:
        own = replace(kafka, partitions=PARTITIONS, prefix=f"{kafka.prefix}{place.name}.")
        ensure(own)
        return partial(KafkaLog, own)

    return Kind(new, forget, clock=True, examples=3)


def forget(log: Log, partition: int, below: int) -> None:
    """What the brokers do by themselves after a while."""
    assert isinstance(log, KafkaLog)
    below = min(below, log.bounds(EVENTS, partition)[1])
    there = TopicPartition(log.kafka.topic(EVENTS), partition, max(below, 0))
    client = admin(log.kafka)
    for done in client.delete_records([there]).values():
        done.result()


def test_what_may_be_forgotten_is_kept_as_long_as_the_topic_says(log: Log) -> None:
    append(log, 0, b"a", b"b")
    log.trim(EVENTS, 0, 2)
    assert values(log.read(EVENTS, 0, 0, 9)) == [b"a", b"b"]


def test_reading_on_and_going_back(log: Log) -> None:
    """A read goes on where the last one ended, or anywhere else, in any partition."""
    many = [b"%d" % i for i in range(50_000)]
    append(log, 0, *many)
    append(log, 1, b"other")
    assert values(log.read(EVENTS, 0, 0, 20_001)) == many[:20_001]
    assert values(log.read(EVENTS, 0, 20_001, 20_001)) == many[20_001:40_002]
    assert values(log.read(EVENTS, 1, 0, 5)) == [b"other"]
    assert values(log.read(EVENTS, 0, 40_002, 20_001)) == many[40_002:]
    assert log.read(EVENTS, 0, 50_000, 5) == []
    append(log, 0, b"new")
    assert values(log.read(EVENTS, 0, 50_000, 5)) == [b"new"]
    assert values(log.read(EVENTS, 0, 7, 2)) == [b"7", b"8"]


def test_two_that_append_do_not_mix_up_their_offsets(reopen: Opener) -> None:
    first, second = reopen(), reopen()
    found = [at for n in range(20) for log in (first, second) for at in append(log, 0, b"%d" % n)]
    assert found == [(0, n) for n in range(40)]
    assert append(first, 0, *[b"x"] * 3) == [(0, 40), (0, 41), (0, 42)]
    first.close()
    second.close()


def test_more_than_the_queue_of_the_client_holds(log: Log) -> None:
    key = keys_of(0, 1)[0]
    many = [(key, b"%d" % n) for n in range(250_000)]
    assert log.append(EVENTS, many, NOW)[-1] == (0, 249_999)
    assert values(log.read(EVENTS, 0, 249_998, 9)) == [b"249998", b"249999"]


def test_offsets_that_hold_no_row_for_us(kafka: Kafka, reopen: Opener) -> None:
    """What others wrote in transactions leaves holes: at its end, and where it was given up."""
    with closing(reopen()) as log:
        assert isinstance(log, KafkaLog)
        writer = producer(log.kafka, "stranger", **{"transactional.id": kafka.prefix})
        writer.init_transactions()
        for end in (writer.commit_transaction, writer.abort_transaction):
            writer.begin_transaction()
            for value in (b"a", b"b"):
                writer.produce(log.kafka.topic(EVENTS), value, "k", 0)
            writer.flush()
            end()
        until(lambda: log.bounds(EVENTS, 0) == (0, 6))  # brokers tell of an end a moment later
        assert [row.offset for row in log.read(EVENTS, 0, 0, 9)] == [0, 1]
        assert log.read(EVENTS, 0, 2, 9) == []
        assert append(log, 0, b"c") == [(0, 6)]
        assert [row.offset for row in log.read(EVENTS, 0, 0, 9)] == [0, 1, 6]
        assert [row.offset for row in log.read(EVENTS, 0, 3, 9)] == [6]


def test_an_event_that_the_brokers_would_never_take(log: Log) -> None:
    with pytest.raises(Stop, match="larger than the brokers allow"):
        append(log, 0, b"good", bytes(3_000_000))


def test_what_an_append_left_behind_is_no_part_of_the_next(log: Log) -> None:
    for found in range(3):
        with pytest.raises(Stop, match="larger than the brokers allow"):
            append(log, 0, b"left", bytes(3_000_000))
        [(_, offset)] = append(log, 0, b"%d" % found)
        assert values(log.read(EVENTS, 0, offset, 1)) == [b"%d" % found]


def test_partitions_that_were_not_there_a_moment_ago(kafka: Kafka) -> None:
    """As after a broker has come back: librdkafka would not look again for minutes."""
    own = replace(kafka, partitions=1, prefix=f"{kafka.prefix}grows.")
    ensure(own)
    with closing(KafkaLog(replace(own, partitions=2), patience_s=1)) as log:
        with pytest.raises(Retry, match="no such topic or partition"):
            log.bounds(EVENTS, 1)
        client = admin(own)
        more = client.create_partitions([NewPartitions(own.topic(EVENTS), 2)])
        more[own.topic(EVENTS)].result()
        append(log, 1, b"a")
        assert log.bounds(EVENTS, 1) == (0, 1)


def test_topics_that_nobody_made(kafka: Kafka) -> None:
    with pytest.raises(VouchError, match=f"{EVENTS}: there is no such topic"):
        KafkaLog(kafka)
