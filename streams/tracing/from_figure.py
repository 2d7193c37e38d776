"""From a figure to the evidence: its contacts, and the commits and files of their events."""

from __future__ import annotations

from msgspec import Struct

from schemas.measures import Kind
from streams.core.figures import Ratio
from streams.core.sampling import in_numerator
from streams.recounting.evidence import Evidence
from streams.tracing.archive import Archive, End
from streams.tracing.behind import BY, Contact, Sum, Told, contacts_of
from streams.tracing.commits import Committed, commits
from streams.tracing.figure import Sought, group_of, said
from streams.tracing.forms import Figure


class Behind(Struct, frozen=True, kw_only=True):
    """A contact behind a figure: what is needed to draw a sample of them.

    Attributes:
        contact: its id.
        in_numerator: `yes` or `no` of a ratio; null of others.
        outcome: what became of it (`streams.core.sampling.outcome`).
        numerator, denominator: what it contributes.
    """

    contact: str
    in_numerator: str | None
    outcome: str
    department: str
    program: str
    queue: str
    channel: str
    language: str
    line: str
    origin: str
    numerator: int | None
    denominator: int | None


class FigureTrace(Struct, frozen=True, kw_only=True):
    """The evidence behind a figure.

    Attributes:
        figure: which one.
        archive: how far its chains were.
        contacts: behind it; `in_numerator` and `in_denominator` contribute to those.
        events: of the contacts, as often as they were delivered.
        commits: those that hold them.
        behind: the contacts by id, where they were asked for.
    """

    figure: Figure
    archive: list[End]
    contacts: int
    in_numerator: int
    in_denominator: int
    events: int
    commits: list[Committed]
    behind: list[Behind] | None = None


def trace_figure(
    archive: Archive,
    evidence: Evidence,
    found: Sought,
    told: Told,
    *,
    listed: bool = False,
) -> FigureTrace:
    """From a figure to the evidence.

    Args:
        archive: whose.
        evidence: all that is archived.
        found: the figure.
        told: hears of so many rows that were read.
        listed: whether its contacts are listed.

    Raises:
        DeadLetter: there is no such figure.
        Retry: files were compacted meanwhile; ask again.
        Stop: the archive or the two computations of the figure contradict each other.
    """
    group, ratio = group_of(found, evidence)
    total, names, behind = Sum(), dict[int, list[str]](), list[Behind]()
    times = _Times()
    for contact in contacts_of(found, group, evidence, BY, told):
        total.add(contact)
        times.add(contact)
        names.setdefault(contact.partition, []).append(contact.id)
        if listed:
            behind.append(_behind(contact, ratios=found.kind is Kind.RATIO))
    total.check(found, ratio)
    holding = [
        commit
        for end in archive.ends
        if end.partition in names
        for commit in commits(archive, end, names[end.partition], found.asked.as_of, times.within)
    ]
    return FigureTrace(
        figure=said(found, group, ratio, "en"),
        archive=archive.ends,
        contacts=total.contacts,
        in_numerator=total.in_numerator,
        in_denominator=total.in_denominator,
        events=sum(commit.rows for commit in holding),
        commits=holding,
        behind=sorted(behind, key=lambda one: one.contact) if listed else None,
    )


class _Times:
    """From when to when anything happened to some contacts; None where that is not known."""

    def __init__(self) -> None:
        self._first, self._last, self._known = 2**63 - 1, -(2**63), True

    def add(self, contact: Contact) -> None:
        self._known = self._known and contact.span is not None
        first, last = contact.span or (self._first, self._last)
        self._first, self._last = min(self._first, first), max(self._last, last)

    @property
    def within(self) -> list[tuple[int, int]] | None:
        return [(self._first, self._last)] if self._known else None


def _behind(contact: Contact, *, ratios: bool) -> Behind:
    ratio = Ratio(contact.numerator, contact.denominator)
    return Behind(
        contact=contact.id,
        in_numerator=in_numerator(ratio) if ratios else None,
        outcome=contact.outcome,
        **dict(zip(BY, contact.dims, strict=True)),
        numerator=contact.numerator,
        denominator=contact.denominator,
    )
