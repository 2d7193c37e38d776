"""What docs/subscribing.md shows is run as it stands, by a process that has nothing of ours.

Our own code puts the messages there: events as a log appends them, records as the core makes
them, figures as they are told, each with what comes again after a failure.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Producer
from msgspec.structs import replace

from deploy.kafka.broker import Broker
from schemas.board import Figure
from schemas.departments import HEADQUARTERS, zone_of
from schemas.intervals import BY, GRAIN, interval_figures
from schemas.measures import MEASURES
from schemas.periods import spans
from schemas.record import ContactRecord
from schemas.topics import DEAD_LETTERS, EVENTS, INTERVALS, RECORDS, TOPICS, partition_of
from streams.core.figures import Question, answer, figures
from streams.core.registers import COHORT, kind
from streams.gateway.intake import Bad
from streams.kafka.clients import producer
from streams.kafka.log import KafkaLog
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure
from tests.core.examples import DAY_OF_START, START, raw, row
from tests.core.harness import Partition
from tests.kafka.conftest import broker, kafka, kafka_jars, secure_broker

__all__ = ["broker", "kafka", "kafka_jars", "secure_broker"]
TEXT = (Path(__file__).parents[2] / "docs" / "subscribing.md").read_text()
BLOCKS = {
    name: block
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    for name in re.findall(r"\A# (\w+\.py)$", block, re.MULTILINE)
}
CALLS = [
    ("a", raw("contact.arrived", 0, "a", department="ircc", channel="phone")),
    ("a", raw("queue.entered", 5, "a", department="ircc", queue="english")),
    ("a", raw("agent.connected", 65, "a")),
    ("a", raw("contact.ended", 300, "a", by="customer")),
    ("b", raw("contact.arrived", 10, "b", department="ircc", channel="phone")),
    ("b", raw("queue.entered", 20, "b", department="ircc", queue="english")),
    ("b", raw("queue.left", 50, "b", how="abandoned")),
    ("b", raw("contact.ended", 51, "b", by="customer")),
]


#: What a stranger may leave among the events.
POISON = (b"\xff\x00junk", b"", b"[]", b"{}")


@pytest.fixture
def there(kafka: Kafka) -> Kafka:
    """Topics that hold what failures may leave in them."""
    fill(kafka)
    return kafka


@pytest.fixture
def there_secure(kafka: Kafka, secure_broker: Broker) -> Kafka:
    """The same where nobody gets in without TLS and a password."""
    secure = replace(
        kafka,
        brokers=secure_broker.addresses,
        development=False,
        ca=str(secure_broker.ca),
        username="admin",
        password_file=str(secure_broker.password_file("admin")),
    )
    fill(secure)
    return secure


def fill(kafka: Kafka) -> None:
    ensure(kafka)
    log = KafkaLog(kafka)
    log.append(EVENTS, [*CALLS, *CALLS[:3], *(("p", poison) for poison in POISON)], START)
    letters = [bad.letter(START + n, "acd") for n, bad in enumerate(refused())]
    log.append(DEAD_LETTERS, [*letters, letters[0]], START)
    log.close()
    results = producer(kafka, "test")
    counted = counts()
    put_records(results, kafka, counted)
    put_figures(results, kafka, counted)
    assert results.flush(30) == 0


def refused() -> list[Bad]:
    return [Bad(0, "type", "is missing", b"{}"), Bad(None, "", "is no JSON", b"parrot")]


def counts() -> Partition:
    partition = Partition()
    partition.apply([row(n, value, key) for n, (key, value) in enumerate(CALLS)])
    return partition


def put(to: Producer, kafka: Kafka, topic: str, key: str, value: bytes | None) -> None:
    at = partition_of(key, kafka.partitions)
    to.produce(kafka.topic(topic), value, key, partition=at)


def put_records(to: Producer, kafka: Kafka, counted: Partition) -> None:
    """Each record, one of them twice, an old one late, and one that is no more."""
    (a, b) = (counted.records[key] for key in "ab")
    assert isinstance(b, ContactRecord)
    old = replace(b, revision=b.revision - 1, place="waiting")
    gone = replace(b, contact_id="gone")
    for key, record in (("a", a), ("a", a), ("b", b), ("b", old), ("gone", gone)):
        put(to, kafka, RECORDS, key, msgspec.json.encode(record))
    put(to, kafka, RECORDS, "gone", None)


def put_figures(to: Producer, kafka: Kafka, counted: Partition) -> None:
    """The figures of the interval, then older ones that come late, and a group that is no more."""
    now, before = (told(counted, START + at) for at in (3_600_000, 1_800_000))
    for found in (now, before):
        key, value = interval_figures(found)
        put(to, kafka, INTERVALS, key, msgspec.json.encode(value))
    gone = [replace(row, dimensions={"department": None, "queue": None}) for row in now]
    key, value = interval_figures(gone)
    put(to, kafka, INTERVALS, key, msgspec.json.encode(value))
    put(to, kafka, INTERVALS, key, None)


def told(counted: Partition, as_of: int) -> list[Figure]:
    """The figures of the first quarter of an hour, which has one group."""
    first, *_ = (
        span for span in spans(HEADQUARTERS, *DAY_OF_START, GRAIN) if span.start_ms == START
    )
    measures = [MEASURES["funnel.answered"], MEASURES["answer.rate"], MEASURES["wait.mean"]]
    question = Question(measures, [first], BY, {"ircc": zone_of("ircc")}, HEADQUARTERS)
    wanted = kind("contacts", COHORT)
    rows = [(at, dims, sums) for (of, at, dims), sums in counted.registers.items() if of == wanted]
    return figures(question, answer(question, lambda _: rows), as_of)


def test_every_public_topic_has_an_example() -> None:
    public = [row.name for row in TOPICS.values() if row.public]
    assert [*BLOCKS] == ["subscriber.py", "records.py", "figures.py", "events.py", "letters.py"]
    for name in public:
        assert sum(f'messages("{name}")' in block for block in BLOCKS.values()) == 1
        assert re.search(rf"^\| `{name}` \|", TEXT, re.MULTILINE)


def run(folder: Path, name: str, kafka: Kafka, **more: str) -> str:
    """What an example prints: a process that can import nothing of ours."""
    for file, block in BLOCKS.items():
        (folder / file).write_text(block)
    settings = {"KAFKA_BROKERS": ",".join(kafka.brokers), "KAFKA_PREFIX": kafka.prefix, **more}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-P", name],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_records(there: Kafka, tmp_path: Path) -> None:
    assert run(tmp_path, "records.py", there) == "a\t4\tanswered\t60000\nb\t4\tabandoned\t30000\n"


def test_figures(there: Kafka, tmp_path: Path) -> None:
    start = "2026-01-05T09:00:00-05:00 ircc english"
    assert run(tmp_path, "figures.py", there) == (
        f"{start} funnel.answered 1 live\n{start} answer.rate 50.00 live\n"
    )


def test_events(there: Kafka, tmp_path: Path) -> None:
    assert run(tmp_path, "events.py", there) == (
        "agent.connected 1\ncontact.arrived 2\ncontact.ended 2\nqueue.entered 2\nqueue.left 1\n"
    )


def test_letters(there: Kafka, tmp_path: Path) -> None:
    assert run(tmp_path, "letters.py", there) == (
        "acd\tinvalid\ttype\tis missing\nacd\tunreadable\t\tis no JSON\n"
    )


def test_over_tls_with_a_password(there_secure: Kafka, tmp_path: Path) -> None:
    who = {
        "KAFKA_CA": there_secure.ca,
        "KAFKA_USER": there_secure.username,
        "KAFKA_PASSWORD_FILE": there_secure.password_file,
    }
    assert run(tmp_path, "letters.py", there_secure, **who).startswith("acd\tinvalid\t")
