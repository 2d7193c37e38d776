"""From a contact to its events, and to the figures that it is part of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from schemas.definitions import Definitions
from schemas.errors import DeadLetter
from schemas.instants import instant
from schemas.parts import Shift
from schemas.record import ContactRecord
from streams.core.fold import Folded, fold
from streams.core.sampling import outcome
from streams.core.sweep import sweep
from streams.finals.ledger import Ledger
from streams.home import Home
from streams.recounting.evidence import Evidence
from streams.recounting.shares import shares
from streams.tracing.archive import Archive, End
from streams.tracing.behind import Told
from streams.tracing.contact import Held, Part, Subject, left_out, parts, registers_of
from streams.tracing.finding import find, hint, values
from streams.tracing.forms import Event, event
from streams.tracing.kept import Gated, Recorded, gated, recorded


class ContactTrace(Struct, frozen=True, kw_only=True):
    """The events of a contact, and the figures that it is part of.

    Attributes:
        contact: its id, or that of a shift or a declared total (`kind`).
        as_of: UTC; what happened later is not counted.
        archive: how far its chains were.
        events: in the order of intake.
        figures: by period and department.
        left_out: measures that were not looked at, since they rest on other contacts.
        recorded, gated: kept figures that it is part of.
    """

    contact: str
    kind: Literal["contact", "shift", "declaration"]
    outcome: str
    as_of: str
    archive: list[End]
    events: list[Event]
    figures: list[Part]
    left_out: list[str]
    recorded: list[Recorded]
    gated: list[Gated]


def trace_contact(
    home: Home,
    archive: Archive,
    contact: str,
    as_of: int,
    definitions: Definitions,
    grain: str,
    everyone: Sequence[ContactRecord] | None = None,
) -> ContactTrace:
    """From a contact to its events, and to the figures that it is part of.

    Args:
        home: of the archive.
        archive: as it was.
        contact: its id.
        as_of: in milliseconds.
        definitions: the versions that there are.
        grain: of `streams.tracing.contact.GRAINS`.
        everyone: all contacts as they stand at `as_of`, for measures that rest on others.

    Raises:
        DeadLetter: nothing is archived of it.
        Retry: files were compacted meanwhile; ask again.
        Stop: the archive contradicts itself, or a key is missing.
    """
    places = find(archive, contact, as_of, hint(home, contact))
    folded = fold(values(archive, home.keys(), places), as_of) if places else None
    if folded is None:
        msg = f"no event of {contact!r} is archived in {home.data} up to {instant(as_of)}"
        raise DeadLetter(msg)
    subject = folded if isinstance(folded, ContactRecord | Shift) else None
    figures, finals, gates = _figures(home, subject, as_of, definitions, grain, everyone)
    return ContactTrace(
        contact=contact,
        kind=_kind(folded),
        outcome=outcome(subject) if subject else "",
        as_of=instant(as_of),
        archive=archive.ends,
        events=[event(place) for place in places],
        figures=figures,
        left_out=left_out() if isinstance(folded, ContactRecord) and everyone is None else [],
        recorded=finals,
        gated=gates,
    )


def _figures(
    home: Home,
    subject: Subject | None,
    as_of: int,
    definitions: Definitions,
    grain: str,
    everyone: Sequence[ContactRecord] | None,
) -> tuple[list[Part], list[Recorded], list[Gated]]:
    if subject is None:
        return [], [], []
    registers = registers_of(subject, as_of, everyone)
    held = Held(subject, registers, definitions)
    return (
        parts(subject, registers, definitions, grain),
        [*recorded(held, Ledger(home.data).records())],
        [*gated(held, home.data)],
    )


def _kind(folded: Folded) -> Literal["contact", "shift", "declaration"]:
    if isinstance(folded, Shift):
        return "shift"
    return "contact" if isinstance(folded, ContactRecord) else "declaration"


def everyone(evidence: Evidence, as_of: int, told: Told) -> Iterator[ContactRecord]:
    """All contacts as they stand at `as_of`; `told` hears of so many rows that were read."""
    for share in shares(evidence):
        for number, contacts in sweep(share, as_of):
            yield from (one for one, _ in contacts if isinstance(one, ContactRecord))
            told(share.size(number))
