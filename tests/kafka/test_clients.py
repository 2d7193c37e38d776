"""Clients: what they insist on, and what they say when a broker is away."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicCollection,
    TopicPartition,
)
from msgspec.structs import replace

from deploy.kafka.broker import HERE, Broker
from schemas.errors import Retry, Stop
from schemas.topics import EVENTS
from streams.kafka.acls import grant
from streams.kafka.clients import admin, check, consumer, errors_of, producer
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure

AWAY = Kafka(brokers=["127.0.0.1:1", "127.0.0.1:2"], development=True)


@pytest.fixture
def topic(kafka: Kafka) -> str:
    ensure(kafka)
    return kafka.topic(EVENTS)


def test_what_was_produced_is_read_from_where_it_is_asked_for(kafka: Kafka, topic: str) -> None:
    sender = producer(kafka, "test")
    for number in range(10):
        sender.produce(topic, b"%d" % number, partition=1)
    assert sender.flush(30) == 0
    reader = consumer(kafka, "test")
    reader.assign([TopicPartition(topic, 1, 4)])
    assert [_next(reader).value() for _ in range(6)] == [b"%d" % n for n in range(4, 10)]
    reader.close()


def test_a_position_that_is_gone_is_an_error_and_not_another_position(
    kafka: Kafka, topic: str
) -> None:
    sender = producer(kafka, "test")
    sender.produce(topic, b"only", partition=0)
    sender.flush(30)
    reader = consumer(kafka, "test")
    reader.assign([TopicPartition(topic, 0, 7)])
    error = _next(reader).error()
    reader.close()
    assert error is not None
    assert error.code() == KafkaError._AUTO_OFFSET_RESET
    with pytest.raises(Stop, match="events: what was asked for is not kept"), errors_of("events"):
        raise KafkaException(error)


def test_a_topic_that_is_not_there_may_be_unknown_to_a_broker_just_back(kafka: Kafka) -> None:
    client, names = admin(kafka), TopicCollection([kafka.topic(EVENTS)])
    with pytest.raises(Retry, match="events: there is no such topic"), errors_of("events"):
        client.describe_topics(names)[kafka.topic(EVENTS)].result(30)


def test_check_is_content_with_a_broker_that_answers(kafka: Kafka) -> None:
    check(kafka)


def test_check_names_the_addresses_where_no_broker_is() -> None:
    with pytest.raises(Retry, match=r"reached at 127\.0\.0\.1:1, 127\.0\.0\.1:2: .*refused"):
        check(AWAY, patience_s=1)


def test_a_broker_that_is_away_is_tried_again() -> None:
    with pytest.raises(Retry, match="the topics: "), errors_of("the topics"):
        admin(AWAY).list_topics(timeout=0.5)


def test_a_full_queue_is_tried_again() -> None:
    sender = producer(AWAY, "test", **{"queue.buffering.max.messages": 1})
    with pytest.raises(Retry, match="the dead letters: more"), errors_of("the dead letters"):
        for _ in range(2):
            sender.produce("anything", b"")
    sender.purge()


@pytest.mark.parametrize("make", [admin, lambda kafka: producer(kafka, "test"), check])
def test_no_connection_is_made_without_tls_unless_for_development(
    broker: Broker, make: Callable[[Kafka], object]
) -> None:
    with pytest.raises(Stop, match="ca is not set"):
        make(Kafka(brokers=broker.addresses))


def test_a_broker_without_tls_is_not_taken_for_one_with_it(broker: Broker, tmp_path: Path) -> None:
    subprocess.run([f"{HERE}/certificates.sh", f"{tmp_path}"], check=True)
    with pytest.raises(Retry, match="SSL"):
        check(Kafka(brokers=broker.addresses, ca=f"{tmp_path}/ca.pem"), patience_s=1)


def test_rights_are_given_by_brokers_that_have_any(kafka: Kafka) -> None:
    with pytest.raises(Stop, match="the brokers have no ACLs"):
        grant(kafka)


def test_certificates_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"kafka.ca: .*none.pem cannot be read"):
        admin(replace(AWAY, ca=f"{tmp_path}/none.pem"))


@pytest.mark.parametrize(
    ("mode", "content", "words"),
    [
        (0o640, "secret", "open to others"),
        (0o604, "secret", "open to others"),
        (0o600, "\n", "is empty"),
        (None, "", "cannot be read: No such file"),
    ],
)
def test_a_password_is_kept_in_a_file_of_its_owner_only(
    tmp_path: Path, mode: int | None, content: str, words: str
) -> None:
    file = tmp_path / "password"
    if mode is not None:
        file.write_text(content)
        file.chmod(mode)
    with pytest.raises(Stop, match=f"kafka.password_file: {file}.*{words}"):
        admin(replace(AWAY, username="live", password_file=f"{file}"))


def test_a_user_has_a_password() -> None:
    with pytest.raises(Stop, match="password_file is not set"):
        admin(replace(AWAY, username="live"))


def test_nothing_is_said_on_standard_error(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "streams.kafka.clients")
    with pytest.raises(Retry):
        check(AWAY, patience_s=0.5)
    sender = producer(AWAY, "test")
    sender.produce("anything", b"")
    sender.flush(0.5)
    sender.purge()
    assert capfd.readouterr().err == ""
    assert "Connection refused" in caplog.text  # but it can be had


def _next(reader: Consumer) -> Message:
    message = reader.poll(30)
    assert message is not None
    return message
