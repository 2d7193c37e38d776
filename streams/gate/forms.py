"""What is kept of a gate: the report, and the incident where engines differ."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from streams.gate.completeness import Completeness

By = dict[str, Any]
Verdict = Literal["agrees", "blocked", "not yet"]
Integers = tuple[int | None, int | None]


class Tail(Struct, frozen=True, kw_only=True):
    """The newest commit of a chain of the archive."""

    chain: str
    seq: int
    sha256: str


class Row(Struct, frozen=True, kw_only=True):
    """One figure: numerator and denominator by each engine; null where it has no such figure.

    Attributes:
        figure: its reference.
        start, end: local time.
        status: of the live figure, and `why` it may not be published; "" where nothing keeps it.
    """

    figure: str
    measure: str
    version: int
    start: str
    end: str
    zone: str
    dimensions: dict[str, str | None]
    readings: dict[str, Integers | None]
    agrees: bool
    status: str | None
    why: str


class Report(Struct, frozen=True, kw_only=True):
    """What a gate found. It names no time but event time: the same again is the same text.

    Attributes:
        period: as it was asked for, and its local days.
        whole: whether all measures were asked for.
        verdict: `agrees`: all figures do, some are final, and the evidence is complete; `not yet`:
            all agree, and nothing may be published yet; `blocked`: some do not.
        recount: where the core folded again.
        tails: of all chains of the archive; `beyond`: rows that were counted and not archived yet.
        publishable: how many figures agree and are final, and `waiting` why others are not.
        vanished: recorded as final, and of groups that are empty now.
        definitions, tables: SHA-256 of what decides figures; `rules` names all of it.
        incident: the file that lists the contacts behind what differs.
    """

    period: str
    start: str
    end: str
    as_of: str
    whole: bool
    verdict: Verdict
    agreed: int
    mismatched: int
    publishable: int
    waiting: dict[str, int]
    vanished: int
    incident: str | None
    log: str
    positions: list[int]
    beyond: int
    tails: list[Tail]
    groupings: list[list[str]]
    recount: str
    completeness: Completeness
    definitions: dict[str, str]
    tables: dict[str, str]
    figures: list[Row]


class Contact(Struct, frozen=True, kw_only=True):
    """One contact or shift.

    Attributes:
        readings: what it contributes, by each engine's own records; null where nothing.
        known: which engines know it at all.
        fields: those in which records differ, by engine; of SQL only what is no part.
    """

    contact: str
    readings: dict[str, Integers | None]
    known: list[str] = []
    fields: dict[str, By] = {}


class Total(Struct, frozen=True, kw_only=True):
    """A declaration, and what it declares by live state and recount; null where it is unknown."""

    subject: str
    of: str
    authority: str
    start: str
    end: str
    live: int | None
    recount: int | None


class Figure(Struct, frozen=True, kw_only=True):
    """One figure that differs.

    Attributes:
        readings: by engine; null where it has no such figure.
        sums: what each engine's own contacts add up to; null of a percentile or remainder.
        wrong_sums: engines whose figure is not that sum.
        partitions: where what such an engine lacks is all that they contribute: as if lost.
        contacts: those that differ; where none does, some of those behind the figure. At most 50.
        differ: how many contacts differ; null where there are too many to compare.
        behind: how many contacts are behind the figure, by any engine; null likewise.
        declarations: of a remainder, which has no contacts of its own.
        words: what that means.
    """

    figure: str
    readings: dict[str, Integers | None]
    sums: dict[str, Integers | None] = {}
    wrong_sums: list[str] = []
    partitions: dict[str, list[int]] = {}
    differ: int | None = 0
    behind: int | None = 0
    contacts: list[Contact] = []
    declarations: list[Total] = []
    words: str


class Incident(Struct, frozen=True, kw_only=True):
    """All figures that differ, up to 50, and how many `more` there are.

    Attributes:
        contacts: all that differ in any of the figures listed, or in what is known of them.
        unlike: where measures across contacts differ, those of which live state and recount know
            different things, whatever they contribute themselves. At most 50.
    """

    period: str
    as_of: str
    log: str
    positions: list[int]
    mismatched: int
    more: int
    contacts: list[str]
    unlike: list[Contact]
    figures: list[Figure]
