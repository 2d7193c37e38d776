"""How certain a figure is: one example for each status, and for each thing that is waited for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from schemas.board import Figure, Period
from schemas.instants import DAY, millis
from schemas.measures import MEASURES, Both
from schemas.periods import Span
from schemas.statuses import STATUSES, WHY
from streams.core.figures import Group, Question
from streams.core.standing import (
    FINAL_AFTER,
    NOTHING_KNOWN,
    Certainty,
    Check,
    Recorded,
    key_of,
    standing,
    vanished,
)

START = millis("2026-01-01T00:00:00.000Z")
END = START + DAY
SPAN = Span(START, END, "America/Halifax")
GROUP = Group(SPAN, ("vac",))
OLD_ENOUGH = END + FINAL_AFTER
PERIOD = Period("2025-12-31T20:00:00-04:00", "2026-01-01T20:00:00-04:00", "America/Halifax")
SETTLED = Check(totals=1)
CERTAIN = Certainty(checks={("contacts", GROUP): SETTLED, ("messages", GROUP): SETTLED})


def _figure(
    measure: str = "funnel.arrived", numerator: int | None = 7, denominator: int | None = None
) -> Figure:
    return Figure(
        measure=measure,
        version=1,
        status="final",
        as_of="",
        period=PERIOD,
        dimensions={"department": "vac"},
        numerator=numerator,
        denominator=denominator,
        value=numerator,
        unit="contacts",
    )


def _recorded(figure: Figure, status: str = "final", reason: str = "") -> Certainty:
    return replace(CERTAIN, recorded={key_of(figure, "cohort"): Recorded(figure, status, reason)})


def test_a_period_that_is_not_over_is_live() -> None:
    found = standing(CERTAIN, _figure(), GROUP, END - 1)
    assert found == ("live", None, "the period is not over")
    assert standing(CERTAIN, _figure(), GROUP, END).status == "provisional"


def test_a_figure_is_final_once_everything_has_passed() -> None:
    assert standing(CERTAIN, _figure(), GROUP, OLD_ENOUGH) == ("final", 0, "")


def test_ten_days_after_the_close_must_be_over() -> None:
    found = standing(CERTAIN, _figure(), GROUP, OLD_ENOUGH - 1)
    assert found.status == "provisional"
    assert found.why == "until 2026-01-11T20:00:00-04:00, ten days after the close"


def test_everything_that_is_waited_for_is_said() -> None:
    certainty = replace(
        CERTAIN,
        open={("contacts", GROUP): 1_300},
        checks={("contacts", GROUP): Check(totals=3, apart=2, outside=4)},
    )
    assert standing(certainty, _figure(), GROUP, END) == (
        "provisional",
        1_300,
        "1,300 still waiting, in the menu or to be called back; "
        "until 2026-01-11T20:00:00-04:00, ten days after the close; "
        "4 in no control total; control totals differ by 2",
    )
    in_french = replace(certainty, language="fr")
    assert standing(in_french, _figure(), GROUP, OLD_ENOUGH).why == (
        "encore en attente, dans le menu ou à rappeler : 1\u202f300; "
        "hors de tout total de contrôle : 4; écart de 2 avec les totaux de contrôle"
    )


@pytest.mark.parametrize("measure", ["segment.entered", "estimate.announced", "fidelity.callbacks"])
def test_parts_of_a_contact_wait_for_it(measure: str) -> None:
    certainty = replace(CERTAIN, open={("contacts", GROUP): 1})
    assert standing(certainty, _figure(measure), GROUP, OLD_ENOUGH).open == 1


def test_repeat_contacts_wait_for_their_own_windows() -> None:
    certainty = replace(CERTAIN, open={("contacts", GROUP): 1, ("repeats", GROUP): 4})
    found = standing(certainty, _figure("repeat.served"), GROUP, OLD_ENOUGH)
    assert found.open == 4
    assert found.why == "4 served less than a week ago, who may still come back"


def test_what_is_open_in_another_relation_does_not_matter() -> None:
    certainty = replace(CERTAIN, open={("messages", GROUP): 3})
    assert standing(certainty, _figure(), GROUP, OLD_ENOUGH).status == "final"
    found = standing(certainty, _figure("email.received"), GROUP, OLD_ENOUGH)
    assert found.why == "3 without a reply"


@pytest.mark.parametrize(
    ("check", "why"),
    [
        (None, "no control total by switch or workforce system"),
        (Check(), "no control total by switch or workforce system"),
        (Check(totals=2), ""),
        (Check(totals=2, apart=1_000), "control totals differ by 1,000"),
        (Check(totals=2, outside=1), "1 in no control total"),
    ],
)
@pytest.mark.parametrize(
    ("measure", "settles"),
    [
        ("funnel.arrived", "contacts"),
        ("segment.entered", "contacts"),
        ("repeat.served", "contacts"),
        ("email.received", "messages"),
    ],
)
def test_control_totals_must_settle_it(
    measure: str, settles: str, check: Check | None, why: str
) -> None:
    other = {"contacts": "messages", "messages": "contacts"}[settles]
    checks = {(other, GROUP): SETTLED, **({(settles, GROUP): check} if check else {})}
    found = standing(replace(CERTAIN, checks=checks), _figure(measure), GROUP, OLD_ENOUGH)
    assert (found.status, found.why) == ("provisional" if why else "final", why)


@pytest.mark.parametrize("measure", ["survey.invited", "topic.contacts", "agent.spells"])
def test_nobody_declares_totals_of_others(measure: str) -> None:
    assert standing(replace(CERTAIN, checks={}), _figure(measure), GROUP, OLD_ENOUGH)[0] == "final"


def test_where_nobody_looked_for_totals_none_is_missed() -> None:
    assert "total" not in standing(NOTHING_KNOWN, _figure(), GROUP, OLD_ENOUGH).why


@pytest.mark.parametrize("status", ["final", "restated", "corrected"])
def test_a_recorded_figure_keeps_its_standing_until_it_changes(status: str) -> None:
    certainty = _recorded(_figure("answer.rate", 7, 9), status, "a late switch")
    same = standing(certainty, _figure("answer.rate", 7, 9), GROUP, END)
    assert same == (status, 0, "a late switch")
    late = standing(certainty, _figure("answer.rate", 7, 10), GROUP, OLD_ENOUGH)
    assert late == ("restated", 0, "recorded as 7 / 9; the change is not recorded yet")
    by_interval = replace(certainty, attribution="interval")
    assert standing(by_interval, _figure("answer.rate", 7, 9), GROUP, END).status == "provisional"


def test_what_is_open_is_said_of_a_recorded_figure_too() -> None:
    certainty = replace(_recorded(_figure()), open={("contacts", GROUP): 2})
    assert standing(certainty, _figure(), GROUP, OLD_ENOUGH) == ("final", 2, "")


QUESTION = Question([MEASURES["funnel.arrived"]], [SPAN], ["department"], {}, "America/Halifax")


def test_a_recorded_figure_whose_group_is_gone_is_restated_as_unknown() -> None:
    certainty = _recorded(_figure())
    (gone,) = vanished(certainty, QUESTION, [], OLD_ENOUGH)
    assert (gone.status, gone.value, gone.numerator, gone.open) == ("restated", None, None, 0)
    assert gone.why == "recorded as 7; the change is not recorded yet"
    assert gone.as_of == "2026-01-11T20:00:00-04:00"
    assert vanished(certainty, QUESTION, [_figure(numerator=8)], OLD_ENOUGH) == []
    assert vanished(_recorded(_figure(numerator=None)), QUESTION, [], OLD_ENOUGH) == []


@pytest.mark.parametrize(
    "question",
    [
        replace(QUESTION, measures=[MEASURES["funnel.asked"]]),
        replace(QUESTION, spans=[Span(START, END - 1, "America/Halifax")]),
        replace(QUESTION, by=["queue"]),
        replace(QUESTION, by=["department", "queue"]),
    ],
)
def test_only_what_was_asked_about_can_be_missed(question: Question) -> None:
    assert vanished(_recorded(_figure()), question, [], OLD_ENOUGH) == []
    by_interval = replace(_recorded(_figure()), attribution="interval")
    assert vanished(by_interval, QUESTION, [], OLD_ENOUGH) == []


def test_an_unknown_figure_that_was_recorded_can_become_known() -> None:
    certainty = _recorded(_figure(numerator=None))
    found = standing(certainty, _figure(), GROUP, OLD_ENOUGH)
    assert found.why == "recorded as null; the change is not recorded yet"


@pytest.mark.parametrize("words", [*STATUSES.values(), *WHY.values()])
def test_every_word_is_in_both_languages(words: Both) -> None:
    english, french = (set(re.findall(r"{\w+}", text)) for text in (words.en, words.fr))
    assert english == french
    assert words.fr and words.en
