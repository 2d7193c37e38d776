"""Commands on Kafka that bring facts: they append, and leave the rest to the workers there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from schemas.topics import DEAD_LETTERS, EVENTS
from streams.home import ELSEWHERE as LOG_ELSEWHERE
from streams.home import Home
from streams.kafka.settings import Kafka
from tests.core.examples import raw
from tests.e2e.folder import Folder

ELSEWHERE = "They are on Kafka; the workers there archive and count them."


@pytest.fixture
def folder(tmp_path: Path, kafka: Kafka, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    path = tmp_path / "data"
    path.mkdir()
    (path / "vouch.toml").write_text(
        f"[kafka]\nbrokers = {kafka.brokers}\ndevelopment = true\n"
        f'prefix = "{kafka.prefix}"\npartitions = {kafka.partitions}\n'
    )
    return Folder(path, capfdbinary)


def held(folder: Folder, topic: str) -> int:
    with closing(Home(folder.path).log()) as log:
        return sum(log.bounds(topic, number)[1] for number in range(log.partitions))


def test_a_simulation_is_appended_and_no_more(folder: Folder) -> None:
    said = folder.run("simulate", "--days", "1", "--scale", "0.02")
    assert ELSEWHERE in said.out
    assert f"{held(folder, EVENTS):,} events sent" in said.out
    assert held(folder, EVENTS) > 100
    assert (folder.path / LOG_ELSEWHERE).exists()
    assert {path.name for path in folder.path.iterdir()} <= {"vouch.toml", "keys", LOG_ELSEWHERE}


def test_an_import_is_appended_and_no_more(folder: Folder, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(raw("queue.entered", 1, queue="q") + b"\n{}\n")
    said = folder.run("import", "events", str(file))
    assert (said.status, said.out.splitlines()[-1]) == (1, ELSEWHERE)
    assert (held(folder, EVENTS), held(folder, DEAD_LETTERS)) == (1, 1)
    assert len(folder.rows("letters")) == 1
    assert {path.name for path in folder.path.iterdir()} <= {"vouch.toml", "keys", LOG_ELSEWHERE}


def test_where_nobody_has_counted_yet_that_is_said(folder: Folder) -> None:
    said = folder.run("measures", "--from", "2026-01-05", "--to", "2026-01-06")
    assert "no live worker has left a state of partition 0" in said.err
