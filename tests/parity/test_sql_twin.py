"""The proof of a figure: the stream and the SQL, written apart from the same words, agree.

Random worlds go through the core in random batches, with the clock running ahead, and the
same rows through the published SQL. Contacts must be equal field by field, and every measure
to the unit, by cohort and by interval, whole and split.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import decode

from schemas.departments import HEADQUARTERS, zone_of
from schemas.instants import HOUR, millis
from schemas.measures import MEASURES, Kind
from schemas.periods import day_of, spans
from schemas.record import ContactRecord, Declaration
from schemas.rows import Row
from sinks.archive.table import table
from sinks.sql import Recomputation
from streams.core.figures import Answer, Question, answer
from streams.core.fold import fold
from streams.core.registers import COHORT, INTERVAL
from streams.core.unexplained import unexplained
from streams.evidence import sql_answer
from tests.core.harness import Partition
from tests.strategies import DEPARTMENTS, ODD_MOMENTS, deliveries, worlds

DELIVERED = worlds(contacts=12).flatmap(deliveries)
CUTS = st.lists(st.integers(0, 1_000), max_size=4)
#: Some days around each of the odd moments, in order.
DAYS = [
    (day - timedelta(days=1), day + timedelta(days=6))
    for day in sorted(day_of("UTC", moment) for moment in ODD_MOMENTS)
]
ZONES = {name: zone_of(name) for name in DEPARTMENTS}


def _rows(raws: list[bytes]) -> list[Row]:
    return [Row(n, 0, decode(raw)["subject"], raw) for n, raw in enumerate(raws)]


def _stream(rows: list[Row], cuts: list[int], as_of: int) -> Partition:
    """The rows in random batches, with the clock running ahead of the late ones."""
    partition = Partition()
    bounds = sorted(cut % (len(rows) + 1) for cut in cuts)
    for start, end in zip([0, *bounds], [*bounds, len(rows)], strict=True):
        partition.apply(rows[start:end])
        partition.advance(as_of - 30 * HOUR + 15 * HOUR * (start % 3))
    partition.advance(as_of)
    return partition


def _question(by: tuple[str, ...], grain: str | None, kind: str) -> Question:
    return Question(
        measures=[m for m in MEASURES.values() if kind == COHORT or m.kind is Kind.COUNT],
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


def _live(partition: Partition, question: Question, kind: str) -> Answer:
    def counted(of: str) -> list[tuple[int, tuple[str | None, ...], object]]:
        return [(q, dims, r) for (k, q, dims), r in partition.registers.items() if k == of]

    answers = answer(question, counted(kind))  # type: ignore[arg-type]
    if kind == COHORT:
        declared = list(partition.declarations.values())
        found = unexplained(question, declared, counted(COHORT))  # type: ignore[arg-type]
        for group, ratio in found.items():
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


@settings(max_examples=25, deadline=None)
@given(raws=DELIVERED, cuts=CUTS, ahead=st.sampled_from([-20 * HOUR, 0, HOUR, 13 * HOUR]))
def test_contacts_are_equal_field_by_field(raws: list[bytes], cuts: list[int], ahead: int) -> None:
    as_of = max(millis(decode(raw)["time"]) for raw in raws) + ahead
    by_subject: dict[str, list[bytes]] = {}
    for raw in raws:
        by_subject.setdefault(decode(raw)["subject"], []).append(raw)
    folded = {key: fold(values, as_of) for key, values in by_subject.items()}
    with Recomputation(table(_rows(raws)), as_of) as recomputation:
        contacts = {str(row["contact_id"]): row for row in recomputation.contacts()}
        declared = {str(row["subject"]): row for row in recomputation.declarations()}
    assert contacts == {
        key: msgspec.structs.asdict(r) for key, r in folded.items() if isinstance(r, ContactRecord)
    }
    assert declared == {
        key: msgspec.structs.asdict(r) for key, r in folded.items() if isinstance(r, Declaration)
    }


@pytest.mark.parametrize(
    ("by", "grain", "kind"),
    [
        ((), None, COHORT),
        (("department", "queue", "language"), "day", COHORT),
        (("department",), "hour", INTERVAL),
    ],
)
@settings(max_examples=6, deadline=None)
@given(raws=DELIVERED, cuts=CUTS, ahead=st.sampled_from([0, HOUR, 13 * HOUR]))
def test_every_measure_is_equal_to_the_unit(
    by: tuple[str, ...],
    grain: str | None,
    kind: str,
    raws: list[bytes],
    cuts: list[int],
    ahead: int,
) -> None:
    as_of = max(millis(decode(raw)["time"]) for raw in raws) + ahead
    rows, question = _rows(raws), _question(by, grain, kind)
    live = _live(_stream(rows, cuts, as_of), question, kind)
    with Recomputation(table(rows), as_of) as recomputation:
        by_sql = sql_answer(recomputation.figures, question, kind)
    assert _known(live) == _known(by_sql)
