"""State is derived: deleting it changes nothing, and late facts find what it has let go."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.board import Figure
from schemas.event import Data, Event, encode
from schemas.topics import EVENTS, partition_of
from streams.clock import now_ms
from streams.core.figures import figures as in_words
from streams.home import Home
from streams.runtimes.asking import Request, ask
from streams.simulator import deliver, simulate
from tests.e2e.world import encoded, figures, imported, jsonl, serving, until, vouch

START, SEED = date(2026, 1, 5), 3
REQUEST = Request(date(2026, 1, 5), date(2026, 1, 9), "day", ("department", "queue"))


@dataclass(frozen=True)
class Derived:
    """All that anybody can ask of the state."""

    as_of: int | None
    figures: list[Figure]
    records: list[tuple[str, int, bytes]]
    declarations: dict[str, bytes]
    positions: list[int]


def _counted(home: Home) -> Derived:
    """Count what is in archive and log, by a worker of its own; nothing is archived."""
    with home.lock(), closing(home.log()) as log, closing(home.live(log)) as worker:
        worker.step()
        stores = [part.store for part in worker.partitions]
        reply = ask(stores, REQUEST)
        return Derived(
            reply.as_of,
            in_words(reply.question, reply.answers, reply.as_of or 0),
            [row for store in stores for row in store.records()],
            {key: value for store in stores for key, value in store.declarations().items()},
            [part.position for part in worker.partitions],
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two days archived and forgotten by the log; a third only in the log, out of order."""
    values = encoded(deliver(simulate(START, 3, SEED, scale=0.5), SEED))
    cut = len(values) * 2 // 3
    home = Home(tmp_path / "data")
    imported(home.data, "events", jsonl(tmp_path / "two-days.jsonl", values[:cut]))
    with closing(home.log()) as log:
        subjects = [msgspec.json.decode(value)["subject"] for value in values[cut:]]
        log.append(EVENTS, list(zip(subjects, values[cut:], strict=True)), now_ms())
        bounds = [log.bounds(EVENTS, number) for number in range(log.partitions)]
    assert all(0 < held < following for held, following in bounds)
    return home


def test_deleting_the_state_changes_nothing(home: Home) -> None:
    before = _counted(home)
    assert before.figures
    assert before.records
    assert before.declarations
    shutil.rmtree(home.data / "state")
    assert _counted(home) == before


@pytest.mark.parametrize("damage", [b"", b"no database", None], ids=["empty", "garbage", "gone"])
def test_one_state_file_damaged_or_gone_is_rebuilt(home: Home, damage: bytes | None) -> None:
    before = _counted(home)
    (file,) = (home.data / "state").glob("*/partition-03.sqlite")
    for path in file.parent.glob("partition-03*"):
        path.unlink()
    if damage is not None:
        file.write_bytes(damage)
    assert _counted(home) == before


def test_state_deleted_after_all_is_archived_gives_the_same_bytes(home: Home) -> None:
    asked = ("--from", "2026-01-05", "--to", "2026-01-09", "--by", "day,queue")
    before = figures(home.data, *asked)
    assert before == figures(home.data, *asked, "--engine", "sql")
    shutil.rmtree(home.data / "state")
    assert figures(home.data, *asked) == before


def _event(subject: str, kind: str, at: str, number: int, **data: Any) -> bytes:
    return encode(
        Event(
            time=f"2026-01-{at}.000Z",
            source="acd",
            id=f"{subject}-{number}",
            type=kind,
            subject=subject,
            data=Data(**data),
        )
    )


ABANDONED = [
    _event("old", "contact.arrived", "05T15:00:00", 0, department="ircc", channel="phone"),
    _event("old", "queue.entered", "05T15:01:00", 1, queue="general"),
    _event("old", "queue.left", "05T15:09:00", 2, queue="general", how="abandoned"),
    _event("old", "contact.ended", "05T15:09:00", 3, by="customer"),
]
MUCH_LATER = [
    _event("new", "contact.arrived", "08T15:00:00", 0, department="ircc", channel="phone")
]
LATE = [_event("old", "agent.connected", "05T15:08:00", 4, queue="general", agent="a1")]
#: The same events in other words; the smaller SHA-256 wins, whichever that is.
CONFLICTING = [
    _event("old", "queue.entered", f"05T15:0{minute}:30", 1, queue="general") for minute in (1, 4)
]
DAY = ("--from", "2026-01-05", "--to", "2026-01-06", "--by", "department", "--measure")
ASKED = "funnel.answered,funnel.abandoned,wait.mean,queue_time.mean,abandon.rate"


def _told(data: Path, values: list[bytes]) -> None:
    imported(data, "events", jsonl(data.with_suffix(".jsonl"), values))


def _values(data: Path) -> dict[str, object]:
    live = figures(data, *DAY, ASKED)
    assert live == figures(data, *DAY, ASKED, "--engine", "sql")
    return {row["measure"]: row["value"] for row in msgspec.json.decode(live)}


def _let_go(data: Path) -> bool:
    """Whether neither the state's open contacts nor the log hold the contact any more."""
    home = Home(data)
    with closing(home.log()) as log, home.stores() as stores:
        number = partition_of("old", log.partitions)
        held, following = log.bounds(EVENTS, number)
        return "old" not in stores[number].load().contacts and held == following


def _record(data: Path) -> dict[str, Any]:
    done = vouch(data, "contact", "old", "--format", "json")
    folded: dict[str, Any] = msgspec.json.decode(done.stdout)["folded"]
    return folded


def test_a_late_fact_revises_a_contact_that_only_the_archive_knows(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _told(data, ABANDONED)
    _told(data, MUCH_LATER)
    assert _let_go(data)
    assert (_values(data)["funnel.abandoned"], _values(data)["funnel.answered"]) == (1, 0)

    _told(data, LATE)
    revised = _values(data)
    assert (revised["funnel.abandoned"], revised["funnel.answered"]) == (0, 1)
    assert revised["wait.mean"] == "420.000"
    assert _record(data)["revision"] == 5
    assert _let_go(data)

    for number, value in enumerate(CONFLICTING):  # each by another process
        _told(data, [value, value])
        record = _record(data)
        assert (record["conflicting"], record["revision"]) == (1, 5), number
    assert _values(data)["funnel.answered"] == 1
    before = _values(data)
    shutil.rmtree(data / "state")
    assert _values(data) == before


def test_a_late_fact_through_the_gateway_is_shown_at_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _told(data, ABANDONED)
    _told(data, MUCH_LATER)
    with serving(data) as server:
        assert server.post(LATE)[0] == 200
        until(server.counted)
        shown = msgspec.json.decode(figures(data, *DAY, "funnel.answered"))
        assert [row["value"] for row in shown] == [1]
        assert 'vouchline_corrections_total{department="ircc"} 1' in server.get("/metrics")
        assert server.stop() == 0
    assert _values(data)["funnel.answered"] == 1
