"""One pass over the events of a contact, in event order: each handler reads one type of event.

A type without a handler says nothing to the fold; it is kept and counted all the same.
"""

from __future__ import annotations

from streams.core import callbacks
from streams.core.gather import Facts
from streams.core.life import Handler, Life, Seen, Stopwatch


def _arrived(life: Life, event: Seen) -> None:
    life.arrived = life.arrived or event


def _ivr_entered(life: Life, event: Seen) -> None:
    if life.ivr_since is None:
        life.ivr_since = event.ms


def _ivr_left(life: Life, event: Seen) -> None:
    if life.ivr_ms is None and life.ivr_since is not None:
        life.ivr_ms = event.ms - life.ivr_since


def _self_served(life: Life, event: Seen) -> None:
    life.self_served = life.self_served or event


def _turned_away(life: Life, event: Seen) -> None:
    life.turned_away = life.turned_away or event
    if event.data.reason != "blocked":
        life.ask(event)
    elif life.queue is None:
        life.queue = event.data.queue
    if life.asked is not None:
        life.remove(event)
    if life.inside is not None:
        life.pass_on(event, life.inside)


def _queue_entered(life: Life, event: Seen) -> None:
    life.queueing(event)
    life.first_queued = life.first_queued or event
    if life.inside is not None:
        life.pass_on(event, life.inside)
    life.inside = event
    if life.legs is not None:
        life.legs.stop(event.ms)


def _queue_left(life: Life, event: Seen) -> None:
    how = event.data.how
    if life.asked is None:
        life.asked = event
    life.entered_queueing = True
    if how == "abandoned":
        life.leave(event)
    elif how not in {"answered", "callback", "flow"}:
        life.remove(event)
    if life.inside is not None:
        life.pass_on(event, life.inside)


def _estimate_announced(life: Life, event: Seen) -> None:
    life.estimates.append(event)


def _connected(life: Life, event: Seen) -> None:
    life.queueing(event)
    life.leave(event)
    if life.inside is not None:
        life.pass_on(event, life.inside)
    life.start_leg(event)


def _hold_started(life: Life, event: Seen) -> None:
    if life.holds is None:
        life.holds = Stopwatch()
    life.holds.restart(event.ms)


def _hold_ended(life: Life, event: Seen) -> None:
    if life.holds is not None:
        life.holds.stop(event.ms)


def _transfer_completed(life: Life, _: Seen) -> None:
    life.transfers += 1


def _ended(life: Life, event: Seen) -> None:
    life.ends.append(event)
    _ivr_left(life, event)
    if life.asked is not None:
        life.leave(event)
    if life.inside is not None:
        life.pass_on(event, life.inside)
    if life.legs is not None:
        life.legs.stop(event.ms)
    _hold_ended(life, event)


def _wrapup_started(life: Life, event: Seen) -> None:
    if life.after_call is None:
        life.after_call = Stopwatch()
    life.after_call.restart(event.ms)


def _wrapup_ended(life: Life, event: Seen) -> None:
    if life.after_call is not None:
        life.after_call.stop(event.ms)


def _keep(life: Life, event: Seen) -> None:
    if life.kept is None:
        life.kept = {}
    life.kept.setdefault(KEPT.get(event.type, MAIL), []).append(event)


MAIL = "email"
#: Events of parts, which few contacts have: type -> under which name they are kept.
KEPT = {
    "interpreter.requested": "interpreter",
    "interpreter.joined": "interpreter",
    "contact.resolved": "resolved",
    "survey.invited": "surveys",
    "survey.answered": "surveys",
    "topic.assigned": "topics",
    "escalation.raised": "escalations",
    "escalation.referred": "escalations",
    "web.task_completed": "tasks",
}

HANDLERS: dict[str, Handler] = {
    "contact.arrived": _arrived,
    "ivr.entered": _ivr_entered,
    "ivr.left": _ivr_left,
    "ivr.self_served": _self_served,
    "agent.requested": Life.ask,
    "contact.turned_away": _turned_away,
    "queue.entered": _queue_entered,
    "queue.left": _queue_left,
    "estimate.announced": _estimate_announced,
    "agent.connected": _connected,
    "hold.started": _hold_started,
    "hold.ended": _hold_ended,
    "transfer.completed": _transfer_completed,
    "contact.ended": _ended,
    "wrapup.started": _wrapup_started,
    "wrapup.ended": _wrapup_ended,
    **callbacks.HANDLERS,
    **dict.fromkeys(KEPT, _keep),
}


def live(facts: Facts) -> Life:
    """What is noted about one contact on the way through its events."""
    life = Life()
    for number, (event, ms) in enumerate(zip(facts.events, facts.times, strict=True)):
        kind = event.type
        handler = HANDLERS.get(kind)
        if handler is not None:
            handler(life, Seen(number, ms, kind, event.data))
        elif kind.startswith("email."):
            _keep(life, Seen(number, ms, kind, event.data))
    return life
