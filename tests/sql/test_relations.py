"""Every relation has a table, made when it is asked for, with the columns that are promised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.archive import FACTS
from schemas.errors import Stop
from schemas.measures import MEASURES, relation_of
from schemas.parts import Shift
from schemas.record import DIMENSIONS, Declaration
from schemas.relations import RELATIONS
from sinks.published import NEEDS, TABLES, text
from sinks.sql import Recomputation
from tests.sql.events import AS_OF, BASE, DAY, PERIOD, event, rows, table

PLACE = {"department": "ircc", "program": "p", "language": "fr", "line": "l", "origin": "o"}
#: One row at least of every relation.
WORLD = [
    event("contact.arrived", 0, channel="phone", caller="k", **PLACE),
    event("queue.entered", 1_000, queue="q"),
    event("estimate.announced", 2_000, seconds=60),
    event("agent.connected", 9_000),
    event("contact.ended", 99_000, by="customer"),
    event("survey.invited", 100_000, questionnaire="csat"),
    event("topic.assigned", 100_000, topic="passport"),
    event("escalation.raised", 100_000, kind="supervisor"),
    event("queue.entered", 0, "back", queue="q", department="ircc"),
    event("callback.accepted", 5_000, "back"),
    event("email.received", 0, "mail", intake="fax", **PLACE),
    event("web.task_completed", 0, "web", tool="portal", **PLACE),
    event("agent.state_changed", 0, "shift", agent="a", state="ready", queue="q", channel="phone"),
    event("control.total_declared", 0, "total", of="arrived", count=7, **PERIOD, **PLACE),
]


@pytest.mark.parametrize("name", RELATIONS)
def test_the_columns_of_a_relation(name: str) -> None:
    found = rows(WORLD, name)
    expected = dict.fromkeys(["contact_id", *DIMENSIONS, *RELATIONS[name].row.__struct_fields__])
    parts = {relation.part for relation in RELATIONS.values()}
    assert found
    assert set(found[0]) == set(expected) - parts
    if name != "contacts":
        assert list(found[0]) == list(expected)


@pytest.mark.parametrize("name", sorted(set(RELATIONS) - {"segments", "spells", "fidelity"}))
def test_a_row_has_the_dimensions_of_its_contact(name: str) -> None:
    (row,) = [row for row in rows(WORLD, name) if row["contact_id"] not in ("back", "web", "mail")][
        :1
    ] or rows(WORLD, name)
    assert {key: row[key] for key in PLACE} == PLACE
    category = {"messages": "fax", "topics": "passport", "escalations": "supervisor"}
    assert row["category"] == {**category, "tasks": "portal"}.get(name)


def test_the_queue_of_a_segment_is_its_own_and_the_category_what_the_relation_names() -> None:
    raws = [*WORLD, event("queue.entered", 3_000, queue="r")]
    raws += [event("survey.answered", 200_000, questionnaire="csat", preferred="email")]
    found = [row["queue"] for row in rows(raws, "segments") if row["contact_id"] == "c1"]
    assert found == ["q", "r"]
    assert [row["category"] for row in rows(raws, "surveys")] == ["email"]
    assert {row["category"] for row in rows(raws, "spells")} == {"ready"}


def test_shifts_and_declarations_have_the_columns_of_their_records() -> None:
    with Recomputation(table(WORLD), AS_OF) as recomputed:
        (shift,) = recomputed.shifts()
        (declaration,) = recomputed.declarations()
    assert tuple(shift) == tuple(name for name in Shift.__struct_fields__ if name != "spells")
    assert tuple(declaration) == Declaration.__struct_fields__
    assert (shift["queue"], declaration["origin"]) == ("q", "o")


def test_an_unknown_relation_is_refused() -> None:
    with Recomputation([], AS_OF) as recomputed:
        with pytest.raises(ValueError, match="unknown relation: kept"):
            recomputed.rows("kept")
        assert [recomputed.rows(name) for name in RELATIONS] == [[] for _ in RELATIONS]
        assert recomputed.shifts() == []


def test_every_table_is_published_and_its_needs_come_before_it() -> None:
    assert set(RELATIONS) <= set(TABLES)
    for name in TABLES:
        kind = "VIEW" if name == "kept" else "TABLE"
        assert f"CREATE OR REPLACE {kind} {name} AS" in text(name)
    for name, needs in NEEDS.items():
        assert all(TABLES.index(need) < TABLES.index(name) for need in needs if need in TABLES)


def test_rows_are_counted_whole_and_by_category_whatever_was_asked_before() -> None:
    counts = ["funnel.arrived", "message.received", "web.tasks", "agent.time", "segment.entered"]
    with Recomputation(table(WORLD), AS_OF) as recomputed:
        for order in (counts, counts[::-1]):
            found = recomputed.figures(order, [DAY], {}, "UTC", ["category"])
            assert [(f.measure, f.dims, f.numerator) for f in found] == sorted(
                [
                    ("funnel.arrived", (None,), 2),
                    ("message.received", ("fax",), 1),
                    ("web.tasks", ("portal",), 1),
                    ("agent.time", ("ready",), 3_600_000),
                    ("segment.entered", (None,), 2),
                ],
                key=lambda row: order.index(str(row[0])),
            )


def test_by_interval_a_part_falls_where_it_happened() -> None:
    hour = 3_600_000
    raws = [
        event("queue.entered", hour - 1, queue="q"),
        event("agent.connected", hour),
        event("email.received", hour - 1, "m", intake="fax", department="ircc"),
        event("email.responded", hour, "m"),
    ]
    hours = [(BASE + n * hour, BASE + (n + 1) * hour, "UTC") for n in (0, 1)]
    names = ["segment.entered", "segment.answered", "email.received", "email.answered"]
    with Recomputation(table(raws), AS_OF + hour) as recomputed:
        found = recomputed.figures([*names, "segment.wait_mean"], hours, {}, "UTC", [], "interval")
        assert [(f.measure, (f.period_start_ms - BASE) // hour, f.numerator) for f in found] == [
            ("segment.entered", 0, 1),
            ("segment.answered", 1, 1),
            ("email.received", 0, 1),
            ("email.answered", 1, 1),
        ]
        cohort = recomputed.figures(names, hours, {}, "UTC", [])
        assert {f.period_start_ms for f in cohort} == {BASE}


def test_every_relation_has_a_measure() -> None:
    assert {relation_of(row) for row in MEASURES.values()} == set(RELATIONS)


def _without(columns: set[str]) -> pa.Table:
    return table(WORLD).drop_columns(sorted(columns))


def test_an_archive_older_than_a_fact_is_read_and_one_without_instants_is_not(
    tmp_path: Path,
) -> None:
    def wrote(name: str, rows: Any) -> Path:
        pq.write_table(rows, tmp_path / name)
        return tmp_path / name

    old = wrote("old.parquet", _without({"tool", "origin", "at_first_exchange", "intake"}))
    young = wrote("young.parquet", table([event("email.received", 0, "young", intake="fax")]))
    for files, intakes in (([old], [None]), ([old, young], [None, "fax"])):
        with Recomputation(files, AS_OF) as recomputed:
            assert [row["intake"] for row in recomputed.rows("messages")] == intakes
            assert recomputed.contacts()[0]["origin"] is None
    with pytest.raises(Stop, match="time_ms"):
        Recomputation([wrote("none.parquet", _without({"time_ms"}))], AS_OF)
    assert set(FACTS) > {"tool", "origin", "at_first_exchange", "intake"}
