"""What the lines of a call say of its way: where it entered, and how it left.

Removals by the system (EXITWITHTIMEOUT, EXITEMPTY, WITHDRAW, SYSCOMPAT) and the exit by key are
exits of their own; only ABANDON is an abandonment. A line that says how long the caller had
waited states when the caller was in the queue at the latest, which is kept (see `talks`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from schemas.errors import Malformed
from schemas.event import Data
from streams.sources.queue_log.facts import FIRST, Exchange, Fact
from streams.sources.queue_log.lines import WEEK, Line
from streams.sources.queue_log.times import earlier


def _entered(line: Line, exchange: Exchange) -> Iterator[Fact]:
    if line.queue is None:
        raise Malformed("queue", "names no queue")
    place = Data(queue=line.queue, position=line.number(2, "position"))
    yield exchange.arrived(line, caller=line.text(1, "callerid"))
    yield Fact("queue.entered", line.ms, place)


def _left(line: Line, exchange: Exchange, *, how: str, at: int) -> Iterator[Fact]:
    waited = line.number(at, "waited", WEEK)
    since = None if waited is None else line.second - waited
    yield exchange.asked(line, earlier(line.ms, waited or 0))
    yield Fact("queue.left", line.ms, Data(how=how, queue=line.queue), since)
    if how == "abandoned":
        yield Fact("contact.ended", line.ms, Data(by="customer"), since)


def _found_empty(line: Line, exchange: Exchange) -> Iterator[Fact]:
    """The dialplan repeats what EXITEMPTY said; the next queue may be entered already."""
    yield exchange.asked(line, line.ms)
    yield Fact("queue.left", line.ms, Data(how="empty", queue=line.queue), line.second - 1)


def _incompatible(line: Line, exchange: Exchange) -> Iterator[Fact]:
    """The system dropped the call; an ABANDON always follows, and was nobody's decision."""
    yield exchange.asked(line, line.ms)
    yield Fact("queue.left", line.ms, Data(how="system", queue=line.queue), FIRST)
    yield Fact("contact.ended", line.ms, Data(by="system", reason="incompatible"), FIRST)


def _turned_away(line: Line, exchange: Exchange, *, reason: str) -> Iterator[Fact]:
    """After any queue that was left in this second, and before one that is entered in it."""
    yield exchange.arrived(line, line.second - 1)
    refusal = Data(reason=reason, queue=line.queue, department=exchange.place)
    yield Fact("contact.turned_away", line.ms, refusal, line.second - 1)


def _dialled(line: Line, exchange: Exchange) -> Iterator[Fact]:
    """DID, by convention: the number of ours that the caller dialled."""
    yield exchange.arrived(line, FIRST, dialled=line.text(0, "number") or "")


HANDLERS: dict[str, Callable[[Line, Exchange], Iterator[Fact]]] = {
    "ENTERQUEUE": _entered,
    "ABANDON": partial(_left, how="abandoned", at=2),
    "EXITWITHTIMEOUT": partial(_left, how="timeout", at=2),
    "EXITEMPTY": partial(_left, how="empty", at=2),
    "WITHDRAW": partial(_left, how="withdrawn", at=2),
    "EXITWITHKEY": partial(_left, how="key", at=3),
    "SYSCOMPAT": _incompatible,
    # What a dialplan adds with QueueLog(), as Wazo does.
    "LEAVEEMPTY": _found_empty,
    "DID": _dialled,
    "FULL": partial(_turned_away, reason="full"),
    "CLOSED": partial(_turned_away, reason="closed"),
    "JOINEMPTY": partial(_turned_away, reason="no_agent"),
    "DIVERT_CA_RATIO": partial(_turned_away, reason="deflected"),
    "DIVERT_HOLDTIME": partial(_turned_away, reason="deflected"),
    "DIVERT_WAITTIME": partial(_turned_away, reason="deflected"),
}
