"""Which events are read: the cut-off, repeats, conflicts, order, unreadable and unknown ones."""

from hashlib import sha256

import pyarrow as pa

from schemas.record import ContactRecord
from schemas.relations import RELATIONS
from sinks.sql import Recomputation
from tests.sql.events import AS_OF, BASE, PERIOD, contact, contacts, event, table


def test_columns_are_those_of_the_contact_record() -> None:
    found = contact(event("contact.arrived", 0, channel="phone"))
    parts = {relation.part for relation in RELATIONS.values()}
    assert tuple(found) == tuple(
        name for name in ContactRecord.__struct_fields__ if name not in parts
    )


def test_nothing_gives_no_contact() -> None:
    assert contacts([]) == {}


def test_an_event_at_as_of_is_read_and_one_after_it_is_not() -> None:
    raws = event("contact.arrived", 0), event("agent.requested", 1_000)
    assert contact(*raws, as_of=BASE + 1_000)["asked_ms"] == BASE + 1_000
    assert contact(*raws, as_of=BASE + 999)["asked_ms"] is None
    assert contact(*raws, as_of=BASE + 999)["revision"] == 1


def test_a_repeat_counts_once() -> None:
    visit = event("queue.entered", 0, queue="q")
    found = contact(visit, visit, visit, event("queue.entered", 1, queue="q"))
    assert (found["revision"], found["conflicting"], found["visits"]) == (2, 0, 2)


def test_the_same_id_of_another_source_or_contact_is_another_event() -> None:
    found = contacts(
        [
            event("queue.entered", 0, key="1", source="a"),
            event("queue.entered", 0, key="1", source="b"),
            event("queue.entered", 0, "c2", key="1", source="a"),
        ]
    )
    assert {key: row["visits"] for key, row in found.items()} == {"c1": 2, "c2": 1}


def test_of_different_bytes_the_smallest_sha256_is_read_and_the_id_counted_once() -> None:
    versions = [event("contact.arrived", ms, key="1", line=f"line {ms}") for ms in range(20)]
    first = min(versions, key=lambda raw: sha256(raw).digest())
    winner = versions.index(first)
    assert winner not in (0, 19)  # neither the first nor the last in any other order
    for order in (versions, versions[::-1]):
        found = contact(*order, *order, event("ivr.entered", 30))
        assert (found["revision"], found["conflicting"]) == (2, 1)
        assert (found["line"], found["arrived_ms"]) == (f"line {winner}", BASE + winner)


def test_a_different_version_after_as_of_is_no_conflict() -> None:
    found = contact(
        event("contact.arrived", 0, key="1"), event("contact.arrived", 10, key="1"), as_of=BASE
    )
    assert (found["conflicting"], found["revision"]) == (0, 1)


def test_event_order_is_time_then_source_then_sequence_then_id() -> None:
    ordered = [
        (0, "b", "2", "z"),
        (1, "A", "2", "z"),  # capitals come first: order of code points
        (1, "a", "", "y"),  # an absent sequence is ''
        (1, "a", "02", "x"),
        (1, "a", "10", "w"),
        (1, "a", "2", "B"),
        (1, "a", "2", "a"),
        (1, "a", "2", "é"),
        (1, "a", "2", "\uffff"),
        (1, "a", "2", "\U0001f4de"),  # beyond U+FFFF: UTF-8 and code points agree
        (1, "b", "1", "a"),
        (2, "a", "1", "0"),
    ]
    lines = [" ".join(map(str, order)) for order in ordered]

    def entered(subject: int, place: int) -> bytes:
        ms, source, sequence, key = ordered[place]
        line, name = lines[place], f"{subject:02}"
        return event("ivr.entered", ms, name, source=source, sequence=sequence, key=key, line=line)

    size = len(ordered)
    raws = [entered(low, place) for low in range(size) for place in reversed(range(low, size))]
    assert [row["line"] for row in contacts(raws).values()] == lines


def test_a_value_that_cannot_be_read_is_passed_over() -> None:
    assert contacts([b"{", b"\xff", event("contact.arrived", 0)])["c1"]["revision"] == 1


def test_an_unknown_type_counts_as_an_event() -> None:
    found = contact(event("contact.arrived", 0), event("lunar.eclipse", 5_000, language="fr"))
    assert (found["revision"], found["last_ms"], found["language"]) == (2, BASE + 5_000, "fr")


def test_declarations_alone_are_no_contact() -> None:
    declared = event("control.total_declared", 0, "d1", of="arrived", count=7, line="l", **PERIOD)
    assert contacts([declared]) == {}
    found = contact(declared, event("contact.arrived", 1_000, "d1"))
    assert (found["revision"], found["first_ms"], found["arrived_ms"]) == (2, BASE, BASE + 1_000)


def test_as_of_before_everything() -> None:
    assert contacts([event("contact.arrived", 0)], as_of=BASE - 1) == {}
    assert AS_OF > BASE


def test_of_a_sealed_value_the_hash_tells_which_is_read() -> None:
    """Two files that cannot be opened, and one that can: of the same bytes, the readable."""
    versions = [event("contact.arrived", ms, key="1", caller=f"k{ms}") for ms in range(9)]
    shas = [sha256(raw).hexdigest() for raw in versions]
    plain, first = table(versions), shas.index(min(shas))
    sealed = plain.set_column(
        plain.schema.get_field_index("value"), "value", pa.nulls(9, pa.binary())
    )
    sealed = sealed.drop_columns(["caller"]).append_column("value_sha256", pa.array(shas))
    for archive, caller in (
        (sealed, None),
        (pa.concat_tables([sealed, plain], promote_options="default"), f"k{first}"),
        (pa.concat_tables([plain, sealed], promote_options="default"), f"k{first}"),
    ):
        with Recomputation(archive, AS_OF) as recomputed:
            (found,) = recomputed.contacts()
        assert (found["arrived_ms"], found["caller"]) == (BASE + first, caller)
        assert (found["revision"], found["conflicting"]) == (1, 1)
