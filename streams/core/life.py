"""What is noted about one contact on the way through its events; the notes need no look-ahead.

What they add up to (the place in the funnel, the waits, the parts) is settled afterwards, in
`streams.core.settle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from schemas.event import Data


class Seen(Struct, frozen=True, order=True, gc=False):
    """An event in its place among those of its contact: of two, the later is the greater.

    Attributes:
        number: its place.
        ms: when it happened.
    """

    number: int
    ms: int
    type: str
    data: Data


def at(event: Seen | None) -> int | None:
    """When it happened, in milliseconds; null if it did not."""
    return None if event is None else event.ms


def first(events: Iterable[Seen], kind: str) -> Seen | None:
    """The first of a type, of events in event order."""
    return next((event for event in events if event.type == kind), None)


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


class Callback(Struct, gc=False):
    """What became of a callback, or of the offer of one."""

    offered: Seen | None = None
    accepted: Seen | None = None
    declined: Seen | None = None
    attempted: Seen | None = None
    attempts: int = 0
    connected: Seen | None = None  # after the acceptance
    connected_attempt: int | None = None
    cancelled: Seen | None = None
    expired: Seen | None = None


class Life(Struct, gc=False):
    """The notes; None means not seen.

    Attributes:
        entered_queueing: any of queue.entered, queue.left, agent.connected, accepted.
        exit: the first connection, acceptance, abandonment or end.
        removal: the first removal that nothing has undone so far.
        passes: each `queue.entered`, and the event by which it left that queue.
        inside: the last `queue.entered`, as long as nothing has ended that pass.
        ends: every `contact.ended`.
        kept: the events of parts, by `streams.core.handlers.KEPT`.
    """

    arrived: Seen | None = None
    ivr_since: int | None = None
    ivr_ms: int | None = None
    self_served: Seen | None = None

    asked: Seen | None = None
    queue: str | None = None
    turned_away: Seen | None = None
    entered_queueing: bool = False
    first_queued: Seen | None = None
    exit: Seen | None = None
    removal: Seen | None = None
    inside: Seen | None = None
    passes: list[tuple[Seen, Seen]] = []
    estimates: list[Seen] = []

    legs: Stopwatch | None = None
    holds: Stopwatch | None = None
    after_call: Stopwatch | None = None
    transfers: int = 0
    ends: list[Seen] = []

    callback: Callback | None = None
    kept: dict[str, list[Seen]] | None = None

    def ask(self, event: Seen) -> None:
        """Note the first ask, and the first queue named at or after it."""
        if self.asked is None:
            self.asked = event
        if self.queue is None:
            self.queue = event.data.queue

    def queueing(self, event: Seen) -> None:
        """Note that the contact was, or had been, in a queue; a removal before it is undone."""
        self.ask(event)
        self.entered_queueing = True
        self.removal = None

    def leave(self, event: Seen) -> None:
        """Note the first exit that no later event can undo."""
        if self.exit is None:
            self.exit = event

    def remove(self, event: Seen) -> None:
        """Note a removal, which a later entry, connection or acceptance would undo."""
        if self.removal is None:
            self.removal = event

    def pass_on(self, event: Seen, inside: Seen) -> None:
        """Note what ended the pass through a queue that was under way."""
        self.passes.append((inside, event))
        self.inside = None

    def start_leg(self, event: Seen) -> None:
        """Note that a conversation began, which ends the one before."""
        if self.legs is None:
            self.legs = Stopwatch()
        self.legs.restart(event.ms)


Handler = Callable[[Life, Seen], None]
