"""A data directory with real files: what the log may forget, one worker at a time, secrets."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from schemas.errors import DeadLetter, Stop
from schemas.instants import MINUTE
from schemas.topics import EVENTS, PARTITIONS, partition_of
from streams.commands.intake import archiving, catch_up, elsewhere, finish, settle
from streams.home import ELSEWHERE, Busy, Home, rule_files, rules
from streams.keepsake import made_once
from streams.logs.memory import MemoryLog
from streams.logs.sqlite import SqliteLog
from streams.server import token_of
from tests.core.examples import raw
from tests.runtimes.support import bring

HERE = partition_of("c")
BOUNDS_OF_NOTHING = [(0, 0)] * (PARTITIONS - 1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def log(home: Home) -> Iterator[SqliteLog]:
    with closing(home.embedded()) as log:
        yield log


def come(log: SqliteLog, *seconds: float) -> None:
    bring(log, [raw("queue.entered", second, queue="q") for second in seconds])


def archive(home: Home, log: SqliteLog) -> None:
    home.archiver(log).step(0, flush=True)


@contextmanager
def trimming(home: Home, log: SqliteLog) -> Iterator[Callable[[], None]]:
    """Counts what is in the log, then trims it on every call."""
    worker = home.live(log)
    with closing(worker):
        worker.step()
        yield lambda: home.trim(log, worker)


def held(log: SqliteLog) -> tuple[int, int]:
    """The bounds of the one partition that anything came to."""
    others = [log.bounds(EVENTS, n) for n in range(PARTITIONS) if n != HERE]
    assert others == BOUNDS_OF_NOTHING
    return log.bounds(EVENTS, HERE)


def test_what_is_counted_and_not_archived_stays_in_the_log(home: Home, log: SqliteLog) -> None:
    come(log, 1, 2, 3)
    with trimming(home, log) as trim:
        trim()
        assert held(log) == (0, 3)
    archive(home, log)
    come(log, 4, 5)
    with trimming(home, log) as trim:
        trim()
        assert held(log) == (3, 5)
        archive(home, log)
        trim()
        assert held(log) == (5, 5)


def test_what_is_archived_and_not_counted_stays_in_the_log(home: Home, log: SqliteLog) -> None:
    come(log, 1, 2, 3)
    with trimming(home, log) as trim:
        come(log, 4, 5)
        archive(home, log)
        trim()
        assert held(log) == (3, 5)
    with trimming(home, log) as trim:
        trim()
        assert held(log) == (5, 5)


def test_a_trimmed_log_and_no_state_count_as_before(home: Home, log: SqliteLog) -> None:
    come(log, 1, 2, 3)
    archive(home, log)
    with trimming(home, log) as trim:
        trim()
    come(log, 4)
    shutil.rmtree(home.data / "state")
    with closing(home.live(log)) as worker:
        assert worker.step() == 4
        contact = worker.partitions[HERE].state.contacts["c"]
    assert contact.values == [raw("queue.entered", n, queue="q") for n in (1, 2, 3, 4)]


def test_one_process_works_at_a_time(home: Home) -> None:
    with home.lock():
        with pytest.raises(Busy, match="another process"), Home(home.data).lock():
            pass
        with pytest.raises(Busy), Home(home.data).lock():  # a refusal leaves it held
            pass
    with Home(home.data).lock():
        pass


def test_a_secret_is_made_once_and_readable_by_its_owner_only(home: Home) -> None:
    first = token_of(home)
    assert token_of(Home(home.data)) == first
    assert [path.name for path in home.data.iterdir()] == ["token"]
    assert (home.data / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", ["", "\n", "abc\n", "0123456789abcde"])
def test_a_secret_that_was_cut_off_is_not_used_and_not_replaced(home: Home, left: str) -> None:
    home.data.mkdir()
    (home.data / "token").write_text(left)
    with pytest.raises(Stop, match="token"):
        token_of(home)
    assert (home.data / "token").read_text() == left


def test_of_two_who_make_a_secret_at_once_both_use_the_first(tmp_path: Path) -> None:
    path = tmp_path / "token"

    def beaten() -> str:
        assert made_once(path, lambda: "the first of both") == "the first of both"
        return "the second of both"

    assert made_once(path, beaten) == "the first of both"
    assert path.read_text() == "the first of both\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_secret_that_could_not_be_made_leaves_nothing(tmp_path: Path) -> None:
    """It appears under its name with all its bytes, or not at all."""
    path = tmp_path / "token"
    with pytest.raises(UnicodeEncodeError):
        made_once(path, lambda: "secret enough \ud800")
    assert list(tmp_path.iterdir()) == []


def test_state_belongs_to_the_tables_as_well_as_to_the_code() -> None:
    names = {path.name for path in rule_files()}
    assert {"calendars.toml", "holidays.toml", "hours.toml"} <= names
    assert {"business.py", "funnel.py", "fold.py"} <= names


KAFKA = '[kafka]\nbrokers = ["127.0.0.1:1"]\ndevelopment = true\n'


def say(home: Home, text: str) -> None:
    home.data.mkdir(exist_ok=True)
    (home.data / "vouch.toml").write_text(text)


def test_the_number_of_partitions_is_fixed_at_first_use(home: Home) -> None:
    say(home, "[log]\npartitions = 4\n")
    with closing(home.log()) as log:
        assert log.partitions == 4
    for other in ("[log]\npartitions = 5\n", ""):
        say(home, other)
        with pytest.raises(Stop, match="has 4 partitions for life"):
            home.log()


def test_how_long_an_event_may_wait_for_its_commit(home: Home) -> None:
    assert home.writer("log", 0).longest_wait == 15 * MINUTE
    say(home, "[archive]\nlongest_wait_s = 2\n")
    assert home.writer("log", 0).longest_wait == 2_000


def test_on_kafka_others_archive_and_count(home: Home, log: SqliteLog) -> None:
    come(log, 1)
    log.close()
    say(home, KAFKA)
    assert home.served()
    assert not catch_up(home)
    assert not finish(home)
    settle(home)
    with archiving(home) as ours:
        assert not ours
    assert not home.archive.exists()
    assert "workers there" in elsewhere(home)


def test_on_kafka_a_log_in_the_folder_is_in_the_way(home: Home, log: SqliteLog) -> None:
    log.close()
    say(home, KAFKA)
    for use in (home.log, home.check, home.require_moved):
        with pytest.raises(Stop, match="vouch move"):
            use()
    (home.data / "log.sqlite").rename(home.data / "log-moved.sqlite")
    home.check()
    say(home, "")
    with pytest.raises(Stop, match=r"is on Kafka .* no section \[kafka\]"):
        home.log()
    with pytest.raises(DeadLetter, match="no section"):
        home.on_kafka()


def test_no_log_begins_in_a_folder_whose_settings_have_lost_kafka(home: Home) -> None:
    home.data.mkdir()
    (home.data / ELSEWHERE).touch()
    with pytest.raises(Stop, match=r"log-on-kafka\), and vouch.toml has no section"):
        home.log()
    assert [path.name for path in home.data.iterdir()] == [ELSEWHERE]


def test_where_state_is_kept(home: Home) -> None:
    log = MemoryLog(log_id="l")
    assert home.state(log) == home.data / "state" / f"l-{rules()}"
    say(home, KAFKA)
    assert home.state(log) == home.data / "state" / f"l-{rules()}"
    say(home, f'{KAFKA}state = "/elsewhere"\n')
    assert home.state(log) == Path("/elsewhere") / f"l-{rules()}"


def test_an_archive_of_more_partitions_is_not_continued_on_kafka(
    home: Home, log: SqliteLog
) -> None:
    archive(home, log)
    say(home, f"{KAFKA}partitions = {PARTITIONS - 1}\n")
    with pytest.raises(Stop, match="the archive has partitions up to 11, the log would have 11"):
        home.on_kafka()


@pytest.mark.parametrize("name", ["state", "copies"])
def test_a_folder_that_cannot_be_used_is_named_before_anything_begins(
    home: Home, name: str
) -> None:
    home.data.mkdir()
    (home.data / "vouch.toml").write_text(
        f'[kafka]\nbrokers = ["127.0.0.1:9"]\n{name} = "vouch.toml"\n'
    )
    with pytest.raises(Stop, match=rf"\[kafka\] {name}: .*vouch.toml"):
        home.require_folders()
    (home.data / "vouch.toml").write_text(f'[kafka]\nbrokers = ["127.0.0.1:9"]\n{name} = "room"\n')
    home.require_folders()
    assert [*(home.data / "room").iterdir()] == []
