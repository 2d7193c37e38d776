"""What the tests look at: eight days of all departments, and what can be read from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.event import Event
from schemas.instants import millis
from streams.simulator import SERVICES, Service, simulate
from streams.simulator.services import IRCC, Callback

START, DAYS, SEED = date(2026, 1, 5), 8, 1
STRAINED = replace(
    IRCC,
    department="strained",
    capacity=3,
    lines=14,
    patience=240.0,
    handling=replace(IRCC.handling, ring=40, not_picked_up=0.3, talk=240, transferred=0.4),
    callback=Callback(
        above=180, room=20, decision=90, ring=120, human=0.4, cancelled=0.7, expires=1500, retry=300
    ),
)
BY_SOURCE = {f"sim/{service.department}": service for service in (*SERVICES, STRAINED)}
TEAMS = {team.queue: team for service in SERVICES for team in service.teams}


@lru_cache(maxsize=1)
def days() -> tuple[Event, ...]:
    return tuple(simulate(START, DAYS, SEED))


@lru_cache(maxsize=1)
def strained_days() -> tuple[Event, ...]:
    """What is rare in the demonstration is common here: steps of a life that collide."""
    return tuple(simulate(START, DAYS, SEED, [STRAINED]))


def of(events: Iterable[Event], *kinds: str) -> list[Event]:
    return [event for event in events if event.type in kinds]


def contacts(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.type != "control.total_declared":
            found[event.subject].append(event)
    return found


def wall(event: Event) -> datetime:
    """The local clock of the event's department, by a zone database that is not ours."""
    zone = ZoneInfo(BY_SOURCE[event.source].zone)
    return datetime.fromtimestamp(millis(event.time) / 1000, zone)


def is_open(event: Event) -> bool:
    moment, service = wall(event), BY_SOURCE[event.source]
    return moment.weekday() in service.weekdays and service.opens <= moment.hour < service.closes


def on_shift(event: Event, queue: str) -> int:
    moment, service = wall(event), BY_SOURCE[event.source]
    return int(TEAMS[queue].staff[moment.hour]) if moment.weekday() in service.weekdays else 0


def service_of(event: Event) -> Service:
    return BY_SOURCE[event.source]
