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
from streams.simulator import Service, simulate
from streams.simulator.demonstration import IRCC, demonstration
from streams.simulator.parts import Callback, Team
from streams.simulator.services import History

START, DAYS, SEED = date(2026, 1, 5), 8, 1


def _hurried(team: Team) -> Team:
    """Callers flow on early, into a queue without room."""
    queues = tuple(
        replace(queue, overflow=queue.overflow and (60, queue.overflow[1])) for queue in team.queues
    )
    return replace(team, queues=queues)


STRAINED = replace(
    IRCC,
    department="strained",
    teams=tuple(map(_hurried, IRCC.teams)),
    capacity=3,
    lines=14,
    patience=240.0,
    handling=replace(IRCC.handling, ring=40, not_picked_up=0.3, talk=240, transferred=0.4),
    callback=Callback(
        above=180, room=20, decision=90, ring=120, human=0.4, cancelled=0.7, expires=1500, retry=300
    ),
    mail=(),
    web=None,
)


def _histories() -> dict[str, History]:
    rows: dict[str, list[Service]] = defaultdict(list)
    for service in (*demonstration(START), STRAINED):
        rows[service.department].append(service)
    return {department: History(found) for department, found in rows.items()}


HISTORIES = _histories()


@lru_cache(maxsize=1)
def days() -> tuple[Event, ...]:
    return tuple(simulate(START, DAYS, SEED))


@lru_cache(maxsize=1)
def strained_days() -> tuple[Event, ...]:
    """What is rare in the demonstration is common here: steps of a life that collide."""
    return tuple(simulate(START, DAYS, SEED, [STRAINED]))


def of(events: Iterable[Event], *kinds: str) -> list[Event]:
    return [event for event in events if event.type in kinds]


def by_subject(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.subject].append(event)
    return found


def calls(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Phone contacts, by the source that tells of nothing else but shifts and totals."""
    others = ("control.total_declared", "agent.state_changed")
    return by_subject(e for e in events if e.source.count("/") == 1 and e.type not in others)


def department(event: Event) -> str:
    return event.source.split("/")[1]


def wall(event: Event) -> datetime:
    """The local clock of the event's department, by a zone database that is not ours."""
    zone = ZoneInfo(HISTORIES[department(event)].zone)
    return datetime.fromtimestamp(millis(event.time) / 1000, zone)


def service_of(event: Event) -> Service:
    """The row in force on the event's local day."""
    return HISTORIES[department(event)].on(wall(event).date())


def is_open(event: Event) -> bool:
    moment, service = wall(event), service_of(event)
    return moment.weekday() in service.weekdays and service.opens <= moment.hour < service.closes


def team_of(event: Event, queue: str) -> Team:
    return next(t for t in service_of(event).teams if queue in {q.queue for q in t.queues})


def on_shift(event: Event, team: str) -> int:
    moment, service = wall(event), service_of(event)
    staff = next(t.staff for t in service.teams if t.name == team)
    return int(staff[moment.hour]) if moment.weekday() in service.weekdays else 0
