"""Being served: ringing, talking, holds, interpreters, transfers, after-call work."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemas.event import Data
from streams.simulator.aftermath import close
from streams.simulator.desk import Agent, Call, Desk, Place, dispatch
from streams.simulator.parts import Queue
from streams.simulator.queueing import end, join, release
from streams.simulator.shifts import enter, pause

if TYPE_CHECKING:
    from streams.simulator.phone import Phone

_LOOK = 20  # seconds until an agent sees that an interpreter is needed


class Leg(NamedTuple):
    """One agent's part of a contact."""

    desk: Desk
    contact: Call
    agent: Agent


def offer(site: Phone, place: Place, agent: Agent) -> None:
    """A live caller's turn: ring at an agent, who may not pick up."""
    enter(site, agent, "ringing")
    site.tell(place.contact, "agent.offered", Data(agent=agent.name, queue=place.queue.queue))
    handling = site.service.handling
    if site.chance(handling.not_picked_up):
        site.after(site.some(handling.ring), _miss, place)
    else:
        site.after(site.some(handling.ring), _connect, place)


def _miss(site: Phone, place: Place) -> None:
    if not place.live or place.agent is None:
        return
    desk, agent, place.agent = place.desk, place.agent, None
    missed = Data(agent=agent.name, queue=place.queue.queue)
    site.tell(place.contact, "agent.ring_no_answer", missed)
    pause(site, agent, site.service.handling.away, "no_answer")
    desk.put(place)
    dispatch(site, desk)


def _connect(site: Phone, place: Place) -> None:
    if not place.live or place.agent is None:
        return
    desk, agent = place.desk, place.agent
    desk.leave(place)
    both = Data(agent=agent.name, queue=place.queue.queue)
    site.tell(place.contact, "agent.connected", both)
    site.answered += place.contact.waited is None
    talk(site, Leg(desk, place.contact, agent))


def talk(site: Phone, leg: Leg) -> None:
    """Talk, sometimes with a hold somewhere in it."""
    handling, call = site.service.handling, leg.contact
    enter(site, leg.agent, "talking")
    if call.waited is None:
        call.waited = site.now - call.asked
    length = site.about(handling.talk, handling.shape)
    if call.language == "other":
        site.after(site.some(_LOOK), _interpret, leg, length)
    elif site.chance(handling.held):
        before = int(length * site.rng.random())
        site.after(before, _hold, leg, length - before)
    else:
        site.after(length, _finish, leg)


def _interpret(site: Phone, leg: Leg, length: int) -> None:
    handling, spoken = site.service.handling, site.rng.choice(site.service.spoken)
    asked = Data(agent=leg.agent.name, language=spoken)
    site.tell(leg.contact, "interpreter.requested", asked)
    joins = site.chance(handling.interpreter_joins)
    step = _understand if joins else _finish
    facts = (leg, length, spoken) if joins else (leg,)
    site.after(site.some(handling.interpreter), step, *facts)


def _understand(site: Phone, leg: Leg, length: int, spoken: str) -> None:
    there = Data(agent=leg.agent.name, language=spoken)
    site.tell(leg.contact, "interpreter.joined", there)
    site.after(length, _finish, leg)


def _hold(site: Phone, leg: Leg, rest: int) -> None:
    enter(site, leg.agent, "holding")
    site.tell(leg.contact, "hold.started", Data(agent=leg.agent.name))
    site.after(site.some(site.service.handling.hold), _resume, leg, rest)


def _resume(site: Phone, leg: Leg, rest: int) -> None:
    enter(site, leg.agent, "talking")
    site.tell(leg.contact, "hold.ended", Data(agent=leg.agent.name))
    site.after(rest, _finish, leg)


def _finish(site: Phone, leg: Leg) -> None:
    target = _target(site, leg)
    if target:
        _transfer(site, leg, *target)
    else:
        by_agent = site.chance(site.service.handling.hung_up_by_agent)
        end(site, leg.contact, by="agent" if by_agent else "customer")
        _wrap_up(site, leg)
        close(site, leg.contact, "phone", leg.agent.name, leg.contact.waited or 0)


def _target(site: Phone, leg: Leg) -> tuple[Queue, Desk] | None:
    """The queue a contact is passed on to: another one that has agents and room."""
    if not site.open or not site.chance(site.service.handling.transferred):
        return None
    room = site.service.capacity
    others = [
        (queue, desk)
        for queue, desk in site.queues.values()
        if queue.queue != leg.contact.queue.queue and desk.staff and desk.live < room
    ]
    return site.rng.choice(others) if others else None


def _transfer(site: Phone, leg: Leg, queue: Queue, desk: Desk) -> None:
    passed = Data(agent=leg.agent.name, target=queue.queue)
    site.tell(leg.contact, "transfer.requested", passed)
    site.tell(leg.contact, "transfer.completed", passed)
    _wrap_up(site, leg)
    join(site, leg.contact, queue, desk, offer)


def _wrap_up(site: Phone, leg: Leg) -> None:
    enter(site, leg.agent, "wrapup")
    site.tell(leg.contact, "wrapup.started", Data(agent=leg.agent.name))
    site.after(site.some(site.service.handling.wrap_up), _wrapped_up, leg)


def _wrapped_up(site: Phone, leg: Leg) -> None:
    site.tell(leg.contact, "wrapup.ended", Data(agent=leg.agent.name))
    release(site, leg.desk, leg.agent)
