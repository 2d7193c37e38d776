"""Group commit: durable before it says so, all of it, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.errors import Retry
from schemas.topics import DEAD_LETTERS, EVENTS, partition_of
from streams.gateway.writer import FORGIVEN_MS, Broken, Busy, Parcel, Writer
from streams.logs.memory import MemoryLog
from streams.logs.port import Log
from streams.logs.sqlite import SqliteLog
from tests.gateway.support import NOW, Failing, Gated, rows

Told = list[tuple[float, bool]]


def writer(factory: Callable[[], Log], told: Told | None = None, capacity: int = 1_000) -> Writer:
    def appended(seconds: float, durable: bool) -> None:
        if told is not None:
            told.append((seconds, durable))

    return Writer(factory, lambda: NOW, capacity, appended)


def parcel(*keys: str) -> Parcel:
    return Parcel([(key, key.encode()) for key in keys])


async def reached(log: Gated) -> None:
    assert await asyncio.to_thread(log.reached.wait, 20)


def test_what_gathers_during_a_commit_becomes_one_append() -> None:
    async def story() -> None:
        log = Gated()
        told: Told = []
        subject = writer(lambda: log, told)
        await subject.start()
        first = asyncio.create_task(subject.store(parcel("a")))
        await reached(log)
        more = [asyncio.create_task(subject.store(parcel(f"b{n}"))) for n in range(20)]
        await asyncio.sleep(0)
        assert not first.done()  # nothing is acknowledged before append has returned
        assert rows(log) == []
        log.opened.set()
        await asyncio.gather(first, *more)
        assert log.appends == 2
        assert [durable for _, durable in told] == [True, True]
        assert len(rows(log)) == 21
        await subject.close()

    asyncio.run(story())


def test_events_and_dead_letters_become_durable_together() -> None:
    async def story() -> None:
        log = MemoryLog()
        subject = writer(lambda: log)
        await subject.start()
        await subject.store(Parcel([("a", b"1")], [("b", b"2")]))
        assert [row.value for row in rows(log, EVENTS)] == [b"1"]
        assert [row.value for row in rows(log, DEAD_LETTERS)] == [b"2"]
        assert subject.tail[partition_of("a")] == 1
        assert sum(subject.tail.values()) == 1
        await subject.close()

    asyncio.run(story())


def test_a_full_disk_acknowledges_nothing_and_is_got_over() -> None:
    async def story() -> None:
        log = MemoryLog(refuses=True)
        told: Told = []
        subject = writer(lambda: log, told)
        await subject.start()
        with pytest.raises(Retry):
            await subject.store(parcel("a"))
        assert subject.trouble(NOW)
        assert subject.trouble(NOW + FORGIVEN_MS) is None  # only another attempt can tell
        log.refuses = False
        await subject.store(parcel("a"))
        assert subject.trouble(NOW) is None
        assert [row.key for row in rows(log)] == ["a"]
        assert [durable for _, durable in told] == [False, True]
        await subject.close()

    asyncio.run(story())


def test_the_queue_is_bounded() -> None:
    async def story() -> None:
        log = Gated()
        subject = writer(lambda: log, capacity=3)
        await subject.start()
        first = asyncio.create_task(subject.store(parcel("longer than it holds")))
        await reached(log)
        with pytest.raises(Busy, match="waiting for the disk"):
            await subject.store(parcel("a"))
        log.opened.set()
        await first
        await subject.store(parcel("a"))
        assert [row.key for row in rows(log) if row.key == "a"] == ["a"]
        await subject.close()

    asyncio.run(story())


def test_close_stores_what_is_waiting() -> None:
    async def story() -> None:
        log = Gated()
        subject = writer(lambda: log)
        await subject.start()
        waiting = [asyncio.create_task(subject.store(parcel("a")))]
        await reached(log)
        waiting += [asyncio.create_task(subject.store(parcel(key))) for key in "bc"]
        await asyncio.sleep(0)
        closing = asyncio.create_task(subject.close())
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="stopping"):
            await subject.store(parcel("d"))
        log.opened.set()
        await asyncio.gather(closing, *waiting)
        assert sorted(row.key for row in rows(log)) == ["a", "b", "c"]

    asyncio.run(story())


def test_a_request_that_gives_up_disturbs_nobody() -> None:
    async def story() -> None:
        log = Gated()
        subject = writer(lambda: log)
        await subject.start()
        gone, stays = (asyncio.create_task(subject.store(parcel(key))) for key in "ab")
        await reached(log)
        gone.cancel()
        await asyncio.sleep(0)
        log.opened.set()
        await stays
        assert gone.cancelled()
        await subject.store(parcel("c"))
        await subject.close()

    asyncio.run(story())


def test_a_log_that_breaks_stops_intake_with_words() -> None:
    async def story() -> None:
        subject = writer(Failing)
        await subject.start()
        for _ in range(2):
            with pytest.raises(Broken, match="contradict"):
                await subject.store(parcel("a"))
        assert "contradict" in (subject.trouble(NOW + FORGIVEN_MS) or "")
        await subject.close()

    asyncio.run(story())


def test_a_log_that_cannot_be_opened_says_so_at_the_start(tmp_path: Path) -> None:
    async def story() -> None:
        with pytest.raises(Retry):
            await writer(lambda: SqliteLog(tmp_path / "absent" / "log")).start()

    asyncio.run(story())


def test_the_embedded_log_in_the_thread_that_opened_it(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"

    async def story() -> None:
        subject = writer(lambda: SqliteLog(path), capacity=1_000_000)
        await subject.start()
        await asyncio.gather(*(subject.store(parcel(f"{n}a", f"{n}b")) for n in range(50)))
        assert sum(subject.tail.values()) == 100
        await subject.close()

    asyncio.run(story())
    log = SqliteLog(path)
    assert len({row.key for row in rows(log)}) == len(rows(log)) == 100
    log.close()
