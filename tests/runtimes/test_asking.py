"""Asking the state stores: one moment, one clock, the places and the measures that are meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest

from schemas.errors import Retry, Stop
from schemas.instants import HOUR
from schemas.measures import MEASURES, Kind
from schemas.topics import partition_of
from streams.core.figures import Ratio
from streams.core.registers import INTERVAL
from streams.logs.memory import MemoryLog
from streams.runtimes.asking import Request, ask
from streams.runtimes.live import LiveWorker
from streams.runtimes.partition import LivePartition
from streams.runtimes.store import Spreads
from streams.runtimes.store_memory import MemoryStore
from tests.core.examples import START, raw
from tests.runtimes.support import ListedPast, bring

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
NAMES = {partition_of(name, 2): name for name in "dcba"}
#: A contact in each of two partitions, the second an hour after the first.
VALUES = [
    raw("contact.arrived", 0, NAMES[0], department="ircc"),
    raw("contact.arrived", HOUR // 1_000, NAMES[1], department="vac"),
]


def counted(stores: Sequence[MemoryStore]) -> MemoryLog:
    log = MemoryLog(partitions=len(stores))
    bring(log, VALUES)
    live(log, stores).step()
    return log


def live(log: MemoryLog, stores: Sequence[MemoryStore]) -> LiveWorker:
    return LiveWorker(
        [LivePartition(log, n, store, ListedPast()) for n, store in enumerate(stores)]
    )


def test_figures_are_of_all_partitions_at_one_instant() -> None:
    stores = [MemoryStore(), MemoryStore()]
    counted(stores)
    reply = ask(stores, Request(MONDAY, TUESDAY, measures=("funnel.arrived",)))
    assert (reply.as_of, reply.positions) == (START + HOUR, [1, 1])
    found = [measures["funnel.arrived"] for measures in reply.answers.values()]
    assert sorted(found, key=str) == [Ratio(1, None), Ratio(1, None)]


def test_partitions_that_are_not_at_one_clock_are_not_answered_for() -> None:
    stores = [MemoryStore(), MemoryStore()]
    log = counted(stores)
    later = raw("contact.ended", 2 * HOUR // 1_000, NAMES[0], by="agent")
    bring(log, [later])
    worker = live(log, stores)
    worker.partitions[0].catch_up(10, lambda _: None)
    with pytest.raises(Retry, match="one clock"):
        ask(stores, Request(MONDAY, TUESDAY))
    worker.step()
    assert ask(stores, Request(MONDAY, TUESDAY)).as_of == START + 2 * HOUR


def test_one_partition_that_has_seen_nothing_yet_is_not_at_the_clock_of_the_others() -> None:
    stores = [MemoryStore(), MemoryStore()]
    counted(stores)
    with pytest.raises(Retry):
        ask([*stores, MemoryStore()], Request(MONDAY, TUESDAY))


@dataclass
class Watched(MemoryStore):
    """A state that may be read within a snapshot only."""

    within: int = 0

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        self.within += 1
        yield
        self.within -= 1

    def progress(self) -> tuple[int, int | None]:
        assert self.within
        return super().progress()

    def dims(self, kind: str) -> list[str]:
        assert self.within
        return super().dims(kind)

    def declarations(self) -> dict[str, bytes]:
        assert self.within
        return super().declarations()

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        assert self.within
        return super().registers(start, end, kind)


def test_all_that_is_read_for_an_answer_is_of_one_moment() -> None:
    stores = [Watched(), Watched()]
    counted(stores)
    assert ask(stores, Request(MONDAY, TUESDAY)).as_of == START + HOUR
    assert [store.within for store in stores] == [0, 0]


def test_where_nothing_was_counted_the_answer_is_of_no_instant() -> None:
    reply = ask([MemoryStore()], Request(MONDAY, TUESDAY))
    assert (reply.as_of, reply.positions) == (None, [0])
    assert reply.answers == {}


def test_by_interval_only_counts_are_asked_for() -> None:
    stores = [MemoryStore(), MemoryStore()]
    counted(stores)
    reply = ask(stores, Request(MONDAY, TUESDAY, attribution=INTERVAL))
    asked = {measure.id for measure in reply.question.measures}
    assert asked == {name for name, m in MEASURES.items() if m.kind is Kind.COUNT}
    assert len(asked) < len(MEASURES)


def test_an_unknown_grain_is_refused() -> None:
    with pytest.raises(Stop):
        ask([MemoryStore()], Request(MONDAY, TUESDAY, grain="fortnight"))
