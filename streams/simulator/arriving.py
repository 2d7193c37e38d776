"""Reaching us: the trunk lines, the voice menu, and asking for an agent."""

from __future__ import annotations

from schemas.event import Data
from streams.simulator.calling_back import propose
from streams.simulator.desk import Contact, Place
from streams.simulator.queueing import end, expected_wait, join
from streams.simulator.site import Site
from streams.simulator.talking import offer


def arrive(site: Site, caller: str | None = None) -> None:
    """An attempt to call; the network loses some, and then nobody but the carrier knows."""
    service = site.service
    site.attempts += 1
    if site.chance(service.unseen):
        return
    site.arrivals += 1
    contact = site.contact(caller)
    site.tell(
        contact,
        "contact.arrived",
        Data(
            department=service.department,
            channel="phone",
            line=f"{service.department}-general",
            caller=contact.caller,
        ),
    )
    if site.lines_taken >= service.lines:
        _refuse(site, contact, "blocked")
    else:
        _enter_menu(site, contact)


def _enter_menu(site: Site, contact: Contact) -> None:
    site.lines_taken += 1
    contact.on_line = True
    site.tell(contact, "ivr.entered", Data(language=contact.language))
    site.after(site.some(site.service.menu.seconds), _choose, contact)


def _choose(site: Site, contact: Contact) -> None:
    menu, draw = site.service.menu, site.rng.random()
    if draw < menu.self_served:
        _serve_oneself(site, contact)
        asks = site.chance(menu.asks_anyway)
    else:
        asks = draw >= menu.self_served + menu.leaves
    if asks:
        _ask(site, contact)
    else:
        site.tell(contact, "ivr.left")
        end(site, contact, by="customer")


def _serve_oneself(site: Site, contact: Contact) -> None:
    team, task = contact.desk.team, site.rng.choice(site.service.menu.tasks)
    done = Data(task=task, program=team.program, language=contact.language)
    site.tell(contact, "ivr.self_served", done)


def _ask(site: Site, contact: Contact) -> None:
    team = contact.desk.team
    asked = Data(program=team.program, queue=team.queue, language=contact.language)
    site.tell(contact, "agent.requested", asked)
    site.tell(contact, "ivr.left")
    reason = _refusal(site, contact)
    if reason:
        _refuse(site, contact, reason)
        return
    place = join(site, contact.desk, contact, offer)
    if place.queued:
        _inform(site, place)


def _refusal(site: Site, contact: Contact) -> str | None:
    if not site.open:
        return "closed"
    if not contact.desk.staff:
        return "no_agent"
    return "full" if contact.desk.is_full else None


def _refuse(site: Site, contact: Contact, reason: str) -> None:
    queue = None if reason == "blocked" else contact.desk.team.queue
    site.tell(contact, "contact.turned_away", Data(reason=reason, queue=queue))
    end(site, contact, by="system")
    if reason != "closed":
        site.lost(contact)


def _inform(site: Site, place: Place) -> None:
    """Tell the expected wait, and offer a callback if it is long."""
    service, desk = site.service, place.desk
    seconds = expected_wait(site, desk, desk.length)
    if service.estimate is not None and seconds >= service.estimate:
        told = Data(seconds=seconds, queue=desk.team.queue, position=desk.length)
        site.tell(place.contact, "estimate.announced", told)
    if service.callback:
        propose(site, place, service.callback, seconds)
