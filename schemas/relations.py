"""The relations: what measures count the rows of. The SQL has a table for each, by this name.

A table's columns are `contact_id` (of a shift, its `shift_id`), the dimensions
(`schemas.record.DIMENSIONS`), and the fields of the row. The dimensions are those of the contact
or shift that the row is part of, save one that the row has itself (a segment's `queue`);
`category` is the field that the relation names for it, else null.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from schemas.across import Fidelity, Repeat
from schemas.parts import Escalation, Estimate, Message, Segment, Spell, Survey, Task, Topic
from schemas.record import ContactRecord


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation.

    Attributes:
        row: what a row is.
        cohort: the field by which a row belongs to a period.
        category: the field that fills the dimension `category`.
        part: the field of the record that holds the rows; "" where the record is the row.
        across: whether the second fold makes the rows, from all contacts.
    """

    name: str
    row: type[Struct]
    cohort: str
    category: str = ""
    part: str = ""
    across: bool = False


_ROWS = (
    # Phone contacts only: those of the channel `phone`, or of none.
    Relation("contacts", ContactRecord, "arrived_ms"),
    Relation("segments", Segment, "entered_ms", part="segments"),
    Relation("estimates", Estimate, "announced_ms", part="estimates"),
    Relation("messages", Message, "received_ms", "intake", part="message"),
    Relation("surveys", Survey, "arrived_ms", "preferred", part="surveys"),
    Relation("topics", Topic, "assigned_ms", "topic", part="topics"),
    Relation("escalations", Escalation, "raised_ms", "kind", part="escalations"),
    Relation("tasks", Task, "done_ms", "tool", part="tasks"),
    Relation("spells", Spell, "from_ms", "state", part="spells"),
    Relation("fidelity", Fidelity, "arrived_ms", across=True),
    Relation("repeats", Repeat, "arrived_ms", across=True),
)

RELATIONS: dict[str, Relation] = {row.name: row for row in _ROWS}
