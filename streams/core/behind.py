"""The contacts behind a figure: what each of them contributes to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.measures import Measure, relation_of
from schemas.record import ContactRecord
from schemas.relations import RELATIONS
from streams.core.across import FOLDS
from streams.core.figures import Group, Question, Ratio, answer
from streams.core.fold import Folded
from streams.core.registers import (
    COHORT,
    Registers,
    add,
    add_row,
    dims_of,
    kind,
)


class Part(NamedTuple):
    """What one contact (or shift) contributes to a measure in one group.

    The numerators of counts, ratios and means add up to those of the figure, and so do the
    denominators. Of a percentile the numerator is the contact's own.
    """

    subject: str
    group: Group
    ratio: Ratio


def behind(
    question: Question,
    measure: Measure,
    folded: Iterable[Folded],
    as_of: int,
    attribution: str = COHORT,
) -> Iterator[Part]:
    """What every contact contributes to a measure, in the groups of a question.

    `folded` may be of any number of contacts; for a measure that rests on contacts of others,
    it must hold all those that bear on one another. A remainder has no contacts of its own.
    """
    relation = relation_of(measure)
    asked = Question([measure], question.spans, question.by, question.zones, question.default_zone)
    wanted = kind(relation, attribution)
    for subject, registers in _registers(relation, folded, as_of):
        counted = [(at, dims, row) for (of, at, dims), row in registers.items() if of == wanted]
        for group, ratios in answer(asked, lambda _, found=counted: found).items():  # type: ignore[misc]
            yield Part(subject, group, ratios[measure.id])


def _registers(
    relation: str, folded: Iterable[Folded], as_of: int
) -> Iterator[tuple[str, Registers]]:
    if RELATIONS[relation].across:
        yield from _across(relation, folded, as_of)
        return
    for one in folded:
        subject = getattr(one, "contact_id", None) or getattr(one, "shift_id", None)
        if subject is not None:
            registers: Registers = {}
            add(one, 1, registers)  # type: ignore[arg-type]  # no declaration has either
            yield subject, registers


def _across(relation: str, folded: Iterable[Folded], as_of: int) -> Iterator[tuple[str, Registers]]:
    records = [one for one in folded if isinstance(one, ContactRecord)]
    for record, row in FOLDS[relation](records, as_of):
        registers: Registers = {}
        add_row(relation, dims_of(record, RELATIONS[relation], row), row, 1, registers)
        yield record.contact_id, registers
