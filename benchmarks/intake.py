"""Intake over HTTP in batches: the real `vouch run`, counting and archiving, and a client.

Server and client are two processes on this machine, so two cores are shared by all of it. An
event counts when its batch is acknowledged, which is when it is durable.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from benchmarks.contacts import batches
from benchmarks.result import Result, at_least
from schemas.measures.kinds import nearest_rank

CONTACTS, BATCH, AT_ONCE = 30_000, 500, 4


def run() -> list[Result]:
    bodies = [
        (b"[" + b",".join(value for _, value in batch) + b"]", len(batch))
        for batch in batches(CONTACTS, BATCH)
    ]
    with TemporaryDirectory() as folder, _server(Path(folder)) as url:
        token = (Path(folder) / "token").read_text().strip()
        began = time.perf_counter()
        latencies = asyncio.run(_send(url, token, bodies))
        seconds = time.perf_counter() - began
    events = sum(count for _, count in bodies)
    spread = {ms: latencies.count(ms) for ms in set(latencies)}
    return [
        at_least("acknowledged", round(events / seconds), "events/s", 20_000),
        Result("a batch", BATCH, f"events, {AT_ONCE} batches under way"),
        Result("latency, median", nearest_rank(spread, 50) or 0, "ms a batch"),
        Result("latency, p99", nearest_rank(spread, 99) or 0, "ms a batch"),
    ]


@contextmanager
def _server(data: Path) -> Iterator[str]:
    """`vouch run` on a free port; its address."""
    call = [sys.executable, "-m", "streams.cli", "run", "--port", "0", "--data", str(data)]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield next(word for line in process.stdout for word in line.split() if "://" in word)[:-3]
    finally:
        process.terminate()
        process.wait()


async def _send(url: str, token: str, bodies: list[tuple[bytes, int]]) -> list[int]:
    """Milliseconds of every batch; a refused one would spoil the figure, so it is an error."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/cloudevents-batch+json",
    }
    waiting, latencies = iter(bodies), list[int]()
    async with aiohttp.ClientSession(url, headers=headers) as session:

        async def work() -> None:
            for body, _ in waiting:
                began = time.perf_counter()
                async with session.post("/events", data=body, raise_for_status=True):
                    pass
                latencies.append(round((time.perf_counter() - began) * 1_000))

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return latencies
