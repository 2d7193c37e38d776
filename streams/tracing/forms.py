"""What papers and traces say of figures, strata, contacts and events."""

from __future__ import annotations

from msgspec import Struct

from schemas.instants import instant
from streams.tracing.archive import End
from streams.tracing.places import Place


class Figure(Struct, frozen=True, kw_only=True):
    """The figure as it was counted from the archive, and its definition in one language.

    Attributes:
        reference: its name, with the version of its definition.
        name, text, exclusions: of the definition; "" where nothing is excluded.
        formula: terms of numerator and denominator.
        period: local time, half-open.
        zone: of the period.
        numerator, denominator, value, unit: see `schemas.board.Figure`.
        as_of: UTC; what happened later was not read.
    """

    reference: str
    name: str
    text: str
    exclusions: str
    formula: str
    start: str
    end: str
    zone: str
    numerator: int | None
    denominator: int | None
    value: int | str | None
    unit: str
    as_of: str


class Layer(Struct, frozen=True, kw_only=True):
    """One stratum: what its contacts have in common, how many there are, and how many were drawn.

    Attributes:
        values: of `Paper.by`, in its order; "" is unknown.
    """

    values: tuple[str, ...]
    contacts: int
    drawn: int


class Event(Struct, frozen=True, kw_only=True):
    """One event of a contact where the archive holds it; see `streams.tracing.places.Place`."""

    log_id: str
    partition: int
    offset: int
    commit: int
    file: str
    file_sha256: str
    intake: str
    time: str
    type: str
    sha256: str
    reading: str


class Drawn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contact of the sample.

    Attributes:
        stratum: of `Paper.by`, in its order.
        numerator, denominator: what it contributes to the figure.
        caller: its token, where that was asked for.
        agrees, remarks: for the auditor.
    """

    contact: str
    stratum: tuple[str, ...]
    numerator: int | None
    denominator: int | None
    caller: str | None = None
    events: list[Event]
    agrees: str | None = None
    remarks: str | None = None


class Paper(Struct, frozen=True, kw_only=True):
    """The working paper.

    Attributes:
        figure: that the contacts are behind.
        archive: how far its chains were.
        contacts: how many are behind the figure.
        n, seed: as they were asked for.
        by: what the strata differ by.
        strata: in order.
        sample: the contacts, stratum by stratum.
    """

    figure: Figure
    archive: list[End]
    contacts: int
    n: int
    seed: str
    by: tuple[str, ...]
    strata: list[Layer]
    sample: list[Drawn]


def event(place: Place) -> Event:
    """A place as a paper has it."""
    return Event(
        log_id=place.log_id,
        partition=place.partition,
        offset=place.offset,
        commit=place.commit,
        file=place.file,
        file_sha256=place.file_sha256,
        intake=instant(place.intake_ms),
        time=instant(place.time_ms),
        type=place.type,
        sha256=place.sha256,
        reading=place.reading,
    )
