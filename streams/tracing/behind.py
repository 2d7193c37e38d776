"""The contacts behind a figure, and what each of them contributes: in one sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from msgspec import Struct

from schemas.errors import Stop
from schemas.measures import Kind, relation_of
from schemas.measures.kinds import nearest_rank
from schemas.parts import Shift
from schemas.record import DIMENSIONS, ContactRecord, Declaration
from schemas.relations import RELATIONS
from streams.core.behind import behind
from streams.core.figures import Group, Ratio
from streams.core.sampling import counted, outcome
from streams.core.why import Counting
from streams.recounting.evidence import Evidence
from streams.tracing.figure import Sought
from streams.tracing.passing import Told, bearing, passing

_UNKNOWN = ""
#: Dimensions of contacts by which those behind a figure are told apart.
BY = DIMENSIONS[:-1]  # `category` is not a contact's
__all__ = ["BY", "Contact", "Sum", "Told", "contacts_of"]


class Contact(Struct, frozen=True, kw_only=True):
    """A contact (or shift) behind a figure.

    Attributes:
        id: its own.
        partition: where its events are.
        numerator, denominator: what it contributes; see `streams.core.behind.Part`.
        outcome: what became of it.
        dims: of the contact, those that were asked for; "" is unknown.
        span: when its events happened, in milliseconds; null where one that came with other
            bytes may have happened at another time.
        revision: how many distinct events were read of it.
        caller: its token.
    """

    id: str
    partition: int
    numerator: int | None
    denominator: int | None
    outcome: str
    dims: tuple[str, ...]
    span: tuple[int, int] | None
    revision: int
    caller: str | None


def contacts_of(
    found: Sought, group: Group, evidence: Evidence, dims: Sequence[str], told: Told
) -> Iterator[Contact]:
    """The contacts behind a figure: those in its denominator, or counted. In no certain order.

    Args:
        found: the figure.
        group: of it.
        evidence: in which the contacts are.
        dims: dimensions of contacts that are asked for.
        told: hears of so many rows that were read.

    Raises:
        Stop: a file was changed.
    """
    asked, measure = found.asked, found.edition.asked
    if RELATIONS[relation_of(measure)].across:
        counting = Counting(asked.question, measure, group, asked.as_of)
        counting.add(one for _, one in passing(evidence, asked.as_of, told))
        ratios = counting.parts()
        names = {name for name, ratio in ratios.items() if counted(ratio)}
        for partition, folded in passing(evidence, asked.as_of, of=lambda _: names):
            if not isinstance(folded, Declaration):
                yield _contact(partition, folded, ratios[_id(folded)], dims)
        return
    question = replace(asked.question, spans=[group.span])
    for partition, folded in passing(evidence, asked.as_of, told, bearing(measure, group.span)):
        for part in behind(question, measure, [folded], asked.as_of):
            if part.group == group and counted(part.ratio) and not isinstance(folded, Declaration):
                yield _contact(partition, folded, part.ratio, dims)


def _id(folded: ContactRecord | Shift) -> str:
    return folded.shift_id if isinstance(folded, Shift) else folded.contact_id


def _contact(
    partition: int, folded: ContactRecord | Shift, ratio: Ratio, dims: Sequence[str]
) -> Contact:
    return Contact(
        id=_id(folded),
        partition=partition,
        numerator=ratio.numerator,
        denominator=ratio.denominator,
        outcome=outcome(folded),
        dims=tuple(getattr(folded, name) or _UNKNOWN for name in dims),
        span=None if folded.conflicting else (folded.first_ms, folded.last_ms),
        revision=folded.revision,
        caller=getattr(folded, "caller", None),
    )


@dataclass(slots=True)
class Sum:
    """What contacts add up to.

    Attributes:
        contacts: how many there are.
        in_numerator, in_denominator: how many contribute anything to it.
        numerator, denominator: their sums.
        values: how many contribute each numerator.
    """

    contacts: int = 0
    in_numerator: int = 0
    in_denominator: int = 0
    numerator: int = 0
    denominator: int = 0
    values: dict[int, int] = field(default_factory=dict)

    def add(self, contact: Contact) -> None:
        """One more."""
        value = contact.numerator or 0
        self.contacts += 1
        self.in_numerator += bool(value)
        self.in_denominator += bool(contact.denominator)
        self.numerator += value
        self.denominator += contact.denominator or 0
        self.values[value] = self.values.get(value, 0) + 1

    def check(self, found: Sought, figure: Ratio) -> None:
        """Make sure that the contacts are those of the figure, as far as they add up to it.

        They do not to a percentile of what a contact can have several of.

        Raises:
            Stop: the integers differ.
        """
        numerator: int | None = self.numerator
        if found.kind is Kind.PERCENTILE:
            single = self.denominator == self.contacts
            rank = found.edition.measure.rank
            numerator = nearest_rank(self.values, rank) if single else figure.numerator
        if (numerator, self.denominator) != (figure.numerator, figure.denominator or 0):
            msg = (
                f"{found.name}: the SQL counts {figure.numerator} / {figure.denominator}, its "
                f"contacts add up to {numerator} / {self.denominator}: one of the two computations "
                "is wrong (vouch gate says which contacts differ)"
            )
            raise Stop(msg)
