"""Waiting: a place in a queue, patience, and what frees it."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING

from schemas.event import Data
from schemas.instants import MINUTE, SECOND
from streams.simulator.desk import Agent, Call, Desk, Place, dispatch
from streams.simulator.parts import Queue
from streams.simulator.shifts import free

if TYPE_CHECKING:
    from streams.simulator.phone import Phone


def join(site: Phone, call: Call, queue: Queue, desk: Desk, turn: Callable[..., None]) -> Place:
    """Join a queue at the end; patience is exponential (the "+M" of M/M/n+M)."""
    place = Place(call, queue, desk, turn)
    desk.enter(place)
    site.tell(
        call,
        "queue.entered",
        Data(
            queue=queue.queue,
            program=queue.program,
            language=call.language,
            position=desk.length,
            priority=call.priority,
            skill=desk.team.name,
        ),
    )
    site.after(site.some(site.service.patience), abandon, place)
    if queue.overflow:
        after, target = queue.overflow
        site.after(int(after * SECOND), _flow, place, target)
    dispatch(site, desk)
    return place


def release(site: Phone, desk: Desk, agent: Agent) -> None:
    """An agent is free for the next place, after a pause perhaps, or goes home."""
    free(site, agent)
    dispatch(site, desk)


def abandon(site: Phone, place: Place) -> None:
    """Patience is over, unless the caller waits no more."""
    if not place.live:
        return
    _leave(site, place, "abandoned", by="customer")
    if place.agent:  # it was ringing
        release(site, place.desk, place.agent)


def _flow(site: Phone, place: Place, target: str) -> None:
    """One who still waits goes on to another queue that has agents and room."""
    if not (place.live and place.queued and target in site.queues):
        return
    queue, desk = site.queues[target]
    if not desk.staff or desk.live >= site.service.capacity:
        return
    place.desk.drop(place)
    place.desk.leave(place)
    site.tell(place.contact, "queue.left", Data(queue=place.queue.queue, how="flow"))
    join(site, place.contact, queue, desk, place.turn)


def send_away(site: Phone, desk: Desk) -> None:
    """Nobody is left to answer: callers on the line are removed, callbacks keep their place."""
    for place in desk.waiting():
        _leave(site, place, "empty", by="system")


def _leave(site: Phone, place: Place, how: str, by: str) -> None:
    place.desk.drop(place)
    place.desk.leave(place)
    site.tell(place.contact, "queue.left", Data(queue=place.queue.queue, how=how))
    end(site, place.contact, by)
    site.lost(place.contact)


def end(site: Phone, call: Call, by: str) -> None:
    """The connection ends and, if the caller had rung us, a line is free."""
    site.tell(call, "contact.ended", Data(by=by))
    hang_up(site, call)


def hang_up(site: Phone, call: Call) -> None:
    """The caller's line is free again."""
    site.lines_taken -= call.on_line
    call.on_line = False


def expected_wait(site: Phone, desk: Desk, position: int) -> int:
    """Seconds, in whole minutes, until a place has its turn: everyone ahead is served."""
    seconds = position * site.service.handling.seconds / max(desk.staff, 1)
    return ceil(seconds * SECOND / MINUTE) * MINUTE // SECOND
