"""One pass over the events of a contact, in event order: each handler reads one type of event.

A type without a handler says nothing to the fold; it is kept and counted all the same.
"""

from __future__ import annotations

from collections.abc import Callable

from schemas.event import Event
from schemas.instants import millis
from streams.core.life import Callback, Life, Stopwatch

Handler = Callable[[Life, Event], None]


def _arrived(life: Life, event: Event) -> None:
    life.arrived = life.arrived or event


def _ivr_entered(life: Life, event: Event) -> None:
    if life.ivr_since is None:
        life.ivr_since = millis(event.time)


def _ivr_left(life: Life, event: Event) -> None:
    if life.ivr_ms is None and life.ivr_since is not None:
        life.ivr_ms = millis(event.time) - life.ivr_since


def _self_served(life: Life, event: Event) -> None:
    life.self_served = life.self_served or event


def _turned_away(life: Life, event: Event) -> None:
    life.turned_away = life.turned_away or event
    if event.data.reason != "blocked":
        life.ask(event)
    elif life.queue is None:
        life.queue = event.data.queue
    if life.asked is not None:
        life.remove(event)
    life.pass_on(event)


def _queue_entered(life: Life, event: Event) -> None:
    life.queueing(event)
    life.first_queued = life.first_queued or event
    life.visits += 1
    life.pass_on(event)
    life.inside = event
    if life.legs is not None:
        life.legs.stop(millis(event.time))


def _queue_left(life: Life, event: Event) -> None:
    how = event.data.how
    if life.asked is None:
        life.asked = event
    life.entered_queueing = True
    if how == "abandoned":
        life.leave(event)
    elif how not in {"answered", "callback", "flow"}:
        life.remove(event)
    life.pass_on(event)


def _estimate_announced(life: Life, event: Event) -> None:
    life.estimates.append(event)


def _connected(life: Life, event: Event) -> None:
    life.queueing(event)
    life.leave(event)
    life.pass_on(event)
    _start_leg(life, event)


def _start_leg(life: Life, event: Event) -> None:
    if life.legs is None:
        life.legs = Stopwatch()
    life.legs.restart(millis(event.time))


def _hold_started(life: Life, event: Event) -> None:
    if life.holds is None:
        life.holds = Stopwatch()
    life.holds.restart(millis(event.time))


def _hold_ended(life: Life, event: Event) -> None:
    if life.holds is not None:
        life.holds.stop(millis(event.time))


def _transfer_completed(life: Life, _: Event) -> None:
    life.transfers += 1


def _ended(life: Life, event: Event) -> None:
    life.ends.append(event)
    _ivr_left(life, event)
    if life.asked is not None:
        life.leave(event)
    life.pass_on(event)
    if life.legs is not None:
        life.legs.stop(millis(event.time))
    _hold_ended(life, event)


def _wrapup_started(life: Life, event: Event) -> None:
    if life.after_call is None:
        life.after_call = Stopwatch()
    life.after_call.restart(millis(event.time))


def _wrapup_ended(life: Life, event: Event) -> None:
    if life.after_call is not None:
        life.after_call.stop(millis(event.time))


def _callback(life: Life) -> Callback:
    if life.callback is None:
        life.callback = Callback()
    return life.callback


def _callback_offered(life: Life, event: Event) -> None:
    callback = _callback(life)
    callback.offered = callback.offered or event


def _callback_accepted(life: Life, event: Event) -> None:
    if life.asked is None:
        life.asked = event
    life.entered_queueing = True
    life.removal = None
    life.leave(event)
    life.pass_on(event)
    callback = _callback(life)
    callback.accepted = callback.accepted or event


def _callback_declined(life: Life, event: Event) -> None:
    callback = _callback(life)
    callback.declined = callback.declined or event


def _callback_attempted(life: Life, event: Event) -> None:
    callback = _callback(life)
    callback.attempted = callback.attempted or event
    callback.attempts += 1


def _callback_connected(life: Life, event: Event) -> None:
    callback = life.callback
    if callback is not None and callback.accepted is not None and callback.connected is None:
        callback.connected = event
        callback.connected_attempt = callback.attempts
    _start_leg(life, event)


def _callback_cancelled(life: Life, event: Event) -> None:
    callback = _callback(life)
    callback.cancelled = callback.cancelled or event


def _callback_expired(life: Life, event: Event) -> None:
    callback = _callback(life)
    callback.expired = callback.expired or event


def _keep(life: Life, event: Event) -> None:
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
    "callback.offered": _callback_offered,
    "callback.accepted": _callback_accepted,
    "callback.declined": _callback_declined,
    "callback.attempted": _callback_attempted,
    "callback.connected": _callback_connected,
    "callback.cancelled": _callback_cancelled,
    "callback.expired": _callback_expired,
    **dict.fromkeys(KEPT, _keep),
}


def live(events: list[Event]) -> Life:
    """What is noted about one contact, from its events in event order."""
    life = Life()
    for event in events:
        handler = HANDLERS.get(event.type)
        if handler is not None:
            handler(life, event)
        elif event.type.startswith("email."):
            _keep(life, event)
    return life
