"""Callers: tokens under a key of the quarter, and that of the quarter before for seven days."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date

from streams.simulator import simulate
from streams.simulator.demand import Demand
from streams.simulator.demonstration import ESDC, VAC
from tests.simulator.example import SEED, by_subject, calls, days, of, wall

FEW = replace(VAC, callers=5, known=1.0, calls=Demand((2.0,) * 24), aftermath=None)


def test_the_key_of_the_quarter_before_is_kept_for_seven_days() -> None:
    """Fiscal quarters begin in April, July, October and January."""
    events = of(simulate(date(2026, 3, 20), 30, SEED, [FEW]), "contact.arrived", "email.received")
    before = {e.data.caller for e in events if wall(e).month == 3}
    after = {e.data.caller for e in events if wall(e).month == 4}
    assert not before & after
    for event in events:
        kept = wall(event).month == 4 and wall(event).day <= 7
        assert bool(event.data.caller_before) == kept
        if kept:
            assert event.data.caller_before in before
    pairs = {(e.data.caller_before, e.data.caller) for e in events if e.data.caller_before}
    assert len({old for old, _ in pairs}) == len({new for _, new in pairs}) == len(pairs)


def test_who_does_not_show_a_number_is_nobodys() -> None:
    unknown = replace(VAC, known=0.0)
    events = of(simulate(date(2026, 4, 1), 1, SEED, [unknown]), "contact.arrived")
    assert {(event.data.caller, event.data.caller_before) for event in events} == {(None, None)}


def test_a_seed_has_its_own_keys() -> None:
    one, two = (
        {e.data.caller for e in of(simulate(date(2026, 3, 2), 5, seed, [FEW]), "contact.arrived")}
        for seed in (1, 2)
    )
    assert len(one) == len(two) == 5
    assert not one & two


def test_the_same_person_writes_and_rings_under_one_token() -> None:
    arrivals = of(simulate(date(2026, 3, 2), 10, SEED, [FEW]), "contact.arrived", "email.received")
    by_kind = defaultdict(set)
    for event in arrivals:
        by_kind[event.type].add(event.data.caller)
    assert by_kind["contact.arrived"] == by_kind["email.received"]


def test_a_person_keeps_language_and_origin() -> None:
    of_caller = defaultdict(set)
    for life in calls(simulate(date(2026, 3, 2), 20, SEED, [FEW])).values():
        for menu in of(life, "ivr.entered"):
            of_caller[life[0].data.caller].add((life[0].data.origin, menu.data.language))
    assert len(of_caller) == 5
    assert all(len(found) == 1 for found in of_caller.values())


def test_representatives_contact_us_many_times_a_day() -> None:
    busy = replace(ESDC, represented=0.1, representatives=1, known=1.0)
    lives = calls(simulate(date(2026, 3, 2), 1, SEED, [busy]))
    callers = Counter(life[0].data.caller for life in lives.values())
    assert callers.most_common(1)[0][1] > 20


def test_all_have_an_origin() -> None:
    origins = Counter(e.data.origin for e in of(days(), "contact.arrived", "email.received"))
    assert None not in origins
    assert origins["CA-ON"] == max(origins.values())


def test_who_was_not_settled_comes_back_and_surveys_are_answered_days_later() -> None:
    settled = replace(VAC, callers=10**9, known=1.0, redials=0)
    lives = calls(simulate(date(2026, 3, 2), 12, SEED, [settled]))
    callers = Counter(life[0].data.caller for life in lives.values())
    assert 20 < sum(times > 1 for times in callers.values()) < len(callers) / 2
    for life in by_subject(days()).values():
        invited, answered = of(life, "survey.invited"), of(life, "survey.answered")
        assert len(answered) <= len(invited) <= 1
        for answer in answered:
            assert answer > invited[0]
            assert 0 <= (answer.data.score or 0) <= (answer.data.scale or 0) == 10
            assert answer.data.preferred
            assert answer.data.questionnaire == invited[0].data.questionnaire
    answers = of(days(), "survey.answered")
    late = [e for e in answers if e.time[:10].replace("-", "") > e.subject[-15:-7]]
    assert late


def test_escalations_are_referred_later_and_most_of_them() -> None:
    raised = referred = 0
    for life in by_subject(days()).values():
        up, taken = of(life, "escalation.raised"), of(life, "escalation.referred")
        raised, referred = raised + len(up), referred + len(taken)
        assert [e.data.kind for e in taken] == [e.data.kind for e in up[: len(taken)]]
        assert all(one < two for one, two in zip(up, taken, strict=False))
    assert raised > referred > raised / 2
