"""From the embedded log to Kafka with an archive: the same figures, and no way back by mistake."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest
from msgspec.json import decode
from msgspec.structs import replace

from schemas.admission import admit
from schemas.errors import Retry, Stop
from schemas.event import encode
from schemas.topics import DEAD_LETTERS, EVENTS
from sinks.archive.reader import entries
from sinks.archive.verifier import verify
from streams.commands.intake import settle
from streams.home import Busy, Home
from streams.kafka.settings import Kafka
from streams.kafka.worker import LiveRole
from streams.logs.port import Log
from streams.simulator import deliver, simulate
from tests.e2e.folder import Folder

START, PARTITIONS, NOW = date(2026, 1, 5), 4, 1_768_000_000_000
ASKED = ("measures", "--from", "2026-01-05", "--to", "2026-01-07", "--by", "department,queue")
EMBEDDED = f"[log]\npartitions = {PARTITIONS}\n"
LETTER = b'{"reason":"invalid","field":"id","problem":"","received_ms":1,"producer":"p",' + (
    b'"sha256":"aa","size":1,"head":"YQ=="}'
)
Entries = list[tuple[str, bytes]]


@pytest.fixture(scope="module")
def events() -> Entries:
    """Two days as they are delivered: with repeats, out of order, some very late."""
    delivered = deliver(simulate(START, 1, seed=3, scale=0.2), 3)
    admitted = (admit(encode(event), NOW) for event in delivered)
    return [(event.subject, value) for event, value in admitted]


@pytest.fixture
def folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    return folder_at(tmp_path / "moved", capfdbinary)


def folder_at(path: Path, capture: pytest.CaptureFixture[bytes]) -> Folder:
    path.mkdir()
    (path / "vouch.toml").write_text(EMBEDDED)
    return Folder(path, capture)


def say_kafka(path: Path, kafka: Kafka) -> None:
    (path / "vouch.toml").write_text(
        f"{EMBEDDED}[kafka]\nbrokers = {kafka.brokers}\ndevelopment = true\n"
        f'prefix = "{kafka.prefix}"\npartitions = {kafka.partitions}\n'
    )


def tell(home: Home, told: Sequence[tuple[str, bytes]], topic: str = EVENTS) -> None:
    with closing(home.log()) as log:
        log.append(topic, told, NOW)


@contextmanager
def live(home: Home, kafka: Kafka) -> Iterator[None]:
    """A live worker that has counted all there is, from here on."""
    role = LiveRole(home, kafka, lambda: None)
    role.start()
    try:
        until = time.monotonic() + 60
        while waiting(home) and time.monotonic() < until and role.failure is None:
            time.sleep(0.1)
        assert role.failure is None
        assert not waiting(home)
        yield
    finally:
        role.stop()


def waiting(home: Home) -> bool:
    with closing(home.log()) as log:
        files = [*home.state(log).glob("partition-*.sqlite")]
        if len(files) < log.partitions:
            return True
        try:
            return any(_behind(home, log, number) for number in range(log.partitions))
        except Retry:  # a file is only being begun
            return True


def _behind(home: Home, log: Log, number: int) -> bool:
    with closing(home.store(log, number, read_only=True)) as store:
        return store.progress()[0] < log.bounds(EVENTS, number)[1]


def test_the_figures_are_those_of_one_that_never_moved(
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    folder: Folder,
    kafka: Kafka,
    events: Entries,
) -> None:
    stayed, home, half = folder_at(tmp_path / "stayed", capfdbinary), Home(folder.path), 1_500
    assert len(events) > 2 * half
    known = {key for key, _ in events[:half]}
    assert any(key in known for key, _ in events[half:])
    tell(Home(stayed.path), events)

    tell(home, events[:half])
    settle(home)
    tell(home, events[half : half + 50])  # not archived yet
    tell(home, [("aa", LETTER)], DEAD_LETTERS)
    with closing(home.embedded()) as log:
        old = log.log_id
    say_kafka(folder.path, kafka)
    assert folder.run("move").out.startswith("50 events archived, 1 dead letters brought")
    tell(home, events[half + 50 :])
    tell(home, events[: half // 2])  # repeats of what the old log had
    with closing(home.log()) as log, live(home, kafka):
        home.archiver(log).step(NOW, flush=True)
        assert folder.raw(*ASKED, "--format", "json") == stayed.raw(*ASKED, "--format", "json")
        for number in range(PARTITIONS):
            first = entries(home.archive, log.log_id, EVENTS, number)[0]
            assert first.continues is not None
            assert first.continues.log_id == old
        assert len(folder.rows("letters")) == 1
        assert folder.run("contact", events[0][0]).status == 0
        call = next(key for key, value in events if b"contact.arrived" in value)
        assert f"{call}: a contact" in folder.run("trace", call).out
        gated = decode(
            folder.run("gate", "2026-01", "--measure", "funnel.arrived", "--format", "json").out
        )
        assert gated["agreed"] > 10
        assert gated["mismatched"] == 0
    report = verify(home.archive)
    assert (report.faults, report.logs) == ([], 2)


def test_nothing_begins_on_kafka_before_it_was_moved(folder: Folder, kafka: Kafka) -> None:
    home = Home(folder.path)
    tell(home, [("c", b"{}")])
    say_kafka(folder.path, kafka)
    for words in (("letters",), ("contact", "c"), ("simulate", "--days", "1")):
        said = folder.run(*words)
        assert (said.status, "vouch move" in said.err) == (1, True)
    with pytest.raises(Stop, match="vouch move"):
        home.log()
    assert folder.run("move").status == 0
    home.log().close()
    assert "there is no" in folder.run("move").err
    (folder.path / "vouch.toml").write_text(EMBEDDED)
    with pytest.raises(Stop, match="is on Kafka"):
        home.log()


def test_who_had_it_open_can_append_no_more(folder: Folder, kafka: Kafka) -> None:
    home = Home(folder.path)
    with closing(home.log()) as importer:
        importer.append(EVENTS, [("a", b"before")], NOW)
        say_kafka(folder.path, kafka)
        assert folder.run("move").out.startswith("1 events archived")
        for key in "ab":
            with pytest.raises(Stop, match="has been moved; nothing was written"):
                importer.append(EVENTS, [(key, b"after")], NOW)


def test_another_number_of_partitions_is_refused(folder: Folder, kafka: Kafka) -> None:
    home = Home(folder.path)
    tell(home, [("c", b"{}"), *((str(n), b"{}") for n in range(20))])
    say_kafka(folder.path, replace(kafka, partitions=5))
    assert "has 4 partitions, and Kafka 5" in folder.run("move").err
    settled = home.embedded()
    home.archiver(settled).step(NOW, flush=True)
    settled.close()
    say_kafka(folder.path, replace(kafka, partitions=3))
    assert "the archive has partitions up to 3, the log would have 3" in folder.run("move").err


def test_a_server_that_runs_is_not_moved(folder: Folder, kafka: Kafka) -> None:
    home = Home(folder.path)
    tell(home, [("c", b"{}")])
    say_kafka(folder.path, kafka)
    with home.lock():
        assert "another process" in folder.run("move").err
        with pytest.raises(Busy), home.lock():
            pass
