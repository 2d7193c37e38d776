"""What the gateway's tests share: events, a board, logs that misbehave, a real server."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from msgspec import json
from prometheus_client import CollectorRegistry

from schemas.board import Board, Figure, Period, QueueNow
from schemas.instants import instant
from schemas.measures import MEASURES
from schemas.rows import Row
from schemas.topics import DEAD_LETTERS, EVENTS
from sinks.prometheus import Exposition
from streams.gateway.app import build
from streams.gateway.settings import Gateway
from streams.logs.memory import MemoryLog
from streams.logs.port import Log

NOW = 1_767_639_909_000  # 2026-01-05T19:05:09Z
TOKEN = "a-token-of-some-length"
BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def event(n: int = 1, **changes: Any) -> dict[str, Any]:
    """A good event, or one spoiled by `changes`; a change to null takes the field away."""
    fields: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"e{n}",
        "source": "switch",
        "type": "contact.arrived",
        "time": "2026-01-05T14:00:00.000Z",
        "subject": f"c{n}",
        "data": {"department": "ircc", "channel": "phone"},
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def encoded(events: Iterable[dict[str, Any]]) -> bytes:
    return json.encode(list(events))


def rows(log: Log, topic: str = EVENTS) -> list[Row]:
    return [
        row
        for p in range(log.partitions)
        for row in log.read(topic, p, log.bounds(topic, p)[0], 1_000_000)
    ]


def letters(log: Log) -> list[dict[str, Any]]:
    return [json.decode(row.value) for row in rows(log, DEAD_LETTERS)]


@dataclass
class Gated(MemoryLog):
    """A log whose appends wait until it is opened."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)
    appends: int = 0

    def append(
        self, topic: str, entries: Sequence[tuple[str, bytes]], now: int
    ) -> list[tuple[int, int]]:
        self.appends += 1
        self.reached.set()
        assert self.opened.wait(20)
        return super().append(topic, entries, now)


@dataclass
class Failing(MemoryLog):
    """A log that raises something that trying again does not cure."""

    def append(
        self, topic: str, entries: Sequence[tuple[str, bytes]], now: int
    ) -> list[tuple[int, int]]:
        raise ArithmeticError("the pages of the file contradict each other")


def figure(measure: str, value: int | str | None, **changes: Any) -> Figure:
    fields: dict[str, Any] = {
        "measure": measure,
        "version": 1,
        "status": "live",
        "as_of": "2026-01-05T14:05:09-05:00",
        "period": Period(
            start="2026-01-05T00:00:00-05:00",
            end="2026-01-05T14:05:09-05:00",
            zone="America/Toronto",
        ),
        "dimensions": {"department": "ircc"},
        "numerator": value if isinstance(value, int) else None,
        "denominator": None,
        "value": value,
        "unit": MEASURES[measure].unit,
    }
    return Figure(**{**fields, **changes})


PLACES = {
    "arrived": 12_840,
    "blocked_before_asking": 410,
    "self_served": 2_120,
    "left_in_ivr": 960,
    "in_ivr": 40,
    "asked": 9_310,
    "turned_away": 850,
    "queued": 8_460,
    "answered": 5_120,
    "abandoned": 2_010,
    "callback_accepted": 880,
    "other_exit": 120,
    "waiting": 330,
}


def board(**changes: Any) -> Board:
    """A department with figures, some of them unknown, and one with a queue only."""
    fields: dict[str, Any] = {
        "as_of_ms": NOW,
        "today": [
            *(figure(f"funnel.{place}", number) for place, number in PLACES.items()),
            figure("answer.rate", "59.61", numerator=5_550, denominator=9_310),
            figure("access.rate", None, numerator=0, denominator=0),
            figure("wait.median", 184, numerator=None),
            figure("wait.mean", "383.500", numerator=268_450_000, denominator=700_000),
            figure("callback.pending", 12),
        ],
        "last_interval": [figure("funnel.arrived", 31)],
        "queues": [
            _queue("ircc", "permanent-residence", "en", 1_210, 5_025_000, 14),
            _queue("ircc", "permanent-residence", "fr", 2, None, 3),
            _queue("<b>&", None, None, 0, None, 1),
        ],
        "positions": {0: 5, 1: 2},
        "counters": {"answered|ircc": 512, "abandoned|": 3, "corrections|ircc": 2},
    }
    return Board(**{**fields, **changes})


def _queue(
    department: str,
    queue: str | None,
    language: str | None,
    waiting: int,
    ms: int | None,
    busy: int,
) -> QueueNow:
    return QueueNow(
        department=department,
        queue=queue,
        language=language,
        waiting=waiting,
        longest_wait_ms=ms,
        connected=busy,
    )


@dataclass
class Running:
    """A gateway on a free port of this machine, and what it stands on."""

    client: TestClient[Any, Any]
    log: Log
    clock: list[int]

    async def send(
        self, body: Any, kind: str = BATCH, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        answer = await self.client.post(
            "/events", data=body, headers={**BEARER, "Content-Type": kind, **headers}
        )
        return answer.status, json.decode(await answer.read())

    async def text(self, path: str, **headers: str) -> tuple[int, str]:
        answer = await self.client.get(path, headers=headers, allow_redirects=False)
        return answer.status, await answer.text()


@asynccontextmanager
async def running(
    log: Log | None = None,
    shown: Board | None = None,
    ready: Callable[[], str | None] = lambda: None,
    factory: Callable[[], Log] | None = None,
    **settings: Any,
) -> AsyncIterator[Running]:
    """The real application behind a real server; `factory` opens another log than `log`."""
    log = log if log is not None else MemoryLog()
    shown = shown if shown is not None else board()
    clock = [NOW]
    app = build(
        Gateway(**{"tokens": {"switch": TOKEN}, **settings}),
        factory or (lambda: log),
        lambda: shown,
        lambda: clock[0],
        Exposition(lambda: shown, CollectorRegistry()),
        ready,
    )
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield Running(client, log, clock)


def at(ms: int) -> str:
    return instant(ms)


_numbers = count(1)


def fresh(number: int) -> list[dict[str, Any]]:
    """So many events that no other test has sent."""
    return [event(next(_numbers)) for _ in range(number)]
