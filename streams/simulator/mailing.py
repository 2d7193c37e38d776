"""Written messages: a backlog that clerks work through on business days, oldest first."""

from __future__ import annotations

from collections import deque

from schemas.event import Data
from schemas.periods import Span
from streams.simulator.aftermath import close
from streams.simulator.demand import Demand
from streams.simulator.holidays import business_day
from streams.simulator.journal import Contact
from streams.simulator.parts import Mailroom
from streams.simulator.people import Caller
from streams.simulator.services import History, Service
from streams.simulator.site import Site


class Message(Contact):
    """A message: when it came, and whether a reply was sent already."""

    __slots__ = ("received", "replied")

    def __init__(self, name: str, caller: Caller, received: int) -> None:
        super().__init__(name, caller)
        self.received = received
        self.replied = False


class MailOffice(Site):
    """The messages of one channel of a department.

    Attributes:
        backlog: what waits for a first or another reply, the oldest first.
        idle: clerks with nothing to do, and until when they are at work.
        received: messages of the day.
    """

    def __init__(self, history: History, seed: int, channel: str) -> None:
        super().__init__(history, seed, channel)
        self.channel = channel
        self.backlog: deque[Message] = deque()
        self.received = 0
        self.idle: deque[tuple[str, int]] = deque()

    @property
    def room(self) -> Mailroom:
        """The row in force."""
        return self._room(self.service)

    def _room(self, service: Service) -> Mailroom:
        return next(room for room in service.mail if room.channel == self.channel)

    def demand(self, service: Service) -> Demand:
        """Those who write on this channel."""
        return self._room(service).demand

    def begin_hour(self, span: Span) -> None:
        """The office opens at some moment of a business day."""
        day = business_day(self.service.department, self.today)
        if day and span.start_ms <= day.opens_ms < span.end_ms:
            self.at(day.opens_ms, _open, day.closes_ms)

    def end_day(self, start_ms: int) -> None:
        """The mail server says how many it took in the day."""
        self.declare_total("received", self.channel, self.received, "switch", start_ms, "cohort")
        self.received = 0

    def arrive(self, caller: Caller) -> None:
        """A message reaches our server, at any time of the day."""
        room, service = self.room, self.service
        self.received += 1
        message = Message(self.name(), caller, self.now)
        token, before = self.people.tokens(caller)
        facts = Data(
            department=service.department,
            program=self.one_of(room.programs),
            channel=self.channel,
            language="fr" if caller.language == "fr" else "en",
            origin=caller.origin,
            caller=token,
            caller_before=before,
            intake=self.one_of(room.intakes),
        )
        self.tell(message, "email.received", facts)
        if room.acknowledged is not None:
            self.after(self.some(room.acknowledged), _acknowledge, message)
        self.pile(message)

    def pile(self, message: Message) -> None:
        """On top of the backlog, unless a clerk has nothing to do."""
        self.backlog.append(message)
        while self.idle and self.backlog:
            _work(self, *self.idle.popleft())  # who is past their hours is idle no more


def _open(site: MailOffice, closes: int) -> None:
    """As many clerks as the row says, and those of overtime if too much has piled up."""
    above, more = site.room.overtime
    clerks = site.room.clerks + (more if len(site.backlog) > above else 0)
    for number in range(1, int(clerks) + 2):
        part = min(clerks - number + 1, 1)  # of the day
        until = site.now + int(part * (closes - site.now))
        if until > site.now:
            _work(site, f"{site.channel}-{number:03d}", until)


def _work(site: MailOffice, clerk: str, until: int) -> None:
    """The oldest message next; one begun is finished, unless that would be after hours."""
    if not site.backlog:
        site.idle.append((clerk, until))
        return
    seconds = site.some(site.room.seconds)
    if site.now + seconds < until:
        message = site.backlog.popleft()
        site.after(seconds, _finish, message, clerk, until)


def _finish(site: MailOffice, message: Message, clerk: str, until: int) -> None:
    if not message.replied and site.chance(site.room.excluded):
        _exclude(site, message, clerk)
    else:
        _respond(site, message, clerk)
    _work(site, clerk, until)


def _exclude(site: MailOffice, message: Message, clerk: str) -> None:
    reason = site.one_of(site.room.reasons)
    site.tell(message, "email.excluded", Data(reason=reason, actor=clerk))
    if reason == "coordination":
        site.after(site.some(site.room.coordinated), _respond, message, clerk)


def _respond(site: MailOffice, message: Message, clerk: str) -> None:
    room = site.room
    site.tell(message, "email.responded", Data(agent=clerk))
    if not message.replied:
        close(site, message, site.channel, clerk, site.now - message.received)
    message.replied = True
    if site.chance(room.reopened):
        site.after(site.some(room.again), _reopen, message)


def _reopen(site: MailOffice, message: Message) -> None:
    site.tell(message, "email.reopened")
    site.pile(message)


def _acknowledge(site: MailOffice, message: Message) -> None:
    site.tell(message, "email.acknowledged")
