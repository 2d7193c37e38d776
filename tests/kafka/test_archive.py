"""The archive role on a real broker: every position once, and what Kafka let go of is said."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from aiohttp.test_utils import TestClient, TestServer
from confluent_kafka import TopicPartition

from schemas.errors import Stop
from schemas.instants import DAY
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive.lost import losses
from sinks.archive.reader import entries
from sinks.archive.upkeep import upkeep
from sinks.archive.verifier import verify
from streams.clock import now_ms
from streams.home import Home
from streams.kafka.clients import admin
from streams.kafka.facts import Facts
from streams.kafka.settings import Kafka
from streams.kafka.sharing import Share
from streams.kafka.topics import ensure
from streams.roles import on_kafka
from streams.settings import settings_in
from tests.kafka.archive_world import (
    LIMIT_S,
    committed,
    held,
    log_id,
    produce,
    role,
    until,
    values,
    writer,
)
from tests.kafka.test_roles import settle

_GAP = 'vouchline_role_gap_events_total{role="archive"} 25.0'


@pytest.fixture
def ready(kafka: Kafka) -> Kafka:
    ensure(kafka)
    return kafka


def forget(kafka: Kafka, number: int, below: int) -> None:
    """What retention does: the broker drops the rows of a partition below an offset."""
    at = TopicPartition(kafka.topic(EVENTS), number, below)
    client = admin(kafka)  # held: one that is let go of answers nothing
    [done] = client.delete_records([at]).values()
    assert done.result(LIMIT_S).low_watermark == below


def test_what_is_in_kafka_is_archived_once(tmp_path: Path, ready: Kafka) -> None:
    produce(ready, {0: values(0, 50)})
    produce(ready, {3: values(50, 90)})
    facts = Facts()
    with closing(role(tmp_path, ready, facts)) as archive:
        until(lambda: committed(tmp_path, ready, 3) == 40, archive.step)
        until(lambda: committed(tmp_path, ready, 0) == 50, archive.step)
        assert facts.positions == facts.ends == {0: 50, 1: 0, 2: 0, 3: 40}
        produce(ready, {0: values(90, 100)})
    with closing(role(tmp_path, ready, facts)) as archive:
        until(lambda: committed(tmp_path, ready, 0) == 60, archive.step)
    assert sorted(held(tmp_path)) == sorted(row.value for row in values(0, 100))
    report = verify(tmp_path)
    assert (report.faults, report.losses, report.rows) == ([], [], 100)
    [entry, *_] = entries(tmp_path, log_id(ready), EVENTS, 0)
    assert entry.min_intake_ms > 0


def test_stopping_commits_what_was_taken(tmp_path: Path, ready: Kafka) -> None:
    produce(ready, {1: values(0, 20)})
    facts = Facts()
    with closing(role(tmp_path, ready, facts, wait_ms=10**9)) as archive:
        until(lambda: facts.events == 20, archive.step)
        assert committed(tmp_path, ready, 1) == 0
    assert committed(tmp_path, ready, 1) == 20


def test_no_more_rows_wait_than_there_is_room_for(tmp_path: Path, ready: Kafka) -> None:
    """The fullest partition is committed, though nothing is due."""
    produce(ready, {0: values(0, 70), 1: values(0, 40)})
    facts = Facts()
    with closing(role(tmp_path, ready, facts, wait_ms=10**9, most=50)) as archive:
        until(lambda: facts.events == 110, archive.step)
        done = [committed(tmp_path, ready, number) for number in (0, 1)]
        assert sum(done) >= 60
        assert done[0] > 0
    assert verify(tmp_path).rows == 110


def test_what_kafka_let_go_of_is_recorded_for_good(
    tmp_path: Path, ready: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    produce(ready, {2: values(0, 10)})
    facts = Facts()
    with closing(role(tmp_path, ready, facts)) as archive:
        until(lambda: committed(tmp_path, ready, 2) == 10, archive.step)
    produce(ready, {2: values(10, 30)})
    forget(ready, 2, 25)
    with caplog.at_level(logging.WARNING), closing(role(tmp_path, ready, facts)) as archive:
        until(lambda: committed(tmp_path, ready, 2) == 30, archive.step)
    [line] = [line for line in caplog.messages if line.startswith("gap: ")]
    assert line == f"gap: {ready.topic(EVENTS)}/2 10..24"
    assert facts.gaps == 15
    assert facts.trouble is not None
    [lost] = losses(tmp_path)
    first, second = entries(tmp_path, log_id(ready), EVENTS, 2)
    assert (lost.start, lost.next, second.holes) == (10, 25, [(10, 25)])
    assert (lost.after_ms, lost.before_ms) == (first.max_intake_ms, second.min_intake_ms)
    report = verify(tmp_path)
    assert (report.faults, report.losses) == ([], [lost])


@pytest.mark.parametrize(("names", "status"), [(["archive"], 503), (["gateway", "archive"], 200)])
def test_a_gap_keeps_no_gateway_out(
    tmp_path: Path, ready: Kafka, names: list[str], status: int
) -> None:
    """It cannot be mended: a balancer would never send anything here again."""
    produce(ready, {2: values(0, 30)})
    forget(ready, 2, 25)
    settle(tmp_path / "data", ready)
    home, settings = Home(tmp_path / "data"), settings_in(tmp_path / "data")
    process = on_kafka(home, settings, ready, names, lambda: None)

    async def story() -> None:
        async with TestClient(TestServer(process.application)) as client:

            async def text(path: str) -> str:
                return await (await client.get(path)).text()

            async with asyncio.timeout(LIMIT_S):
                while _GAP not in await text("/metrics"):
                    await asyncio.sleep(0.05)
            assert 'vouchline_role_ready{role="archive"} 0.0' in await text("/metrics")
            found = await client.get("/readyz")
            assert (found.status, "let go" in await found.text()) == (status, status == 503)

    for one in process.roles:
        one.start()
    try:
        asyncio.run(story())
    finally:
        for one in process.roles:
            one.stop()


def test_a_position_that_is_let_go_of_behind_the_client_is_asked_for(ready: Kafka) -> None:
    """Between being told where to read and reading there, say."""
    topic = ready.topic(EVENTS)
    produce(ready, {2: values(0, 200)})
    forget(ready, 2, 150)
    asked: list[int] = []
    found: list[tuple[int, list[Row]]] = []

    def astray(number: int) -> int:
        asked.append(number)
        return share.bounds(number)[0]

    with closing(
        Share(
            ready, topic, "archive", given=lambda them: dict.fromkeys(them, 0), taken=lambda _: None
        )
    ) as share:
        until(lambda: bool(found), lambda: found.extend(share.rows(1_000, 0.1, astray)))
    assert asked == [2]
    assert [(number, rows[0].offset) for number, rows in found][:1] == [(2, 150)]


def test_an_archive_of_kafka_is_kept_up_verified_and_read_as_any_other(
    tmp_path: Path, ready: Kafka
) -> None:
    root, facts = tmp_path / "vouch-data" / "archive", Facts()
    root.mkdir(parents=True)
    with closing(role(root, ready, facts)) as archive:
        for end in (20, 40, 60):
            produce(ready, {1: values(end - 20, end)})
            until(lambda: committed(root, ready, 1) == end, archive.step)  # noqa: B023
    assert len(upkeep(root, now_ms() + 40 * DAY).seals) == 1
    report = verify(root)
    assert (report.faults, report.rows, report.days) == ([], 60, 1)
    with duckdb.connect() as connection:
        connection.execute(f"SET file_search_path = '{tmp_path}'")
        text = (Path(__file__).parents[2] / "docs" / "auditing.md").read_text()
        [sql, *_] = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
        assert sum(events for _, events, _ in connection.execute(sql).fetchall()) == 60
    with closing(role(root, ready, facts)) as archive:
        produce(ready, {1: values(60, 70)})
        until(lambda: committed(root, ready, 1) == 70, archive.step)
    assert verify(root).rows == 70


def test_a_log_that_ends_before_the_archive_does_stops_it(tmp_path: Path, ready: Kafka) -> None:
    produce(ready, {0: values(0, 10)})
    before = writer(tmp_path, ready, 0)  # who read more of this log than there is
    before.append(values(0, 12))
    before.commit(0)
    with (
        pytest.raises(Stop, match="12 is next, and Kafka ends at 10"),
        closing(role(tmp_path, ready, Facts())) as archive,
    ):
        until(lambda: False, archive.step)
