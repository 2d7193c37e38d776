"""The whole line over TLS, each role in a process of its own as a user of its own.

Events go in over HTTP; figures come out on the public topic, by the page's gauges and by commands,
evidence in the archive. No user has more rights than the rows of the topics say, and none is an
administrator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import TopicPartition

from deploy.kafka.broker import Broker
from schemas.intervals import IntervalFigures
from schemas.topics import INTERVALS
from sinks.archive.verifier import verify
from streams.kafka.acls import grant
from streams.kafka.clients import consumer
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure
from streams.process import ROLES
from streams.simulator import simulate
from tests.e2e.world import archived, encoded, figures, imported, jsonl, post, vouch
from tests.faults.process import Process, until
from tests.kafka.conftest import settings_of

DAY = ("--from", "2026-01-05", "--to", "2026-01-07", "--by", "department,queue")
TOKEN = "a producer of the secure line"
_interval = msgspec.json.Decoder(IntervalFigures).decode
Counts = Counter[str]


class Line:
    """The processes of all roles, and the archive that they share."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self.folder, self.shared = folder, folder / "shared"
        self.admin, self._broker = settings_of(broker), broker
        for name in ("archive", "keys", "copies"):
            (self.shared / name).mkdir(parents=True)
        self.processes: dict[str, Process] = {
            role: Process(self.furnished(role), role) for role in ROLES
        }

    def furnished(self, user: str) -> Path:
        """A data folder whose settings sign in as a user."""
        data = self.folder / user
        data.mkdir()
        for name in ("archive", "keys"):
            (data / name).symlink_to(self.shared / name)
        kafka = self.admin
        (data / "vouch.toml").write_text(
            f"""
[gateway]
tokens = {{ line = "{TOKEN}" }}

[kafka]
brokers = ["{kafka.brokers[0]}"]
ca = "{kafka.ca}"
username = "{user}"
password_file = "{self._broker.password_file(user)}"
prefix = "{kafka.prefix}"
partitions = {kafka.partitions}
replication = 1
in_sync = 1
copies = "{self.shared / "copies"}"
copy_s = 1

[archive]
longest_wait_s = 1
"""
        )
        return data

    def begin(self) -> None:
        """Start all, and wait until the gateway takes events."""
        for process in self.processes.values():
            process.start()
        self.wait(lambda: self.processes["gateway"].address)

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait for a condition, as long as all processes run."""

        def over() -> list[str]:
            return [name for name, process in self.processes.items() if not process.alive]

        until(lambda: over() or condition(), self.said)
        assert not over(), self.said()

    def url(self, role: str) -> str:
        address = self.processes[role].address
        assert address is not None, self.processes[role].said()
        return f"http://{address[0]}:{address[1]}"

    def said(self) -> str:
        """What all of them said on standard error."""
        return "".join(process.said() for process in self.processes.values())


@pytest.fixture
def line(tmp_path: Path, secure_broker: Broker) -> Iterator[Line]:
    with ExitStack() as ending:
        made = Line(tmp_path, secure_broker)
        for process in made.processes.values():
            ending.callback(process.finish)
        yield made


@pytest.mark.slow
def test_from_http_to_figures_and_evidence(line: Line, tmp_path: Path) -> None:
    ensure(line.admin)
    grant(line.admin)
    line.begin()
    values = encoded(simulate(date(2026, 1, 5), 1, 7, scale=0.2))
    for begin in range(0, len(values), 1000):
        status, words = post(line.url("gateway"), TOKEN, values[begin : begin + 1000])
        assert status == 200, words
    imported(tmp_path / "embedded", "events", jsonl(tmp_path / "events.jsonl", values))
    wanted = _measured(figures(tmp_path / "embedded", *DAY))

    assert wanted["funnel.arrived"] > 100
    line.wait(lambda: _published(line.admin) == wanted)
    line.wait(lambda: verify(line.shared / "archive").rows == len(values))
    assert not verify(line.shared / "archive").faults
    rows = [value for found in archived(line.shared).values() for _, value in found]
    assert sorted(rows) == sorted(values)
    line.wait(lambda: all(process.ready() for process in line.processes.values()))
    assert "authorization" not in line.said()
    _may_ask(line, wanted)


def _may_ask(line: Line, wanted: Counts) -> None:
    """Commands say the same as a user who may only read, and show what was refused."""
    asker = line.furnished("commands")

    def figures_agree() -> bool:
        done = vouch(asker, "measures", *DAY, "--format", "json")
        return not done.returncode and _measured(done.stdout) == wanted

    line.wait(figures_agree)  # as soon as they are copied
    assert post(line.url("gateway"), TOKEN, [b'{"id":"no event"}'])[0] == 422
    told = vouch(asker, "letters")
    assert (told.returncode, told.stderr) == (0, b"")
    assert b"no event" in told.stdout
    refused = vouch(asker, "simulate", "--days", "1", "--scale", "0.01")
    assert refused.returncode == 1
    assert b"(ACL)" in refused.stderr


def test_a_role_with_the_rights_of_another_does_not_start(line: Line) -> None:
    ensure(line.admin)
    grant(line.admin, {"page": ["page"]})
    refused = vouch(line.folder / "merge", "run", "--roles", "page", "--port", "0")
    assert refused.returncode != 0
    assert b"this user may not use the topic (ACL)" in refused.stderr
    assert b"Traceback" not in refused.stderr


def test_a_wrong_password_stops_a_process_at_its_start_with_words(line: Line) -> None:
    settings = line.folder / "page/vouch.toml"
    wrong = line.folder / "wrong"
    wrong.write_text("wrong")
    wrong.chmod(0o600)
    named = f"{line.folder}/wrong"
    lines = [
        f'password_file = "{named}"' if text.startswith("password_file") else text
        for text in settings.read_text().splitlines()
    ]
    settings.write_text("\n".join(lines))
    refused = vouch(line.folder / "page", "run", "--roles", "page", "--port", "0")
    assert refused.returncode != 0
    assert b"the brokers refuse kafka.username 'page' or its password" in refused.stderr
    assert b"Traceback" not in refused.stderr


def _published(kafka: Kafka) -> Counts:
    """What is counted in the newest message of each key of the public topic, together."""
    newest: dict[bytes, bytes | None] = {}
    reader = consumer(kafka, "test")
    topic = kafka.topic(INTERVALS)
    parts = [TopicPartition(topic, number, 0) for number in range(kafka.partitions)]
    left = sum(reader.get_watermark_offsets(part, timeout=30)[1] for part in parts)
    reader.assign(parts)
    while left > 0:
        for message in reader.consume(1000, 1.0):
            assert message.error() is None, message.error()
            newest[message.key() or b""] = message.value()
            left -= 1
    reader.close()
    return _counted(
        (figure.measure, figure.numerator)
        for value in newest.values()
        if value
        for figure in _interval(value).figures
    )


def _measured(found: bytes) -> Counts:
    """The same of what a command printed."""
    return _counted((row["measure"], row["numerator"]) for row in msgspec.json.decode(found))


def _counted(found: Iterable[tuple[str, int | None]]) -> Counts:
    """Sums over intervals and groups, of the measures of which there are any."""
    sums: Counts = Counter()
    for measure, number in found:
        if measure.startswith("funnel."):
            sums[measure] += number or 0
    return sums
