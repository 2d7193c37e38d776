"""Being served: ringing, talking, holds, transfers, after-call work."""

from __future__ import annotations

from typing import NamedTuple

from schemas.event import Data
from streams.simulator.desk import Contact, Desk, Place
from streams.simulator.queueing import dispatch, end, join, release
from streams.simulator.site import Site


class Leg(NamedTuple):
    """One agent's part of a contact."""

    desk: Desk
    contact: Contact
    agent: str


def offer(site: Site, place: Place, agent: str) -> None:
    """A live caller's turn: ring at an agent, who may not pick up."""
    site.tell(place.contact, "agent.offered", Data(agent=agent, queue=place.desk.team.queue))
    handling = site.service.handling
    if site.chance(handling.not_picked_up):
        site.after(site.some(handling.ring), _miss, place)
    else:
        site.after(site.some(handling.ring), _connect, place)


def _miss(site: Site, place: Place) -> None:
    if not place.live or place.agent is None:
        return
    desk, agent, place.agent = place.desk, place.agent, None
    site.tell(place.contact, "agent.ring_no_answer", Data(agent=agent, queue=desk.team.queue))
    site.after(site.some(site.service.handling.away), release, desk, agent)
    desk.put(place)
    dispatch(site, desk)


def _connect(site: Site, place: Place) -> None:
    if not place.live or place.agent is None:
        return
    desk, agent = place.desk, place.agent
    desk.leave(place)
    site.tell(place.contact, "agent.connected", Data(agent=agent, queue=desk.team.queue))
    talk(site, Leg(desk, place.contact, agent))


def talk(site: Site, leg: Leg) -> None:
    """Talk, exponentially long, sometimes with a hold somewhere in it."""
    handling = site.service.handling
    length = site.some(handling.talk)
    if site.chance(handling.held):
        before = int(length * site.rng.random())
        site.after(before, _hold, leg, length - before)
    else:
        site.after(length, _finish, leg)


def _hold(site: Site, leg: Leg, rest: int) -> None:
    site.tell(leg.contact, "hold.started", Data(agent=leg.agent))
    site.after(site.some(site.service.handling.hold), _resume, leg, rest)


def _resume(site: Site, leg: Leg, rest: int) -> None:
    site.tell(leg.contact, "hold.ended", Data(agent=leg.agent))
    site.after(rest, _finish, leg)


def _finish(site: Site, leg: Leg) -> None:
    target = _target(site, leg)
    if target:
        _transfer(site, leg, target)
    else:
        by_agent = site.chance(site.service.handling.hung_up_by_agent)
        end(site, leg.contact, by="agent" if by_agent else "customer")
        _wrap_up(site, leg)


def _target(site: Site, leg: Leg) -> Desk | None:
    """The queue a contact is passed on to: another one that has agents and room."""
    if not site.open or not site.chance(site.service.handling.transferred):
        return None
    others = [d for d in site.desks if d is not leg.desk and d.staff and not d.is_full]
    return site.rng.choice(others) if others else None


def _transfer(site: Site, leg: Leg, target: Desk) -> None:
    passed = Data(agent=leg.agent, target=target.team.queue)
    site.tell(leg.contact, "transfer.requested", passed)
    site.tell(leg.contact, "transfer.completed", passed)
    _wrap_up(site, leg)
    join(site, target, leg.contact, offer)


def _wrap_up(site: Site, leg: Leg) -> None:
    site.tell(leg.contact, "wrapup.started", Data(agent=leg.agent))
    site.after(site.some(site.service.handling.wrap_up), _wrapped_up, leg)


def _wrapped_up(site: Site, leg: Leg) -> None:
    site.tell(leg.contact, "wrapup.ended", Data(agent=leg.agent))
    release(site, leg.desk, leg.agent)
