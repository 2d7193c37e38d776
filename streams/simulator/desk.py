"""A desk: a team's agents, and the places of those who wait for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush

from streams.simulator.journal import Contact
from streams.simulator.parts import Queue, Team
from streams.simulator.people import Caller
from streams.simulator.site import Site


class Call(Contact):
    """A caller's attempt to reach us.

    Attributes:
        queue: what the caller wants, and `desk`, who serves it.
        priority: 1 goes before 2; None where all are alike.
        on_line: it takes a trunk line.
        asked: when; `waited` is how long from then to the first connection.
    """

    __slots__ = ("asked", "desk", "language", "on_line", "priority", "queue", "waited")

    def __init__(self, name: str, caller: Caller, queue: Queue, desk: Desk) -> None:
        super().__init__(name, caller)
        self.queue = queue
        self.desk = desk
        self.language = queue.language or caller.language
        self.priority: int | None = None
        self.on_line = False
        self.asked = 0
        self.waited: int | None = None


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
        *("agent", "attempts", "contact", "desk", "live"),
        *("number", "pending", "queue", "queued", "turn"),
    )

    def __init__(self, contact: Call, queue: Queue, desk: Desk, turn: Callable[..., None]) -> None:
        self.contact = contact
        self.queue = queue
        self.desk = desk
        self.turn = turn
        self.number = 0
        self.live = True
        self.queued = False
        self.pending = False
        self.agent: Agent | None = None
        self.attempts = 0


class Agent:
    """One who serves.

    Attributes:
        shift: the name of the spell of work; "" between two.
        shifts: how many of them began on `day`.
        state: as last told; `facts` is how many were told of the shift.
        leaving: goes home once free.
    """

    __slots__ = ("day", "desk", "facts", "leaving", "name", "shift", "shifts", "state")

    def __init__(self, name: str, desk: Desk) -> None:
        self.name = name
        self.desk = desk
        self.shift = self.day = ""
        self.state = "offline"
        self.leaving = False
        self.facts = self.shifts = 0


class Desk:
    """First come, first served, the urgent before the others, by the agents who are ready.

    Attributes:
        agents: all of them, by number.
        ready: who is free, the longest first.
        staff: how many the hour wants on shift; who is above it goes home once free.
        length: places that wait for their turn.
        live: callers on the line who are not connected yet, ringing included.
        owed: callbacks accepted and not settled.
    """

    def __init__(self, team: Team) -> None:
        self.team = team
        self.agents: list[Agent] = []
        self.ready: deque[Agent] = deque()
        self.staff = self.length = self.live = self.owed = 0
        self._entered = 0
        self._places: list[tuple[int, int, Place]] = []  # a heap, by priority and entry

    @property
    def is_ready(self) -> bool:
        """Whether somebody waits for a turn and an agent is free to take it."""
        return self.length > 0 and len(self.ready) > 0

    def put(self, place: Place) -> None:
        """Queue a place, by its first entry: one who had a turn for nothing is served next."""
        heappush(self._places, (place.contact.priority or 0, place.number, place))
        place.queued = True
        self.length += 1

    def drop(self, place: Place) -> None:
        """A place no longer waits for its turn."""
        if place.queued:
            place.queued = False
            self.length -= 1

    def take(self) -> tuple[Place, Agent]:
        """The place whose turn it is, and the agent who takes it."""
        place = heappop(self._places)[2]
        while not place.queued:  # it was dropped where it stood
            place = heappop(self._places)[2]
        self.drop(place)
        return place, self.ready.popleft()

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
        return [place for _, _, place in sorted(self._places) if place.queued and place.live]


def dispatch(site: Site, desk: Desk) -> None:
    """Give free agents the places whose turn it is."""
    while desk.is_ready:
        place, agent = desk.take()
        place.agent = agent
        place.turn(site, place, agent)
