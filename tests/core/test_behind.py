"""What each contact contributes to a figure, by hand."""

from __future__ import annotations

import pytest

from schemas.instants import DAY, MINUTE
from schemas.measures import MEASURES
from schemas.parts import Shift
from schemas.periods import Span
from schemas.record import ContactRecord, Declaration
from streams.core.behind import Part, behind
from streams.core.figures import Group, Question, Ratio
from streams.core.fold import Folded, fold
from streams.core.registers import INTERVAL
from tests.core.examples import START, raw

HERE = "America/Toronto"
SPAN = Span(START, START + 10 * MINUTE, HERE)
NEXT = Span(START + 15 * MINUTE, START + 30 * MINUTE, HERE)
QUESTION = Question([], [SPAN, NEXT], ["department"], {}, HERE)
AS_OF = START + 30 * DAY


def _call(name: str, minute: int, waits: int, **data: str) -> Folded:
    told = [
        raw("contact.arrived", minute * 60, name, department="ircc", **data),
        raw("queue.entered", minute * 60, name, queue="q"),
        raw("agent.connected", (minute + waits) * 60, name),
        raw("contact.ended", (minute + waits) * 60 + 30, name, by="customer"),
    ]
    found = fold(told, AS_OF)
    assert isinstance(found, ContactRecord)
    return found


def _shift() -> Folded:
    ready = raw("agent.state_changed", 0, "s", agent="a", state="ready", department="ircc")
    found = fold([ready, raw("agent.state_changed", 60, "s", agent="a", state="offline")], AS_OF)
    assert isinstance(found, Shift)
    return found


FOLDED: list[Folded] = [
    _call("a", 0, 2, caller="k"),
    _call("b", 5, 12, caller="k"),
    _call("nobody", 6, 1),
    _call("before", -1, 1, caller="k"),
    _shift(),
    Declaration(
        subject="d",
        of="arrived",
        count=9,
        start_ms=START,
        end_ms=START + MINUTE,
        attribution="cohort",
        authority="carrier",
    ),
]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("funnel.arrived", {"a": (1, None), "b": (1, None), "nobody": (1, None)}),
        ("wait.mean", {"a": (2 * MINUTE, 1), "b": (12 * MINUTE, 1), "nobody": (MINUTE, 1)}),
        ("repeat.rate", {"a": (1, 1), "b": (0, 1), "nobody": (0, 0)}),
        ("agent.time", {"s": (MINUTE, None)}),
        ("fidelity.missed", {}),
    ],
)
def test_those_behind_a_figure(measure: str, expected: dict[str, tuple[int, int | None]]) -> None:
    """Of other spans, of other relations, and those who only declare totals, nothing."""
    group = Group(SPAN, ("ircc",))
    assert list(behind(QUESTION, MEASURES[measure], FOLDED, AS_OF)) == [
        Part(subject, group, Ratio(*ratio)) for subject, ratio in expected.items()
    ]


def test_those_behind_a_figure_by_interval() -> None:
    """A call counts where it was answered, not where it arrived."""
    parts = behind(QUESTION, MEASURES["funnel.answered"], FOLDED, AS_OF, INTERVAL)
    assert {part.subject: part.group.span for part in parts if part.ratio.numerator} == {
        "a": SPAN,
        "nobody": SPAN,
        "before": SPAN,
        "b": NEXT,
    }
