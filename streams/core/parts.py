"""The parts of a contact, by the words of `schemas.parts`, from the events that were kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.instants import SECOND
from schemas.parts import Escalation, Estimate, Segment, Survey, Task, Topic
from streams.core.funnel import Place
from streams.core.life import Life, Seen, at, first

_HOW = {"agent.connected": "answered", "callback.accepted": "callback", "queue.entered": "flow"}


def segments(life: Life) -> tuple[Segment, ...]:
    """Every pass through a queue; the last one may be under way."""
    found = [_segment(entered, left) for entered, left in life.passes]
    if life.inside is not None:
        inside = life.inside
        found.append(Segment(queue=inside.data.queue, entered_ms=inside.ms))
    return tuple(found)


def _segment(entered: Seen, left: Seen) -> Segment:
    entered_ms, left_ms = entered.ms, left.ms
    return Segment(
        queue=entered.data.queue,
        entered_ms=entered_ms,
        left_ms=left_ms,
        how=_HOW.get(left.type) or _how(left),
        wait_ms=left_ms - entered_ms,
    )


def _how(left: Seen) -> str | None:
    data = left.data
    if left.type == "contact.ended":
        return "abandoned" if data.by == "customer" else f"ended_by_{data.by}"
    return data.how if left.type == "queue.left" else data.reason


def estimates(life: Life, place: Place) -> tuple[Estimate, ...]:
    """Every announced wait, and the true one as far as the exit tells it."""
    told = ((event.ms, event.data.seconds) for event in life.estimates)
    return tuple(_estimate(ms, seconds, place) for ms, seconds in told if seconds is not None)


def _estimate(announced_ms: int, seconds: int, place: Place) -> Estimate:
    if place.exit_ms is None or place.exit_ms < announced_ms or place.exit_reason == "lost_sight":
        return Estimate(announced_ms=announced_ms, seconds=seconds)
    waited_ms = place.exit_ms - announced_ms
    if place.name != "answered":
        return Estimate(announced_ms=announced_ms, seconds=seconds, censored_ms=waited_ms)
    error_ms = seconds * SECOND - waited_ms
    return Estimate(
        announced_ms=announced_ms,
        seconds=seconds,
        actual_ms=waited_ms,
        error_ms=error_ms,
        miss_ms=abs(error_ms),
    )


def surveys(events: Iterable[Seen], arrived_ms: int) -> tuple[Survey, ...]:
    """One for each questionnaire, in the order of its first event."""
    by_name: dict[str, list[Seen]] = {}
    for event in events:
        if event.data.questionnaire is not None:
            by_name.setdefault(event.data.questionnaire, []).append(event)
    return tuple(_survey(name, found, arrived_ms) for name, found in by_name.items())


def _survey(questionnaire: str, events: list[Seen], arrived_ms: int) -> Survey:
    invited = first(events, "survey.invited")
    answered = first(events, "survey.answered")
    return Survey(
        questionnaire=questionnaire,
        arrived_ms=arrived_ms,
        invited_ms=at(invited),
        answered_ms=at(answered),
        score=None if answered is None else answered.data.score,
        scale=None if answered is None else answered.data.scale,
        preferred=None if answered is None else answered.data.preferred,
    )


def topics(events: Iterable[Seen]) -> tuple[Topic, ...]:
    """One for each topic that was assigned, in the order of its first event."""
    since: dict[str, int] = {}
    for event in events:
        if event.data.topic is not None:
            since.setdefault(event.data.topic, event.ms)
    return tuple(Topic(topic=topic, assigned_ms=ms) for topic, ms in since.items())


def escalations(events: Sequence[Seen]) -> tuple[Escalation, ...]:
    """One for each that was raised."""
    return tuple(
        _escalation(event, event.data.kind, events[number:])
        for number, event in enumerate(events)
        if event.type == "escalation.raised" and event.data.kind is not None
    )


def _escalation(raised: Seen, kind: str, later: Sequence[Seen]) -> Escalation:
    same = (event for event in later if event.data.kind == kind)
    referred = first(same, "escalation.referred")
    raised_ms, referred_ms = raised.ms, at(referred)
    return Escalation(
        raised_ms=raised_ms,
        kind=kind,
        referred_ms=referred_ms,
        referral_ms=None if referred_ms is None else referred_ms - raised_ms,
    )


def tasks(events: Iterable[Seen]) -> tuple[Task, ...]:
    """One for each that was completed with a digital tool."""
    done = ((event.ms, event.data.tool) for event in events)
    return tuple(Task(done_ms=ms, tool=tool) for ms, tool in done if tool is not None)
