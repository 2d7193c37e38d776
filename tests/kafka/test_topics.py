"""Topics on a real broker: made once, checked ever after, and never changed."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from confluent_kafka import TopicCollection
from confluent_kafka.admin import ConfigResource, NewTopic
from msgspec.structs import asdict, replace

from deploy.kafka.broker import Broker
from schemas.errors import Stop
from schemas.topics import EVENTS, RECORDS, REGISTERS, TOPICS
from streams.cli import main
from streams.kafka.clients import admin
from streams.kafka.settings import Kafka
from streams.kafka.topics import Copies, Held, ensure, log_id, problems
from tests.e2e.world import until

ROW = TOPICS[EVENTS]
GOOD = {**ROW.config, "min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
SAFE = Copies(3, 2)


@pytest.fixture
def secure(kafka: Kafka, secure_broker: Broker) -> Kafka:
    return replace(
        kafka,
        brokers=secure_broker.addresses,
        development=False,
        ca=str(secure_broker.ca),
        username="admin",
        password_file=str(secure_broker.password_file("admin")),
    )


def found(partitions: int = 12, copies: int = 3, **config: str) -> list[str]:
    named = {name.replace("_", "."): value for name, value in config.items()}
    return [*problems(ROW, Held([copies] * partitions, GOOD | named), 12, SAFE)]


def test_more_is_no_problem() -> None:
    assert found() == []
    assert found(copies=5, retention_ms="-1", min_insync_replicas="3") == []
    assert found(retention_ms=str(8 * 86_400_000)) == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"partitions": 11}, "has 11 partitions, not 12"),
        ({"copies": 2}, "has 2 copies, fewer than 3"),
        ({"min_insync_replicas": "1"}, "min.insync.replicas is 1, less than 2"),
        ({"unclean_leader_election_enable": "true"}, "acknowledged events could be lost"),
        ({"cleanup_policy": "compact"}, "raw events, which must not be compacted"),
        ({"cleanup_policy": "compact,delete"}, "raw events, which must not be compacted"),
        ({"retention_ms": "86400000"}, "retention.ms is 86400000, less than 604800000"),
        ({"retention_bytes": "1000000"}, "retention.bytes is 1000000, less than without limit"),
        ({"message_timestamp_type": "CreateTime"}, "message.timestamp.type is CreateTime"),
    ],
)
def test_less_is_told_in_words(config: dict[str, str | int], words: str) -> None:
    (problem,) = found(**config)  # type: ignore[arg-type]
    assert words in problem


def test_a_compacted_topic_must_be_compacted() -> None:
    row = TOPICS[REGISTERS]
    config = GOOD | row.config | {"cleanup.policy": "delete"}
    (problem,) = problems(row, Held([3], config), 1, SAFE)
    assert problem == "cleanup.policy is delete, not compact"


def test_what_is_missing_is_made_and_then_as_it_must_be(kafka: Kafka) -> None:
    with ThreadPoolExecutor(3) as several:  # processes that start at once
        for done in [several.submit(ensure, kafka) for _ in range(3)]:
            done.result()
    ensure(kafka)
    client = admin(kafka)
    names = {row.name: kafka.topic(row.name) for row in TOPICS.values()}
    described = client.describe_topics(TopicCollection([*names.values()]))
    for row in TOPICS.values():
        topic = described[names[row.name]].result()
        assert len(topic.partitions) == (row.partitions or kafka.partitions)
        resource = ConfigResource(ConfigResource.Type.TOPIC, names[row.name])
        (config,) = client.describe_configs([resource]).values()
        for name, value in row.config.items():
            assert config.result()[name].value == value, (row.name, name)


def test_a_log_has_its_identity_for_life(kafka: Kafka) -> None:
    ensure(kafka)
    first = log_id(kafka)
    assert re.fullmatch(r"[A-Za-z0-9._-]+\.[A-Za-z0-9_-]{22}", first)
    assert log_id(kafka) == first
    delete(kafka, EVENTS)
    ensure(kafka)
    assert log_id(kafka) != first, "the name is the same, the topic is not"


def delete(kafka: Kafka, name: str) -> None:
    client = admin(kafka)
    for done in client.delete_topics([kafka.topic(name)]).values():
        done.result()
    until(lambda: kafka.topic(name) not in client.list_topics(timeout=30).topics)


def make(kafka: Kafka, name: str, partitions: int, **config: str) -> None:
    named = {key.replace("_", "."): value for key, value in config.items()}
    topic = NewTopic(kafka.topic(name), partitions, 1, config=named)
    client = admin(kafka)
    for done in client.create_topics([topic]).values():
        done.result()


def test_what_is_not_as_it_must_be_stops_in_words(kafka: Kafka) -> None:
    make(kafka, EVENTS, 3, cleanup_policy="compact", retention_ms="1000")
    make(kafka, RECORDS, 4, cleanup_policy="delete")
    with pytest.raises(Stop) as stopped:
        ensure(kafka)
    said = str(stopped.value)
    assert f"{kafka.prefix}contact.events.v1: has 3 partitions, not 4" in said
    assert f"{kafka.prefix}contact.events.v1: cleanup.policy is compact, not delete" in said
    assert f"{kafka.prefix}contact.events.v1: retention.ms is 1000" in said
    assert f"{kafka.prefix}contact.records.v1: cleanup.policy is delete, not compact" in said
    assert "measure.intervals.v1" not in said


def test_one_broker_is_enough_for_development_only(kafka: Kafka, secure: Kafka) -> None:
    ensure(replace(kafka, replication=3, in_sync=2))
    with pytest.raises(Stop, match="v1: there are not enough brokers for 3 copies"):
        ensure(replace(secure, replication=3, in_sync=2))
    ensure(secure)


def test_copies_that_there_are_not_can_never_have_an_event() -> None:
    with pytest.raises(Stop, match="nothing could ever be acknowledged"):
        Copies(2, 3)


def settings(kafka: Kafka) -> str:
    """`vouch.toml` that says the same."""
    return "[kafka]\n" + "".join(
        f"{name} = {json.dumps(value)}\n" for name, value in asdict(kafka).items()
    )


def test_the_command(kafka: Kafka, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["topics", "--data", str(tmp_path)]
    assert main([*words, "--create"]) == 1
    assert "no [kafka]" in capsys.readouterr().err
    assert main(words) == 0
    assert "contact.events.v1      12 partitions  7 days     delete" in capsys.readouterr().out
    (tmp_path / "vouch.toml").write_text(settings(kafka))
    assert main([*words, "--create"]) == 0
    assert f"7 topics are as they must be; the log is {log_id(kafka)}" in capsys.readouterr().out
    assert main([*words, "--format", "json"]) == 0
    assert f'"{kafka.prefix}contact.events.v1"' in capsys.readouterr().out


def test_rights_are_listed_and_given(
    secure: Kafka, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "vouch.toml").write_text(settings(secure))
    words = ["topics", "--data", str(tmp_path), "--acls"]
    assert main(words) == 0
    listed = capsys.readouterr().out.splitlines()
    assert f"gateway WRITE TOPIC LITERAL {secure.prefix}contact.events.v1" in listed
    assert f"archive WRITE TOPIC LITERAL {secure.prefix}contact.events.v1" not in listed
    assert main([*words, "--create", "--user", "page=page,merge"]) == 0
    given = capsys.readouterr().out.splitlines()
    assert f"page WRITE TOPIC LITERAL {secure.prefix}measure.intervals.v1" in given
    assert given[-1] == "The brokers know of these rights."
    password = secure_password(secure, "page")
    check = replace(secure, username="page", password_file=password)
    ensure(check)  # it may look at every topic
    assert main([*words, "--user", "page=pages"]) == 1
    assert "is not NAME=ROLES" in capsys.readouterr().err


def secure_password(secure: Kafka, user: str) -> str:
    return str(Path(secure.password_file).with_name(user))
