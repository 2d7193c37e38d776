"""What the tests on Kafka stand on: a real broker, and names of their own on it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Never

import pytest

from deploy.kafka.broker import HERE, SHORT, Broker, BrokerFailed, jars
from streams.kafka.settings import Kafka

_numbers = count(1)


def absent(what: str) -> Never:
    """Skip with a word; where everything must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def kafka_jars() -> Path:
    """The folder of jars, made if it is not there: about a minute, once."""
    if shutil.which("java") is None:
        absent("Kafka needs Java; there is no `java` on the PATH")
    with (HERE / "pom.xml").open() as held:  # test workers run side by side: one makes them
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            return jars()
        except BrokerFailed:
            _make()
        return jars()


def _make() -> None:
    if shutil.which("mvn") is None:
        absent("the jars of Kafka are made by Maven; there is no `mvn` on the PATH")
    made = subprocess.run(
        ["mvn", "-q", "-B", "-f", f"{HERE}/pom.xml", "package"],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        absent(f"Maven could not bring the jars of Kafka:\n{made.stdout[-2000:]}")


@pytest.fixture(scope="session")
def broker(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One plain node, for all tests of this worker: whoever ends or pauses it starts its own."""
    yield from running(tmp_path_factory.mktemp("broker") / "plain")


@pytest.fixture(scope="session")
def secure_broker(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One node with TLS, passwords and ACLs, of which there are none yet."""
    yield from running(tmp_path_factory.mktemp("broker") / "secure", secure=True)


def running(folder: Path, *, brokers: int = 1, secure: bool = False) -> Iterator[Broker]:
    """A cluster that ends with the test, or with the test's process."""
    # Tests do not wait for a member that was killed as long as people may.
    extra = {"group.min.session.timeout.ms": "1000"}
    started = Broker.start(
        folder, brokers=brokers, secure=secure, extra=extra, java=SHORT, bound=True
    )
    yield started
    started.stop()


@pytest.fixture
def kafka(broker: Broker) -> Kafka:
    """Settings for topics and groups that no other test uses."""
    return settings_of(broker)


def settings_of(broker: Broker) -> Kafka:
    """Settings with names that nobody else uses; of a secure broker, those of "admin"."""
    secure = broker.ca.exists()
    return Kafka(
        brokers=broker.addresses,
        development=True,
        ca=f"{broker.ca}" if secure else "",
        username="admin" if secure else "",
        password_file=f"{broker.password_file('admin')}" if secure else "",
        prefix=f"t{os.getpid()}-{next(_numbers)}.",
        partitions=4,
        replication=1,
        in_sync=1,
    )


@pytest.fixture
def own(kafka_jars: Path, tmp_path: Path) -> Iterator[Broker]:
    """A broker to be stopped."""
    yield from running(tmp_path / "broker")
