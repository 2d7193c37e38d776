"""Shifts: who is at work, and the state each agent is in.

A shift is bounded by the local day: one who talks at midnight ends the old shift after that
contact, and goes on in a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.event import Data
from streams.simulator.desk import Agent, Desk, dispatch

if TYPE_CHECKING:
    from streams.simulator.phone import Phone

_IDLE = ("ready", "paused")


def begin_day(site: Phone, desk: Desk) -> None:
    """Who is at work without a contact begins the new day's shift."""
    for agent in desk.agents:
        if agent.shift and agent.state in _IDLE:
            state = agent.state
            _end(site, agent)
            _begin(site, agent, state)


def roster(site: Phone, desk: Desk, staff: int) -> None:
    """As many at work as the hour wants; of too many, those go who have nothing to do."""
    desk.staff = staff
    while len(desk.agents) < staff:
        desk.agents.append(Agent(f"{desk.team.name}-{len(desk.agents) + 1:03d}", desk))
    here = [agent for agent in desk.agents if agent.shift and not agent.leaving]
    for agent in sorted(here, key=_is_busy)[: max(len(here) - staff, 0)]:
        _dismiss(site, desk, agent)
    away = [agent for agent in desk.agents if not agent.shift or agent.leaving]
    for agent in sorted(away, key=_is_off)[: max(staff - len(here), 0)]:
        _summon(site, desk, agent)


def _is_busy(agent: Agent) -> bool:
    return agent.state not in _IDLE


def _is_off(agent: Agent) -> bool:
    return not agent.shift


def _dismiss(site: Phone, desk: Desk, agent: Agent) -> None:
    if agent.state not in _IDLE:
        agent.leaving = True
        return
    if agent.state == "ready":
        desk.ready.remove(agent)
    _end(site, agent)


def _summon(site: Phone, desk: Desk, agent: Agent) -> None:
    if agent.leaving:
        agent.leaving = False
    else:
        _begin(site, agent, "ready")
        desk.ready.append(agent)


def free(site: Phone, agent: Agent) -> None:
    """An agent has no contact any more: ready for the next, on a pause, or gone."""
    handling = site.service.handling
    if agent.leaving:
        _end(site, agent)
        return
    if agent.day != site.day:
        _end(site, agent)
        _begin(site, agent, "ready")
        agent.desk.ready.append(agent)
    elif handling.pauses and site.chance(handling.pauses):
        pause(site, agent, handling.pause, "break")
    else:
        enter(site, agent, "ready")
        agent.desk.ready.append(agent)


def pause(site: Phone, agent: Agent, seconds: float, reason: str) -> None:
    """An agent takes no contact for about so long, or goes home."""
    if agent.leaving:
        _end(site, agent)
        return
    enter(site, agent, "paused", reason)
    site.after(site.some(seconds), _resume, agent)


def _resume(site: Phone, agent: Agent) -> None:
    """Unless the agent has gone home since."""
    if agent.state == "paused":
        enter(site, agent, "ready")
        agent.desk.ready.append(agent)
        dispatch(site, agent.desk)


def enter(site: Phone, agent: Agent, state: str, reason: str | None = None) -> None:
    """An agent's state changes."""
    agent.state = state
    agent.facts += 1
    place = Data(agent=agent.name, state=state, reason=reason)
    if agent.facts == 1:
        place = Data(
            agent=agent.name,
            state=state,
            department=site.service.department,
            program=_program(agent.desk),
            channel="phone",
        )
    site.declare(agent.shift, f"{agent.shift}-{agent.facts:03d}", "agent.state_changed", place)


def _program(desk: Desk) -> str | None:
    """The line of business of the team, where it has only one."""
    programs = {queue.program for queue in desk.team.queues}
    return programs.pop() if len(programs) == 1 else None


def _begin(site: Phone, agent: Agent, state: str) -> None:
    agent.shifts = agent.shifts + 1 if agent.day == site.day else 1
    agent.day = site.day
    agent.shift = f"shift-{site.service.department}-{site.day}-{agent.name}-{agent.shifts}"
    agent.facts = 0
    enter(site, agent, state)


def _end(site: Phone, agent: Agent) -> None:
    enter(site, agent, "offline")
    agent.shift, agent.leaving = "", False
