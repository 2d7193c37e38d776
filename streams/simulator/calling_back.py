"""Callbacks: the caller leaves the line, and the place in the queue stays."""

from __future__ import annotations

from functools import partial

from schemas.event import Data
from schemas.instants import MINUTE, QUARTER_HOUR, SECOND, instant
from streams.simulator.desk import Place
from streams.simulator.queueing import dispatch, hang_up, release
from streams.simulator.services import Callback
from streams.simulator.site import Site
from streams.simulator.talking import Leg, talk


def propose(site: Site, place: Place, rule: Callback, seconds: int) -> None:
    """Offer a callback if the expected wait is long, the day is too, and few are owed."""
    desk = place.desk
    if seconds < rule.above or site.hour >= rule.until or desk.owed >= rule.room:
        return
    site.tell(
        place.contact,
        "callback.offered",
        Data(queue=desk.team.queue, seconds=seconds, position=desk.length),
    )
    site.after(site.some(rule.decision), _decide, place, rule, site.now + seconds * SECOND)


def _decide(site: Site, place: Place, rule: Callback, plan: int) -> None:
    if not (place.live and place.queued):
        return  # served, or gone, before the answer
    if site.chance(rule.accepted):
        _accept(site, place, rule, plan)
    else:
        site.tell(place.contact, "callback.declined", Data(queue=place.desk.team.queue))


def _accept(site: Site, place: Place, rule: Callback, plan: int) -> None:
    start, until = window(plan, rule.window) if site.chance(rule.promised) else (None, None)
    site.tell(
        place.contact,
        "callback.accepted",
        Data(queue=place.desk.team.queue, promise_from=start, promise_until=until),
    )
    place.desk.leave(place)
    hang_up(site, place.contact)
    place.pending, place.turn = True, partial(_ring, rule)
    place.desk.owed += 1
    if site.chance(rule.cancelled):
        site.after(site.some(max(plan - site.now, MINUTE) / SECOND), _cancel, place)
    site.after(int(rule.expires * SECOND), _expire, place)


def window(plan: int, seconds: int) -> tuple[str, str]:
    """A window of so many seconds (1200 at least) on quarters of an hour that holds the plan."""
    start = (plan - seconds * SECOND // 4) // QUARTER_HOUR * QUARTER_HOUR
    return instant(start), instant(start + seconds * SECOND)


def _ring(rule: Callback, site: Site, place: Place, agent: str) -> None:
    """A virtual place's turn: the agent rings the caller."""
    place.attempts += 1
    site.tell(
        place.contact,
        "callback.attempted",
        Data(number=place.attempts, queue=place.desk.team.queue, agent=agent),
    )
    site.after(site.some(rule.ring), _rung, place, agent, rule)


def _rung(site: Site, place: Place, agent: str, rule: Callback) -> None:
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


def _reach(site: Site, place: Place, agent: str) -> None:
    _settle(place)
    human = Data(number=place.attempts, by="human")
    site.tell(place.contact, "callback.customer_answered", human)
    both = Data(number=place.attempts, agent=agent)
    site.tell(place.contact, "callback.connected", both)
    talk(site, Leg(place.desk, place.contact, agent))


def _again(site: Site, place: Place) -> None:
    if place.pending:
        place.desk.put(place)
        dispatch(site, place.desk)


def _cancel(site: Site, place: Place) -> None:
    if place.pending and place.agent is None:
        _settle(place)
        site.tell(place.contact, "callback.cancelled", Data(by="customer"))


def _expire(site: Site, place: Place) -> None:
    if place.agent:  # it rings at this moment
        site.after(MINUTE, _expire, place)
    elif place.pending:
        _give_up(site, place, "too_late")


def _give_up(site: Site, place: Place, reason: str) -> None:
    _settle(place)
    site.tell(place.contact, "callback.expired", Data(reason=reason))
    site.lost(place.contact)


def _settle(place: Place) -> None:
    """The callback is owed no more."""
    place.desk.drop(place)
    place.desk.owed -= 1
    place.pending = False
