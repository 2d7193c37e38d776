"""The live role on a real broker: its figures, and what it does when things go wrong."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import ClassVar

import pytest
from msgspec.json import decode
from msgspec.structs import replace

from benchmarks.contacts import entries
from schemas.errors import Retry
from schemas.topics import CLOCK, DEAD_LETTERS, RECORDS, REGISTERS, partition_of
from streams.clock import now_ms
from streams.kafka.facts import Facts
from streams.kafka.log import KafkaLog
from streams.kafka.owned import Owned
from streams.kafka.records import Membership
from streams.kafka.results import Results
from streams.kafka.settings import Kafka
from streams.kafka.spent import Spent
from streams.kafka.worker import LiveRole
from streams.logs.port import Log
from streams.runtimes.store import Change
from streams.runtimes.store_sqlite import SqliteStore
from tests.core.examples import raw
from tests.kafka.places import (
    Folder,
    bring,
    embedded,
    figures,
    member,
    on_topic,
    running,
    shown,
    until,
)
from tests.runtimes.test_partition import POISON

ALL = list(entries(120))
HALF = len(ALL) // 2
Entries = Sequence[tuple[str, bytes]]


def caught_up(place: Folder, told: Entries) -> bool:
    """Whether everything is applied, and all partitions are at one clock, on the topic too."""
    progress = place.progress()
    if sum(position for position, _ in progress) < len(told):
        return False
    versions = {n: version for n, (version, _) in shown(place.kafka).items()}
    clocks = {now for _, now in progress}
    return len(clocks) == 1 and versions == dict(enumerate(progress))


def check(place: Folder, told: Entries) -> None:
    """Figures and records are those of the embedded runtime."""
    until(lambda: caught_up(place, told))
    expected = embedded(told, place.kafka.partitions)
    assert {n: found for n, (_, found) in shown(place.kafka).items()} == {
        n: figures(store) for n, store in enumerate(expected)
    }
    due = {name: json for store in expected for name, _, json in store.records()}
    until(lambda: {row.key: row.value for _, row in on_topic(place.kafka, RECORDS)} == due)
    with closing(place.log()) as log:
        for number, store in enumerate(expected):
            with closing(place.store(log, number)) as found:
                assert list(found.records()) == list(store.records())


def never() -> bool:
    return False


def wait_for(role: LiveRole, events: int) -> None:
    until(lambda: role.facts.events >= events)


def test_the_figures_are_those_of_the_embedded_runtime(kafka: Kafka, tmp_path: Path) -> None:
    place = Folder(kafka, tmp_path)
    bring(kafka, ALL[:HALF])
    with running(place) as role:
        wait_for(role, HALF)
        bring(kafka, ALL[HALF:])
        until(lambda: caught_up(place, ALL))
        assert role.facts.positions == role.facts.ends
        assert role.trouble is None
        assert all(role.facts.seconds[step] > 0 for step in role.facts.seconds if step != "open")
        assert "fetch" in role.facts.seconds
    check(place, ALL)
    assert {partition_of(row.key, 4) == n for n, row in on_topic(kafka, RECORDS)} == {True}


def test_a_worker_that_comes_back_goes_on(kafka: Kafka, tmp_path: Path) -> None:
    place = Folder(kafka, tmp_path)
    for told in (ALL[:HALF], ALL[HALF:]):
        bring(kafka, told)
        with running(place) as role:
            wait_for(role, len(told))
            assert role.facts.events == len(told)
    with running(place):
        check(place, ALL)


def test_two_workers_share_and_agree(kafka: Kafka, tmp_path: Path) -> None:
    """On one machine, with one folder of states: what one lets go the other goes on with."""
    place = Folder(kafka, tmp_path)
    bring(kafka, ALL[:HALF])
    with running(place) as one, running(place) as other:
        until(lambda: len(one.facts.positions) == len(other.facts.positions) == 2)
        bring(kafka, ALL[HALF:])
        until(lambda: caught_up(place, ALL))
    check(place, ALL)


def test_a_lost_disk_is_made_good_by_copies_and_the_log(
    kafka: Kafka, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lost = Folder(kafka, tmp_path / "lost", tmp_path / "shared")
    bring(kafka, ALL[:HALF])
    with running(lost):
        until(lambda: caught_up(lost, ALL[:HALF]))
    shutil.rmtree(lost.root)
    bring(kafka, ALL[HALF:])
    place = Folder(kafka, tmp_path / "new", tmp_path / "shared")
    with running(place) as role:
        check(place, ALL)
        assert role.facts.events == len(ALL) - HALF
    assert caplog.text.count("rebuilt: partition") == 4


def test_without_any_state_the_log_is_read_again(kafka: Kafka, tmp_path: Path) -> None:
    for name in ("lost", "new"):
        place = Folder(kafka, tmp_path / name)
        bring(kafka, ALL if name == "lost" else [])
        with running(place):
            check(place, ALL)


def test_a_role_that_the_brokers_refuse_ends_by_itself_and_says_why(
    kafka: Kafka, tmp_path: Path
) -> None:
    place, ended = Folder(replace(kafka, session_s=3_600), tmp_path), Event()
    role = LiveRole(place, place.kafka, ended.set)
    role.start()
    try:
        assert ended.wait(60)
        assert "session_s" in str(role.failure)
        assert "session_s" in str(role.trouble)
    finally:
        role.stop()


class Flawed(SqliteStore):
    """A state that cannot be saved, for reasons that nobody has thought of, while there are any."""

    flaws: ClassVar[list[str]] = []

    def save(self, change: Change) -> None:
        """See `StateStore`."""
        if self.flaws:
            raise TypeError(self.flaws.pop())
        super().save(change)


class FlawedFolder(Folder):
    """A folder with such states."""

    def store(self, log: Log, number: int) -> SqliteStore:
        """See `Place`."""
        return Flawed(self.file(number), identity=f"{log.log_id}/{number}")


def test_a_role_begins_again_after_what_nobody_has_thought_of(
    kafka: Kafka, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = FlawedFolder(kafka, tmp_path)
    Flawed.flaws.append("once")
    bring(kafka, ALL)
    with running(place):
        check(place, ALL)
    assert "live begins again: once" in caplog.text


def test_poison_goes_to_the_dead_letters_alone(
    kafka: Kafka, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = Folder(kafka, tmp_path)
    bring(kafka, [*ALL[:HALF], ("p", POISON), *ALL[HALF:], ("q", b"not json")])
    with running(place) as role:
        wait_for(role, len(ALL) + 2)
        until(lambda: caught_up(place, [*ALL, *[("", b"")] * 2]))
        assert role.facts.letters == 2
    letters = {row.key: decode(row.value) for _, row in on_topic(kafka, DEAD_LETTERS)}
    assert {tuple(key.split("/")[:2]) for key in letters} == {
        ("contact.events.v1", str(partition_of("p", 4))),
        ("contact.events.v1", str(partition_of("q", 4))),
    }
    assert {letter["size"] for letter in letters.values()} == {len(POISON), len(b"not json")}
    assert caplog.text.count("dead letter: contact.events.v1/") == 2
    expected = embedded(ALL, 4)
    found = shown(kafka)
    assert {n: figures(store) for n, store in enumerate(expected)} == {
        n: found[n][1] for n in range(4)
    }


def test_the_clock_of_one_partition_is_that_of_all(kafka: Kafka, tmp_path: Path) -> None:
    place = Folder(kafka, tmp_path)
    waiting = [("c", raw("contact.arrived", 0)), ("c", raw("queue.entered", 1, queue="q"))]
    bring(kafka, waiting)
    later = next(f"x{n}" for n in range(99) if partition_of(f"x{n}", 4) != partition_of("c", 4))
    with running(place):
        until(lambda: caught_up(place, waiting))
        told = [*waiting, (later, raw("contact.arrived", 13 * 3600, later))]
        bring(kafka, told[2:])
        check(place, told)
    with closing(KafkaLog(kafka)) as log:
        assert log.bounds(CLOCK, 0)[1] >= 2


def test_who_waits_and_who_talks_is_shown_as_of_the_last_event(
    kafka: Kafka, tmp_path: Path, joined: Membership
) -> None:
    """Looking is done once a second; what came since is not left out when silence follows."""
    place = Folder(kafka, tmp_path)
    told = [("c", raw("queue.entered", 0, queue="q")), ("c", raw("agent.connected", 9))]

    def connected() -> list[int]:
        rows = [row for n, row in on_topic(kafka, REGISTERS) if n == partition_of("c", 4)]
        found = [decode(row.value) for row in rows if "progress" in row.key]
        return [queue["connected"] for queue in found[-1]["queues"]] if found else []

    def seen() -> bool:
        worker.show()
        return connected() == [1]

    bring(kafka, told)
    worker, number = owned(place, joined), partition_of("c", 4)
    worker.open(number, never)
    with closing(place.log()) as log:
        for row in log.read("contact.events.v1", number, 0, 9):
            worker.take(number, [row])
            worker.show()
    until(seen)
    worker.end()


@pytest.fixture
def joined(kafka: Kafka) -> Iterator[Membership]:
    """Who may publish: these tests hand partitions out themselves."""
    with member(kafka) as consumer:
        yield consumer.consumer_group_metadata


def owned(place: Folder, joined: Membership) -> Owned:
    return Owned(place.kafka, joined, place, "rules", Facts(), Spent(), now_ms)


def test_of_two_workers_on_one_state_none_counts_what_the_other_has(
    kafka: Kafka, tmp_path: Path, caplog: pytest.LogCaptureFixture, joined: Membership
) -> None:
    """One of them is a zombie and does not know it: it takes what is given to the other too."""
    place = Folder(kafka, tmp_path)
    bring(kafka, ALL)
    with closing(place.log()) as log:
        rows = {n: log.read("contact.events.v1", n, 0, 10**6) for n in range(4)}
    both = [owned(place, joined), owned(place, joined)]
    for number, found in rows.items():
        for worker in both:
            assert worker.open(number, never) == 0
        for at in range(0, len(found), 50):
            for worker in both if at % 100 else both[::-1]:
                worker.take(number, found[at : at + 50])
    fenced = sum(worker.facts.fenced for worker in both)
    for worker in both:
        worker.end()
    assert fenced == caplog.text.count("fenced: partition") > 0
    with running(place):
        check(place, ALL)


def test_what_another_has_saved_is_not_told_by_one_who_does_not_know_of_it(
    kafka: Kafka, tmp_path: Path, joined: Membership
) -> None:
    """Its own stream would say that it is as far, without what the other has counted."""
    place = Folder(kafka, tmp_path)
    bring(kafka, ALL)
    with closing(place.log()) as log:
        rows = log.read("contact.events.v1", 0, 0, 10**6)
    zombie, heir = owned(place, joined), owned(place, joined)
    for worker, some in ((zombie, rows[:50]), (heir, rows)):
        worker.open(0, never)
        worker.take(0, some)
        worker.show()
    due = {n: told for n, (_, told) in shown(kafka).items()}
    zombie.show()
    zombie.show()
    told = [decode(row.value) for _, row in on_topic(kafka, REGISTERS) if "progress" in row.key]
    assert [row["version"]["position"] for row in told] == [50, len(rows)]
    assert {n: told for n, (_, told) in shown(kafka).items()} == due
    assert zombie.facts.fenced == 1
    for worker in (zombie, heir):
        worker.end()


class Refusing(Folder):
    """A folder some of whose state files cannot be opened at times."""

    refuses: Collection[int] = ()

    def store(self, log: Log, number: int) -> SqliteStore:
        """See `Place`."""
        if number in self.refuses:
            msg = "the disk is full"
            raise Retry(msg)
        return super().store(log, number)


def test_a_partition_that_cannot_be_opened_again_is_still_ours(
    kafka: Kafka, tmp_path: Path, joined: Membership
) -> None:
    """Nothing is acknowledged that was not applied, whatever happens after another's save."""
    place = Refusing(kafka, tmp_path)
    bring(kafka, ALL)
    one, other = owned(place, joined), owned(place, joined)
    with closing(place.log()) as log:
        rows = log.read("contact.events.v1", 0, 0, 9)
    for worker in (one, other):
        worker.open(0, never)
    other.take(0, rows[:2])
    place.refuses = [0]
    for _ in range(2):
        with pytest.raises(Retry, match="full"):
            one.take(0, rows[2:4])
        with pytest.raises(Retry, match="full"):
            one.advance()
    place.refuses = []
    one.take(0, rows[2:4])
    assert one.facts.positions == {0: 4}
    assert place.progress()[0][0] == 4
    one.close(0)
    one.take(0, rows[4:])
    assert place.progress()[0][0] == 4
    for worker in (one, other):
        worker.end()


def test_a_partition_that_must_wait_does_not_keep_others_from_the_clock(
    kafka: Kafka, tmp_path: Path, joined: Membership
) -> None:
    place = Refusing(kafka, tmp_path)
    bring(kafka, ALL)
    worker = owned(place, joined)
    with closing(place.log()) as log:
        rows = {number: log.read("contact.events.v1", number, 0, 10**6) for number in (1, 2)}
    place.refuses = [0]
    with pytest.raises(Retry, match="full"):
        worker.open(0, never)
    for number, found in rows.items():
        worker.open(number, never)
        worker.take(number, found)
    for _ in range(2):  # where the log ends is known after the first
        with pytest.raises(Retry, match="full"):
            worker.advance()
    assert len({now for _, now in place.progress()}) == 1
    assert worker.facts.ends.keys() == rows.keys()
    worker.end()


def test_a_state_file_that_was_removed_is_made_again(
    kafka: Kafka, tmp_path: Path, joined: Membership
) -> None:
    place = Folder(kafka, tmp_path)
    bring(kafka, ALL)
    worker = owned(place, joined)
    with closing(place.log()) as log:
        rows = log.read("contact.events.v1", 0, 0, 20)
    worker.open(0, never)
    worker.take(0, rows[:10])
    for path in [*place.file(0).parent.iterdir()]:
        path.unlink()
    worker.take(0, rows[10:])
    assert (worker.facts.fenced, place.progress()[0][0]) == (1, 20)
    worker.end()


def test_an_older_copy_never_takes_the_place_of_a_newer_one(
    kafka: Kafka, tmp_path: Path, joined: Membership
) -> None:
    place = Folder(kafka, tmp_path / "state", tmp_path / "shared")
    bring(kafka, ALL)
    worker = owned(place, joined)
    with closing(place.log()) as log:
        copies, rows = place.copies(log), log.read("contact.events.v1", 0, 0, 10**6)
    worker.open(0, never)
    assert [copy.position for copy in worker.moved()] == [0]  # there is none of it yet
    worker.take(0, rows[:10])
    shutil.copy(place.file(0), tmp_path / "old.sqlite")
    (state,) = worker.moved()
    old = tmp_path / "old.sqlite"
    shutil.copy(f"{place.file(0)}-wal", f"{old}-wal")
    copies.put(*state)
    worker.take(0, rows[10:20])
    copies.put(*worker.moved()[0])
    copies.put(0, old, 10)
    newest = copies.newest(0)
    assert newest is not None
    assert newest[1] == 20
    assert len(list(newest[0].parent.iterdir())) == 1
    assert worker.moved() == []
    worker.end()


@pytest.fixture(autouse=True)
def warnings(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)


def test_a_partition_that_is_behind_is_not_brought_to_the_clock(
    kafka: Kafka, tmp_path: Path, joined: Membership
) -> None:
    """Its contacts would leave memory while events of theirs are still to come."""
    place, names = Folder(kafka, tmp_path), {partition_of(f"x{n}", 4): f"x{n}" for n in range(99)}
    early = [(names[0], raw("contact.arrived", second, names[0])) for second in (0, 60)]
    bring(kafka, [*early, (names[1], raw("contact.arrived", 13 * 3600, names[1]))])
    worker = owned(place, joined)
    with closing(place.log()) as log:
        rows = {number: log.read("contact.events.v1", number, 0, 9) for number in (0, 1)}
    for number in rows:
        worker.open(number, never)
    worker.take(1, rows[1])
    worker.take(0, rows[0][:1])
    for behind in (True, False):
        for _ in range(2):
            worker.advance()
        clocks = {now for _, now in place.progress()}
        assert (len(clocks) == 2) is behind
        worker.take(0, rows[0])
    worker.end()


def test_what_cannot_be_sent_is_said() -> None:
    away = Kafka(brokers=["127.0.0.1:1"], development=True)
    results = Results(away, patience_s=0.2)
    results.flush()
    results.send(RECORDS, "c", b"{}", 0)
    with pytest.raises(Retry, match="not everything was acknowledged"):
        results.flush()
    results.flush()
    results.close()
