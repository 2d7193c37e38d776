"""A desk: one queue, the places in it, and the agents who serve it."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush

from streams.simulator.services import Team


class Contact:
    """A caller's attempt to reach us.

    Attributes:
        desk: the queue the caller wants.
        facts: how many were told.
        on_line: it takes a trunk line.
    """

    __slots__ = ("caller", "desk", "facts", "language", "name", "on_line")

    def __init__(self, name: str, caller: str | None, desk: Desk, language: str) -> None:
        self.name = name
        self.caller = caller
        self.desk = desk
        self.language = language
        self.facts = 0
        self.on_line = False


class Place:
    """A place in a queue, which outlives the call if a callback is accepted.

    Attributes:
        number: its order of entry.
        turn: what happens when its turn comes: `turn(site, place, agent)`.
        live: the caller waits on the line.
        queued: it waits for its turn (else it had it, or was given up).
        pending: a callback is owed.
        agent: whom it rings at, or who rings back.
    """

    __slots__ = (
        "agent",
        "attempts",
        "contact",
        "desk",
        "live",
        "number",
        "pending",
        "queued",
        "turn",
    )

    def __init__(self, contact: Contact, desk: Desk, turn: Callable[..., None]) -> None:
        self.contact = contact
        self.desk = desk
        self.turn = turn
        self.number = 0
        self.live = True
        self.queued = False
        self.pending = False
        self.agent: str | None = None
        self.attempts = 0


class Desk:
    """First come, first served, by as many agents as are on shift.

    Attributes:
        staff: agents on shift; who is above it goes home after the contact in hand.
        busy: agents with a contact: ringing, talking, after-call work.
        length: places that wait for their turn.
        live: callers on the line who are not connected yet, ringing included.
        owed: callbacks accepted and not settled.
    """

    def __init__(self, team: Team, capacity: int) -> None:
        self.team = team
        self.capacity = capacity
        self.staff = self.busy = self.length = self.live = self.owed = 0
        self._entered = 0
        self._places: list[tuple[int, Place]] = []  # a heap, by order of entry
        self._idle = [f"{team.queue}-{n:03d}" for n in range(1, int(max(team.staff)) + 1)]
        heapify(self._idle)

    @property
    def is_full(self) -> bool:
        """Whether no more callers may wait."""
        return self.live >= self.capacity

    @property
    def is_ready(self) -> bool:
        """Whether somebody waits for a turn and an agent is free to take it."""
        return self.length > 0 and self.busy < self.staff

    def put(self, place: Place) -> None:
        """Queue a place, by its first entry: one who had a turn for nothing is served next."""
        heappush(self._places, (place.number, place))
        place.queued = True
        self.length += 1

    def drop(self, place: Place) -> None:
        """A place no longer waits for its turn."""
        if place.queued:
            place.queued = False
            self.length -= 1

    def take(self) -> tuple[Place, str]:
        """The place whose turn it is, and the agent who takes it."""
        place = heappop(self._places)[1]
        while not place.queued:  # it was dropped where it stood
            place = heappop(self._places)[1]
        self.drop(place)
        self.busy += 1
        return place, heappop(self._idle)

    def free(self, agent: str) -> None:
        """An agent has no contact any more."""
        self.busy -= 1
        heappush(self._idle, agent)

    def enter(self, place: Place) -> None:
        """A caller waits on the line, behind all others."""
        self._entered += 1
        place.number = self._entered
        self.live += 1
        self.put(place)

    def leave(self, place: Place) -> None:
        """The caller waits on the line no more; the place, if still queued, stays."""
        self.live -= 1
        place.live = False

    def waiting(self) -> list[Place]:
        """The places whose callers wait on the line for a turn, in order."""
        return [place for _, place in sorted(self._places) if place.queued and place.live]
