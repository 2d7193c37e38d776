"""The proof of a figure: the stream and the SQL, written apart from the same words, agree.

Random worlds go through the core in random batches, with the clock running ahead, and the
same rows through the published SQL. Contacts, their parts and the rows of the second fold must
be equal field by field, and every measure to the unit, by cohort and by interval, whole and
split.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.json import decode

from schemas.departments import HEADQUARTERS, zone_of
from schemas.instants import HOUR, millis
from schemas.measures import MEASURES, Kind
from schemas.parts import Shift
from schemas.periods import day_of, spans
from schemas.record import DIMENSIONS, ContactRecord, Declaration
from schemas.relations import RELATIONS
from schemas.rows import Row
from sinks.archive.table import table
from sinks.sql import Recomputation
from streams.core.across import FOLDS, across_registers
from streams.core.figures import Answer, Counted, Question, answer
from streams.core.fold import Folded, fold
from streams.core.registers import COHORT, INTERVAL, dims_of, kind
from streams.core.unexplained import unexplained
from streams.recounting.recompute import Asked, answered, ask_of
from tests.core.examples import START
from tests.core.examples import raw as event
from tests.core.harness import Partition
from tests.strategies import DEPARTMENTS, ODD_MOMENTS, deliveries, worlds

DELIVERED = worlds(contacts=12).flatmap(deliveries)
CUTS = st.lists(st.integers(0, 1_000), max_size=4)
#: Some days around each of the odd moments, in order and without overlap.
_STARTS = sorted({day_of("UTC", moment) - timedelta(days=1) for moment in ODD_MOMENTS})
DAYS = [
    (start, min(start + timedelta(days=7), following))
    for start, following in pairwise((*_STARTS, date.max))
]
ZONES = {name: zone_of(name) for name in DEPARTMENTS}
ACROSS = [relation.name for relation in RELATIONS.values() if relation.across]
PARTS = [relation.name for relation in RELATIONS.values() if relation.part]
Fields = dict[str, object]


def _rows(raws: list[bytes]) -> list[Row]:
    return [Row(n, 0, decode(raw)["subject"], raw) for n, raw in enumerate(raws)]


def _folded(raws: Iterable[bytes], as_of: int) -> dict[str, Folded]:
    by_subject: dict[str, list[bytes]] = {}
    for raw in raws:
        by_subject.setdefault(decode(raw)["subject"], []).append(raw)
    found = {key: fold(values, as_of) for key, values in by_subject.items()}
    return {key: folded for key, folded in found.items() if folded is not None}


def _contacts(folded: dict[str, Folded]) -> list[ContactRecord]:
    return [record for record in folded.values() if isinstance(record, ContactRecord)]


def _stream(rows: list[Row], cuts: list[int], as_of: int) -> Partition:
    """The rows in random batches, with the clock running ahead of the late ones."""
    partition = Partition()
    bounds = sorted(cut % (len(rows) + 1) for cut in cuts)
    for start, end in zip([0, *bounds], [*bounds, len(rows)], strict=True):
        partition.apply(rows[start:end])
        partition.advance(as_of - 30 * HOUR + 15 * HOUR * (start % 3))
    partition.advance(as_of)
    return partition


def _question(by: tuple[str, ...], grain: str | None, attribution: str) -> Question:
    return Question(
        measures=[m for m in MEASURES.values() if attribution == COHORT or m.kind is Kind.COUNT],
        spans=[
            span
            for zone in sorted({*ZONES.values(), HEADQUARTERS})
            for start, end in DAYS
            for span in spans(zone, start, end, grain)
        ],
        by=by,
        zones=ZONES,
        default_zone=HEADQUARTERS,
    )


def _live(partition: Partition, question: Question, attribution: str, as_of: int) -> Answer:
    records = _contacts(_folded([row.value for row in partition.rows], as_of))
    everything = {**partition.registers, **across_registers(records, as_of, ACROSS)}

    def counted(relation: str) -> Counted:
        wanted = kind(relation, attribution)
        return [(q, dims, r) for (k, q, dims), r in everything.items() if k == wanted]

    answers = answer(question, counted)
    if attribution == COHORT:
        declared = list(partition.declarations.values())
        for group, ratio in unexplained(question, declared, counted("contacts")).items():
            answers.setdefault(group, {})["funnel.unexplained"] = ratio
    return answers


def _known(answers: Answer) -> dict[object, object]:
    """Answers that say something: not the zeros and unknowns of a group without contacts."""
    return {
        (group, measure): ratio
        for group, found in answers.items()
        for measure, ratio in found.items()
        if any(ratio) or measure == "funnel.unexplained"
    }


def _scalars(record: ContactRecord) -> Fields:
    parts = {relation.part for relation in RELATIONS.values()}
    return {k: v for k, v in msgspec.structs.asdict(record).items() if k not in parts}


def _parts(folded: Iterable[Folded], name: str) -> Iterator[Fields]:
    """The rows of a relation that are parts of contacts or shifts, as the SQL has them."""
    relation = RELATIONS[name]
    for whole in folded:
        found = getattr(whole, relation.part, None) or ()
        for row in found if isinstance(found, tuple) else (found,):
            yield _row(whole, name, row)


def _row(whole: Struct, name: str, row: Struct) -> Fields:
    contact = whole.shift_id if isinstance(whole, Shift) else getattr(whole, "contact_id")  # noqa: B009
    dims = dict(zip(DIMENSIONS, dims_of(whole, RELATIONS[name], row), strict=True))
    return {"contact_id": contact, **dims, **msgspec.structs.asdict(row)}


def _sorted(rows: Iterable[Fields]) -> list[tuple[tuple[str, str], ...]]:
    """Rows in an order of their own, each with its fields in one order."""
    return sorted(tuple((k, repr(row[k])) for k in sorted(row)) for row in rows)


@settings(max_examples=25, deadline=None)
@given(raws=DELIVERED, ahead=st.sampled_from([-20 * HOUR, 0, HOUR, 13 * HOUR, 200 * HOUR]))
def test_everything_known_is_equal_field_by_field(raws: list[bytes], ahead: int) -> None:
    as_of = max(millis(decode(raw)["time"]) for raw in raws) + ahead
    folded = _folded(raws, as_of)
    with Recomputation(table(_rows(raws)), as_of) as recomputation:
        contacts = {str(row["contact_id"]): row for row in recomputation.contacts()}
        declared = {str(row["subject"]): row for row in recomputation.declarations()}
        by_sql = {name: recomputation.rows(name) for name in (*PARTS, *ACROSS)}
    assert contacts == {r.contact_id: _scalars(r) for r in _contacts(folded)}
    assert declared == {
        key: msgspec.structs.asdict(r) for key, r in folded.items() if isinstance(r, Declaration)
    }
    for name in PARTS:
        assert _sorted(by_sql[name]) == _sorted(_parts(folded.values(), name)), name
    for name in ACROSS:
        rows = FOLDS[name](_contacts(folded), as_of)
        assert _sorted(by_sql[name]) == _sorted(_row(whole, name, row) for whole, row in rows), name


@pytest.mark.parametrize(
    ("by", "grain", "attribution"),
    [
        ((), None, COHORT),
        (("department", "queue", "language", "category"), "day", COHORT),
        (("department",), "hour", INTERVAL),
    ],
)
@settings(max_examples=6, deadline=None)
@given(raws=DELIVERED, cuts=CUTS, ahead=st.sampled_from([0, HOUR, 13 * HOUR, 200 * HOUR]))
def test_every_measure_is_equal_to_the_unit(
    by: tuple[str, ...],
    grain: str | None,
    attribution: str,
    raws: list[bytes],
    cuts: list[int],
    ahead: int,
) -> None:
    as_of = max(millis(decode(raw)["time"]) for raw in raws) + ahead
    rows, question = _rows(raws), _question(by, grain, attribution)
    live = _live(_stream(rows, cuts, as_of), question, attribution, as_of)
    with Recomputation(table(rows), as_of) as recomputation:
        ask = ask_of(Asked(question, attribution, as_of, {}))
        found = recomputation.figures(
            ask.measures, ask.periods, ask.zones, ask.default_zone, ask.dimensions, attribution
        )
        by_sql = answered(found, question)
    assert _known(live) == _known(by_sql)


@pytest.mark.parametrize(
    ("kind_of", "relation"),
    [
        ("estimate.announced", "estimates"),
        ("escalation.raised", "escalations"),
        ("web.task_completed", "tasks"),
        ("topic.assigned", "topics"),
        ("survey.answered", "surveys"),
    ],
)
def test_an_event_without_the_fact_of_its_part_begins_none(kind_of: str, relation: str) -> None:
    """Admission lets none in; a log written by other rules could hold one."""
    begun = event("contact.arrived", 0, department="ircc", channel="phone")
    bare = event(kind_of, 5)
    as_of = START + HOUR
    assert list(_parts(_folded([begun, bare], as_of).values(), relation)) == []
    with Recomputation(table(_rows([begun, bare])), as_of) as recomputation:
        assert recomputation.rows(relation) == []
