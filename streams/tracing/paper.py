"""An auditor's working paper: a sample of the contacts behind a figure, down to their events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.errors import Stop
from schemas.measures import Kind
from schemas.statuses import Language
from streams.core.figures import Ratio
from streams.core.sampling import Draw, Stratum, in_numerator
from streams.recounting.evidence import Evidence
from streams.tracing.archive import Archive
from streams.tracing.behind import Contact, Sum, Told, contacts_of
from streams.tracing.figure import Sought, group_of, said
from streams.tracing.forms import Drawn, Layer, Paper, event
from streams.tracing.places import Place, places, read

NUMERATOR, OUTCOME = "numerator", "outcome"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn.

    Attributes:
        n: how many contacts.
        seed: any text.
        by: what strata differ by beside the outcome, of `BY`.
        callers: whether callers' tokens are told.
        language: of the definition.
    """

    n: int
    seed: str
    by: tuple[str, ...] = ()
    callers: bool = False
    language: Language = "en"


def paper(archive: Archive, evidence: Evidence, found: Sought, plan: Plan, told: Told) -> Paper:
    """Draw a sample, and say where its events are.

    Args:
        archive: whose.
        evidence: all that is archived.
        found: the figure.
        plan: what is drawn.
        told: hears of so many rows that were read.

    Raises:
        DeadLetter: there is no such figure, or more strata than contacts are asked for.
        Retry: files were compacted meanwhile; ask again.
        Stop: the archive or the two computations of the figure contradict each other.
    """
    group, ratio = group_of(found, evidence)
    draw, total, ratios = Draw[Contact](plan.seed, plan.n), Sum(), found.kind is Kind.RATIO
    for contact in contacts_of(found, group, evidence, plan.by, told):
        total.add(contact)
        draw.add(_stratum(contact, ratios=ratios), contact.id, contact)
    total.check(found, ratio)
    drawn = draw.drawn()
    by_contact = located(archive, [c for some in drawn.values() for c in some], found.asked.as_of)
    return Paper(
        figure=said(found, group, ratio, plan.language),
        archive=archive.ends,
        contacts=total.contacts,
        n=plan.n,
        seed=plan.seed,
        by=((NUMERATOR,) if ratios else ()) + (OUTCOME, *plan.by),
        strata=[
            Layer(values=name, contacts=draw.sizes[name], drawn=len(some))
            for name, some in drawn.items()
        ],
        sample=[
            _drawn(contact, name, by_contact[contact.id], plan)
            for name, some in drawn.items()
            for contact in some
        ],
    )


def _stratum(contact: Contact, *, ratios: bool) -> Stratum:
    inside = in_numerator(Ratio(contact.numerator, contact.denominator))
    return ((inside,) if ratios else ()) + (contact.outcome, *contact.dims)


def located(archive: Archive, contacts: Sequence[Contact], as_of: int) -> dict[str, list[Place]]:
    """Where the events of some contacts are, by contact, as the fold reads them.

    Raises:
        Retry: files were compacted meanwhile; ask again.
        Stop: not all events that were read are there.
    """
    found: dict[str, list[Place]] = {contact.id: [] for contact in contacts}
    for end in archive.ends:
        here = [contact for contact in contacts if contact.partition == end.partition]
        spans = [contact.span for contact in here if contact.span is not None]
        within = spans if len(spans) == len(here) else None
        names = [contact.id for contact in here]
        for place in places(archive, end, names, as_of, within) if names else ():
            found[place.contact].append(place)
    return {contact.id: complete(contact, found[contact.id]) for contact in contacts}


def complete(contact: Contact, found: Iterable[Place]) -> list[Place]:
    """The places of all events that were read of a contact.

    Raises:
        Stop: some are missing.
    """
    located = read(found)
    counted = sum(place.reading == "counted" for place in located)
    if counted != contact.revision:
        msg = f"{contact.id}: {contact.revision} events were read, but {counted} are found again"
        raise Stop(msg)
    return located


def _drawn(contact: Contact, stratum: Stratum, found: Iterable[Place], plan: Plan) -> Drawn:
    return Drawn(
        contact=contact.id,
        stratum=stratum,
        numerator=contact.numerator,
        denominator=contact.denominator,
        caller=contact.caller if plan.callers else None,
        events=[event(place) for place in found],
    )
