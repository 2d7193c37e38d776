"""Callbacks: the caller leaves the line, and the place in the queue stays."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from schemas.event import Data
from schemas.instants import MINUTE, QUARTER_HOUR, SECOND, instant
from streams.simulator.desk import Agent, Place, dispatch
from streams.simulator.parts import Callback
from streams.simulator.queueing import hang_up, release
from streams.simulator.shifts import enter
from streams.simulator.talking import Leg, talk

if TYPE_CHECKING:
    from streams.simulator.phone import Phone


def propose(site: Phone, place: Place, rule: Callback, seconds: int) -> None:
    """Offer a callback if the expected wait is long, the day is too, and few are owed.

    Where a line of business has none yet, nobody is offered one.
    """
    desk, queue = place.desk, place.queue
    if rule.programs is not None and queue.program not in rule.programs:
        return
    if seconds < rule.above or site.hour >= rule.until or desk.owed >= rule.room:
        return
    offered = Data(queue=queue.queue, seconds=seconds, position=desk.length)
    site.tell(place.contact, "callback.offered", offered)
    site.after(site.some(rule.decision), _decide, place, rule, site.now + seconds * SECOND)


def _decide(site: Phone, place: Place, rule: Callback, plan: int) -> None:
    if not (place.live and place.queued):
        return  # served, or gone, before the answer
    if site.chance(rule.accepted):
        _accept(site, place, rule, plan)
    else:
        site.tell(place.contact, "callback.declined", Data(queue=place.queue.queue))


def _accept(site: Phone, place: Place, rule: Callback, plan: int) -> None:
    start, until = window(plan, rule.window) if site.chance(rule.promised) else (None, None)
    site.tell(
        place.contact,
        "callback.accepted",
        Data(queue=place.queue.queue, promise_from=start, promise_until=until),
    )
    place.desk.leave(place)
    hang_up(site, place.contact)
    place.pending, place.turn = True, partial(_ring, rule)
    place.desk.owed += 1
    if rule.by_estimate and site.chance(rule.by_estimate):
        place.desk.drop(place)
        site.at(max(plan, site.now), _again, place)
    if site.chance(rule.cancelled):
        site.after(site.some(max(plan - site.now, MINUTE) / SECOND), _cancel, place)
    site.after(int(rule.expires * SECOND), _expire, place)


def window(plan: int, seconds: int) -> tuple[str, str]:
    """A window of so many seconds (1200 at least) on quarters of an hour that holds the plan."""
    start = (plan - seconds * SECOND // 4) // QUARTER_HOUR * QUARTER_HOUR
    return instant(start), instant(start + seconds * SECOND)


def _ring(rule: Callback, site: Phone, place: Place, agent: Agent) -> None:
    """A virtual place's turn: the agent rings the caller."""
    place.attempts += 1
    enter(site, agent, "ringing")
    site.tell(
        place.contact,
        "callback.attempted",
        Data(number=place.attempts, queue=place.queue.queue, agent=agent.name),
    )
    site.after(site.some(rule.ring), _rung, place, agent, rule)


def _rung(site: Phone, place: Place, agent: Agent, rule: Callback) -> None:
    draw, number = site.rng.random(), place.attempts
    place.agent = None
    if draw < rule.human:
        _reach(site, place, agent)
        return
    if draw < rule.human + rule.machine:
        machine = Data(number=number, by="machine")
        site.tell(place.contact, "callback.customer_answered", machine)
    if number < rule.attempts:
        site.after(site.some(rule.retry), _again, place)
    else:
        _give_up(site, place, "no_answer")
    release(site, place.desk, agent)


def _reach(site: Phone, place: Place, agent: Agent) -> None:
    _settle(place)
    human = Data(number=place.attempts, by="human")
    site.tell(place.contact, "callback.customer_answered", human)
    both = Data(number=place.attempts, agent=agent.name)
    site.tell(place.contact, "callback.connected", both)
    talk(site, Leg(place.desk, place.contact, agent))


def _again(site: Phone, place: Place) -> None:
    if place.pending:
        place.desk.put(place)
        dispatch(site, place.desk)


def _cancel(site: Phone, place: Place) -> None:
    if place.pending and place.agent is None:
        _settle(place)
        site.tell(place.contact, "callback.cancelled", Data(by="customer"))


def _expire(site: Phone, place: Place) -> None:
    if place.agent:  # it rings at this moment
        site.after(MINUTE, _expire, place)
    elif place.pending:
        _give_up(site, place, "too_late")


def _give_up(site: Phone, place: Place, reason: str) -> None:
    _settle(place)
    site.tell(place.contact, "callback.expired", Data(reason=reason))
    site.lost(place.contact)


def _settle(place: Place) -> None:
    """The callback is owed no more."""
    place.desk.drop(place)
    place.desk.owed -= 1
    place.pending = False
