"""The whole gateway behind a real server on this machine."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Coroutine
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from msgspec import json
from prometheus_client.parser import text_string_to_metric_families

from schemas.board import Board
from schemas.topics import partition_of
from streams.gateway.messages import say
from streams.gateway.typography import LANGUAGES
from streams.logs.memory import MemoryLog
from streams.logs.sqlite import SqliteLog
from tests.gateway.support import (
    BATCH,
    BEARER,
    NOW,
    SINGLE,
    TOKEN,
    Failing,
    Gated,
    Running,
    board,
    encoded,
    event,
    fresh,
    letters,
    rows,
    running,
)


def play(story: Coroutine[Any, Any, None]) -> None:
    async def timed() -> None:
        async with asyncio.timeout(60):
            await story

    asyncio.run(timed())


async def metrics(gateway: Running) -> dict[str, float]:
    _, text = await gateway.text("/metrics")
    return {
        sample.name
        + "".join(f" {value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_stored_when_answered() -> None:
    async def story() -> None:
        async with running() as gateway:
            assert await gateway.send(json.encode(event(1)), SINGLE) == (
                200,
                {"stored": 1, "rejected": 0, "errors": []},
            )
            (row,) = rows(gateway.log)
            assert (row.key, row.value, row.intake_ms) == ("c1", json.encode(event(1)), NOW)

    play(story())


def test_binary_mode_over_http() -> None:
    async def story() -> None:
        async with running() as gateway:
            headers = {
                f"ce-{name}": str(value) for name, value in event(1).items() if name != "data"
            }
            status, _ = await gateway.send(
                json.encode(event(1)["data"]), "application/json", **headers
            )
            assert status == 200
            assert json.decode(rows(gateway.log)[0].value)["data"]["department"] == "ircc"

    play(story())


def test_good_ones_are_stored_and_bad_ones_named_and_kept() -> None:
    async def story() -> None:
        async with running() as gateway:
            batch = [event(1), event(2, id=None), event(3, time="soon"), event(4)]
            status, told = await gateway.send(encoded(batch))
            assert status == 422
            assert (told["stored"], told["rejected"]) == (2, 2)
            assert [(e["index"], e["field"]) for e in told["errors"]] == [(1, "id"), (2, "time")]
            assert sorted(row.key for row in rows(gateway.log)) == ["c1", "c4"]
            kept = {letter["field"]: letter for letter in letters(gateway.log)}
            assert set(kept) == {"id", "time"}
            head = json.decode(json.encode(kept["time"]["head"]), type=bytes)
            assert head == json.encode(batch[2])
            assert kept["time"]["producer"] == "switch"

    play(story())


@pytest.mark.parametrize("body", [b"", encoded([event(1)])[:-9], b"\x00", "[]".encode("utf-16")])
def test_an_unreadable_body_is_kept_whole(body: bytes) -> None:
    async def story() -> None:
        async with running() as gateway:
            status, told = await gateway.send(body)
            assert status == 400
            assert told["errors"][0]["index"] is None
            assert told["errors"][0]["problem"]
            (letter,) = letters(gateway.log)
            assert letter["size"] == len(body)

    play(story())


def test_not_answered_before_the_append_has_returned() -> None:
    async def story() -> None:
        log = Gated()
        async with running(log) as gateway:
            answer = asyncio.create_task(gateway.send(encoded([event(1)])))
            assert await asyncio.to_thread(log.reached.wait, 20)
            assert (await gateway.text("/healthz"))[0] == 200  # and nobody else is held up
            assert not answer.done()
            log.opened.set()
            assert (await answer)[0] == 200

    play(story())


def test_many_clients_everything_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    batches = [fresh(5) for _ in range(60)]

    async def story() -> None:
        async with running(factory=lambda: SqliteLog(path)) as gateway:
            answers = await asyncio.gather(*(gateway.send(encoded(batch)) for batch in batches))
            assert {status for status, _ in answers} == {200}

    play(story())
    log = SqliteLog(path)
    stored = sorted(json.decode(row.value)["id"] for row in rows(log))
    log.close()
    assert stored == sorted(e["id"] for batch in batches for e in batch)


def test_a_full_disk_stops_intake_with_words_and_recovers() -> None:
    async def story() -> None:
        log = MemoryLog()
        async with running(log) as gateway:
            assert (await gateway.send(encoded([event(1)])))[0] == 200
            log.refuses = True
            answer = await gateway.client.post(
                "/events", data=encoded([event(2)]), headers={**BEARER, "Content-Type": BATCH}
            )
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert "nothing is acknowledged" in (await answer.json())["error"]
            status, words = await gateway.text("/readyz")
            assert status == 503
            assert "not ready" in words
            log.refuses = False
            assert (await gateway.send(encoded([event(2)])))[0] == 200
            assert (await gateway.text("/readyz"))[0] == 200
            assert sorted(row.key for row in rows(log)) == ["c1", "c2"]
            counted = await metrics(gateway)
            assert counted["vouchline_log_append_failures_total"] == 1
            assert counted["vouchline_log_append_seconds_count"] == 2
            assert counted["vouchline_intake_rejected_events_total not_durable"] == 1

    play(story())


def test_a_broken_log() -> None:
    async def story() -> None:
        async with running(Failing()) as gateway:
            status, told = await gateway.send(encoded([event(1)]))
            assert status == 500
            assert "stopped" in told["error"]
            assert (await gateway.text("/readyz"))[0] == 503
            assert (await gateway.text("/healthz"))[0] == 200

    play(story())


def test_more_waiting_than_memory_should_hold() -> None:
    async def story() -> None:
        log = Gated()
        async with running(log, pending_bytes=1) as gateway:
            first = asyncio.create_task(gateway.send(encoded([event(1)])))
            assert await asyncio.to_thread(log.reached.wait, 20)
            status, told = await gateway.send(encoded([event(2)]))
            assert status == 503
            assert "waiting for the disk" in told["error"]
            log.opened.set()
            assert (await first)[0] == 200

    play(story())


def test_a_token_is_needed() -> None:
    async def story() -> None:
        async with running() as gateway:
            for wrong in ("", "Bearer wrong", f"Basic {TOKEN}"):
                answer = await gateway.client.post(
                    "/events", data=b"[]", headers={"Authorization": wrong, "Content-Type": BATCH}
                )
                assert answer.status == 401
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert rows(gateway.log) == []
            assert letters(gateway.log) == []
        async with running(tokens={}, open=True) as gateway:
            assert (await gateway.send(encoded([event(1)])))[0] == 200

    play(story())


def test_the_rate_is_limited_for_each_token() -> None:
    async def story() -> None:
        async with running(events_per_second=2, burst_events=2) as gateway:
            assert (await gateway.send(encoded(fresh(4))))[0] == 200
            answer = await gateway.client.post("/events", data=b"[]", headers=BEARER)
            assert answer.status == 429
            wait = int(answer.headers["Retry-After"])
            assert wait == 2
            gateway.clock[0] += wait * 1000
            assert (await gateway.send(encoded(fresh(1))))[0] == 200

    play(story())


def test_other_limits() -> None:
    async def story() -> None:
        async with running(batch_events=2, event_bytes=300) as gateway:
            status, told = await gateway.send(encoded(fresh(3)))
            assert (status, told["stored"]) == (413, 0)
            assert "at most 2" in told["error"]
            status, told = await gateway.send(encoded([event(1, note="x" * 300)]))
            assert (status, told["rejected"]) == (422, 1)
            assert (await gateway.send(b"<a/>", "application/xml"))[0] == 415
            assert (await gateway.text("/events"))[0] == 405
            assert (await gateway.text("/absent"))[0] == 404
            assert rows(gateway.log) == []

    play(story())


async def head_only(gateway: Running, *lines: str, body: bytes = b"") -> bytes:
    """What is answered to a request of which only this much was ever sent."""
    url = gateway.client.make_url("/")
    reader, writer = await asyncio.open_connection("127.0.0.1", url.port)
    head = ["POST /events HTTP/1.1", f"Host: {url.authority}", f"Content-Type: {BATCH}", *lines]
    writer.write("\r\n".join([*head, "", ""]).encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return answer.partition(b"\r\n")[0]


def test_a_hundred_megabytes_are_refused_unread() -> None:
    async def story() -> None:
        async with running() as gateway:
            token = f"Authorization: Bearer {TOKEN}"
            length = "Content-Length: 100000000"
            assert b" 413 " in await head_only(gateway, token, length, body=b"[" * 1_000)
            assert b" 413 " in await head_only(gateway, token, length, "Expect: 100-continue")
            assert b" 401 " in await head_only(gateway, length, "Expect: 100-continue")
            modest = "Content-Length: 10"
            assert b" 100 " in await head_only(gateway, token, modest, "Expect: 100-continue")

    play(story())


def test_a_hundred_megabytes_of_unknown_length() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000_000

    async def story() -> None:
        async with running(body_bytes=1 << 20) as gateway:
            for body in (endless(), BytesIO(b" " * 100_000_000)):
                status, told = await gateway.send(body)
                assert (status, told["stored"]) == (413, 0)
            bomb = gzip.compress(b" " * 100_000_000)
            status, _ = await gateway.send(bomb, **{"Content-Encoding": "gzip"})
            assert status == 413
            assert (await gateway.send(encoded([event(1)])))[0] == 200

    play(story())


def test_compressed_bodies() -> None:
    async def story() -> None:
        async with running() as gateway:
            body = encoded(fresh(2))
            deflated = zlib.compress(body)
            assert (await gateway.send(deflated, **{"Content-Encoding": "deflate"}))[0] == 200
            status, told = await gateway.send(b"not gzip at all", **{"Content-Encoding": "gzip"})
            assert status == 400
            assert "cannot be read" in told["error"]
            assert len(rows(gateway.log)) == 2

    play(story())


def test_a_producer_that_goes_away_or_dawdles() -> None:
    async def story() -> None:
        async with running(body_seconds=1, requests_at_once=1) as gateway:
            token = f"Authorization: Bearer {TOKEN}"
            length = "Content-Length: 1000"
            answer = await head_only(gateway, token, length, body=b"[{")
            assert b" 408 " in answer
            url = gateway.client.make_url("/")
            _, writer = await asyncio.open_connection("127.0.0.1", url.port)
            writer.write(
                f"POST /events HTTP/1.1\r\nHost: x\r\n{token}\r\n{length}\r\n\r\n[".encode()
            )
            writer.close()
            await writer.wait_closed()
            while (await gateway.send(encoded([event(1)])))[0] == 503:
                pass  # until the one that went away has let go of its place
            assert [row.key for row in rows(gateway.log)] == ["c1"]

    play(story())


def test_no_more_bodies_at_once_than_allowed() -> None:
    async def story() -> None:
        log = Gated()
        async with running(log, requests_at_once=1) as gateway:
            first = asyncio.create_task(gateway.send(encoded([event(1)])))
            assert await asyncio.to_thread(log.reached.wait, 20)
            status, told = await gateway.send(encoded([event(2)]))
            assert (status, told["error"]) == (503, "too many requests at once")
            log.opened.set()
            assert (await first)[0] == 200

    play(story())


def test_the_page_says_when_its_figures_may_be_old() -> None:
    troubles = ["brokers: away", None]

    async def story() -> None:
        async with running(ready=lambda: troubles[0]) as gateway:
            for halted in (True, False):
                for language in LANGUAGES:
                    _, page = await gateway.text(f"/{language}")
                    assert (say(language, "halted_text") in page) == halted
                    assert (say(language, "stamp_text") in page) != halted
                del troubles[0]

    asyncio.run(story())


def test_ready() -> None:
    async def story() -> None:
        reasons: list[str | None] = ["the archive is behind", None]
        async with running(ready=lambda: reasons[0]) as gateway:
            assert await gateway.text("/readyz") == (503, "not ready: the archive is behind\n")
            reasons.pop(0)
            assert (await gateway.text("/readyz"))[0] == 200
        async with running(shown=Board()) as gateway:
            assert "has not started" in (await gateway.text("/readyz"))[1]
        where = partition_of("c1")
        async with running(shown=board(positions={where: 0}), lag_events=1) as gateway:
            await gateway.send(encoded([event(1)]))
            assert (await gateway.text("/readyz"))[0] == 200
            await gateway.send(encoded([event(1, id="e2")]))
            assert "2 events behind" in (await gateway.text("/readyz"))[1]
            assert (await metrics(gateway))["vouchline_live_lag_events"] == 2

    play(story())


def test_metrics_over_http() -> None:
    async def story() -> None:
        async with running() as gateway:
            await gateway.send(encoded([event(1), event(2, id=None)]))
            await gateway.send(b"[")
            await gateway.text("/nowhere/in/particular")
            counted = await metrics(gateway)
            assert counted["vouchline_intake_accepted_events_total"] == 1
            assert counted["vouchline_intake_rejected_events_total invalid"] == 1
            assert counted["vouchline_intake_rejected_events_total unreadable"] == 1
            assert counted["vouchline_http_requests_total 422 /events"] == 1
            assert counted["vouchline_http_requests_total 404 none"] == 1
            assert counted[f"vouchline_log_next_offset {partition_of('c1')}"] == 1

    play(story())


def test_an_error_of_ours_is_answered_in_words(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> str | None:
        raise ZeroDivisionError

    async def story() -> None:
        async with running(ready=failing) as gateway:
            status, words = await gateway.text("/readyz")
            assert status == 500
            assert "error of ours" in words
            assert "Zero" not in words

    play(story())
    assert "ZeroDivisionError" in caplog.text
