"""The vocabulary: one row for each type of event, past tense, facts only.

To add a type, add a row here (and, if it carries a new fact, a field in `schemas.event`),
a frozen fixture in `tests/fixtures/events`, and, if the fold should understand it, a
handler in `streams/core`. An unknown type is archived and counted, never refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CHANNELS = ("phone", "email", "parliamentary", "web")
TURN_AWAYS = ("blocked", "closed", "full", "no_agent", "deflected", "call_later")
REMOVALS = ("timeout", "withdrawn", "overflow", "voicemail", "key", "empty", "system")
LEAVINGS = ("answered", "abandoned", "callback", "flow", *REMOVALS)
PARTIES = ("customer", "agent", "system")
STATES = ("ready", "ringing", "talking", "holding", "wrapup", "paused", "offline")
DECLARED = ("arrived", "asked", "queued", "answered", "abandoned", "received")


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event: what it means and which facts it must carry."""

    name: str
    meaning: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    version: int = 1


PLACE = ("department", "program", "queue", "language", "line")
CALLER = ("caller", "caller_before")

_ROWS = (
    EventType(
        "contact.arrived",
        "A contact reached us, or tried to.",
        ("department", "channel"),
        ("program", "queue", "language", "line", "origin", *CALLER, "priority", "topic"),
        {"channel": CHANNELS},
    ),
    EventType("ivr.entered", "The caller entered the voice menu.", (), PLACE),
    EventType("ivr.self_served", "The caller completed a task in the menu.", (), (*PLACE, "task")),
    EventType("ivr.left", "The caller left the menu, for whatever came next.", (), PLACE),
    EventType(
        "agent.requested", "The caller chose to speak to an agent.", (), (*PLACE, "skill", *CALLER)
    ),
    EventType(
        "contact.turned_away",
        "The system refused the contact before or instead of a queue; `blocked` is a refusal "
        "before the menu (busy signal, all lines taken).",
        ("reason",),
        PLACE,
        {"reason": TURN_AWAYS},
    ),
    EventType(
        "queue.entered",
        "The contact joined a queue.",
        ("queue",),
        ("department", "program", "language", "line", "position", "priority", "skill"),
    ),
    EventType(
        "queue.left",
        "The contact left a queue. `abandoned`: the customer disconnected; `flow`: on to "
        "another queue; `answered` and `callback` only repeat what the events of those names "
        "prove; anything else is a removal by the system.",
        ("how",),
        ("queue",),
        {"how": LEAVINGS},
    ),
    EventType(
        "estimate.announced", "The caller was told a wait.", ("seconds",), ("queue", "position")
    ),
    EventType("callback.offered", "A callback was offered.", (), ("queue", "seconds", "position")),
    EventType(
        "callback.accepted",
        "The caller accepted a callback; the promise is a window, or absent where none was "
        "announced.",
        (),
        ("queue", "promise_from", "promise_until"),
        version=2,
    ),
    EventType("callback.declined", "The caller declined a callback.", (), ("queue",)),
    EventType("callback.attempted", "We rang the caller back.", ("number",), ("queue", "agent")),
    EventType(
        "callback.customer_answered",
        "A person or a machine answered our ring: kept, not counted.",
        (),
        ("number", "by"),
        {"by": ("human", "machine")},
    ),
    EventType(
        "callback.connected",
        "Agent and customer are both connected in a callback.",
        (),
        ("number", "agent"),
    ),
    EventType("callback.cancelled", "The callback was cancelled.", ("by",), (), {"by": PARTIES}),
    EventType("callback.expired", "The callback was given up.", (), ("reason",)),
    EventType(
        "agent.offered", "The contact rang at an agent: kept, not counted.", (), ("agent", "queue")
    ),
    EventType(
        "agent.ring_no_answer",
        "The agent did not pick up: kept, not counted.",
        (),
        ("agent", "queue"),
    ),
    EventType(
        "agent.connected",
        "Agent and customer are both connected, live (ringing and whispering do not count).",
        (),
        ("agent", "queue", "reported_start"),
    ),
    EventType("hold.started", "The agent put the customer on hold.", (), ("agent",)),
    EventType("hold.ended", "The agent came back from hold.", (), ("agent",)),
    EventType(
        "transfer.requested",
        "An agent asked to pass the contact on: kept, not counted.",
        (),
        ("agent", "target"),
    ),
    EventType("transfer.completed", "The contact was passed on.", (), ("agent", "target")),
    EventType("contact.ended", "The connection ended.", ("by",), ("reason",), {"by": PARTIES}),
    EventType("wrapup.started", "After-call work began.", (), ("agent",)),
    EventType("wrapup.ended", "After-call work ended.", (), ("agent",)),
    EventType(
        "contact.resolved",
        "The agent says whether the matter was settled, and whether at the first exchange; said "
        "again, the last holds.",
        ("at_first_exchange",),
        ("agent",),
    ),
    EventType(
        "interpreter.requested", "An interpreter was asked to join.", (), ("agent", "language")
    ),
    EventType("interpreter.joined", "The interpreter joined.", (), ("agent", "language")),
    EventType(
        "web.task_completed",
        "A task was completed with a digital tool.",
        ("tool",),
        (*PLACE, "task"),
    ),
    EventType(
        "email.received",
        "A written message was received by our server; `intake` is how it reached us. A message "
        "of the parliamentary centre carries that channel, by whatever medium it came.",
        ("department", "intake"),
        ("program", "queue", "channel", "language", "line", "origin", *CALLER, "topic"),
        {
            "channel": ("email", "parliamentary"),
            "intake": ("web_form", "mailbox", "phone", "fax", "letter", "in_person"),
        },
    ),
    EventType("email.acknowledged", "An automatic acknowledgement was sent."),
    EventType("email.responded", "A person sent a substantive reply.", (), ("agent",)),
    EventType("email.reopened", "The client wrote again in the same matter."),
    EventType(
        "email.excluded",
        "The message was taken out of the population of the standard, by whom and why.",
        ("reason", "actor"),
    ),
    EventType("survey.invited", "The client was invited to a survey.", ("questionnaire",)),
    EventType(
        "survey.answered",
        "The client answered: a score from 0 to `scale`, and the channel preferred next time.",
        ("questionnaire",),
        ("score", "scale", "preferred"),
        {"preferred": CHANNELS},
    ),
    EventType("topic.assigned", "What the contact was about.", ("topic",), ("agent",)),
    EventType(
        "escalation.raised", "The matter was passed upwards.", ("kind",), ("agent", "reason")
    ),
    EventType("escalation.referred", "Whom it was passed to took it.", ("kind",), ("agent",)),
    EventType(
        "agent.state_changed",
        "An agent entered a state. The subject is a shift (one spell of work of one agent), "
        "which an `offline` ends.",
        ("agent", "state"),
        ("reason", "department", "program", "queue", "channel", "language", "line"),
        {"state": STATES},
    ),
    EventType(
        "control.total_declared",
        "A count that somebody else made for an interval. The subject names the declaration; "
        "declared again, the last in order holds.",
        ("of", "count", "period_start", "period_end", "attribution", "authority"),
        ("department", "program", "queue", "channel", "language", "line", "origin"),
        {
            "of": DECLARED,
            "attribution": ("cohort", "interval"),
            "authority": ("carrier", "switch", "workforce"),
        },
    ),
)

VOCABULARY: dict[str, EventType] = {row.name: row for row in _ROWS}
EVOLVED = frozenset(row.name for row in _ROWS if row.version > 1)
