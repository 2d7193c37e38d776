"""One partition whose rows somebody else reads: repeats, holes, poison, gaps, and going on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import decode

from schemas.errors import Retry, Stop
from schemas.event import encode
from schemas.rows import Row
from schemas.topics import EVENTS
from streams.core.handlers import HANDLERS
from streams.core.life import Life, Seen
from streams.logs.memory import MemoryLog
from streams.runtimes.lookups import read
from streams.runtimes.partition import Aside, LivePartition
from streams.runtimes.store import Change
from streams.runtimes.store_memory import MemoryStore
from streams.simulator import deliver, simulate
from tests.core.examples import START, raw
from tests.runtimes.support import ListedPast, bring, registers
from tests.runtimes.test_live import ALL, ANSWERED, HOUR_S, LATE, LATER, truth

#: Nobody can tell when that was.
POISON = raw("callback.accepted", 20, "p", promise_from="garbage", promise_until="garbage")
#: An event that the fold fails at (see `fault`): it stands for what nobody has thought of.
UNFIT = raw("fault.planted", 20, "p")


@pytest.fixture(autouse=True)
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(life: Life, event: Seen) -> None:
        msg = "nobody thought of this"
        raise TypeError(msg)

    monkeypatch.setitem(HANDLERS, "fault.planted", fail)


@dataclass
class Heard:
    """An outlet that remembers.

    Attributes:
        refuses: while true, nothing can be sent.
    """

    refuses: bool = False
    asides: list[Aside] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    saved_at: list[int] = field(default_factory=list)

    def saving(self, change: Change, asides: Sequence[Aside]) -> None:
        """See `streams.runtimes.partition.Outlet`."""
        if self.refuses:
            msg = "nothing can be sent"
            raise Retry(msg)
        self.asides += asides
        self.records += [name for name, _, _ in change.records]

    def saved(self, change: Change) -> None:
        """See `streams.runtimes.partition.Outlet`."""
        self.saved_at.append(change.position)


class Counted(MemoryLog):
    """A log that remembers which rows were read."""

    def __init__(self) -> None:
        super().__init__(partitions=1)
        self.seen: list[tuple[int, int]] = []

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Row]:
        """See the port."""
        self.seen.append((start, start + limit))
        return super().read(topic, partition, start, limit)


def held(values: list[bytes]) -> tuple[Counted, list[Row]]:
    log = Counted()
    bring(log, values)
    rows = log.read(EVENTS, 0, 0, len(values))
    log.seen.clear()
    return log, rows


@pytest.mark.parametrize("again", range(len(ALL)))
def test_rows_that_come_again_are_taken_once(again: int) -> None:
    log, rows = held(ALL)
    store, heard = MemoryStore(), Heard()
    part = LivePartition(log, 0, store, ListedPast(), heard)
    assert part.take(rows[:4]) == 4
    assert part.take(rows[again:]) == len(ALL) - max(again, 4)
    assert registers([store]) == truth(ALL)
    assert heard.saved_at[-1] == part.saved[0] == len(ALL)


def test_rows_that_nobody_brought_are_read_first() -> None:
    log, rows = held(ALL)
    store = MemoryStore()
    part = LivePartition(log, 0, store, ListedPast(), Heard())
    part.take(rows[5:])
    assert registers([store]) == truth(ALL)


class Holed(MemoryLog):
    """A log that uses up offset 3 for itself."""

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Row]:
        """See the port."""
        return [row for row in super().read(topic, partition, start, limit + 1) if row.offset != 3]


def test_a_hole_that_is_one_is_stepped_over() -> None:
    log, store = Holed(partitions=1), MemoryStore()
    bring(log, ALL)
    rows = log.read(EVENTS, 0, 0, len(ALL))
    part = LivePartition(log, 0, store, ListedPast(), Heard())
    part.take(rows[:3])
    part.take(rows[3:])
    assert part.position == len(ALL)
    assert registers([store]) == truth([*ALL[:3], *ALL[4:]])


@pytest.mark.parametrize("at", range(len(ALL) + 1))
def test_an_event_that_cannot_be_applied_is_set_aside_alone(at: int) -> None:
    log, rows = held([*ALL[:at], UNFIT, *ALL[at:]])
    store, heard = MemoryStore(), Heard()
    part = LivePartition(log, 0, store, ListedPast(), heard)
    part.take(rows)
    assert [(aside.row.offset, aside.row.value) for aside in heard.asides] == [(at, UNFIT)]
    assert "TypeError" in heard.asides[0].problem
    assert part.position == len(rows)
    assert registers([store]) == truth(ALL)


def test_what_was_set_aside_stays_aside_when_its_contact_comes_back() -> None:
    poison = UNFIT.replace(b'"p"', b'"c"')
    log, rows = held([*ANSWERED, poison, *LATER, *LATE])
    store, heard = MemoryStore(), Heard()
    past = ListedPast(rows)
    LivePartition(log, 0, store, past, heard).take(rows[:-2])
    LivePartition(log, 0, store, past, heard).take(rows[-2:])
    assert past.asked
    assert len(heard.asides) == 1
    assert registers([store]) == truth(ALL)


def test_without_an_outlet_nothing_is_set_aside() -> None:
    log, rows = held([UNFIT])
    part = LivePartition(log, 0, MemoryStore(), ListedPast())
    with pytest.raises(TypeError, match="nobody thought of this"):
        part.take(rows)


@pytest.mark.parametrize("unread", [b"not json", b"{}", b"\xff", b"", POISON])
def test_a_value_that_cannot_be_read_is_kept_elsewhere_and_counts_as_always(unread: bytes) -> None:
    log = Counted()
    bring(log, ANSWERED)
    log.append(EVENTS, [("c", unread), ("nobody", unread)], 0)
    rows = log.read(EVENTS, 0, 0, 9)
    store, plain, heard = MemoryStore(), MemoryStore(), Heard()
    LivePartition(log, 0, store, ListedPast(), heard).take(rows)
    LivePartition(log, 0, plain, ListedPast()).take(rows)
    assert [aside.row.offset for aside in heard.asides] == [4, 5]
    assert all(aside.problem for aside in heard.asides)
    assert registers([store]) == registers([plain]) == truth(ANSWERED, START + 100_000)


def test_what_could_not_be_sent_is_not_saved_and_is_taken_again() -> None:
    log, rows = held(ALL)
    store, heard = MemoryStore(), Heard(refuses=True)
    part = LivePartition(log, 0, store, ListedPast(), heard)
    for _ in range(2):
        with pytest.raises(Retry):
            part.take(rows)
        assert store.progress() == (0, None)
    heard.refuses = False
    part.take(rows)
    assert heard.records
    assert registers([store]) == truth(ALL)


def test_what_is_gone_before_it_was_archived_is_waited_for_until_it_is_on_record() -> None:
    log, rows = held(ALL)
    log.trim(EVENTS, 0, 4)
    store, past = MemoryStore(), ListedPast(rows[:2])
    part = LivePartition(log, 0, store, past, Heard())
    with pytest.raises(Retry, match="neither"):
        part.recover()
    with pytest.raises(Retry, match="neither"):
        part.take(rows[4:])
    past.lost = 2
    assert part.recover() == 4
    part.take(rows[4:])
    assert registers([store]) == truth([*ALL[:2], *ALL[4:]])


def test_a_rebuild_that_is_interrupted_stops_after_a_file_and_is_gone_on_with() -> None:
    """Others wait: for this partition, or for another of the same worker."""
    log, rows = held(ALL)
    log.trim(EVENTS, 0, 6)
    older = [rows[at : at + 2] for at in (0, 2)]
    answers = iter([False, True, True, False])
    part = LivePartition(log, 0, MemoryStore(), ListedPast(rows[:6], before=older), Heard())
    for older_done, position in ((2, 0), (2, 2)):
        with pytest.raises(Retry, match="partition 0 is being made again, interrupted"):
            part.recover(lambda: next(answers))
        assert (int(part.store.extra("older") or b""), part.position) == (older_done, position)
    assert part.recover(lambda: next(answers, False)) == 6


def test_a_look_up_reads_of_the_log_only_where_the_contact_was() -> None:
    """However much of the log is not archived yet."""
    others = [raw("contact.arrived", n, f"x{n}", department=f"d{n}") for n in range(20)]
    values = [*others, *ANSWERED, *LATER, *[raw("queue.entered", HOUR_S, "d", queue="q")] * 19]
    log, rows = held([*values, *LATE])
    part = LivePartition(log, 0, MemoryStore(), ListedPast(rows[:5]), Heard())
    for at in range(0, len(values), 2):
        part.take(rows[at : at + 2])
    log.seen.clear()
    part.take(rows[len(values) :])
    assert log.seen == [(20, 24)]


BATCHES = st.lists(st.integers(1, 4), min_size=1, max_size=8)


@settings(max_examples=60)
@given(BATCHES, st.randoms(use_true_random=False), st.sets(st.integers(0, 8)))
def test_a_worker_opened_again_anywhere_goes_on_as_if_it_had_not_been(
    sizes: list[int], random: object, opened_again: set[int]
) -> None:
    """From how contacts stood, without folding them again; and clocks in between."""
    values = [*ANSWERED, *LATER, *LATE, raw("queue.entered", 50, "w", queue="q", department="w")]
    random.shuffle(values)  # type: ignore[attr-defined]
    log, rows = held(values)
    stores = [MemoryStore(), MemoryStore()]
    one, other = (LivePartition(log, 0, store, ListedPast(rows)) for store in stores)
    at = 0
    for number, size in enumerate(sizes):
        for part in (one, other):
            part.take(rows[at : at + size])
            part.advance(START + number * HOUR_S * 2_000)
        at += size
        if number in opened_again:
            other = LivePartition(log, 0, stores[1], ListedPast(rows))
    assert stores[0].load() == stores[1].load()
    assert registers(stores[:1]) == registers(stores[1:])
    assert list(stores[0].records()) == list(stores[1].records())
    assert stores[0].counts() == stores[1].counts()
    assert stores[0].standing() == stores[1].standing()


@dataclass
class Away(ListedPast):
    """An archive on a shared disk, which is not always there."""

    away: bool = True

    def lookup(
        self,
        partition: int,
        keys: Collection[str],
        below: int,
        older: int = 0,
        within: Sequence[tuple[int, int]] | None = None,
    ) -> dict[str, list[bytes]]:
        """See the port."""
        if self.away:
            raise OSError(116, "Stale file handle")
        return super().lookup(partition, keys, below, older, within)


def test_an_error_of_the_archive_is_not_blamed_on_events() -> None:
    log, rows = held(ALL)
    store, heard, past = MemoryStore(), Heard(), Away(rows)
    part = LivePartition(log, 0, store, past, heard)
    part.take(rows[:-2])
    for _ in range(2):
        with pytest.raises(Retry, match="Stale file handle"):
            part.take(rows[-2:])
    past.away = False
    part.take(rows[-2:])
    assert heard.asides == []
    assert registers([store]) == truth(ALL)


@pytest.mark.parametrize("fails", ["outlet", "store"])
def test_an_aside_that_could_not_be_told_is_told_the_next_time(fails: str) -> None:
    log, rows = held([*ALL[:2], UNFIT, *ALL[2:]])
    store, heard = MemoryStore(), Heard()
    part = LivePartition(log, 0, store, ListedPast(), heard)
    part.take(rows[:2])
    heard.refuses, store.refuses = fails == "outlet", fails == "store"
    with pytest.raises(Retry):
        part.take(rows[2:3])
    heard.asides.clear()
    heard.refuses = store.refuses = False
    part.take(rows[2:])
    assert [aside.row.offset for aside in heard.asides] == [2]
    assert registers([store]) == truth(ALL)


@pytest.mark.parametrize("late", [LATE, [raw("hold.started", 50), ANSWERED[0]]])
def test_a_late_fact_of_what_is_lost_is_waited_with_and_then_takes_away_what_was_counted(
    late: list[bytes],
) -> None:
    """As long as nobody says that it is lost it may come; then what is left is the evidence."""
    log, rows = held([*ANSWERED, *LATER, *late])
    store, past = MemoryStore(), ListedPast()
    LivePartition(log, 0, store, past, Heard()).take(rows[: len(ANSWERED) + 1])
    log.trim(EVENTS, 0, 3)
    part = LivePartition(log, 0, store, past, Heard())
    with pytest.raises(Retry, match="nor on record as lost"):
        part.take(rows[5:])
    past.lost = 3
    part.take(rows[5:])
    assert registers([store]) == truth([ANSWERED[3], *LATER, *late])


class Moving(MemoryLog):
    """A log whose retention goes on between two questions."""

    moves = False

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Row]:
        """See the port."""
        if self.moves:
            self.trim(topic, partition, 4)
        return super().read(topic, partition, start, limit)


def test_retention_between_asking_and_reading_is_waited_out() -> None:
    log, store = Moving(partitions=1), MemoryStore()
    bring(log, ALL)
    rows = log.read(EVENTS, 0, 0, len(ALL))
    part = LivePartition(log, 0, store, ListedPast(rows), Heard())
    log.moves = True
    with pytest.raises(Retry, match="0 has just left the log"):
        part.take(rows[5:])
    part.take(rows[5:])
    assert registers([store]) == truth(ALL)
    with pytest.raises(Stop):
        read(log, 0, 99, 1)


@pytest.mark.parametrize("at", range(5))
def test_an_older_log_is_gone_on_from_but_for_what_cannot_be_applied(at: int) -> None:
    values = [*ANSWERED[:at], UNFIT, *ANSWERED[at:]]
    file = [Row(n, 0, decode(value)["subject"], value) for n, value in enumerate(values)]
    log, rows = held([*LATER, *LATE])
    store, heard = MemoryStore(), Heard()
    part = LivePartition(log, 0, store, ListedPast(before=[file]), heard)
    assert part.recover() == 0
    part.take(rows)
    assert [aside.row.offset for aside in heard.asides] == [at]
    assert registers([store]) == truth(ALL)
    with pytest.raises(TypeError):
        LivePartition(log, 0, MemoryStore(), ListedPast(before=[file])).recover()


def test_a_partition_that_is_taken_from_goes_on_from_older_logs_first() -> None:
    file = [Row(n, 0, "c", value) for n, value in enumerate(ANSWERED)]
    log, rows = held([*LATER, *LATE])
    store = MemoryStore()
    LivePartition(log, 0, store, ListedPast(before=[file]), Heard()).take(rows)
    assert registers([store]) == truth(ALL)


@pytest.mark.parametrize("seed", range(2))
def test_a_simulated_day_is_counted_alike_however_often_it_is_opened_again(seed: int) -> None:
    """Contacts, shifts and declarations, late and again, while the archive lags behind."""
    random = Random(seed)
    day = simulate(date(2026, 1, 5), 1, seed=seed, scale=0.03)
    values = [encode(event) for event in deliver(day, seed, duplicates=0.03, late=0.2)]
    for unfit in (UNFIT, POISON, UNFIT):
        values.insert(random.randrange(len(values)), unfit)
    log, rows = held(values)
    stores, heard, past = [MemoryStore(), MemoryStore()], [Heard(), Heard()], ListedPast(file=50)
    one, other = (LivePartition(log, 0, stores[n], past, heard[n]) for n in range(2))
    at = 0
    while at < len(rows):
        if random.random() < 0.5:
            other = LivePartition(log, 0, stores[1], past, heard[1])
        batch = rows[at : at + random.randrange(1, 2 * len(rows) // 30)]
        for part in (one, other):
            part.take(batch)
        past.archived = rows[: at - at % 50]
        log.trim(EVENTS, 0, len(past.archived))
        at += len(batch)
    assert past.asked
    assert stores[0].declarations()
    assert registers(stores[:1]) == registers(stores[1:])
    assert list(stores[0].records()) == list(stores[1].records())
    assert stores[0].declarations() == stores[1].declarations()
    assert stores[0].counts() == stores[1].counts()
    assert stores[0].standing() == stores[1].standing()
    assert stores[0].load() == stores[1].load()
    asides = [[(aside.row.offset, aside.row.value) for aside in each.asides] for each in heard]
    assert asides[0] == asides[1]
    assert {offset for offset, _ in asides[0]} == {
        row.offset for row in rows if row.value in (UNFIT, POISON)
    }
