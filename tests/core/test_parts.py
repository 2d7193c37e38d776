"""The parts of a contact, one kind at a time, by the words of `schemas.parts`."""

from __future__ import annotations

import pytest

from schemas.instants import HOUR, SECOND
from schemas.parts import Escalation, Estimate, Segment, Survey, Task, Topic
from schemas.record import ContactRecord
from streams.core.fold import fold
from tests.core.examples import START, raw

ARRIVED = raw("contact.arrived", department="ircc", channel="phone")


def _fold(*values: bytes, arrived: bytes = ARRIVED, after: int = 2 * HOUR) -> ContactRecord:
    record = fold([arrived, *values], START + after)
    assert isinstance(record, ContactRecord)
    return record


def _at(second: int) -> int:
    return START + second * SECOND


@pytest.mark.parametrize(
    ("left", "how"),
    [
        (raw("agent.connected", 30), "answered"),
        (raw("callback.accepted", 30), "callback"),
        (raw("queue.left", 30, how="timeout"), "timeout"),
        (raw("queue.left", 30, how="answered"), "answered"),
        (raw("contact.turned_away", 30, reason="closed"), "closed"),
        (raw("contact.ended", 30, by="customer"), "abandoned"),
        (raw("contact.ended", 30, by="system"), "ended_by_system"),
    ],
)
def test_a_segment_ends_with_the_first_later_event_that_can_end_it(left: bytes, how: str) -> None:
    record = _fold(
        raw("queue.entered", 10, queue="q1"), left, raw("queue.left", 60, how="abandoned")
    )
    (segment,) = record.segments
    assert (segment.queue, segment.entered_ms) == ("q1", _at(10))
    assert (segment.left_ms, segment.how, segment.wait_ms) == (_at(30), how, 20_000)


def test_every_pass_through_a_queue_is_a_segment_of_its_own() -> None:
    record = _fold(
        raw("queue.entered", 10, queue="q1"),
        raw("queue.left", 20, how="flow"),
        raw("queue.entered", 21, queue="q2"),
        raw("queue.entered", 51, queue="q3"),
        raw("agent.connected", 60),
        raw("transfer.completed", 90),
        raw("queue.entered", 90, queue="q4"),
    )
    assert [(s.queue, s.how, s.wait_ms) for s in record.segments] == [
        ("q1", "flow", 10_000),
        ("q2", "flow", 30_000),
        ("q3", "answered", 9_000),
        ("q4", None, None),
    ]
    assert record.visits == 4
    assert record.segments[-1] == Segment(queue="q4", entered_ms=_at(90))


@pytest.mark.parametrize(
    ("then", "estimate"),
    [
        ([], Estimate(announced_ms=_at(10), seconds=60)),
        (
            [raw("agent.connected", 80)],
            Estimate(
                announced_ms=_at(10), seconds=60, actual_ms=70_000, error_ms=-10_000, miss_ms=10_000
            ),
        ),
        (
            [raw("agent.connected", 30)],
            Estimate(
                announced_ms=_at(10), seconds=60, actual_ms=20_000, error_ms=40_000, miss_ms=40_000
            ),
        ),
        (
            [raw("contact.ended", 40, by="customer")],
            Estimate(announced_ms=_at(10), seconds=60, censored_ms=30_000),
        ),
        (
            [raw("callback.accepted", 40)],
            Estimate(announced_ms=_at(10), seconds=60, censored_ms=30_000),
        ),
        (
            [raw("queue.left", 40, how="overflow")],
            Estimate(announced_ms=_at(10), seconds=60, censored_ms=30_000),
        ),
        ([raw("agent.connected", 8)], Estimate(announced_ms=_at(10), seconds=60)),
    ],
)
def test_an_estimate_is_held_against_the_true_wait(then: list[bytes], estimate: Estimate) -> None:
    queued = raw("queue.entered", 5, queue="q1")
    announced = raw("estimate.announced", 10, seconds=60)
    assert _fold(queued, announced, *then).estimates == (estimate,)


def test_of_a_contact_lost_sight_of_nobody_knows_the_wait() -> None:
    values = [raw("queue.entered", 5, queue="q1"), raw("estimate.announced", 10, seconds=60)]
    record = _fold(*values, after=20 * HOUR)
    assert record.exit_reason == "lost_sight"
    assert record.estimates == (Estimate(announced_ms=_at(10), seconds=60),)


def test_a_survey_is_known_by_its_questionnaire() -> None:
    record = _fold(
        raw("survey.invited", 10, questionnaire="after"),
        raw("survey.answered", 20, questionnaire="yearly", score=0, scale=10),
        raw("survey.answered", 90_000, questionnaire="after", score=4, scale=5, preferred="web"),
        raw("survey.answered", 90_001, questionnaire="after", score=1, scale=5),
        raw("survey.invited", 90_002, questionnaire="yearly"),
        raw("survey.invited", 90_003),  # of no questionnaire
        after=48 * HOUR,
    )
    after = Survey(
        questionnaire="after",
        arrived_ms=START,
        invited_ms=_at(10),
        answered_ms=_at(90_000),
        score=4,
        scale=5,
        preferred="web",
    )
    yearly = Survey(
        questionnaire="yearly",
        arrived_ms=START,
        invited_ms=_at(90_002),
        answered_ms=_at(20),
        score=0,
        scale=10,
    )
    assert record.surveys == (after, yearly)


def test_a_topic_counts_once_and_the_last_one_is_the_contacts() -> None:
    record = _fold(
        raw("topic.assigned", 10, topic="t1"),
        raw("topic.assigned", 20, topic="t2"),
        raw("topic.assigned", 30, topic="t1"),
        raw("topic.assigned", 40),  # of nothing
    )
    assert record.topics == (
        Topic(topic="t1", assigned_ms=_at(10)),
        Topic(topic="t2", assigned_ms=_at(20)),
    )
    assert record.topic == "t1"


def test_an_escalation_is_referred_by_the_first_later_referral_of_its_kind() -> None:
    record = _fold(
        raw("escalation.referred", 5, kind="urgent"),
        raw("escalation.raised", 10, kind="urgent"),
        raw("escalation.raised", 20, kind="complaint"),
        raw("escalation.referred", 40, kind="urgent"),
        raw("escalation.referred", 50, kind="urgent"),
    )
    urgent = Escalation(raised_ms=_at(10), kind="urgent", referred_ms=_at(40), referral_ms=30_000)
    assert record.escalations == (urgent, Escalation(raised_ms=_at(20), kind="complaint"))


def test_tasks_with_a_digital_tool_make_a_contact_by_the_web() -> None:
    done = [raw("web.task_completed", 10, tool="status"), raw("web.task_completed", 9, tool="form")]
    record = fold(done, START + HOUR)
    assert isinstance(record, ContactRecord)
    assert (record.channel, record.place, record.arrived_ms) == ("web", None, _at(9))
    assert record.tasks == (Task(done_ms=_at(9), tool="form"), Task(done_ms=_at(10), tool="status"))


def test_a_contact_of_another_channel_has_no_funnel_but_all_the_rest() -> None:
    record = _fold(
        raw("queue.entered", 10, queue="q1"),
        raw("estimate.announced", 11, seconds=60),
        raw("agent.connected", 30, agent="a"),
        raw("contact.turned_away", 31, reason="full"),
        raw("contact.ended", 50, by="agent"),
        arrived=raw("contact.arrived", department="ircc", channel="web"),
    )
    assert (record.place, record.asked_ms, record.queued_ms, record.exit_ms) == (None,) * 4
    assert (record.visits, record.segments, record.estimates) == (0, (), ())
    assert (record.turned_away_ms, record.connected_ms, record.wait_ms) == (None,) * 3
    assert (record.queue, record.talk_ms, record.ended_by) == ("q1", 20_000, "agent")


def test_the_interpreter_joins_after_having_been_asked_for() -> None:
    alone = _fold(raw("interpreter.joined", 5))
    assert (alone.interpreter_requested_ms, alone.interpreter_joined_ms) == (None, None)
    asked = _fold(raw("interpreter.joined", 5), raw("interpreter.requested", 10))
    assert (asked.interpreter_requested_ms, asked.interpreter_wait_ms) == (_at(10), None)
    joined = _fold(
        raw("interpreter.joined", 5),
        raw("interpreter.requested", 10),
        raw("interpreter.requested", 15),
        raw("interpreter.joined", 40),
        raw("interpreter.joined", 50),
    )
    assert (joined.interpreter_joined_ms, joined.interpreter_wait_ms) == (_at(40), 30_000)


def test_the_last_word_on_resolution_holds() -> None:
    said = [raw("contact.resolved", 10, at_first_exchange=True)]
    assert _fold().resolved_first is None
    assert _fold(*said).resolved_first is True
    taken_back = raw("contact.resolved", 20, at_first_exchange=False)
    assert _fold(*said, taken_back).resolved_first is False


def test_a_contact_is_finished_by_the_first_end_after_its_connection() -> None:
    called_back = [
        raw("queue.entered", 10, queue="q1"),
        raw("callback.accepted", 20),
        raw("contact.ended", 21, by="customer"),
        raw("callback.connected", 100),
    ]
    assert _fold(*called_back).finished_ms is None
    finished = _fold(*called_back, raw("contact.ended", 130, by="agent"))
    assert (finished.ended_ms, finished.finished_ms) == (_at(21), _at(130))


def test_facts_of_the_caller_are_those_of_the_first_event_that_carries_them() -> None:
    record = _fold(
        raw("agent.requested", 10, skill="s1", caller_before="k0"),
        raw("queue.entered", 20, queue="q1", priority=0, skill="s2"),
        raw("queue.entered", 30, queue="q2", priority=5, origin="abroad"),
    )
    assert (record.skill, record.caller_before, record.priority) == ("s1", "k0", 0)
    assert (record.origin, record.topic) == ("abroad", None)
