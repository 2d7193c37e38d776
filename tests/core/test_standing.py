"""How certain a figure is: one example for each status, and for each thing that is waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.board import Figure, Period
from schemas.instants import DAY, HOUR, millis
from schemas.periods import Span
from schemas.record import Declaration
from streams.core.figures import Group
from streams.core.reconcile import Line, totals
from streams.core.standing import FINAL_AFTER, Certainty, Recorded, key_of, standing

START = millis("2026-01-01T00:00:00.000Z")
END = START + DAY
SPAN = Span(START, END, "UTC")
GROUP = Group(SPAN, ("ircc",))
OLD_ENOUGH = END + FINAL_AFTER


def _figure(measure: str = "funnel.arrived", numerator: int | None = 7) -> Figure:
    return Figure(
        measure=measure,
        version=1,
        status="",
        as_of="",
        period=Period("2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00", "UTC"),
        dimensions={"department": "ircc"},
        numerator=numerator,
        denominator=None,
        value=numerator,
        unit="contacts",
    )


def _line(
    counted: int, authority: str = "switch", department: str | None = "ircc", of: str = "arrived"
) -> Line:
    return Line(
        Declaration(
            subject="d",
            of=of,
            count=7,
            start_ms=START,
            end_ms=START + HOUR,
            attribution="cohort",
            authority=authority,
            department=department,
        ),
        counted,
    )


CERTAIN = Certainty(totals={SPAN: totals([_line(7)])}, by=("department",))


def test_a_period_that_is_not_over_is_live() -> None:
    assert standing(CERTAIN, _figure(), GROUP, END - 1).status == "live"
    assert standing(CERTAIN, _figure(), GROUP, END).status == "provisional"


def test_a_figure_is_final_once_everything_has_passed() -> None:
    assert standing(CERTAIN, _figure(), GROUP, OLD_ENOUGH) == ("final", 0, "")


def test_ten_days_after_the_close_must_be_over() -> None:
    found = standing(CERTAIN, _figure(), GROUP, OLD_ENOUGH - 1)
    assert found.status == "provisional"
    assert found.why.startswith("until 2026-01-12")


def test_what_is_still_open_is_said_first() -> None:
    certainty = replace(CERTAIN, open={("contacts", GROUP): 3})
    assert standing(certainty, _figure(), GROUP, OLD_ENOUGH) == ("provisional", 3, "3 still open")


@pytest.mark.parametrize("measure", ["segment.entered", "estimate.announced", "fidelity.callbacks"])
def test_parts_of_a_contact_wait_for_it(measure: str) -> None:
    certainty = replace(CERTAIN, open={("contacts", GROUP): 1})
    assert standing(certainty, _figure(measure), GROUP, OLD_ENOUGH).open == 1


def test_repeat_contacts_wait_for_their_own_windows() -> None:
    certainty = replace(CERTAIN, open={("contacts", GROUP): 1, ("returns", GROUP): 4})
    assert standing(certainty, _figure("repeat.served"), GROUP, OLD_ENOUGH).open == 4


def test_what_is_open_in_another_relation_does_not_matter() -> None:
    certainty = replace(CERTAIN, open={("messages", GROUP): 3})
    assert standing(certainty, _figure(), GROUP, OLD_ENOUGH).status == "final"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "no control total by switch or workforce system"),
        ([_line(7, authority="carrier")], "no control total by switch or workforce system"),
        ([_line(7, department="vac")], "no control total by switch or workforce system"),
        ([_line(7, of="received")], "no control total by switch or workforce system"),
        ([_line(5)], "control totals differ by 2"),
        ([_line(5), _line(9)], "control totals differ by 4"),
        ([_line(5, authority="carrier"), _line(7)], ""),
        ([_line(7, department=None)], ""),
        ([_line(7, authority="workforce")], ""),
    ],
)
def test_control_totals_must_reconcile(lines: list[Line], why: str) -> None:
    certainty = replace(CERTAIN, totals={SPAN: totals(lines)})
    found = standing(certainty, _figure(), GROUP, OLD_ENOUGH)
    assert (found.status, found.why) == ("provisional" if why else "final", why)


def test_messages_have_totals_of_their_own() -> None:
    certainty = replace(CERTAIN, totals={SPAN: totals([_line(7, of="received"), _line(0)])})
    assert standing(certainty, _figure("email.received"), GROUP, OLD_ENOUGH).status == "final"


def test_nobody_declares_totals_of_surveys() -> None:
    certainty = replace(CERTAIN, totals={})
    assert standing(certainty, _figure("survey.invited"), GROUP, OLD_ENOUGH).status == "final"


def test_a_recorded_figure_keeps_its_standing_until_it_changes() -> None:
    key = key_of(_figure(), "cohort")
    for status in ("final", "restated", "corrected"):
        certainty = replace(CERTAIN, recorded={key: Recorded(7, None, status)})
        assert standing(certainty, _figure(), GROUP, END) == (status, 0, "")
    certainty = replace(CERTAIN, recorded={key: Recorded(6, None, "final")})
    found = standing(certainty, _figure(), GROUP, OLD_ENOUGH)
    assert (found.status, found.open) == ("restated", None)
    assert "6" in found.why
