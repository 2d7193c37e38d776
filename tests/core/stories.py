"""Lives that make sense, so that deep places are reached often, and the facts they are told with.

A step is a type of event, and after a colon the choice that its type is about, where it matters.
"""

from __future__ import annotations

from collections.abc import Sequence

Story = tuple[tuple[str, str], ...]


def _stories(*texts: str) -> tuple[Story, ...]:
    steps = [[step.partition(":") for step in text.split()] for text in texts]
    return tuple(tuple((kind, word) for kind, _, word in story) for story in steps)


PHONE = _stories(
    "contact.arrived ivr.entered ivr.self_served ivr.left contact.ended",
    "contact.arrived ivr.entered contact.ended",
    "contact.arrived contact.turned_away contact.ended",
    "contact.arrived ivr.entered ivr.left agent.requested contact.turned_away",
    "contact.arrived agent.requested queue.entered queue.left contact.ended",
    "contact.arrived queue.entered estimate.announced estimate.announced queue.left:abandoned "
    "contact.ended",
    "contact.arrived queue.entered estimate.announced agent.connected contact.ended:agent "
    "contact.resolved survey.invited survey.answered topic.assigned topic.assigned",
    "contact.arrived queue.entered queue.left agent.connected hold.started hold.ended "
    "contact.ended wrapup.started wrapup.ended",
    "contact.arrived queue.entered queue.left:answered agent.connected contact.ended",
    "contact.arrived queue.entered queue.left:flow queue.entered queue.left agent.connected "
    "transfer.completed queue.entered agent.connected contact.ended:customer",
    "contact.arrived queue.entered agent.connected interpreter.requested interpreter.joined "
    "interpreter.joined contact.ended escalation.raised escalation.raised escalation.referred",
    "contact.arrived queue.entered callback.offered callback.accepted queue.left:callback "
    "contact.ended callback.attempted callback.attempted callback.connected contact.ended",
    "contact.arrived queue.entered callback.offered callback.accepted callback.attempted "
    "callback.connected contact.ended contact.resolved contact.resolved",
    "contact.arrived queue.entered callback.offered callback.accepted callback.cancelled",
    "contact.arrived queue.entered callback.offered callback.accepted contact.ended",
)
MESSAGES = _stories(
    "email.received email.acknowledged email.responded",
    "email.received email.acknowledged email.responded email.reopened email.responded",
    "email.received email.acknowledged email.excluded",
    "email.responded email.received email.responded survey.invited survey.answered",
    "contact.arrived:parliamentary email.received:parliamentary email.responded topic.assigned",
    "email.received escalation.raised escalation.referred",
    "email.received",
)
WEB = _stories(
    "contact.arrived:web web.task_completed web.task_completed survey.invited survey.answered",
    "web.task_completed",
)
#: Of a queue where some wait and others are called back.
NEIGHBOURS = _stories(
    "contact.arrived:phone queue.entered agent.connected contact.ended",
    "contact.arrived:phone queue.entered callback.accepted callback.attempted callback.connected "
    "contact.ended",
    "contact.arrived:phone queue.entered callback.accepted callback.expired",
)
#: Of somebody who comes back, or does not.
REPEATS = _stories(
    "contact.arrived:phone queue.entered agent.connected contact.ended",
    "contact.arrived:phone queue.entered queue.left:abandoned contact.ended",
    "contact.arrived:phone queue.entered callback.accepted callback.attempted callback.connected",
    "email.received:email email.responded",
    "email.received:email",
)
SHIFTS = tuple(
    tuple(("agent.state_changed", state) for state in states.split())
    for states in (
        "ready talking wrapup ready paused offline",
        "ready ringing talking holding talking wrapup ready",
        "ready offline ready talking",
    )
)

#: What a fact is chosen from; null is a fact that is left out.
FACTS: dict[str, Sequence[object]] = {
    "department": ("ircc", "ircc", "ircc", "vac", "bank"),
    "program": (None, "p1", "p2"),
    "queue": ("q1", "q1", "q2"),
    "channel": (*("phone",) * 7, "email", "parliamentary", "web"),
    "language": ("en", "fr", None),
    "line": (None, "crisis"),
    "origin": (None, "abroad"),
    "caller": ("k1", "k2", None),
    "skill": (None, "s1"),
    "priority": (None, 1),
    "topic": ("t1", "t2", None),
    "agent": ("a1", "a2"),
    "seconds": (20, 0, 600, 10_000),
    "position": (None, 1),
    "number": (1, 2),
    "actor": ("lead",),
    "reason": ("spam",),
    "kind": ("complaint", "privacy"),
    "tool": ("status", "address"),
    "task": ("balance",),
    "questionnaire": ("after", "yearly"),
    "score": (4, 0, None),
    "scale": (5, None),
    "at_first_exchange": (True, False),
    "target": ("q2",),
}
