"""State files of several workers: the newest of each, all at one clock, the files untouched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path

import pytest

from schemas.admission import admit
from schemas.errors import Retry
from schemas.event import encode
from schemas.topics import EVENTS
from streams.home import Home
from streams.logs.sqlite import SqliteLog
from streams.runtimes.asking import Request, ask, clock_of
from streams.runtimes.gathered import Places, gathered, state_file
from streams.runtimes.live import LiveWorker
from streams.runtimes.store_file import back_up
from streams.runtimes.store_sqlite import SqliteStore
from streams.simulator import deliver, simulate

NOW, PARTITIONS = 1_768_000_000_000, 3
ASKED = Request(date(2026, 1, 5), date(2026, 1, 7), "hour", ("department", "queue"))
Entries = list[tuple[str, bytes]]


@pytest.fixture(scope="module")
def events() -> Entries:
    delivered = deliver(simulate(date(2026, 1, 5), 1, seed=5, scale=0.1), 5)
    return [(event.subject, value) for event, value in (admit(encode(e), NOW) for e in delivered)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    data = tmp_path / "data"
    data.mkdir()
    (data / "vouch.toml").write_text(f"[log]\npartitions = {PARTITIONS}\n")
    return Home(data)


@pytest.fixture
def log(home: Home) -> Iterator[SqliteLog]:
    with closing(home.embedded()) as log:
        yield log


def counted(worker: LiveWorker) -> None:
    """Every worker has counted all there is, and heard of no other's clock."""
    for partition in worker.partitions:
        partition.catch_up(1_000, lambda _: None)


@contextmanager
def all_of(home: Home, log: SqliteLog, copies: Path | None = None) -> Iterator[list[SqliteStore]]:
    def copy(number: int) -> tuple[Path, int] | None:
        path = (copies or home.data / "none") / state_file(number)
        if not path.exists():
            return None
        with closing(SqliteStore(path, identity=f"{log.log_id}/{number}")) as store:
            return path, store.progress()[0]

    with ExitStack() as opened:
        room = home.data / "room"
        room.mkdir()
        opened.callback(shutil.rmtree, room)
        places = Places(home.state(log), copy, room)
        yield opened.enter_context(gathered(log, home.past(log), places))


def test_they_answer_as_if_their_workers_had_advanced(
    home: Home, log: SqliteLog, events: Entries
) -> None:
    step, apart = len(events) // 7 + 1, 0
    with closing(home.live(log)) as worker:
        for start in range(0, len(events), step):
            log.append(EVENTS, events[start : start + step], NOW)
            counted(worker)
            before = [part.store.progress() for part in worker.partitions]
            with all_of(home, log) as stores:
                found, records = ask(stores, ASKED), [[*store.records()] for store in stores]
            assert [part.store.progress() for part in worker.partitions] == before
            apart += len({now for _, now in before}) > 1
            worker.step()
            advanced = [part.store for part in worker.partitions]
            assert found == ask(advanced, ASKED)
            assert records == [[*store.records()] for store in advanced]
    assert apart > 3


def test_a_worker_that_goes_on_disturbs_nobody(home: Home, log: SqliteLog, events: Entries) -> None:
    log.append(EVENTS, events[:500], NOW)
    with closing(home.live(log)) as worker:
        counted(worker)
        with all_of(home, log) as stores:
            found = ask(stores, ASKED)
            log.append(EVENTS, events[500:], NOW)
            worker.step()
            assert ask(stores, ASKED) == found


def test_the_furthest_of_state_and_copy_is_asked(
    home: Home, log: SqliteLog, events: Entries, tmp_path: Path
) -> None:
    """Partition 0 is counted here; 1 is elsewhere; 2 was here, and went on elsewhere."""
    copies, left, here = tmp_path / "copies", tmp_path / "left", home.state(log)
    copies.mkdir()
    log.append(EVENTS, events[:900], NOW)
    with closing(home.live(log)) as worker:
        worker.step()
        back_up(here / state_file(0), copies / state_file(0))
        back_up(here / state_file(2), left)
        log.append(EVENTS, events[900:], NOW)
        worker.step()
        expected = ask([part.store for part in worker.partitions], ASKED)
        for number in (1, 2):
            back_up(here / state_file(number), copies / state_file(number))
    (here / state_file(1)).unlink()
    left.replace(here / state_file(2))
    with all_of(home, log, copies) as stores:
        assert ask(stores, ASKED) == expected


def test_a_partition_that_nobody_has_counted(home: Home, log: SqliteLog, events: Entries) -> None:
    log.append(EVENTS, events[:100], NOW)
    with closing(home.live(log)) as worker:
        worker.step()
    (home.state(log) / state_file(1)).unlink()
    words = "no live worker has left a state of partition 1"
    with pytest.raises(Retry, match=words), all_of(home, log):
        pass


def test_a_partition_that_is_being_rebuilt_is_waited_for(
    home: Home, log: SqliteLog, events: Entries
) -> None:
    """At the clock of the others, its figures would lack what it has not counted yet."""
    log.append(EVENTS, events[:900], NOW)
    with closing(home.live(log)) as worker:
        first, *others = worker.partitions
        first.take(log.read(EVENTS, 0, 0, 20))
        for partition in others:
            partition.catch_up(1_000, lambda _: None)
        end = log.bounds(EVENTS, 0)[1]
        words = f"partition 0 is being counted: 20 of {end} events so far"
        with pytest.raises(Retry, match=words), all_of(home, log):
            pass
        first.catch_up(1_000, lambda _: None)
        with all_of(home, log) as stores:
            found = ask(stores, ASKED)
        worker.step()
        assert found == ask([part.store for part in worker.partitions], ASKED)


def test_states_that_are_all_lost_are_waited_for(
    home: Home, log: SqliteLog, events: Entries
) -> None:
    """No figures at all would be taken for figures of nothing."""
    log.append(EVENTS, events[:100], NOW)
    home.live(log).close()
    with pytest.raises(Retry, match="is being counted: 0 of"), all_of(home, log):
        pass


def test_before_the_first_event_there_is_no_clock(home: Home, log: SqliteLog) -> None:
    home.live(log).close()
    with all_of(home, log) as stores:
        assert clock_of(stores) is None
