"""A share is counted some contacts at a time, and what it gives away is whole."""

from __future__ import annotations

import msgspec
import pytest

from schemas.instants import DAY, HOUR, MINUTE
from schemas.measures import MEASURES
from schemas.parts import Shift
from schemas.periods import Span
from schemas.record import ContactRecord, Declaration
from streams.core.buckets import BUCKETS, Bucket, Shared, second
from streams.core.callers import Linked
from streams.core.figures import Group, Question, Ratio
from streams.core.fold import Folded, fold
from streams.core.recount import Counter
from streams.core.registers import COHORT, INTERVAL
from streams.core.tally import Tally, Task
from tests.core.examples import START, raw

HERE = "America/Toronto"
SPAN = Span(START, START + DAY, HERE)
GROUP = Group(SPAN, ("ircc",))
AS_OF = START + 30 * DAY
NOBODY = {"department": "ircc"}
KNOWN = {**NOBODY, "caller": "k"}


def _task(measure: str, attribution: str = COHORT) -> Task:
    question = Question([MEASURES[measure]], [SPAN], ["department"], {}, HERE)
    return Task(question, attribution, AS_OF)


def _calls(number: int, minute: int, of: dict[str, str]) -> list[ContactRecord]:
    """Calls that were answered after a minute, all alike."""
    told = [
        raw("contact.arrived", minute * 60, **of),
        raw("queue.entered", minute * 60, queue="q"),
        raw("agent.connected", minute * 60 + 60),
    ]
    call = fold(told, AS_OF)
    assert isinstance(call, ContactRecord)
    return [msgspec.structs.replace(call, contact_id=f"c{n}") for n in range(number)]


def _shift() -> Shift:
    told = [
        raw("agent.state_changed", 0, agent="a", state="ready", **NOBODY),
        raw("agent.state_changed", 300, agent="a", state="offline"),
    ]
    shift = fold(told, AS_OF)
    assert isinstance(shift, Shift)
    return shift


def _nothing(bucket: Bucket, packed: bytes) -> None:
    """Takes nothing: of what is counted here, no contact bears on another."""
    raise AssertionError(bucket, packed)


@pytest.mark.parametrize(
    ("contacts", "lots"), [(0, []), (63, [63]), (64, [64]), (65, [64, 1]), (128, [64, 64])]
)
def test_contacts_of_a_bucket_are_given_away_by_64(contacts: int, lots: list[int]) -> None:
    """At once, lest they pile up; each once; and never a lot of none."""
    task, given = _task("repeat.known"), list[tuple[Bucket, bytes]]()
    shared = Shared(task, lambda bucket, packed: given.append((bucket, packed)))
    for call in _calls(contacts, 0, KNOWN):
        shared.add(call)
    assert len(given) == contacts // 64
    shared.close()
    assert [len(msgspec.msgpack.decode(packed)) for _, packed in given] == lots
    assert {relation for (relation, _), _ in given} == ({"repeats"} if lots else set())
    assert len({number for (_, number), _ in given} & set(range(BUCKETS))) == bool(lots)
    found = second(task, "repeats", [packed for _, packed in given]).answer(task.question)
    assert found == ({GROUP: {"repeat.known": Ratio(contacts, None)}} if lots else {})


@pytest.mark.parametrize("attribution", [COHORT, INTERVAL])
@pytest.mark.parametrize("measure", ["funnel.arrived", "repeat.served"])
@pytest.mark.parametrize("contacts", [1_999, 2_000, 2_001])
def test_contacts_are_added_up_by_2000_and_counted_once(
    contacts: int, measure: str, attribution: str
) -> None:
    task = _task(measure, attribution)
    counter = Counter(task, _nothing)
    for call in _calls(contacts, 0, NOBODY):
        counter.add(call, 3)
    if measure == "repeat.served":
        assert len(counter._shared._alone) == contacts % 2_000
    tally = counter.close()
    assert (tally.contacts, tally.events) == (contacts, 3 * contacts)
    assert tally.answer(task.question) == {GROUP: {measure: Ratio(contacts, None)}}


@pytest.mark.parametrize(
    ("measure", "relation", "expected"),
    [
        ("funnel.arrived", "contacts", 2),
        ("segment.entered", "segments", 2),
        ("agent.time", "spells", 5 * MINUTE),
    ],
)
@pytest.mark.parametrize("attribution", [COHORT, INTERVAL])
def test_rows_of_another_relation_or_day_are_in_no_group(
    measure: str, relation: str, expected: int, attribution: str
) -> None:
    """Though the contacts are counted as folded."""
    late, early = _calls(1, 24 * 60, NOBODY), _calls(1, -1, NOBODY)
    folded: list[Folded] = [*_calls(2, 0, NOBODY), _shift(), *late, *early]
    task = _task(measure, attribution)
    counter = Counter(task, _nothing)
    for one in folded:
        counter.add(one, 1)
    tally = counter.close()
    assert tally.contacts == len(folded)
    assert tally.groups.keys() == {(relation, GROUP)}
    assert tally.answer(task.question) == {GROUP: {measure: Ratio(expected, None)}}


@pytest.mark.parametrize(("linked", "buckets"), [(True, 1), (False, 2)])
def test_contacts_that_bear_on_one_another_are_of_one_bucket(linked: bool, buckets: int) -> None:
    """All of a caller, and all of a line; who waited in vain and is not known bears on nobody."""
    question = Question(
        [MEASURES[m] for m in ("repeat.known", "fidelity.callbacks")], (), (), {}, ""
    )
    task, given = Task(question, COHORT, AS_OF), list[tuple[Bucket, bytes]]()
    if linked:
        task.linked.link("k", "later")
        task.linked.link("later", "k")
    shared = Shared(task, lambda bucket, packed: given.append((bucket, packed)))
    told = [raw("contact.arrived", 0, **NOBODY), raw("queue.entered", 9, queue="q")]
    in_vain = fold(told, AS_OF)
    assert isinstance(in_vain, ContactRecord)
    callers = ({**NOBODY, "caller": name} for name in ("k", "later"))
    for one in [in_vain, *(call for of in callers for call in _calls(2, 0, of))]:
        shared.add(one)
    shared.close()
    assert (shared._alone, shared.alone()) == ([], {})
    lots = [(relation, len(msgspec.msgpack.decode(packed))) for (relation, _), packed in given]
    assert sorted(lots) == [("fidelity", 4), *[("repeats", 4 // buckets)] * buckets]


@pytest.mark.parametrize(("declared", "expected"), [(True, Ratio(5 - 3, None)), (False, None)])
def test_what_is_left_unexplained_is_told_from_all_shares(
    declared: bool, expected: Ratio | None
) -> None:
    """Less the calls that arrived in the hour, in whichever share; other channels are not calls."""
    total = Declaration(
        subject="d",
        of="arrived",
        count=5,
        start_ms=START,
        end_ms=START + HOUR,
        attribution="cohort",
        authority="carrier",
        department="ircc",
    )
    written = [msgspec.structs.replace(one, channel="email") for one in _calls(1, 0, NOBODY)]
    shares: list[list[Folded]] = [
        [*_calls(2, 0, NOBODY), *_calls(1, 60, NOBODY), *written],
        [*_calls(1, 20, NOBODY), *([total] if declared else [])],
    ]
    asked = _task("funnel.unexplained")
    task = Task(asked.question, COHORT, AS_OF, Linked(), declared)
    whole = Tally()
    for share in shares:
        counter = Counter(task, _nothing)
        for one in share:
            counter.add(one, 2)
        whole.merge(counter.close())
    assert (whole.contacts, whole.events) == (5, 12 if declared else 10)
    assert bool(whole.arrivals) is declared
    found = whole.answer(task.question).get(GROUP, {})
    assert found.get("funnel.unexplained") == expected
