"""The parts of a contact, and what the record says of channels, interpreters and ends."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.instants import HOUR
from sinks.sql import Recomputation
from tests.sql.events import AS_OF, BASE, PERIOD, contact, contacts, event, rows, since, table

ARRIVED = event("contact.arrived", 0, channel="phone", department="ircc")


def entered(ms: int, queue: str = "q") -> bytes:
    return event("queue.entered", ms, queue=queue)


def segments(*raws: bytes) -> list[tuple[Any, ...]]:
    found = [since(row, "queue", "entered_ms", "left_ms", "how") for row in rows(raws, "segments")]
    return sorted(found, key=lambda row: row[1])


@pytest.mark.parametrize(
    ("ending", "how"),
    [
        (event("agent.connected", 5_000), "answered"),
        (event("callback.accepted", 5_000), "callback"),
        (event("queue.left", 5_000, how="abandoned"), "abandoned"),
        (event("queue.left", 5_000, how="answered"), "answered"),
        (event("queue.left", 5_000, how="flow"), "flow"),
        (event("queue.left", 5_000, how="timeout"), "timeout"),
        (event("contact.turned_away", 5_000, reason="full"), "full"),
        (event("contact.ended", 5_000, by="customer"), "abandoned"),
        (event("contact.ended", 5_000, by="agent"), "ended_by_agent"),
        (event("contact.ended", 5_000, by="system"), "ended_by_system"),
    ],
)
def test_how_a_pass_ends(ending: bytes, how: str) -> None:
    assert segments(ARRIVED, entered(1_000), ending) == [("q", 1_000, 5_000, how)]


def test_every_pass_ends_with_the_first_later_step_and_what_is_no_step_ends_nothing() -> None:
    raws = [
        ARRIVED,
        event("queue.left", 500, how="abandoned"),  # of no pass
        entered(1_000),
        event("estimate.announced", 2_000, seconds=1),
        event("agent.offered", 3_000),
        entered(4_000, "r"),
        event("queue.left", 4_000, how="flow", key="a"),  # at once, and before the entry by its id
        event("agent.connected", 9_000),
        entered(20_000, "s"),
    ]
    assert segments(*raws) == [
        ("q", 1_000, 4_000, "flow"),
        ("r", 4_000, 9_000, "answered"),
        ("s", 20_000, None, None),
    ]
    waits = [row["wait_ms"] for row in rows(raws, "segments")]
    assert waits == [3_000, 5_000, None]


def test_only_phone_contacts_have_segments_and_estimates() -> None:
    raws = [entered(1_000), event("estimate.announced", 1_000, seconds=9)]
    mail = event("contact.arrived", 0, channel="email")
    assert [len(rows(raws, name)) for name in ("segments", "estimates")] == [1, 1]
    assert [rows([mail, *raws], name) for name in ("segments", "estimates")] == [[], []]


TOLD = event("estimate.announced", 2_000, seconds=5)


@pytest.mark.parametrize(
    ("raws", "actual", "censored", "error", "miss"),
    [
        ([event("agent.connected", 12_000)], 10_000, None, -5_000, 5_000),
        ([event("agent.connected", 4_000)], 2_000, None, 3_000, 3_000),
        ([event("agent.connected", 2_000, key="z")], 0, None, 5_000, 5_000),
        ([event("agent.connected", 1_999)], None, None, None, None),
        ([event("queue.left", 3_000, how="abandoned")], None, 1_000, None, None),
        ([event("callback.accepted", 3_000)], None, 1_000, None, None),
        ([event("queue.left", 3_000, how="timeout")], None, 1_000, None, None),
        ([event("queue.left", 1_999, how="timeout")], None, None, None, None),
        ([], None, None, None, None),
    ],
)
def test_an_announced_wait(
    raws: list[bytes],
    actual: int | None,
    censored: int | None,
    error: int | None,
    miss: int | None,
) -> None:
    (found,) = rows([ARRIVED, entered(1_000), TOLD, *raws], "estimates")
    assert since(found, "announced_ms", "seconds") == (2_000, 5)
    assert (found["actual_ms"], found["censored_ms"]) == (actual, censored)
    assert (found["error_ms"], found["miss_ms"]) == (error, miss)


def test_of_a_contact_lost_sight_of_no_wait_is_known() -> None:
    (found,) = rows([ARRIVED, entered(1_000), TOLD], "estimates", AS_OF + 24 * HOUR)
    assert (found["actual_ms"], found["censored_ms"]) == (None, None)


def test_a_survey_is_one_for_every_questionnaire() -> None:
    def answered(ms: int, questionnaire: str, **data: Any) -> bytes:
        return event("survey.answered", ms, questionnaire=questionnaire, **data)

    raws = [
        ARRIVED,
        event("survey.invited", 2_000, questionnaire="a"),
        event("survey.invited", 1_000, questionnaire="a"),
        answered(5_000, "a", scale=5),  # a first answer without a score has none
        answered(6_000, "a", score=4, scale=5, preferred="web"),
        answered(3_000, "b", score=0, scale=10, preferred="email"),
        event("survey.invited", 4_000, questionnaire="c"),
    ]
    names = ("questionnaire", "invited_ms", "answered_ms", "score", "scale", "preferred")
    found = rows(raws, "surveys")
    assert [since(row, *names) for row in found] == [
        ("a", 1_000, 5_000, None, 5, None),
        ("b", None, 3_000, 0, 10, "email"),
        ("c", 4_000, None, None, None, None),
    ]
    assert {row["arrived_ms"] for row in found} == {BASE}
    assert [row["category"] for row in found] == [None, "email", None]


def test_a_topic_counts_once_and_the_last_is_the_contact_s() -> None:
    raws = [
        event("contact.arrived", 0, topic="first"),
        event("topic.assigned", 2_000, topic="visa"),
        event("topic.assigned", 1_000, topic="visa"),
        event("topic.assigned", 1_500, topic="passport"),
        event("contact.ended", 9_000, by="agent"),
    ]
    found = [since(row, "topic", "assigned_ms") for row in rows(raws, "topics")]
    assert found == [("passport", 1_500), ("visa", 1_000)]
    assert contact(*raws)["topic"] == "visa"


def test_an_escalation_is_taken_up_by_the_first_later_referral_of_its_kind() -> None:
    def raised(ms: int, of: str) -> bytes:
        return event("escalation.raised", ms, kind=of)

    def referred(ms: int, of: str) -> bytes:
        return event("escalation.referred", ms, kind=of)

    raws = [
        ARRIVED,
        referred(500, "legal"),
        raised(1_000, "legal"),
        raised(2_000, "media"),
        referred(3_000, "media"),
        referred(9_000, "media"),
        raised(5_000, "media"),
        raised(10_000, "media"),
    ]
    names = ("kind", "raised_ms", "referred_ms", "referral_ms")
    found = sorted(
        (since(row, *names) for row in rows(raws, "escalations")), key=lambda row: row[1]
    )
    assert found == [
        ("legal", 1_000, None, None),
        ("media", 2_000, 3_000, 1_000),
        ("media", 5_000, 9_000, 4_000),
        ("media", 10_000, None, None),
    ]


def test_two_tasks_with_one_tool_are_two() -> None:
    raws = [event("web.task_completed", ms, tool="portal") for ms in (1_000, 1_001)]
    assert [since(row, "tool", "done_ms") for row in rows(raws, "tasks")] == [
        ("portal", 1_000),
        ("portal", 1_001),
    ]


@pytest.mark.parametrize(
    ("raws", "channel", "place"),
    [
        ([entered(0)], None, "waiting"),
        ([event("email.received", 0)], "email", None),
        ([event("email.pondered", 0)], "email", None),
        ([event("web.task_completed", 0, tool="t")], "web", None),
        ([event("web.task_completed", 0, tool="t"), event("email.reopened", 0)], "email", None),
        ([event("web.task_completed", 0, tool="t"), ARRIVED], "phone", "in_ivr"),
        ([event("email.received", 0, channel="parliamentary"), ARRIVED], "phone", "in_ivr"),
        ([event("email.received", 0, channel="parliamentary")], "parliamentary", None),
    ],
)
def test_the_channel_and_the_funnel(
    raws: list[bytes], channel: str | None, place: str | None
) -> None:
    found = contact(*raws)
    assert (found["channel"], found["place"]) == (channel, place)


def test_outside_the_funnel_nothing_of_it_is_known_though_someone_was_served() -> None:
    raws = [
        event("contact.arrived", 0, channel="web"),
        entered(1_000),
        event("contact.turned_away", 1_500, reason="full"),
        event("callback.accepted", 2_000),
        event("callback.connected", 3_000),
        event("contact.ended", 9_000, by="customer"),
    ]
    found = contact(*raws, as_of=AS_OF + 24 * HOUR)
    funnel = "asked place left_menu turned_away turned_away_reason exit exit_reason queued queue"
    names = [
        name if name == "place" or "reason" in name else f"{name}_ms" for name in funnel.split()
    ]
    assert {found[name] for name in names} == {None}
    assert (found["visits"], found["wait_ms"]) == (0, None)
    assert since(found, "connected_ms", "finished_ms") == (3_000, 9_000)


def test_dimensions_of_the_first_event_that_carries_them() -> None:
    found = contact(
        event("ivr.entered", 0),
        event("agent.requested", 1, skill="a", caller_before="old", caller="new", origin="BC"),
        event("queue.entered", 2, queue="q", skill="b", priority=0),
        event("queue.entered", 3, queue="q", priority=9),
    )
    names = ("skill", "priority", "caller", "caller_before", "origin")
    assert [found[name] for name in names] == ["a", 0, "new", "old", "BC"]


@pytest.mark.parametrize(
    ("raws", "finished"),
    [
        ([event("agent.connected", 5_000)], None),
        ([event("contact.ended", 4_000, by="agent"), event("agent.connected", 5_000)], None),
        ([event("agent.connected", 5_000), event("contact.ended", 9_000, by="agent")], 9_000),
        (  # an end at the very moment, and after it in order
            [event("agent.connected", 5_000), event("contact.ended", 5_000, by="agent")],
            5_000,
        ),
        (
            [
                event("callback.accepted", 1_000),
                event("contact.ended", 2_000, by="customer"),
                event("callback.connected", 5_000),
                event("contact.ended", 7_000, by="agent"),
                event("contact.ended", 8_000, by="agent"),
            ],
            7_000,
        ),
        (
            [event("callback.accepted", 1_000), event("contact.ended", 2_000, by="customer")],
            None,
        ),
    ],
)
def test_when_a_served_contact_was_finished(raws: list[bytes], finished: int | None) -> None:
    assert since(contact(event("contact.arrived", 0), *raws), "finished_ms") == (finished,)


def test_an_interpreter_joins_after_the_first_request() -> None:
    raws = [
        ARRIVED,
        event("interpreter.joined", 500),
        event("interpreter.requested", 1_000),
        event("interpreter.requested", 2_000),
    ]
    names = ("interpreter_requested_ms", "interpreter_joined_ms", "interpreter_wait_ms")
    assert since(contact(*raws), *names) == (1_000, None, None)
    raws += [event("interpreter.joined", 4_000), event("interpreter.joined", 9_000)]
    assert since(contact(*raws), *names) == (1_000, 4_000, 3_000)
    assert since(contact(*raws[:2]), *names) == (None, None, None)


def test_the_last_word_on_resolution_holds() -> None:
    said = [
        event("contact.resolved", ms, at_first_exchange=value)
        for ms, value in ((9_000, False), (1_000, True))
    ]
    assert contact(ARRIVED, *said)["resolved_first"] is False
    assert contact(ARRIVED, said[1])["resolved_first"] is True
    assert contact(ARRIVED)["resolved_first"] is None


def test_a_shift_is_no_contact_unless_something_else_happens_to_it() -> None:
    state = event("agent.state_changed", 0, "s", agent="a", state="ready", department="ircc")
    total = event("control.total_declared", 5, "s", of="arrived", count=1, **PERIOD)
    assert contacts([state]) == {}
    assert contacts([total]) == {}
    found = contacts([state, total])["s"]  # nothing but these two, and so neither
    assert (found["revision"], found["department"], found["last_ms"]) == (2, "ircc", BASE + 5)
    with Recomputation(table([state, total]), AS_OF) as recomputed:
        assert (recomputed.rows("spells"), recomputed.declarations()) == ([], [])
