"""A figure that is traced: how it is asked for, what it is by the SQL, and how it is worded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from schemas.definitions import Edition
from schemas.errors import DeadLetter
from schemas.instants import instant
from schemas.measures import Both, Kind, Words
from schemas.reference import Reference
from schemas.statuses import Language
from streams.core.figures import Group, Ratio, figures
from streams.recounting.evidence import Evidence
from streams.recounting.recompute import Asked, by_sql, everywhere
from streams.runtimes.asking import Request
from streams.tables.definitions import in_force
from streams.tracing.forms import Figure


@dataclass(frozen=True, slots=True)
class Sought:
    """A figure, and how it is asked for.

    Attributes:
        reference: its name.
        edition: the version of its definition.
        asked: the question, of the periods of every zone that there is.
    """

    reference: Reference
    edition: Edition
    asked: Asked

    @property
    def name(self) -> str:
        """The reference, with the version of the definition."""
        return str(replace(self.reference, version=self.edition.number))

    @property
    def kind(self) -> Kind:
        """Of its measure."""
        return self.edition.measure.kind


def sought(data: Path, named: Reference, as_of: int) -> Sought:
    """How a figure is asked for, by the definitions of a folder.

    Raises:
        DeadLetter: its measure has no such version, or no contacts behind it.
    """
    definitions = in_force(data)
    if named.version is None:
        edition = definitions.at(named.measure, named.start)[0]
    else:
        edition = definitions.edition(named.measure, named.version)
    if edition.measure.kind is Kind.REMAINDER:
        msg = f"{named}: a remainder has no contacts of its own (vouch reconcile shows it)"
        raise DeadLetter(msg)
    request = Request(
        named.start,
        named.end,
        None,
        tuple(named.dims),
        (f"{named.measure}@{edition.number}",),
        definitions=definitions,
    )
    return Sought(named, edition, everywhere(request, as_of))


def group_of(found: Sought, evidence: Evidence) -> tuple[Group, Ratio]:
    """The one group that a reference names, and its integers by the published SQL.

    Raises:
        DeadLetter: nothing was counted there, or the reference names several figures.
        Stop: as `by_sql` does.
    """
    wanted = tuple(found.reference.dims.values())
    answers = by_sql(evidence, found.asked)
    groups = {
        group: ratios[found.edition.name]
        for group, ratios in answers.items()
        if group.dims == wanted and found.edition.name in ratios
    }
    if not groups:
        msg = f"{found.reference}: nothing was counted, so it is unknown, and not zero"
        raise DeadLetter(msg)
    if len(groups) > 1:
        zones = ", ".join(sorted(group.span.zone for group in groups))
        msg = f"{found.reference}: one figure for each of {zones}: name one by department=..."
        raise DeadLetter(msg)
    return next(iter(groups.items()))


def said(found: Sought, group: Group, ratio: Ratio, language: Language) -> Figure:
    """The figure as a paper has it."""
    measure = found.edition.measure
    question = replace(found.asked.question, measures=[measure], spans=[group.span])
    worded = figures(question, {group: {measure.id: ratio}}, found.asked.as_of)
    figure = next(one for one in worded if tuple(one.dimensions.values()) == group.dims)
    words: Words = getattr(measure, language)
    excluded: Both | None = measure.exclusions
    return Figure(
        reference=found.name,
        name=words.name,
        text=words.text,
        exclusions=getattr(excluded, language) if excluded else "",
        formula=" / ".join(filter(None, (measure.numerator, measure.denominator))),
        start=figure.period.start,
        end=figure.period.end,
        zone=figure.period.zone,
        numerator=figure.numerator,
        denominator=figure.denominator,
        value=figure.value,
        unit=figure.unit,
        as_of=instant(found.asked.as_of),
    )
