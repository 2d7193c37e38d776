"""The envelope (CloudEvents 1.0) and the facts an event can carry.

One flat struct holds the facts of every type: it decodes several times faster than a
union, and an unknown type cannot make a whole block of events unreadable. Which type
needs which field is said, row by row, in `schemas.vocabulary`.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder, Encoder

CANONICAL = (  # [0-9], because \d means other digits too, in some dialects
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$"
)
Text = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Instant = Annotated[
    str,
    Meta(
        description="UTC, to the millisecond: 2026-01-05T14:00:00.000Z",
        # Checked at admission, not by the decoder: there it would double the cost of a replay.
        extra_json_schema={"pattern": CANONICAL},
    ),
]
#: How a value begins that was written again from its open columns, after its personal ones were
#: disposed of; the SHA-256 of the bytes that it stands for follows. No producer may write it.
DISPOSED = b'{"disposed":"'
SCHEMA_PREFIX = "urn:vouchline:event:"


class Data(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The facts of an event. Null means unknown, and unknown is never zero."""

    # Dimensions: where a contact belongs.
    department: Text | None = None
    program: Text | None = None
    queue: Text | None = None
    channel: Text | None = None
    language: Text | None = None
    line: Text | None = None
    origin: Annotated[Text, Meta(description="a region or a country")] | None = None
    caller: Annotated[Text, Meta(description="keyed hash, never a number")] | None = None
    caller_before: (
        Annotated[
            Text, Meta(description="the same under the key of the period before, for seven days")
        ]
        | None
    ) = None
    # What happened, and by whom.
    reason: Text | None = None
    how: Text | None = None
    by: Text | None = None
    task: Text | None = None
    agent: Text | None = None
    skill: Text | None = None
    priority: Count | None = None
    target: Text | None = None
    position: Count | None = None
    seconds: Count | None = None
    number: Annotated[Count, Meta(description="which attempt, from 1")] | None = None
    reported_start: Annotated[Instant, Meta(description="as the switch says")] | None = None
    promise_from: Instant | None = None
    promise_until: Instant | None = None
    # Messages, surveys, topics, escalations, agents.
    intake: Text | None = None
    actor: Text | None = None
    topic: Text | None = None
    kind: Text | None = None
    tool: Text | None = None
    state: Text | None = None
    at_first_exchange: bool | None = None
    questionnaire: Text | None = None
    score: Count | None = None
    scale: Annotated[Count, Meta(description="the highest score there is")] | None = None
    preferred: Annotated[Text, Meta(description="the channel preferred next time")] | None = None
    # A total that somebody else counted.
    of: Text | None = None
    count: Count | None = None
    period_start: Instant | None = None
    period_end: Instant | None = None
    attribution: Text | None = None
    authority: Text | None = None


NOTHING = Data()


class Event(Struct, frozen=True, kw_only=True, order=True, omit_defaults=True, gc=False):
    """One fact about one contact.

    The order of the fields is the order of events: time, source, sequence, id. Times and
    sequences are fixed-width text, so the order of the text is the order of the values.
    """

    time: Instant
    source: Text
    sequence: Annotated[str, Meta(max_length=40)] = ""
    id: Text
    type: Annotated[str, Meta(min_length=1, max_length=100)]
    subject: Text
    dataschema: Annotated[str, Meta(max_length=200)] = ""
    data: Data = NOTHING


decoder: Decoder[Event] = Decoder(Event)
_encoder = Encoder()


def schema_id(kind: str, version: int) -> str:
    """The `dataschema` of a type at a version."""
    return f"{SCHEMA_PREFIX}{kind}:{version}"


def version_of(dataschema: str) -> int:
    """The version a `dataschema` names; an event that names none is of version 1."""
    tail = dataschema.rpartition(":")[2]
    return int(tail) if tail.isdecimal() else 1


def encode(event: Event) -> bytes:
    """CloudEvents JSON of an event, the same bytes for the same event in every run."""
    return b'{"specversion":"1.0",' + _encoder.encode(event)[1:]
