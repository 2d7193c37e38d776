"""Control totals: which of them speak of a group, how far apart they are, and what is in none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.instants import DAY, HOUR, QUARTER_HOUR
from schemas.measures import MEASURES
from schemas.periods import Span
from schemas.record import DIMENSIONS, Declaration
from streams.core.control import checks, speaking
from streams.core.figures import Counted, Group, Question
from streams.core.registers import Dims, Register
from streams.core.standing import Check

ZONE, EAST = "America/Toronto", "America/Halifax"
TODAY, TOMORROW = Span(0, DAY, ZONE), Span(DAY, 2 * DAY, ZONE)
QUESTION = Question(
    [MEASURES["funnel.arrived"]], [TODAY, TOMORROW], ["department"], {"vac": EAST}, ZONE
)
IRCC, ESDC = Group(TODAY, ("ircc",)), Group(TODAY, ("esdc",))


def _dims(**known: str) -> Dims:
    return tuple(known.get(name) for name in DIMENSIONS)


def _total(
    count: int, start: int = 0, end: int = DAY, of: str = "arrived", by: str = "switch", **at: str
) -> Declaration:
    return Declaration(
        subject=f"{count}-{start}-{of}",
        of=of,
        count=count,
        start_ms=start,
        end_ms=end,
        attribution="cohort",
        authority=by,
        **at,
    )


def _counted(kind: str) -> Counted:
    """Ten of IRCC in the morning and one in the last quarter, two of ESDC; three messages."""
    evening = DAY - QUARTER_HOUR
    rows = {
        "contacts.cohort": [
            (0, _dims(department="ircc", queue="a"), {"arrived": 7, "answered": 5}),
            (0, _dims(department="ircc", queue="b", channel="phone"), {"arrived": 3}),
            (evening, _dims(department="ircc", queue="a"), {"arrived": 1}),
            (HOUR, _dims(department="esdc"), {"arrived": 2}),
            (5 * DAY, _dims(department="esdc"), {"arrived": 9}),
        ],
        "messages.cohort": [
            (0, _dims(department="ircc", channel="email"), {"message.received": 3})
        ],
    }[kind]
    return [(quarter, dims, Register(sums)) for quarter, dims, sums in rows]


def _check(
    *totals: Declaration, group: Group = IRCC, question: Question = QUESTION
) -> Check | None:
    return checks(question, [group], "contacts", totals, _counted).get(("contacts", group))


def test_a_total_that_equals_our_count_settles_the_group() -> None:
    assert _check(_total(11, department="ircc")) == Check(totals=1)
    assert _check(_total(5, of="answered", department="ircc")) == Check(totals=1)
    assert _check(_total(13)) == Check(totals=1)


def test_without_a_total_nothing_is_known() -> None:
    assert _check() is None
    assert _check(_total(3, of="received", department="ircc")) is None
    assert _check(_total(2, department="esdc")) is None


def test_differences_cannot_cancel_out() -> None:
    noon = DAY // 2
    halves = (_total(9, 0, noon, department="ircc"), _total(2, noon, department="ircc"))
    assert _check(*halves) == Check(totals=2, apart=2)


def test_every_row_must_be_in_a_total() -> None:
    assert _check(_total(10, 0, HOUR, department="ircc")) == Check(totals=1, outside=1)
    assert _check(_total(8, queue="a")) == Check(totals=1, outside=3)
    assert _check(_total(8, queue="a"), _total(3, queue="b")) == Check(totals=2)


def test_a_total_of_more_settles_its_parts() -> None:
    by_hour = replace(QUESTION, spans=[Span(0, HOUR, ZONE), Span(HOUR, 2 * HOUR, ZONE)])
    first, second = (Group(span, ("ircc",)) for span in by_hour.spans)
    whole = _total(11, department="ircc")
    assert _check(whole, group=first, question=by_hour) == Check(totals=1)
    assert _check(whole, group=second, question=by_hour) == Check(totals=1)
    by_queue = replace(QUESTION, by=["queue"])
    assert _check(whole, group=Group(TODAY, ("b",)), question=by_queue) == Check(totals=1)


def test_a_total_that_straddles_the_close_speaks_of_both_sides() -> None:
    two_days = _total(12, 0, 2 * DAY, department="ircc")
    assert _check(two_days) == Check(totals=1, apart=1)
    assert _check(two_days, group=Group(TOMORROW, ("ircc",))) == Check(totals=1, apart=1)
    before = _total(4, -DAY, 0, department="ircc")
    assert _check(_total(11, department="ircc"), before) == Check(totals=1)


def test_a_total_of_one_department_does_not_settle_the_whole() -> None:
    whole = replace(QUESTION, by=[])
    everything = Group(TODAY, ())
    assert _check(_total(11, department="ircc"), group=everything, question=whole) == Check(
        totals=1, outside=2
    )
    assert _check(_total(13), group=everything, question=whole) == Check(totals=1)


def test_a_total_is_of_the_days_of_its_department() -> None:
    both = replace(QUESTION, spans=[TODAY, Span(0, DAY, EAST)], by=[])
    east = Group(Span(0, DAY, EAST), ())
    assert _check(_total(11, department="ircc"), group=east, question=both) == Check()
    assert _check(_total(0, department="vac"), group=east, question=both) == Check(totals=1)
    assert _check(_total(14), group=east, question=both) == Check(totals=1, apart=1)


@pytest.mark.parametrize("channel", ["phone", None])
def test_a_call_without_a_channel_is_a_call(channel: str | None) -> None:
    by_channel = replace(QUESTION, by=["channel"])
    group = Group(TODAY, (channel,))
    total = _total(13, channel="phone")
    assert _check(total, group=group, question=by_channel) == Check(totals=1)


def test_messages_are_settled_by_totals_of_messages() -> None:
    totals = [_total(3, of="received", channel="email"), _total(0)]
    found = checks(QUESTION, [IRCC, ESDC], "messages", totals, _counted)
    assert found == {("messages", IRCC): Check(totals=1), ("messages", ESDC): Check(totals=1)}


def test_a_group_of_a_category_is_settled_by_totals_without_one() -> None:
    by_category = replace(QUESTION, by=["category"])
    group = Group(TODAY, ("mailbox",))
    assert _check(_total(13), group=group, question=by_category) == Check(totals=1)


def test_carriers_and_what_we_do_not_count_do_not_speak() -> None:
    spoken = _total(1)
    others = [
        _total(2, by="carrier"),
        _total(3, of="parcels"),
        _total(4, start=DAY, end=2 * DAY),
        _total(5, start=-DAY, end=0),
    ]
    assert speaking([spoken, *others, _total(6, by="workforce")], 0, DAY) == [
        spoken,
        _total(6, by="workforce"),
    ]
