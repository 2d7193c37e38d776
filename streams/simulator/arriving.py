"""Reaching us by phone: the trunk lines, the voice menu, and asking for an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.event import Data
from streams.simulator.calling_back import propose
from streams.simulator.desk import Call, Place
from streams.simulator.people import Caller
from streams.simulator.queueing import end, expected_wait, join
from streams.simulator.talking import offer

if TYPE_CHECKING:
    from streams.simulator.phone import Phone


def arrive(site: Phone, caller: Caller) -> None:
    """An attempt to call; the network loses some, and then nobody but the carrier knows."""
    service = site.service
    site.attempts += 1
    if service.unseen and site.chance(service.unseen):
        return
    site.arrivals += 1
    call = site.call(caller)
    _tell_arrival(site, call)
    if site.lines_taken >= service.lines:
        _refuse(site, call, "blocked")
        return
    site.lines_taken += 1
    call.on_line = True
    if call.queue.line:
        _ask(site, call)
    else:
        site.tell(call, "ivr.entered", Data(language=call.language))
        site.after(site.some(service.menu.seconds), _choose, call)


def _tell_arrival(site: Phone, call: Call) -> None:
    token, before = site.people.tokens(call.caller)
    department = site.service.department
    site.tell(
        call,
        "contact.arrived",
        Data(
            department=department,
            channel="phone",
            line=call.queue.line or f"{department}-general",
            origin=call.caller.origin,
            caller=token,
            caller_before=before,
        ),
    )


def _choose(site: Phone, call: Call) -> None:
    menu, draw = site.service.menu, site.rng.random()
    if draw < menu.self_served:
        _serve_oneself(site, call)
        asks = site.chance(menu.asks_anyway)
    else:
        asks = draw >= menu.self_served + menu.leaves
    if asks:
        _ask(site, call)
    else:
        site.tell(call, "ivr.left")
        end(site, call, by="customer")


def _serve_oneself(site: Phone, call: Call) -> None:
    task = site.rng.choice(site.service.menu.tasks)
    done = Data(task=task, program=call.queue.program, language=call.language)
    site.tell(call, "ivr.self_served", done)


def _ask(site: Phone, call: Call) -> None:
    queue = call.queue
    call.asked = site.now
    asked = Data(
        program=queue.program,
        queue=queue.queue,
        language=call.language,
        skill=call.desk.team.name,
    )
    site.tell(call, "agent.requested", asked)
    if not queue.line:
        site.tell(call, "ivr.left")
    reason = _refusal(site, call)
    if reason:
        _refuse(site, call, reason)
        return
    place = join(site, call, queue, call.desk, offer)
    if place.queued:
        _inform(site, place)


def _refusal(site: Phone, call: Call) -> str | None:
    if not site.open:
        return "closed"
    if not call.desk.staff:
        return "no_agent"
    return "full" if call.desk.live >= site.service.capacity else None


def _refuse(site: Phone, call: Call, reason: str) -> None:
    queue = None if reason == "blocked" else call.queue.queue
    site.tell(call, "contact.turned_away", Data(reason=reason, queue=queue))
    end(site, call, by="system")
    if reason != "closed":
        site.lost(call)


def _inform(site: Phone, place: Place) -> None:
    """Tell the expected wait, and offer a callback if it is long."""
    service, desk = site.service, place.desk
    seconds = expected_wait(site, desk, desk.length)
    if service.estimate is not None and seconds >= service.estimate:
        told = Data(seconds=seconds, queue=place.queue.queue, position=desk.length)
        site.tell(place.contact, "estimate.announced", told)
    if service.callback:
        propose(site, place, service.callback, seconds)
