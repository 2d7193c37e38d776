"""What is noted about one contact on the way through its events; the notes need no look-ahead.

What they add up to (the place in the funnel, the waits, the parts) is settled afterwards, in
`streams.core.settle`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.event import Event


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


@dataclass(slots=True)
class Callback:
    """What became of a callback, or of the offer of one."""

    offered: Event | None = None
    accepted: Event | None = None
    declined: Event | None = None
    attempted: Event | None = None
    attempts: int = 0
    connected: Event | None = None  # after the acceptance
    connected_attempt: int | None = None
    cancelled: Event | None = None
    expired: Event | None = None


@dataclass(slots=True)
class Life:
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

    arrived: Event | None = None
    ivr_since: int | None = None
    ivr_ms: int | None = None
    self_served: Event | None = None

    asked: Event | None = None
    queue: str | None = None
    turned_away: Event | None = None
    entered_queueing: bool = False
    first_queued: Event | None = None
    visits: int = 0
    exit: Event | None = None
    removal: Event | None = None
    inside: Event | None = None
    passes: list[tuple[Event, Event]] = field(default_factory=list)
    estimates: list[Event] = field(default_factory=list)

    legs: Stopwatch | None = None
    holds: Stopwatch | None = None
    after_call: Stopwatch | None = None
    transfers: int = 0
    ends: list[Event] = field(default_factory=list)

    callback: Callback | None = None
    kept: dict[str, list[Event]] | None = None

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

    def pass_on(self, event: Event) -> None:
        """Note what ended the pass through a queue that is under way, if one is."""
        if self.inside is not None:
            self.passes.append((self.inside, event))
            self.inside = None
