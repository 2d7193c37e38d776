"""Waiting: a place in a queue, patience, and what frees it."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from schemas.event import Data
from schemas.instants import MINUTE, SECOND
from streams.simulator.desk import Contact, Desk, Place
from streams.simulator.site import Site


def join(site: Site, desk: Desk, contact: Contact, turn: Callable[..., None]) -> Place:
    """Join a queue at the end; patience is exponential (the "+M" of M/M/n+M)."""
    place = Place(contact, desk, turn)
    desk.enter(place)
    site.tell(
        contact,
        "queue.entered",
        Data(
            queue=desk.team.queue,
            program=desk.team.program,
            language=contact.language,
            position=desk.length,
        ),
    )
    site.after(site.some(site.service.patience), abandon, place)
    dispatch(site, desk)
    return place


def dispatch(site: Site, desk: Desk) -> None:
    """Give free agents the places whose turn it is."""
    while desk.is_ready:
        place, agent = desk.take()
        place.agent = agent
        place.turn(site, place, agent)


def release(site: Site, desk: Desk, agent: str) -> None:
    """An agent is free for the next place."""
    desk.free(agent)
    dispatch(site, desk)


def abandon(site: Site, place: Place) -> None:
    """Patience is over, unless the caller waits no more."""
    if not place.live:
        return
    _leave(site, place, "abandoned", by="customer")
    if place.agent:  # it was ringing
        release(site, place.desk, place.agent)


def send_away(site: Site, desk: Desk) -> None:
    """Nobody is left to answer: callers on the line are removed, callbacks keep their place."""
    for place in desk.waiting():
        _leave(site, place, "empty", by="system")


def _leave(site: Site, place: Place, how: str, by: str) -> None:
    place.desk.drop(place)
    place.desk.leave(place)
    site.tell(place.contact, "queue.left", Data(queue=place.desk.team.queue, how=how))
    end(site, place.contact, by)
    site.lost(place.contact)


def end(site: Site, contact: Contact, by: str) -> None:
    """The connection ends and, if the caller had rung us, a line is free."""
    site.tell(contact, "contact.ended", Data(by=by))
    hang_up(site, contact)


def hang_up(site: Site, contact: Contact) -> None:
    """The caller's line is free again."""
    site.lines_taken -= contact.on_line
    contact.on_line = False


def expected_wait(site: Site, desk: Desk, position: int) -> int:
    """Seconds, in whole minutes, until a place has its turn: everyone ahead is served."""
    seconds = position * site.service.handling.seconds / max(desk.staff, 1)
    return ceil(seconds * SECOND / MINUTE) * MINUTE // SECOND
