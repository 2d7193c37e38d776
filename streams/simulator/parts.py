"""The parts of a department, as data: queues and agents, and what is done beside the phone.

Durations are means in seconds, shares lie between 0 and 1, and a tuple of 24 goes by the hour
of the local clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from streams.simulator.demand import Day, Demand

Shares = tuple[tuple[str, float], ...]  # names with weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue; `share` is its weight among what callers want.

    Attributes:
        language: of all its callers; without one, each has their own.
        line: a dedicated number, which leads here past the menu.
        overflow: after how many seconds a caller flows to which other queue.
    """

    queue: str
    program: str
    share: float
    language: str | None = None
    line: str | None = None
    overflow: tuple[float, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Agents who serve some queues, first come, first served over all of them.

    `staff` is the number on shift; 1.3 is one, and on three days of ten two.
    """

    name: str
    staff: Day
    queues: tuple[Queue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The voice menu: some serve themselves, some leave, the others ask for an agent."""

    seconds: float = 70
    self_served: float = 0.22
    asks_anyway: float = 0.08
    leaves: float = 0.14
    tasks: tuple[str, ...] = ("status",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What an agent's part takes; a phone not picked up takes the agent `away` for a while.

    Conversations are gamma distributed: of `shape` 1 exponential, of a larger one more alike.
    """

    ring: float = 5
    not_picked_up: float = 0.01
    away: float = 60
    talk: float = 480
    shape: float = 1
    held: float = 0.2
    hold: float = 75
    transferred: float = 0.04
    hung_up_by_agent: float = 0.15
    wrap_up: float = 60
    pauses: float = 0.05
    pause: float = 600
    interpreter: float = 110
    interpreter_joins: float = 0.95

    @property
    def seconds(self) -> float:
        """Mean seconds of an agent's time per contact."""
        return self.ring + self.talk + self.held * self.hold + self.wrap_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """Who is offered a callback, and what becomes of it.

    Offered when the expected wait reaches `above`, before the local hour `until`, while fewer
    than `room` are owed by the team, in the lines of business (`programs`) where it has been
    rolled out; None is all. A share `promised` is told a window of `window` seconds, which
    holds the plan. A share `by_estimate` is rung once the announced wait is over; the others,
    when the place in the queue has its turn.
    """

    programs: frozenset[str] | None = None
    above: float = 480
    until: int = 15
    room: float = 6
    decision: float = 8
    accepted: float = 0.55
    promised: float = 0.5
    window: int = 1800
    by_estimate: float = 0
    ring: float = 12
    human: float = 0.8
    machine: float = 0.08
    attempts: int = 2
    retry: float = 1200
    cancelled: float = 0.05
    expires: float = 4 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What follows once somebody was served.

    Attributes:
        topics: what it was about, with weights; `coded` is the share that agents write down.
        said: share of contacts of which the agent says whether they settled the matter, and
            `settled` the share that did, at the first exchange.
        returns: share of the unsettled who come back, after `returned` seconds.
        invited, replies, replied: invited to a survey, answering it, and after how long.
        preferred: the channel for next time, as they answer.
        escalated: share passed upwards, by `kinds` with weights; taken after `referred`, by
            all but `unreferred`.
    """

    topics: Shares = (("status", 6), ("documents", 3), ("payment", 1))
    coded: float = 0.85
    said: float = 0.8
    settled: float = 0.72
    returns: float = 0.5
    returned: float = 2 * 86_400
    invited: float = 0.3
    replies: float = 0.2
    replied: float = 1.3 * 86_400
    preferred: Shares = (("phone", 5), ("web", 3), ("email", 2))
    escalated: float = 0.02
    kinds: Shares = (("supervisor", 6), ("urgent", 3), ("threat", 1))
    referred: float = 3_000
    unreferred: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailroom:
    """Written messages of one channel, answered on business days in the order of receipt.

    Attributes:
        clerks: how many write replies all day; 1.3 is one, and one for 0.3 of the day.
        overtime: while more than so many messages wait, in the morning, so many more clerks.
        seconds: of a clerk's time per message.
        acknowledged: seconds until the automatic acknowledgement; None sends none.
        excluded: share taken out, by `reasons` with weights; of `coordinated` ones a reply
            comes days later from others.
        reopened: share of replies after which the client writes again, after `again` seconds.
    """

    channel: str
    demand: Demand
    intakes: Shares
    programs: Shares
    clerks: float
    overtime: tuple[float, float] = (0, 0)
    seconds: float = 600
    acknowledged: float | None = 20
    excluded: float = 0.02
    reasons: Shares = (("duplicate", 5), ("not_for_us", 3), ("coordination", 2))
    coordinated: float = 6 * 86_400
    reopened: float = 0.06
    again: float = 2 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Website:
    """Tasks that people complete with digital tools, by tool with weights."""

    demand: Demand
    tools: Shares
    programs: Shares
