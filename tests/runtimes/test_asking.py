"""Asking the state stores: one moment, one clock, the places and the measures that are meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from msgspec.json import decode

from schemas.departments import zone_of
from schemas.errors import Retry, Stop
from schemas.instants import HOUR, instant
from schemas.measures import MEASURES, Kind, relation_of
from schemas.record import ContactRecord
from schemas.relations import RELATIONS
from schemas.topics import partition_of
from streams.core.figures import Ratio
from streams.core.registers import INTERVAL
from streams.logs.memory import MemoryLog
from streams.runtimes.asking import Request, ask
from streams.runtimes.board import board
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
    """A state that may be read within a snapshot only, once it is watched."""

    within: int = 0
    watched: bool = False

    def _look(self) -> None:
        assert self.within or not self.watched

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        self.within += 1
        yield
        self.within -= 1

    def progress(self) -> tuple[int, int | None]:
        self._look()
        return super().progress()

    def dims(self, kind: str) -> list[str]:
        self._look()
        return super().dims(kind)

    def records(self, after: str = "") -> Iterator[tuple[str, int, bytes]]:
        self._look()
        return super().records(after)

    def declarations(self) -> dict[str, bytes]:
        self._look()
        return super().declarations()

    def registers(
        self, start: int, end: int, kind: str
    ) -> Iterator[tuple[int, str, dict[str, int], Spreads]]:
        self._look()
        return super().registers(start, end, kind)


def test_all_that_is_read_for_an_answer_is_of_one_moment() -> None:
    stores = [Watched(), Watched()]
    counted(stores)
    for store in stores:
        store.watched = True
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


MINUTE = 60
IRCC = {"department": "ircc", "channel": "phone"}


def _answered(contact: str, entered: int, left: int) -> list[bytes]:
    return [
        raw("contact.arrived", entered, contact, **IRCC),
        raw("queue.entered", entered, contact, queue="q"),
        raw("agent.connected", left, contact),
        raw("contact.ended", left + MINUTE, contact, by="customer"),
    ]


def _called_back(contact: str, entered: int, attempted: int) -> list[bytes]:
    return [
        raw("contact.arrived", entered, contact, **IRCC),
        raw("queue.entered", entered, contact, queue="q"),
        raw("callback.accepted", entered + 1, contact),
        raw("callback.attempted", attempted, contact, number=1),
    ]


def _told(values: list[bytes], more: list[bytes] | None = None) -> list[MemoryStore]:
    """Two partitions that have counted some events, and then more."""
    stores = [MemoryStore(), MemoryStore()]
    log = MemoryLog(partitions=2)
    worker = live(log, stores)
    for batch in (values, more or []):
        bring(log, batch)
        worker.step()
    return stores


def _asked(stores: Sequence[MemoryStore], *names: str, **more: Any) -> dict[str, Ratio]:
    """The figures of the only group there is."""
    reply = ask(stores, Request(MONDAY, TUESDAY, measures=names, **more))
    (found,) = reply.answers.values()
    return found


def test_neighbours_are_found_in_all_partitions_in_memory_or_not() -> None:
    brackets = [
        *_answered(NAMES[0], 0, 5 * MINUTE)[:-1],  # they are still talking
        *_called_back(NAMES[1], 2 * MINUTE, 9 * MINUTE),
    ]
    asked = ("fidelity.callbacks", "fidelity.bracketed", "fidelity.size_median")
    stores = _told(brackets)
    assert [store.load().contacts.keys() for store in stores] == [{NAMES[0]}, {NAMES[1]}]
    expected = {
        "fidelity.callbacks": Ratio(1, None),
        "fidelity.bracketed": Ratio(1, None),
        "fidelity.size_median": Ratio(0, 1),
    }
    assert _asked(stores, *asked) == expected
    days_later = raw("contact.arrived", 30 * HOUR // 1_000, "x", **IRCC)
    stores = _told(brackets, [days_later])
    assert {*stores[0].load().contacts, *stores[1].load().contacts} == {"x"}
    assert _asked(stores, *asked) == expected


def test_a_contact_in_memory_counts_as_it_stands_and_not_as_it_was_recorded() -> None:
    """It was answered, and recorded so; then it turns out that a callback came before that."""
    day, night = instant(START + 9 * HOUR), instant(START + 10 * HOUR)
    promised = {"promise_from": day, "promise_until": night}
    late = raw("callback.accepted", 1 * MINUTE, NAMES[0], **promised)
    values = [
        *_answered(NAMES[0], 0, 5 * MINUTE),
        *_called_back(NAMES[1], 2 * MINUTE, 9 * MINUTE),
    ]
    stores = _told(values, [late])
    record = decode(stores[0].record(NAMES[0]) or b"", type=ContactRecord)
    assert record.place == "answered"
    assert _asked(stores, "fidelity.callbacks", "fidelity.bracketed") == {
        "fidelity.callbacks": Ratio(2, None),
        "fidelity.bracketed": Ratio(0, None),
    }


def test_shifts_are_no_contacts() -> None:
    shift = [
        raw("agent.state_changed", at, "shift", agent="a", state=state, **IRCC)
        for at, state in ((0, "ready"), (MINUTE, "offline"))
    ]
    stores = _told([*_called_back(NAMES[1], 0, MINUTE), *shift])
    assert any(name == "shift" for store in stores for name, _, _ in store.records())
    assert _asked(stores, "fidelity.callbacks") == {"fidelity.callbacks": Ratio(1, None)}


def test_counts_across_contacts_have_an_interval_too() -> None:
    stores = _told(_called_back(NAMES[1], 0, 20 * MINUTE))
    names = ("fidelity.callbacks", "funnel.queued")
    request = Request(MONDAY, TUESDAY, "quarter_hour", measures=names, attribution=INTERVAL)
    found = ask(stores, request).answers
    ratios = {group.span.start_ms: measures for group, measures in found.items()}
    assert ratios[START] == {"fidelity.callbacks": Ratio(1, None), "funnel.queued": Ratio(1, None)}


@dataclass
class Eager(MemoryStore):
    """A state whose records may not be read."""

    def records(self, after: str = "") -> Iterator[tuple[str, int, bytes]]:
        raise AssertionError("all records were read")


@dataclass
class Quick(Eager):
    """A state of which only what lies within a period may be read."""

    def dims(self, kind: str) -> list[str]:
        raise AssertionError("all registers were read")


def test_without_such_a_measure_contacts_are_not_read_again() -> None:
    stores = [Eager(), Eager()]
    counted(stores)
    reply = ask(stores, Request(MONDAY, TUESDAY, measures=("funnel.arrived",)))
    assert (len(reply.answers), reply.across) == (2, {})
    with pytest.raises(AssertionError, match="all records"):
        ask(stores, Request(MONDAY, TUESDAY, measures=("repeat.served",)))


def test_a_department_of_messages_only_has_its_own_days() -> None:
    """Its zone is one of those asked about, though no call of it was ever counted."""
    received = raw("email.received", 0, NAMES[0], department="vac", intake="mailbox")
    stores = _told([received, raw("email.responded", MINUTE, NAMES[0])])
    of = {"email.received": "vac", "repeat.served": "vac", "funnel.arrived": None}
    for name, department in of.items():
        reply = ask(stores, Request(MONDAY, TUESDAY, measures=(name,)))
        assert {span.zone for span in reply.question.spans} == {zone_of(department)}


def test_the_board_reads_today_only_and_nothing_that_rests_on_all_contacts() -> None:
    stores = [Quick(), Quick()]
    log = MemoryLog(partitions=2)
    worker = live(log, stores)
    bring(log, [*_answered(NAMES[0], 0, MINUTE), *_called_back(NAMES[1], 0, MINUTE)])
    worker.step()
    found = board(worker)
    arrived = [row for row in found.today if row.measure == "funnel.arrived"]
    assert [(row.dimensions, row.numerator) for row in arrived] == [({"department": "ircc"}, 2)]
    assert {RELATIONS[relation_of(MEASURES[row.measure])].across for row in found.today} == {False}


def test_an_unknown_grain_is_refused() -> None:
    with pytest.raises(Stop):
        ask([MemoryStore()], Request(MONDAY, TUESDAY, grain="fortnight"))
