"""The measures of passes, announced waits, surveys, escalations, resolution and interpreters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.instants import HOUR, MINUTE, SECOND
from tests.sql.events import AS_OF, event, fractions

Pair = tuple[int | None, int | None]


def found(raws: Iterable[bytes], of: str, names: str, as_of: int = AS_OF) -> dict[str, Pair]:
    """Measures of one family, by the rest of their names."""
    ids = [f"{of}.{name}" for name in names.split()]
    return {
        name.removeprefix(f"{of}."): pair
        for name, pair in fractions(raws, *ids, as_of=as_of).items()
    }


def entered(subject: str, ms: int = 0, **data: Any) -> bytes:
    return event("queue.entered", ms, subject, **{"queue": "q", **data})


def test_the_measures_of_passes() -> None:
    ends: list[tuple[str, dict[str, Any]]] = [
        ("agent.connected", {}),
        ("queue.left", {"how": "answered"}),
        ("callback.accepted", {}),
        ("queue.left", {"how": "flow"}),
        ("queue.left", {"how": "abandoned"}),
        ("contact.ended", {"by": "customer"}),
        ("contact.ended", {"by": "agent"}),
        ("queue.left", {"how": "key"}),
        ("contact.turned_away", {"reason": "full"}),
    ]
    raws = [entered(f"c{number}") for number in range(len(ends) + 1)]
    raws += [
        event(name, (number + 1) * 1_000 + 999, f"c{number}", **data)
        for number, (name, data) in enumerate(ends)
    ]
    raws += [entered("c9", 5_000), entered("mail"), event("email.received", 0, "mail")]
    names = "entered answered abandoned callback flow removed unended wait_mean wait_p90 "
    assert found(raws, "segment", names + "abandon_rate") == {
        "entered": (11, None),
        "answered": (2, None),
        "abandoned": (2, None),
        "callback": (1, None),
        "flow": (2, None),
        "removed": (3, None),
        "unended": (1, None),
        "wait_mean": (1_999 + 2_999, 2),
        "wait_p90": (2, 2),
        "abandon_rate": (2, 10),
    }


def test_the_measures_of_announced_waits() -> None:
    waits = {"long": 20, "exact": 10, "short": 1}  # true minutes, where 10 were told
    raws = []
    for subject, minutes in waits.items():
        for end, kind in (("live", "agent.connected"), ("gone", "queue.left")):
            name = f"{subject} {end}"
            how = {"how": "abandoned"} if end == "gone" else {}
            raws += [entered(name), event("estimate.announced", 0, name, seconds=600)]
            raws += [event(kind, minutes * MINUTE + 1, name, **how)]
    raws += [entered("waiting"), event("estimate.announced", 0, "waiting", seconds=600)]
    names = "announced served censored error_mean miss_mean miss_p90 overrun_rate"
    assert found(raws, "estimate", names) == {
        "announced": (7, None),
        "served": (3, None),
        "censored": (3, None),
        "error_mean": (-10 * MINUTE + 9 * MINUTE - 3, 3),
        "miss_mean": (10 * MINUTE + 1 + 1 + 9 * MINUTE - 1, 3),
        "miss_p90": (600, 3),
        "overrun_rate": (4, 3 + 2),
    }


def test_the_measures_of_surveys() -> None:
    raws = [event("contact.arrived", 0, name) for name in "abcde"]
    raws += [event("survey.invited", 1, name, questionnaire="csat") for name in "abc"]
    answers: dict[str, dict[str, Any]] = {
        "a": {"score": 4, "scale": 5, "preferred": "web"},
        "b": {"score": 3},
        "d": {"scale": 5, "preferred": "phone"},
        "e": {"score": 0, "scale": 10},
    }
    for name, data in answers.items():
        raws += [event("survey.answered", HOUR, name, questionnaire="csat", **data)]
    names = "questionnaires invited answered unsolicited response_rate score_mean score_share"
    assert found(raws, "survey", f"{names} preferred") == {
        "questionnaires": (5, None),
        "invited": (3, None),
        "answered": (4, None),
        "unsolicited": (2, None),
        "response_rate": (2, 3),
        "score_mean": (7, 3),
        "score_share": (4, 15),
        "preferred": (2, None),
    }


def test_the_measures_of_escalations_topics_and_tasks() -> None:
    raws = [event("escalation.raised", 0, name, kind="legal") for name in "abc"]
    raws += [event("escalation.referred", 90_999, "a", kind="legal")]
    raws += [event("escalation.referred", 10_000, "b", kind="legal")]
    raws += [event("escalation.referred", 10_000, "c", kind="media")]
    raws += [event("topic.assigned", n, "a", topic=name) for n, name in enumerate(("visa", "id"))]
    raws += [event("web.task_completed", ms, "a", tool="portal") for ms in (1, 2)]
    names = "raised referred not_referred referral_mean referral_p90"
    assert found(raws, "escalation", names) == {
        "raised": (3, None),
        "referred": (2, None),
        "not_referred": (1, None),
        "referral_mean": (100_999, 2),
        "referral_p90": (90, 2),
    }
    counted = fractions(raws, "topic.contacts", "web.tasks")
    assert counted == {"topic.contacts": (2, None), "web.tasks": (2, None)}


def test_the_measures_of_resolution() -> None:
    raws = [event("agent.connected", 0, name) for name in "abc"]
    raws += [event("contact.resolved", 9, "a", at_first_exchange=True)]
    raws += [event("contact.resolved", 9, "b", at_first_exchange=False)]
    raws += [event("contact.resolved", 9, "never served", at_first_exchange=True)]
    assert found(raws, "resolution", "first_exchange unknown_share") == {
        "first_exchange": (1, 2),
        "unknown_share": (1, 3),
    }


def test_the_measures_of_interpreters() -> None:
    raws = [event("interpreter.requested", 0, name) for name in "abc"]
    raws += [event("interpreter.joined", 59_999, "a"), event("interpreter.joined", 30_000, "b")]
    assert found(raws, "interpreter", "requested joined wait_mean wait_p90") == {
        "requested": (3, None),
        "joined": (2, None),
        "wait_mean": (89_999, 2),
        "wait_p90": (59, 2),
    }


def test_waits_within_the_thresholds_of_the_standards() -> None:
    raws = []
    for number, seconds in enumerate((120, 121, 600, 601, 1_800, 1_801)):
        raws += [event("agent.requested", 0, f"c{number}"), entered(f"c{number}", SECOND)]
        raws += [event("agent.connected", seconds * SECOND, f"c{number}")]
    raws += [entered("gone"), event("queue.left", SECOND, "gone", how="abandoned")]
    raws += [event("contact.turned_away", 0, "closed", reason="closed")]
    names = "within_120s within_600s within_1800s"
    assert found(raws, "wait", names) == {
        "within_120s": (1, 6),
        "within_600s": (3, 6),
        "within_1800s": (5, 6),
    }
    clients = " ".join(f"{name}.client" for name in names.split())
    assert list(found(raws, "wait", clients).values()) == [(1, 8), (3, 8), (5, 8)]
    # In the queue since a second after the ask: 1 801 seconds are 30 minutes there.
    assert found(raws, "queue_time", "within_1800s within_1800s.abandons_missed") == {
        "within_1800s": (6, 6),
        "within_1800s.abandons_missed": (6, 7),
    }
    assert fractions(raws, "access.queue_rate") == {"access.queue_rate": (7, 8)}
