"""TLS, users and rights, against a broker that insists on them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from msgspec.structs import replace

from deploy.kafka.broker import HERE, USERS, Broker
from schemas.errors import Stop
from schemas.topics import EVENTS, INTERVALS, REGISTERS
from streams.kafka.acls import CLIENTS, grant, rights
from streams.kafka.clients import check, consumer, errors_of, producer
from streams.kafka.clock import EventClock
from streams.kafka.results import Results
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure, log_id
from tests.kafka.conftest import settings_of

As = Callable[[str], Kafka]


@pytest.fixture
def user(secure_broker: Broker) -> As:
    """Settings of a user, with names that no other test uses; nobody has been given rights."""
    admin = settings_of(secure_broker)

    def settings(name: str) -> Kafka:
        return replace(admin, username=name, password_file=f"{secure_broker.password_file(name)}")

    return settings


@pytest.fixture
def granted(user: As) -> As:
    """The same, on topics that are there, with the rights of their roles."""
    ensure(user("admin"))
    grant(user("admin"))
    return user


def test_the_password_file_of_each_user_lets_it_in(user: As) -> None:
    for name in USERS:
        check(user(name))


def test_a_wrong_password_is_said_at_once(user: As, tmp_path: Path) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("wrong")
    wrong.chmod(0o600)
    with pytest.raises(Stop, match=r"refuse kafka\.username 'live' or its password"):
        check(replace(user("live"), password_file=f"{wrong}"))


def test_an_unknown_user_is_said_at_once(user: As) -> None:
    with pytest.raises(Stop, match=r"refuse kafka\.username 'nobody'"):
        check(replace(user("live"), username="nobody"))


def test_brokers_of_another_authority_are_not_trusted(user: As, tmp_path: Path) -> None:
    subprocess.run([f"{HERE}/certificates.sh", f"{tmp_path}/other"], check=True)
    with pytest.raises(Stop, match=r"does not stand up to kafka\.ca, .*/other/ca\.pem"):
        check(replace(user("live"), ca=f"{tmp_path}/other/ca.pem"))


def test_nobody_may_do_anything_before_it_is_given(user: As) -> None:
    ensure(user("admin"))
    with pytest.raises(Stop, match=r"may not use the topic \(ACL\)"):
        log_id(user("live"))
    with pytest.raises(Stop, match=r"intake: this user may not use the topic \(ACL\)"):
        _sent(user("gateway"), EVENTS, "intake")


def test_a_role_may_do_what_it_is_for(granted: As) -> None:
    ensure(granted("live"))  # every role checks the topics when it starts
    _sent(granted("gateway"), EVENTS, "intake")
    by_hand = consumer(granted("live"), "whoever reads")
    by_hand.assign([TopicPartition(granted("live").topic(EVENTS), 0, 0)])
    assert _next(by_hand).value() == b"fact"
    assert by_hand.poll(1) is None  # and no word of a group, which it has not asked for
    by_hand.close()
    member = consumer(granted("archive"), "archive", "archive")
    member.subscribe([granted("archive").topic(EVENTS)], on_assign=_from_the_beginning)
    assert _next(member).value() == b"fact"
    member.close()


def test_a_role_may_do_nothing_else(granted: As) -> None:
    for role, topic in (("live", EVENTS), ("gateway", INTERVALS)):
        with pytest.raises(Stop, match=r"may not use the topic \(ACL\)"):
            _sent(granted(role), topic, role)
    with pytest.raises(Stop, match=r"page: .*may write to no topic at all \(ACL\)"):
        _sent(granted("page"), INTERVALS, "page")
    foreign = consumer(granted("live"), "live", "archive")
    foreign.subscribe([granted("live").topic(EVENTS)])
    error = _next(foreign).error()
    foreign.close()
    with pytest.raises(Stop, match=r"may not use the consumer group \(ACL\)"), errors_of("live"):
        raise KafkaException(error)
    with pytest.raises(Stop, match=r"may not do that to the brokers"):
        grant(granted("live"))


def test_a_right_that_is_missing_is_no_reason_to_try_again(granted: As) -> None:
    """As after an upgrade: whoever sends or listens must end in words, not wait for ever."""
    results = Results(granted("gateway"))
    results.send(REGISTERS, b"key", b"{}", 0)
    with pytest.raises(Stop, match=r"may not use the topic \(ACL\)"):
        results.flush()
    clock = EventClock(granted("gateway"), results)
    clock.start()
    with pytest.raises(Stop, match=r"may not use the topic \(ACL\)"):
        for _ in range(300):
            clock.tell()
            sleep(0.1)
    clock.stop()


def test_one_user_may_have_all_roles(user: As) -> None:
    ensure(user("admin"))
    grant(user("admin"), {"page": CLIENTS})
    for topic in (EVENTS, INTERVALS):
        _sent(user("page"), topic, "anything")


def test_the_file_of_rights_is_that_of_the_topics() -> None:
    """Written by `python -m tests.kafka.test_security`."""
    assert (HERE / "acls").read_text() == _file()


def _file() -> str:
    lines = [f"{right}\n" for right in rights(Kafka(brokers=["anywhere:9092"]))]
    return (
        "# Who may do what, of schemas/topics.py: user, operation, kind of thing, pattern, name.\n"
        + "".join(lines)
    )


def _sent(kafka: Kafka, topic: str, what: str) -> None:
    """Send one message, or raise why it was refused."""
    refused: list[KafkaError] = []
    sender = producer(kafka, "test")
    sender.produce(
        kafka.topic(topic),
        b"fact",
        b"key",
        partition=0,
        on_delivery=lambda error, _: refused.append(error) if error else None,
    )
    with errors_of(what):
        assert sender.flush(60) == 0
        for error in refused:
            raise KafkaException(error)


def _from_the_beginning(reader: Consumer, parts: list[TopicPartition]) -> None:
    reader.incremental_assign([TopicPartition(part.topic, part.partition, 0) for part in parts])


def _next(reader: Consumer) -> Message:
    message = reader.poll(30)
    assert message is not None
    return message


if __name__ == "__main__":
    sys.exit((HERE / "acls").write_text(_file()) == 0)
