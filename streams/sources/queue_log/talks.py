"""What the lines of a call say of its agents: offered, connected, transferred, completed.

Some also say how long the caller had waited, or talked. That states an earlier moment, and is
kept as a fact: the caller had asked by then, was connected by then. In a whole log another line
has said so already, and nothing changes. Where the log begins in the middle of a call, it keeps
an answered call from passing for one lost in the menu, and a long wait for none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from schemas.errors import Malformed
from schemas.event import Data
from schemas.instants import SECOND
from streams.sources.queue_log.agents import freed, ringing, talking
from streams.sources.queue_log.facts import Exchange, Fact
from streams.sources.queue_log.lines import WEEK, Line
from streams.sources.queue_log.times import born, earlier

FOREIGN = "the call id is of a channel younger than the conversation"


def _offer(line: Line) -> Data:
    return Data(agent=line.agent, queue=line.queue)


def _connected(line: Line, exchange: Exchange) -> Iterator[Fact]:
    held, rung = line.number(0, "holdtime", WEEK), line.number(2, "ringtime", WEEK)
    yield exchange.asked(line, earlier(line.ms, held or 0))
    if rung is not None:
        began = earlier(line.ms, rung)
        yield Fact("agent.offered", began, _offer(line))
        yield from ringing(line, exchange, began)
    yield Fact("queue.left", line.ms, Data(how="answered", queue=line.queue))
    yield from _conversation(line, exchange, line.ms)


def _conversation(line: Line, exchange: Exchange, ms: int) -> Iterator[Fact]:
    yield Fact("agent.connected", ms, _offer(line))
    yield from talking(line, exchange, ms)


def _over(line: Line, exchange: Exchange, at: int, *told: tuple[str, Data]) -> Iterator[Fact]:
    """The end of a conversation; only of the agent's part, if the call id is not the caller's.

    After an attended transfer, and when a channel is optimised away, Asterisk may log the end
    under the id of another channel, to which no contact belongs.
    """
    held, talked = line.number(at, "holdtime", WEEK), line.number(at + 1, "talktime", WEEK)
    began, since = line.second - (talked or 0), _since(line, talked)
    if (born(line.call) or 0) > began:
        line.dirt.append(f"{line.event}: {FOREIGN}")
    else:
        if held is not None and talked is not None:
            yield exchange.asked(line, earlier(line.ms, held + talked))
        if talked is not None:
            yield from _conversation(line, exchange, earlier(line.ms, talked))
        for kind, data in told:
            yield Fact(kind, line.ms, data, since)
    yield from freed(line, exchange, since, "call_ended")


def _since(line: Line, seconds: int | None) -> int:
    """When what a line ends began: its own second if it was so short that the two may be one."""
    return line.second - seconds if seconds and seconds > 1 else line.second


def _completed(line: Line, exchange: Exchange, *, by: str) -> Iterator[Fact]:
    return _over(line, exchange, 0, ("contact.ended", Data(by=by)))


def _transferred(line: Line, exchange: Exchange) -> Iterator[Fact]:
    """A blind transfer: to where is said, and asking and passing on are one."""
    passed = Data(agent=line.agent, target=exchange.target(line, 0))
    return _over(line, exchange, 2, ("transfer.requested", passed), ("transfer.completed", passed))


def _passed_on(line: Line, exchange: Exchange) -> Iterator[Fact]:
    """An attended transfer. When it was asked for, and to whom a bridge leads, is not said."""
    method = line.text(0, "method")
    if method not in ("BRIDGE", "APP", "LINK"):
        raise Malformed("method", "not one of BRIDGE, APP, LINK")
    target = line.text(1, "application") if method == "APP" else None
    passed = Data(agent=line.agent, target=target)
    return _over(line, exchange, 3 if method == "LINK" else 2, ("transfer.completed", passed))


def _rang(line: Line, exchange: Exchange, *, missed: bool) -> Iterator[Fact]:
    rung = line.number(0, "ringing time", WEEK * SECOND) or 0
    began = line.ms - rung if line.ms % SECOND else earlier(line.ms, rung // SECOND)
    yield exchange.asked(line, began)
    yield Fact("agent.offered", began, _offer(line))
    yield from ringing(line, exchange, began)
    if missed:
        yield Fact("agent.ring_no_answer", line.ms, _offer(line))
    reason = "no_answer" if missed else "ring_cancelled"
    yield from freed(line, exchange, _since(line, rung // SECOND), reason)


def _dumped(line: Line, exchange: Exchange) -> Iterator[Fact]:
    """The agent hung up during the announcement, before the caller was there, who waits on."""
    yield exchange.asked(line, line.ms)
    yield Fact("agent.offered", line.ms, _offer(line))


HANDLERS: dict[str, Callable[[Line, Exchange], Iterator[Fact]]] = {
    "CONNECT": _connected,
    "COMPLETEAGENT": partial(_completed, by="agent"),
    "COMPLETECALLER": partial(_completed, by="customer"),
    "BLINDTRANSFER": _transferred,
    "TRANSFER": _transferred,  # as it was called before Asterisk 12
    "ATTENDEDTRANSFER": _passed_on,
    "RINGNOANSWER": partial(_rang, missed=True),
    "RINGCANCELED": partial(_rang, missed=False),
    "AGENTDUMP": _dumped,
}
