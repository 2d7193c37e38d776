"""What a queue log says of the states of agents."""

from __future__ import annotations

import pytest

from schemas.parts import Shift
from tests.sources.queue_lines import T, connected, entered, events, line, shifts

HOUR = 3_600


def agent(at: int, event: str, *data: object, q: str = "NONE", who: str = "SIP/1") -> str:
    return line(at, event, *data, call="NONE", q=q, who=who)


def shift(*lines: str) -> Shift:
    (only,) = shifts(lines).values()
    return only


def spells(*lines: str) -> list[tuple[str, int]]:
    """States and seconds, the pieces of quarter-hours put together again."""
    told: list[tuple[str, int]] = []
    for spell in shift(*lines).spells:
        if told and told[-1][0] == spell.state:
            told[-1] = (spell.state, told[-1][1] + spell.spent_ms // 1000)
        else:
            told.append((spell.state, spell.spent_ms // 1000))
    return told


@pytest.mark.parametrize(
    ("event", "data", "state", "reason"),
    [
        ("AGENTLOGIN", ("SIP/1-0001",), "ready", None),
        ("AGENTCALLBACKLOGIN", ("1002@inside",), "ready", None),
        ("ADDMEMBER", ("",), "ready", None),
        ("ADDMEMBER", ("PAUSED",), "paused", None),
        ("UNPAUSE", ("Auto-Unpause",), "ready", "Auto-Unpause"),
        ("UNPAUSEALL", ("",), "ready", None),
        ("PAUSE", ("lunch",), "paused", "lunch"),
        ("PAUSEALL", (), "paused", None),
        ("REMOVEMEMBER", ("",), "offline", None),
        ("AGENTLOGOFF", ("SIP/1-0001", 90), "offline", None),
        ("AGENTCALLBACKLOGOFF", ("1002@inside", 43, "CommandLogoff"), "offline", "CommandLogoff"),
    ],
)
def test_every_line_of_an_agent_is_a_state(
    event: str, data: tuple[object, ...], state: str, reason: str | None
) -> None:
    (told,) = events(agent(0, event, *data, q="a"))
    assert told.type == "agent.state_changed"
    assert told.subject == "shift-pbx-SIP/1-2026-01-05"
    assert (told.data.agent, told.data.state, told.data.reason) == ("SIP/1", state, reason)
    assert (told.data.queue, told.data.department, told.data.channel) == ("a", "esdc", "phone")


def test_a_day_of_an_agent() -> None:
    assert spells(
        agent(0, "AGENTLOGIN", "x"),
        entered(10),
        connected(30, 20),  # rang for 5 seconds
        line(90, "COMPLETECALLER", 20, 60, 1, who="SIP/1"),
        agent(100, "PAUSE", "lunch", q="a"),
        agent(1900, "UNPAUSE", "", q="a"),
        line(1960, "RINGNOANSWER", 20_000, who="SIP/1"),
        agent(2000, "AGENTLOGOFF", "x", 2000),
    ) == [
        ("ready", 25),
        ("ringing", 5),
        ("talking", 60),
        ("ready", 10),
        ("paused", 1800),
        ("ready", 40),
        ("ringing", 20),
        ("ready", 40),
    ]


def test_states_of_one_second_keep_their_order() -> None:
    automatic = (
        line(20, "RINGNOANSWER", 15_000, who="SIP/1"),
        agent(20, "PAUSE", "Auto-Pause", q="a"),
        agent(80, "REMOVEMEMBER", "", q="a"),
    )
    assert spells(*automatic) == [("ringing", 15), ("paused", 60)]
    quick = (
        line(20, "RINGNOANSWER", 1_000, who="SIP/1"),
        agent(20, "PAUSE", "Auto-Pause", q="a"),
        agent(80, "REMOVEMEMBER", "", q="a"),
    )
    assert spells(*quick) == [("ringing", 1), ("paused", 60)]
    at_once = (
        connected(0, 0),
        line(60, "COMPLETEAGENT", 0, 60, 1, who="SIP/1"),
        line(60, "CONNECT", 9, "", 0, call=f"{T}.99", who="SIP/1"),
        line(90, "COMPLETEAGENT", 9, 30, 1, call=f"{T}.99", who="SIP/1"),
        agent(90, "AGENTLOGOFF", "x", 90),
    )
    assert spells(*at_once) == [("talking", 90)]
    short = (connected(0, 0), line(0, "COMPLETEAGENT", 0, 0, 1, who="SIP/1"))
    assert spells(*short, agent(30, "AGENTLOGOFF")) == [("ready", 30)]


def test_a_new_day_is_a_new_shift_into_which_no_state_is_carried() -> None:
    night = 14 * HOUR  # 23:00 in Toronto
    lines = (
        agent(night, "AGENTLOGIN", "x"),
        agent(night + 3_000, "PAUSE", "tea"),
        agent(night + 4_000, "UNPAUSE"),
        agent(night + 5_000, "AGENTLOGOFF", "x", 5_000),
    )
    found = shifts(lines)
    assert set(found) == {"shift-pbx-SIP/1-2026-01-05", "shift-pbx-SIP/1-2026-01-06"}
    first, second = (found[name] for name in sorted(found))
    assert sum(spell.spent_ms for spell in first.spells) == 3_000_000
    assert sum(spell.spent_ms for spell in second.spells) == 1_000_000
    assert (first.unended, second.unended) == (True, False)


def test_pausing_everywhere_is_one_pause() -> None:
    lines = [agent(0, "AGENTLOGIN", "x"), agent(60, "PAUSEALL")]
    lines += [agent(60, "PAUSE", "lunch", q=queue) for queue in "abc"]
    assert spells(*lines, agent(90, "AGENTLOGOFF")) == [("ready", 60), ("paused", 30)]
