"""A producer of events over HTTP: at least once, in batches, patient with a busy gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import aiohttp

from schemas.errors import DeadLetter, Retry

BATCH = 500
_AT_ONCE = 4
_TRIES = 20


async def produce(
    url: str,
    token: str,
    events: Iterable[bytes],
    sent: Callable[[int], None] = lambda _: None,
    batch: int = BATCH,
) -> int:
    """Post every event to a gateway; each is durable there when `sent` hears of it.

    Returns:
        How many were sent.

    Raises:
        Retry: the gateway cannot be reached, or stays busy.
        DeadLetter: it refuses events, or the token.
    """
    batches = _batches(iter(events), batch)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:

        async def work() -> int:
            total = 0
            for body, count in batches:
                await _post(session, body)
                sent(count)
                total += count
            return total

        return sum(await asyncio.gather(*(work() for _ in range(_AT_ONCE))))


def _batches(events: Iterator[bytes], size: int) -> Iterator[tuple[bytes, int]]:
    while batch := list(islice(events, size)):
        yield b"[" + b",".join(batch) + b"]", len(batch)


async def _post(session: aiohttp.ClientSession, body: bytes) -> None:
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    problem = ""
    for attempt in range(_TRIES):
        try:
            async with session.post("/events", data=body, headers=headers) as answer:
                if answer.status < 300:
                    return
                problem = f"{answer.status} {(await answer.text())[:500]}"
                if answer.status not in (429, 503, 507):
                    raise DeadLetter(problem)
        except aiohttp.ClientError as error:
            problem = str(error)
        await asyncio.sleep(min(0.1 * 2**attempt, 2))
    raise Retry(problem)
