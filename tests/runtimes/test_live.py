"""The live worker: late facts, failed saves, rebuilding, and one clock for all partitions."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from msgspec.json import decode

from schemas.errors import Retry
from schemas.instants import HOUR, instant
from schemas.rows import Row
from schemas.topics import EVENTS, partition_of
from streams.logs.memory import MemoryLog
from streams.runtimes.live import LiveWorker
from streams.runtimes.partition import LivePartition
from streams.runtimes.store import Change
from streams.runtimes.store_memory import MemoryStore
from tests.core.examples import START, raw
from tests.core.harness import from_scratch, solid
from tests.runtimes.support import ListedPast, bring, registers

ANSWERED = [
    raw("contact.arrived", 0, department="ircc", channel="phone"),
    raw("queue.entered", 10, queue="q1"),
    raw("agent.connected", 40, agent="a1"),
    raw("contact.ended", 100, by="agent"),
]
HOUR_S = HOUR // 1_000
#: Another contact, an hour later: the clock at which the first has left memory.
LATER = [raw("contact.arrived", HOUR_S, "d", department="vac")]
LATE = [raw("hold.started", 50), raw("hold.ended", 60)]
ALL = [*ANSWERED, *LATER, *LATE]


@dataclass
class Failing(MemoryStore):
    """A state that takes so many more saves, then none."""

    fails_after: int | None = None

    def save(self, change: Change) -> None:
        if self.fails_after is not None:
            self.refuses = self.fails_after == 0
            self.fails_after -= 1
        else:
            self.refuses = False
        super().save(change)


def opened(log: MemoryLog, store: MemoryStore, past: ListedPast) -> LivePartition:
    return LivePartition(log, 0, store, past)


def truth(values: list[bytes], now: int = START + HOUR) -> object:
    return solid(from_scratch(values, now))


@pytest.mark.parametrize("archived", range(len(ALL) + 1))
def test_a_late_fact_finds_what_was_applied_before_wherever_that_is_now(archived: int) -> None:
    """In the archive or still in the log; but what is in the present batch is news."""
    log, store, past = MemoryLog(partitions=1), MemoryStore(), ListedPast()
    worker = LiveWorker([opened(log, store, past)])
    bring(log, [*ANSWERED, *LATER])
    worker.step()
    assert "c" not in worker.partitions[0].state.contacts
    applied = worker.partitions[0].position
    bring(log, LATE)
    past.archived = log.read(EVENTS, 0, 0, archived)
    log.trim(EVENTS, 0, min(archived, applied))
    assert worker.step() == len(LATE)
    assert past.asked == [({"c"}, min(archived, applied))]
    assert registers([store]) == truth(ALL)


def test_contacts_that_are_new_are_not_looked_up() -> None:
    log, store, past = MemoryLog(partitions=1), MemoryStore(), ListedPast()
    bring(log, ALL)
    LiveWorker([opened(log, store, past)]).step()
    assert past.asked == []


@pytest.mark.parametrize("ticks", range(5))
def test_a_worker_opened_again_after_a_failed_save_counts_as_one_undisturbed(ticks: int) -> None:
    log, store, past = MemoryLog(partitions=1), MemoryStore(), ListedPast()
    bring(log, ALL)
    heard = []

    def applied(rows: int) -> None:
        heard.append(rows)
        store.refuses = len(heard) >= ticks

    store.refuses = ticks == 0
    with pytest.raises(Retry):
        LiveWorker([opened(log, store, past)], tick=1).step(applied)
    assert store.progress()[0] == sum(heard) == ticks
    store.refuses = False
    worker = LiveWorker([opened(log, store, past)], tick=1)
    assert worker.step() == len(ALL) - ticks
    assert registers([store]) == truth(ALL)
    undisturbed = MemoryStore()
    LiveWorker([opened(log, undisturbed, past)], tick=1).step()
    assert store.counts() == undisturbed.counts()
    assert list(store.records()) == list(undisturbed.records())
    assert store.load() == undisturbed.load()


@pytest.mark.parametrize("archived", [4, 5, len(ALL)])
@pytest.mark.parametrize("position", [0, 1, 3])
def test_without_state_the_past_is_read_first_and_then_the_log(
    archived: int, position: int
) -> None:
    """The same from a state that is behind what the log still holds (`position`)."""
    log, store = MemoryLog(partitions=1), MemoryStore()
    bring(log, ALL[:position])
    LiveWorker([opened(log, store, ListedPast())]).step()
    bring(log, ALL[position:])
    past = ListedPast(log.read(EVENTS, 0, 0, archived))
    log.trim(EVENTS, 0, 4)
    worker = LiveWorker([opened(log, store, past)], tick=2)
    heard: list[int] = []
    assert worker.step(heard.append) == sum(heard) == len(ALL) - position
    assert worker.partitions[0].position == len(ALL)
    assert registers([store]) == truth(ALL)


@pytest.mark.parametrize("ticks", [*range(4), None])
def test_a_log_that_continues_an_older_one_counts_what_that_held(ticks: int | None) -> None:
    """Each file of it once, whenever a save failed; and late facts find what was in it."""
    log, store = MemoryLog(partitions=1), Failing()
    files = [ANSWERED[:3], [*ANSWERED[3:], *LATER], LATE[:1]]
    past = ListedPast(
        before=[[Row(n, 0, decode(v)["subject"], v) for n, v in enumerate(f)] for f in files]
    )
    bring(log, LATE[1:])
    if ticks is not None:
        store.fails_after = ticks
        with pytest.raises(Retry):
            LiveWorker([opened(log, store, past)]).step()
        store.fails_after = None
    LiveWorker([opened(log, store, past)]).step()
    assert registers([store]) == truth(ALL)
    assert store.counts()["arrived|ircc"] == 1
    assert store.progress() == (1, START + HOUR)


#: One contact for each of three partitions, in a department of its own.
NAMES = {partition_of(name, 3): name for name in "fedcba"}


def waiting(name: str, second: float) -> list[bytes]:
    return [
        raw("contact.arrived", second, name, department=name),
        raw("queue.entered", second + 1, name, queue="q"),
    ]


def test_all_partitions_are_brought_to_one_clock() -> None:
    """So that silence ends a wait in a partition to which nothing comes any more."""
    log, stores = MemoryLog(partitions=3), [MemoryStore() for _ in range(3)]
    worker = LiveWorker([LivePartition(log, n, stores[n], ListedPast()) for n in range(3)])
    assert worker.step() == 0
    assert [store.progress() for store in stores] == [(0, None)] * 3
    values = [*waiting(NAMES[0], 0), *waiting(NAMES[1], 13 * HOUR_S)]
    bring(log, values)
    worker.step()
    now = START + 13 * HOUR + 1_000
    assert worker.now == now
    assert [store.progress() for store in stores] == [(2, now), (2, now), (0, now)]
    assert registers(stores) == truth(values, now)


def test_a_clock_that_could_not_be_saved_is_brought_up_when_opened_again() -> None:
    log, stores = MemoryLog(partitions=3), [MemoryStore() for _ in range(3)]
    values = [*waiting(NAMES[0], 0), *waiting(NAMES[1], 13 * HOUR_S)]

    def step() -> None:
        LiveWorker([LivePartition(log, n, stores[n], ListedPast()) for n in range(3)]).step()

    bring(log, values[:2])
    step()
    bring(log, values[2:])
    stores[0].refuses = True
    with pytest.raises(Retry):
        step()
    assert len({store.progress()[1] for store in stores}) > 1
    stores[0].refuses = False
    step()
    now = START + 13 * HOUR + 1_000
    assert {store.progress()[1] for store in stores} == {now}
    assert registers(stores) == truth(values, now)


def looked_up(values: list[bytes], late: bytes) -> list[object]:
    """The spans of a look-up that a late event brings about."""
    log, store, past = MemoryLog(partitions=1), MemoryStore(), ListedPast()
    worker = LiveWorker([opened(log, store, past)])
    bring(log, values)
    worker.step()
    bring(log, [late])
    worker.step()
    return list(past.within)


def test_a_look_up_says_when_all_events_of_the_contact_happened() -> None:
    unknown = raw("no.such.event", 160)
    assert looked_up([*ANSWERED, unknown, *LATER], LATE[0]) == [[(START, START + 160_000)]]


def test_a_look_up_of_what_came_with_different_bytes_is_not_bounded() -> None:
    """Of an event told in two ways, the one not kept may have happened at any time."""
    told = [raw("hold.started", 50, agent=name) for name in ("a1", "a2")]
    assert looked_up([*ANSWERED, *told, *LATER], LATE[1]) == [None]


def test_a_look_up_of_a_declared_total_is_not_bounded() -> None:
    declared = raw(
        "control.total_declared",
        of="arrived",
        count=7,
        period_start=instant(START - HOUR),
        period_end=instant(START),
        attribution="interval",
        authority="switch",
    )
    again = declared.replace(b'"count":7', b'"count":8').replace(b"@0", b"@1")
    assert looked_up([declared, *LATER], again) == [None]
