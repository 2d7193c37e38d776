"""What the lines of an agent say: ready, paused, offline; and what a call's lines say of agents.

A shift is an agent's local day. So the state in which an agent crosses midnight is not carried
into the new day, whose time is unknown until its first line; nothing is said twice.

A line tells a change in one queue or, with PAUSEALL and the like, in all; the queue is kept, the
state is the agent's. After a call an agent is taken to be ready, with the reason `call_ended`:
one who was paused while talking shows as ready from there to the next line, because no line
says otherwise. Wrap-up is not in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from schemas.errors import Malformed
from schemas.event import Data
from streams.sources.queue_log.facts import STATE, Exchange, Fact
from streams.sources.queue_log.lines import Line

#: The order of changes within one second.
AVAILABLE, RINGING, TALKING, FREED, PAUSED, OFFLINE = range(1, 7)


def ringing(line: Line, exchange: Exchange, ms: int) -> Iterator[Fact]:
    """That the telephone of the line's agent began to ring then."""
    if line.agent:
        yield _state(line, exchange, "ringing", RINGING, ms=ms)


def talking(line: Line, exchange: Exchange, ms: int) -> Iterator[Fact]:
    """That the line's agent was talking from then on."""
    if line.agent:
        yield _state(line, exchange, "talking", TALKING, ms=ms)


def freed(line: Line, exchange: Exchange, since: int, reason: str) -> Iterator[Fact]:
    """That the line's agent is done with what had begun in the second `since`."""
    if line.agent:
        yield _state(line, exchange, "ready", FREED, since=since, reason=reason)


def _state(
    line: Line,
    exchange: Exchange,
    state: str,
    step: int,
    *,
    ms: int | None = None,
    since: int | None = None,
    reason: str | None = None,
) -> Fact:
    data = Data(
        agent=line.agent,
        state=state,
        reason=reason,
        queue=line.queue,
        department=exchange.place,
        channel="phone",
    )
    return Fact(STATE, line.ms if ms is None else ms, data, since, step)


def _changed(
    line: Line, exchange: Exchange, *, state: str, step: int, reason_at: int
) -> Iterator[Fact]:
    if line.agent is None:
        raise Malformed("agent", "names nobody")
    yield _state(line, exchange, state, step, reason=line.text(reason_at, "reason"))


def _added(line: Line, exchange: Exchange) -> Iterator[Fact]:
    """A member may be added paused; other parameters of it are no reason."""
    paused = line.text(0, "paused") == "PAUSED"
    state, step = ("paused", PAUSED) if paused else ("ready", AVAILABLE)
    return _changed(line, exchange, state=state, step=step, reason_at=len(line.parameters))


def _row(state: str, step: int, reason_at: int = 9) -> Callable[[Line, Exchange], Iterator[Fact]]:
    return partial(_changed, state=state, step=step, reason_at=reason_at)


HANDLERS: dict[str, Callable[[Line, Exchange], Iterator[Fact]]] = {
    "AGENTLOGIN": _row("ready", AVAILABLE),
    "AGENTCALLBACKLOGIN": _row("ready", AVAILABLE),
    "ADDMEMBER": _added,
    "UNPAUSE": _row("ready", AVAILABLE, 0),
    "UNPAUSEALL": _row("ready", AVAILABLE, 0),
    "PAUSE": _row("paused", PAUSED, 0),
    "PAUSEALL": _row("paused", PAUSED, 0),
    "REMOVEMEMBER": _row("offline", OFFLINE),
    "AGENTLOGOFF": _row("offline", OFFLINE),
    "AGENTCALLBACKLOGOFF": _row("offline", OFFLINE, 2),
}
