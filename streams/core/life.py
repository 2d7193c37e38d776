"""The life of one contact: facts gathered in one pass over its events, in event order.

Each handler reads one type of event and notes facts that need no look-ahead. What they add
up to (the place in the funnel, the waits) is settled afterwards, in `streams.core.settle`.
A type without a handler says nothing to the fold; it is kept and counted all the same.
"""

from __future__ import annotations

from collections.abc import Callable

from schemas.event import Event
from schemas.instants import millis


class Stopwatch:
    """Adds up spells of time, in milliseconds; a spell that never stopped leaves it running."""

    __slots__ = ("since", "total")

    def __init__(self) -> None:
        self.total = 0
        self.since: int | None = None

    def stop(self, at: int) -> None:
        """End the running spell, if one is running."""
        if self.since is not None:
            self.total += at - self.since
            self.since = None

    def restart(self, at: int) -> None:
        """End the running spell, if any, and begin another."""
        self.stop(at)
        self.since = at


class Life:
    """What is noted about a contact on the way through its events; None means not seen."""

    arrived: Event | None = None
    ivr_since: int | None = None
    ivr_ms: int | None = None
    self_served: Event | None = None

    asked: Event | None = None
    queue: str | None = None
    turned_away: Event | None = None
    entered_queueing = False  # any of queue.entered, queue.left, agent.connected, accepted
    first_queued: Event | None = None
    visits = 0
    exit: Event | None = None  # the first connection, acceptance, abandonment or end
    removal: Event | None = None  # the first removal that nothing has undone so far

    legs: Stopwatch | None = None
    holds: Stopwatch | None = None
    after_call: Stopwatch | None = None
    transfers = 0
    ended: Event | None = None

    offered: Event | None = None
    accepted: Event | None = None
    declined: Event | None = None
    attempted: Event | None = None
    attempts = 0
    called_back: Event | None = None
    called_back_attempt: int | None = None
    cancelled: Event | None = None
    expired: Event | None = None

    def ask(self, event: Event) -> None:
        """Note the first ask, and the first queue named at or after it."""
        if self.asked is None:
            self.asked = event
        if self.queue is None:
            self.queue = event.data.queue

    def queueing(self, event: Event) -> None:
        """Note that the contact was, or had been, in a queue; a removal before it is undone."""
        self.ask(event)
        self.entered_queueing = True
        self.removal = None

    def leave(self, event: Event) -> None:
        """Note the first exit that no later event can undo."""
        if self.exit is None:
            self.exit = event

    def remove(self, event: Event) -> None:
        """Note a removal, which a later entry, connection or acceptance would undo."""
        if self.removal is None:
            self.removal = event


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


def _queue_entered(life: Life, event: Event) -> None:
    life.queueing(event)
    life.first_queued = life.first_queued or event
    life.visits += 1
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


def _connected(life: Life, event: Event) -> None:
    life.queueing(event)
    life.leave(event)
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
    life.ended = life.ended or event
    _ivr_left(life, event)
    if life.asked is not None:
        life.leave(event)
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


def _callback_offered(life: Life, event: Event) -> None:
    life.offered = life.offered or event


def _callback_accepted(life: Life, event: Event) -> None:
    if life.asked is None:
        life.asked = event
    life.entered_queueing = True
    life.removal = None
    life.accepted = life.accepted or event
    life.leave(event)


def _callback_declined(life: Life, event: Event) -> None:
    life.declined = life.declined or event


def _callback_attempted(life: Life, event: Event) -> None:
    life.attempted = life.attempted or event
    life.attempts += 1


def _callback_connected(life: Life, event: Event) -> None:
    if life.accepted is not None and life.called_back is None:
        life.called_back = event
        life.called_back_attempt = life.attempts
    _start_leg(life, event)


def _callback_cancelled(life: Life, event: Event) -> None:
    life.cancelled = life.cancelled or event


def _callback_expired(life: Life, event: Event) -> None:
    life.expired = life.expired or event


HANDLERS: dict[str, Handler] = {
    "contact.arrived": _arrived,
    "ivr.entered": _ivr_entered,
    "ivr.left": _ivr_left,
    "ivr.self_served": _self_served,
    "agent.requested": Life.ask,
    "contact.turned_away": _turned_away,
    "queue.entered": _queue_entered,
    "queue.left": _queue_left,
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
}


def live(events: list[Event]) -> Life:
    """Gather the facts of one contact from its events, which are in event order."""
    life = Life()
    for event in events:
        handler = HANDLERS.get(event.type)
        if handler is not None:
            handler(life, event)
    return life
